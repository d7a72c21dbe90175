"""Reads src/lib/fhir/definitions into a model for compile_fhir_definitions.py."""
import re
from dataclasses import dataclass, field

PRIMITIVES = ["boolean", "integer", "string", "decimal", "uri", "url", "canonical", "base64Binary", "instant", "date",
              "dateTime", "time", "code", "oid", "id", "markdown", "unsignedInt", "positiveInt", "uuid", "xhtml"]
SUMMARY, MODIFIER, CHOICE, MANY = 1, 2, 4, 8


class Lists:
    """Shared number lists: the same list is stored once."""

    def __init__(self):
        self.values = []
        self._seen = {}

    def add(self, numbers):
        key = tuple(numbers)
        if key not in self._seen:
            self._seen[key] = len(self.values)
            self.values += key
        return self._seen[key], len(key)


@dataclass
class Element:
    name: str  # "value[x]"
    minimum: int
    maximum: int  # 255: no limit
    types: list
    targets: list
    flags: int
    binding: int = 0

    def json_names(self):
        if not self.flags & CHOICE:
            return [(self.name, self.types[0])]
        stem = self.name[:-3]
        return [(stem + t[0].upper() + t[1:], t) for t in self.types]


@dataclass
class Type:
    name: str
    kind: str
    base: str = ""
    primitive: str = "None"
    elements: list = field(default_factory=list)

    def element(self, name):
        for e in self.elements:
            if e.name in (name, name + "[x]"):
                return e
        return None


@dataclass
class Parameter:
    number: int
    url: str
    code: str
    kind: str
    bases: list
    targets: list
    expression: str
    components: list


def lines(path):
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


class Model:
    def __init__(self, folder):
        self.folder = folder
        self.symbols = [""]
        self._symbol_numbers = {}
        self.resource_numbers = {name: int(n) for n, name in (line.split("\t") for line in lines(folder / "resource_types.txt"))}
        self._read_systems()
        self._read_value_sets()
        self._read_types()
        self._read_search()

    def symbol(self, name):
        if name not in self._symbol_numbers:
            self._symbol_numbers[name] = len(self.symbols)
            self.symbols.append(name)
        return self._symbol_numbers[name]

    def _read_systems(self):
        self.systems = {}
        for line in lines(self.folder / "systems.txt"):
            number, url, *aliases = line.split("\t")
            names = []
            for alias in (aliases[0].split() if aliases else []):
                names.append("urn:oid:" + alias if alias[0].isdigit() else alias)
            self.systems[url] = (int(number), names)
        self.canonical = {alias: url for url, (_, names) in self.systems.items() for alias in names}

    def _read_value_sets(self):
        self.value_sets = {"": (True, [])}  # number 0: no binding
        current = None
        for line in lines(self.folder / "value_sets.txt"):
            if not line.startswith(" "):
                name, *rest = line.split()
                url = name if "://" in name else "http://hl7.org/fhir/" + name
                current = []
                self.value_sets[url] = (bool(rest), current)
            else:
                system, *codes = line.split()
                system = self.canonical.get(system, system)
                current += [(system, code.replace("\\_", " ")) for code in codes]
        self.value_set_numbers = {url: i for i, url in enumerate(self.value_sets)}

    def value_set(self, name):
        url = name if "://" in name else "http://hl7.org/fhir/" + name
        return self.value_set_numbers[url]

    def _element(self, owner, words, types):
        path, cardinality, kinds, *rest = words
        low, high = cardinality.split("..")
        name = path.rsplit(".", 1)[-1]
        flags = CHOICE if name.endswith("[x]") else 0
        flags |= 0 if high in ("0", "1") else MANY
        binding = 0
        for word in rest:
            if word.startswith("="):
                binding = self.value_set(word[1:])
            else:
                flags |= (SUMMARY if "S" in word else 0) | (MODIFIER if "M" in word else 0)
        if kinds.startswith("@"):
            found, targets = [kinds[1:]], []
        else:
            targets = sum((m.split(",") for m in re.findall(r"Reference\(([^)]*)\)", kinds)), [])
            found = [re.sub(r"\(.*", "", k) for k in re.split(r"\|(?![^(]*\))", kinds)]
        if found and found[0] in ("BackboneElement", "Element") and "." not in found[0] and not flags & CHOICE:
            inner = f"{owner}.{path}"
            types[inner] = Type(inner, "Backbone", found[0])
            found = [inner]
        return Element(name, int(low), 255 if high == "*" else int(high), list(dict.fromkeys(found)), targets, flags, binding)

    def _read_types(self):
        types = {"": Type("", "None")}
        for name in PRIMITIVES:
            types[name] = Type(name, "Primitive", primitive=name[0].upper() + name[1:])
        current = None
        for line in lines(self.folder / "types.txt"):
            words = line.split()
            if not line.startswith(" "):
                kind = "Resource" if words[1] == "resource" else "Complex"
                current = types.setdefault(words[0], Type(words[0], kind))
                current.kind, current.base = kind, words[-1]
                continue
            path = words[0]
            owner = current if "." not in path else types[f"{current.name}.{path.rsplit('.', 1)[0]}"]
            owner.elements.append(self._element(current.name, words, types))
        done = set()

        def inherit(t):
            if t.name in done:
                return
            done.add(t.name)
            if t.base and t.base in types:
                base = types[t.base]
                inherit(base)
                t.elements = list(base.elements) + t.elements
        for t in list(types.values()):
            inherit(t)
        self.types = list(types.values())
        self.by_name = types
        self.type_numbers = {name: i for i, name in enumerate(types)}
        self.symbol("resourceType")
        for t in self.types:
            for e in t.elements:
                for name, _ in e.json_names():
                    self.symbol(name)

    def _read_search(self):
        self.parameters = []
        for line in lines(self.folder / "search.txt"):
            cells = line.split("\t")
            cells += [""] * (8 - len(cells))
            number, url, code, kind, bases, targets, expression, components = cells
            full = url if "://" in url else "http://hl7.org/fhir/" + url
            self.parameters.append(Parameter(
                int(number), full, code, kind, bases.split(","), [t for t in targets.split(",") if t], expression,
                [tuple(c.split("=", 1)) for c in components.split(";") if c]))
        self.parameter_numbers = {p.url: p.number for p in self.parameters}
        self.parameter_numbers.update({p.url.removeprefix("http://hl7.org/fhir/"): p.number for p in self.parameters})
        self.by_number = {p.number: p for p in self.parameters}
        self.compartments = []
        for line in lines(self.folder / "compartments.txt"):
            owner, member, *codes = line.split()
            self.compartments.append((owner, member, codes))
