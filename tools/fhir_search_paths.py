"""Compiles SearchParameter expressions (a small part of FHIRPath) into one tree of steps per resource type, so that a
single walk over a resource finds the values of all its parameters."""
import re

# What each kind of parameter can take from which type (R4 section 3.1.1.4).
ACCEPTS = {
    "token": ["code", "boolean", "id", "string", "uri", "url", "canonical", "oid", "uuid", "Coding", "CodeableConcept",
              "Identifier", "ContactPoint", "integer", "positiveInt", "unsignedInt", "Deceased"],
    "string": ["string", "markdown", "code", "id", "HumanName", "Address"],
    "date": ["date", "dateTime", "instant", "Period", "Timing"],
    "number": ["integer", "decimal", "positiveInt", "unsignedInt", "Range"],
    "quantity": ["Quantity", "Age", "Duration", "Count", "Distance", "Money", "Range"],
    "reference": ["Reference", "canonical", "uri", "Resource"],
    "uri": ["uri", "url", "canonical", "oid", "uuid"],
    "composite": [],
    "special": ["Location.position"],
}
KANA = "Patient.name.where(extension("


def split_top(text, separator):
    """At the top level of parentheses and quotes."""
    out, depth, quote, start, i = [], 0, False, 0, 0
    while i < len(text):
        c = text[i]
        if c == "'":
            quote = not quote
        elif not quote and c in "([":
            depth += 1
        elif not quote and c in ")]":
            depth -= 1
        elif not quote and depth == 0 and text.startswith(separator, i):
            out.append(text[start:i])
            start = i + len(separator)
            i = start - 1
        i += 1
    return [part.strip() for part in out + [text[start:]]]


class Cursor:
    def __init__(self, kind, edges=(), resolves="", system=0):
        self.kind, self.edges, self.resolves, self.system = kind, list(edges), resolves, system

    def with_condition(self, condition):
        out = Cursor(self.kind, self.edges, self.resolves, self.system)
        out.edges[-1] = (out.edges[-1][0], condition)
        return out


def implied_system(model, element):
    """The system of a code whose required binding leaves only one."""
    codes = list(model.value_sets.values())[element.binding][1]
    systems = {system for system, _ in codes}
    return model.systems[systems.pop()][0] if len(systems) == 1 else 0


def step(model, cursors, name):
    out = []
    for c in cursors:
        element = model.by_name[c.kind].element(name)
        if element:
            for json_name, kind in element.json_names():
                system = implied_system(model, element) if kind == "code" else 0
                out.append(Cursor(kind, c.edges + [(json_name, None)], "", system))
    return out


def only(cursors, kind):
    return [c for c in cursors if c.kind.lower() == kind.lower()]


def apply(model, cursors, token):
    quoted = re.findall(r"'([^']*)'", token)
    if token.startswith("where(resolve() is "):
        kind = token[len("where(resolve() is "):-1]
        return [Cursor(c.kind, c.edges, kind, c.system) for c in cursors]
    if match := re.fullmatch(r"where\((\w+)\s*=\s*'([^']*)'\)", token):
        kind = "ExtensionUrl" if match[1] == "url" else "MemberEquals"
        return [c.with_condition((kind, match[1], match[2])) for c in cursors]
    if token.startswith("extension("):
        return [c.with_condition(("ExtensionUrl", "url", quoted[0])) for c in step(model, cursors, "extension")]
    if token.startswith("where(hasExtension("):
        return [c.with_condition(("HasExtension", "extension", quoted[0])) for c in cursors]
    if token.startswith("where(extension("):
        return [c.with_condition(("UsualKana", "use", "")) for c in cursors]
    if match := re.fullmatch(r"(?:as|ofType)\((\w+)\)", token):
        return only(cursors, match[1])
    if match := re.fullmatch(r"(\w+)\[0\]", token):
        return [c.with_condition(("First", match[1], "")) for c in step(model, cursors, match[1])]
    return step(model, cursors, token)


def evaluate(model, start, expression, from_type=None):
    """Cursors of one alternative, relative to `start`."""
    expression = expression.strip()
    while expression.startswith("(") and expression.endswith(")") and len(split_top(expression[1:-1], ")")) == 1:
        expression = expression[1:-1].strip()
    cast = None
    if match := re.fullmatch(r"(.*) as (\w+)", expression):
        expression, cast = match[1], match[2]
    cursors = [Cursor(start)]
    tokens = split_top(expression, ".")
    if tokens[0].startswith("("):  # (Observation.value as CodeableConcept).text
        cursors = evaluate(model, start, tokens[0], from_type)
        tokens = tokens[1:]
    elif from_type and tokens[0][0].isupper():
        if tokens[0] not in (from_type, "Resource", "DomainResource"):
            return []
        tokens = tokens[1:]
    for token in tokens:
        if token and token != "$this":
            cursors = apply(model, cursors, token)
    return only(cursors, cast) if cast else cursors


class Trie:
    def __init__(self):
        self.nodes = []  # each: {"edges": {(name, condition): node}, "actions": []}
        self.roots = {}
        self.conditions = [None]
        self.parts = []

    def new_node(self):
        self.nodes.append({"edges": {}, "actions": []})
        return len(self.nodes) - 1

    def reach(self, root, edges):
        at = root
        for edge in edges:
            following = self.nodes[at]["edges"].get(edge)
            if following is None:
                following = self.nodes[at]["edges"][edge] = self.new_node()
            at = following
        return at

    def act(self, root, cursor, number, kind):
        """An extension that the expression leaves open stands for its value."""
        action = (number, kind.capitalize(), cursor.kind, cursor.resolves, 0, 0, cursor.system)
        actions = self.nodes[self.reach(root, cursor.edges)]["actions"]
        if action not in actions:
            actions.append(action)

    def condition_number(self, condition):
        if condition not in self.conditions:
            self.conditions.append(condition)
        return self.conditions.index(condition)

    # ---- rows for the tables

    def node_rows(self):
        out, edge, action = [], 0, 0
        for node in self.nodes:
            out.append(f"{{{edge}, {action}, {len(node['edges'])}, {len(node['actions'])}}}")
            edge += len(node["edges"])
            action += len(node["actions"])
        return out

    def edge_rows(self, model):
        out = []
        for node in self.nodes:
            rows = sorted((model.symbol(name), self.condition_number(condition), target)
                          for (name, condition), target in node["edges"].items())
            out += [f"{{{s}, {c}, {t}}}" for s, c, t in rows]
        return out

    def action_rows(self, model):
        return [f"{{{number}, SearchKind::{kind}, {model.type_numbers.get(source, 0)}, "
                f"{model.resource_numbers.get(resolves, 0)}, {part}, {parts}, {system}}}"
                for node in self.nodes for number, kind, source, resolves, part, parts, system in node["actions"]]

    def condition_rows(self, model, quoted):
        rows = ["{ConditionKind::None, 0, \"\"sv}"]
        for kind, member, value in self.conditions[1:]:
            rows.append(f"{{ConditionKind::{kind}, {model.symbol(member)}, {quoted(value)}}}")
        return rows

    def part_rows(self):
        return [f"{{{root}, {int(whole)}, SearchKind::{kind.capitalize()}}}" for root, whole, kind in self.parts]


def usable(model, cursors, kind):
    out = []
    for c in cursors:
        if c.kind == "Extension":
            out += usable(model, step(model, [c], "value"), kind)
        elif c.kind in ACCEPTS[kind] or (kind == "special" and c.kind.startswith("Location.position")):
            out.append(c)
    return out


def add_composite(model, trie, root, base, p):
    """One action at the node of the base; its parts have small trees of their own."""
    for cursor in base:
        first = len(trie.parts)
        for url, expression in p.components:
            kind = model.by_number[model.parameter_numbers[url]].kind
            own_root = trie.new_node()
            whole = False
            for alternative in split_top(expression, "|"):
                start = cursor.kind
                if alternative.startswith("%resource."):
                    whole, start, alternative = True, p.bases[0], alternative[len("%resource."):]
                for found in usable(model, evaluate(model, start, alternative), kind):
                    trie.act(own_root, found, 0, kind)
            trie.parts.append((own_root, whole, kind))
        node = trie.reach(root, cursor.edges)
        trie.nodes[node]["actions"].append((p.number, "Composite", "", "", first, len(p.components), 0))


def build(model):
    trie = Trie()
    for name in model.resource_numbers:
        trie.roots[name] = trie.new_node()
    for p in model.parameters:
        common = {"Resource", "DomainResource"} & set(p.bases)
        for name in (model.resource_numbers if common else p.bases):
            root = trie.roots[name]
            if p.expression.startswith("Patient.deceased.exists()"):
                trie.nodes[root]["actions"].append((p.number, "Token", "", "", 1, 0, 0))  # see index.cpp
                continue
            found = []
            for alternative in split_top(p.expression, "|"):
                if alternative:
                    found += evaluate(model, name, alternative, name)
            if p.kind == "composite":
                add_composite(model, trie, root, found, p)
                continue
            chosen = usable(model, found, p.kind)
            if not chosen and p.expression:
                print(f"search parameter {p.code} of {name} selects nothing: {p.expression}")
            for cursor in chosen:
                trie.act(root, cursor, p.number, p.kind)
    return trie
