"""Turns the lines of jp_core.txt (and other profile files of that form) into trees of rules."""
import json
import re

import fhir_definitions as d

FILES = ("jp_core.txt", "clins.txt")


class Rule:
    def __init__(self, name="", slice_name=""):
        self.name, self.slice_name, self.row, self.children = name, slice_name, {}, []

    def child(self, token):
        name, _, slice_name = token.partition(":")
        element = self._find(name, "")  # a slice stands beside its element, which is there first
        return self._find(name, slice_name) if slice_name else element

    def _find(self, name, slice_name):
        for c in self.children:
            if c.name == name and c.slice_name == slice_name:
                return c
        self.children.append(Rule(name, slice_name))
        return self.children[-1]


def read(model):
    profiles = {}
    current = None
    for file in FILES:
        for line in d.lines(model.folder / file):
            if not line.startswith(" "):
                url, kind, base = line.split()
                current = Rule(kind)
                profiles[url] = (kind, base, current)
                continue
            path, row = line.strip().split(" ", 1)
            at = current
            for token in path.split(".")[1:]:
                at = at.child(token)
            at.row = json.loads(row)
    return profiles


def literal(row):
    """(kind, JSON text) of fixed… or pattern…, which are matched alike but for extra members."""
    for key, value in row.items():
        if key.startswith(("fixed", "pattern")):
            return ("Fixed" if key.startswith("fixed") else "Pattern"), json.dumps(value, ensure_ascii=False)
    return "None", ""


class Tables:
    def __init__(self, model, profiles, quoted):
        self.model, self.profiles, self.quoted = model, profiles, quoted
        self.numbers = {url: i for i, url in enumerate(profiles)}
        self.type_of = {url.rsplit("/", 1)[1]: kind for url, (kind, _, _) in profiles.items()}
        self.rules, self.lists, self.discriminators = [], d.Lists(), []

    def types(self, row):
        """Type numbers, targets of references, and the profiles the types name."""
        types, targets, named = [], [], []
        for entry in row.get("type", []):
            entry, *urls = entry.split("^")
            name, _, rest = entry.partition("(")
            types.append(self.model.type_numbers[name])
            if name == "Reference" and rest:
                for target in rest[:-1].split(","):
                    kind = self.type_of.get(target, target)
                    if kind in self.model.resource_numbers:
                        targets.append(self.model.resource_numbers[kind])
            named += [self.numbers[u] for u in urls if u in self.numbers]
        return types, targets, named

    def extension_url(self, row):
        for entry in row.get("type", []):
            if entry.startswith("Extension^"):
                return entry.split("^")[1]
        return ""

    def add(self, rule):
        """Children stand together; returns the row's place."""
        place = len(self.rules)
        self.rules.append(None)
        self.fill(place, rule)
        return place

    def fill(self, place, rule):
        first = len(self.rules)
        self.rules += [None] * len(rule.children)
        for i, child in enumerate(rule.children):
            self.fill(first + i, child)
        row = rule.row
        types, targets, named = (self.lists.add(x) for x in self.types(row))
        kind, text = literal(row)
        first_discriminator = len(self.discriminators)
        for how, path in row.get("by", []):
            self.discriminators.append(f"{{Discriminator::{how.capitalize()}, {self.quoted(path)}}}")
        count = len(row.get("by", []))
        maximum = row.get("max", "*")
        self.rules[place] = (
            f"{{{self.quoted(rule.name)}, {self.quoted(rule.slice_name)}, {row.get('min', 0)}, "
            f"{255 if maximum == '*' else maximum}, {int(row.get('closed', False))}, Literal::{kind}, {self.quoted(text)}, "
            f"{self.model.value_set(row['binding']) if 'binding' in row else 0}, {self.quoted(self.extension_url(row))}, "
            f"{types[0]}, {types[1]}, {targets[0]}, {targets[1]}, {named[0]}, {named[1]}, "
            f"{first}, {len(rule.children)}, {first_discriminator}, {count}}}")


def source(model, quoted, table):
    profiles = read(model)
    tables = Tables(model, profiles, quoted)
    rows = []
    for url, (kind, base, root) in profiles.items():
        rows.append(f"{{{quoted(url)}, {model.type_numbers[kind]}, {tables.numbers.get(base, -1)}, {tables.add(root)}}}")
    return "\n".join([table("Profile", "kProfiles", rows), table("Rule", "kRules", tables.rules),
                      table("Discriminator", "kDiscriminators", tables.discriminators, 4),
                      table("uint16_t", "kRuleLists", tables.lists.values, 24), ""])
