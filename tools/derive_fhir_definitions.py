#!/usr/bin/env python3
"""Derives the compact definition files of src/lib/fhir from the published packages. A maintainer runs it when HL7 or the
Japanese working group publishes a new release; the build only reads its output.

    npm pack hl7.fhir.r4.examples@4.0.1        # HL7, CC0
    tools/derive_fhir_definitions.py R4_PACKAGE_FOLDER JP_CORE_PACKAGE_FOLDER

Numbers that stand in databases (resource types, search parameters, code systems) are kept from the files that are there;
new ones are added at the end."""
import collections
import json
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / "src/lib/fhir"
OUT = HOME / "definitions"
CORE = "http://hl7.org/fhir/"
MAX_CODES = 1500  # a value set with more is left open


def load(folder, kind):
    found = {}
    for path in sorted(Path(folder).glob(f"{kind}-*.json")):
        resource = json.loads(path.read_text(encoding="utf-8"))
        if resource.get("resourceType") == kind:
            found[resource.get("url", path.stem)] = resource
    return found


def short(url):
    """Canonical urls of HL7's own definitions lose their common beginning."""
    url = url.split("|")[0]
    return url[len(CORE):] if url.startswith(CORE) else url


def write(name, title, lines):
    head = [f"# {line}" for line in title]
    (OUT / name).write_text("\n".join(head + lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} lines")


# ---- types


def type_text(entry):
    code = entry["code"]
    if code.startswith("http://hl7.org/fhirpath/System."):
        return {"id": "id"}.get(entry.get("id"), "string")
    targets = [short(t).rsplit("/", 1)[1] for t in entry.get("targetProfile", [])]
    if code in ("Reference", "canonical") and targets and targets != ["Resource"]:
        return f"{code}({','.join(targets)})"
    return code


def required_binding(element, used):
    binding = element.get("binding", {})
    if binding.get("strength") != "required" or "valueSet" not in binding:
        return ""
    used.add(binding["valueSet"].split("|")[0])
    return "=" + short(binding["valueSet"])


def type_lines(definitions, used):
    lines = []
    chosen = [d for d in definitions.values()
              if d.get("derivation") != "constraint" and d["kind"] in ("resource", "complex-type")
              and d["type"] not in ("MetadataResource",)]
    order = {"complex-type": 0, "resource": 1}
    for d in sorted(chosen, key=lambda d: (order[d["kind"]], d["type"])):
        base = d.get("baseDefinition", "").rsplit("/", 1)[-1] or "-"
        lines.append(f"{d['type']} {d['kind']}{' abstract' if d.get('abstract') else ''} {base}")
        for element in d["snapshot"]["element"][1:]:
            path = element["path"].split(".", 1)[1]
            inherited = element.get("base", {}).get("path", element["path"])
            if inherited.split(".")[0] != d["type"] and "." not in path:
                continue
            if path.rsplit(".", 1)[-1] in ("id", "extension", "modifierExtension") and "." in path:
                continue
            if "contentReference" in element:
                types = "@" + element["contentReference"].split("#")[1]
            else:
                types = "|".join(type_text(t) for t in element.get("type", []))
            flags = ("S" if element.get("isSummary") else "") + ("M" if element.get("isModifier") else "")
            binding = required_binding(element, used)
            lines.append(" ".join(part for part in
                                  (f"  {path}", f"{element['min']}..{element['max']}", types, flags, binding) if part))
    return lines


# ---- value sets


def concepts(code_system):
    out = []

    def visit(entries):
        for entry in entries:
            out.append(entry["code"])
            visit(entry.get("concept", []))
    visit(code_system.get("concept", []))
    return out


def descendants(code_system, root, include_root):
    out = []

    def visit(entries, inside):
        for entry in entries:
            here = inside or entry["code"] == root
            if here and (entry["code"] != root or include_root):
                out.append(entry["code"])
            visit(entry.get("concept", []), here)
    visit(code_system.get("concept", []), False)
    return out


def expand(url, value_sets, code_systems, depth=0):
    """{system: [codes]} or None if the definitions do not enumerate it."""
    value_set = value_sets.get(url)
    if not value_set or depth > 5:
        return None
    out = collections.OrderedDict()
    for include in value_set.get("compose", {}).get("include", []):
        parts = [expand(v.split("|")[0], value_sets, code_systems, depth + 1) for v in include.get("valueSet", [])]
        if any(part is None for part in parts) or len(parts) > 1:
            return None
        if parts:
            if "system" in include:
                return None
            for system, codes in parts[0].items():
                out.setdefault(system, []).extend(codes)
            continue
        system = include["system"]
        if "concept" in include:
            codes = [c["code"] for c in include["concept"]]
        else:
            code_system = code_systems.get(system)
            if not code_system or code_system.get("content") != "complete" or not code_system.get("concept"):
                return None
            codes = concepts(code_system)
            for rule in include.get("filter", []):
                if rule["op"] not in ("is-a", "descendent-of") or rule["property"] != "concept":
                    return None
                codes = [c for c in codes if c in set(descendants(code_system, rule["value"], rule["op"] == "is-a"))]
        out.setdefault(system, []).extend(codes)
    for exclude in value_set.get("compose", {}).get("exclude", []):
        if "concept" not in exclude:
            return None
        gone = {c["code"] for c in exclude["concept"]}
        out[exclude["system"]] = [c for c in out.get(exclude["system"], []) if c not in gone]
    return out if sum(map(len, out.values())) <= MAX_CODES else None


def value_set_lines(used, value_sets, code_systems, systems):
    lines = []
    for url in sorted(used):
        expanded = expand(url, value_sets, code_systems)
        lines.append(short(url) + ("" if expanded else " open"))
        for system, codes in (expanded or {}).items():
            systems.add(system)
            lines.append("  " + " ".join([system] + [code.replace(" ", "\\_") for code in dict.fromkeys(codes)]))
    return lines


# ---- search parameters


def kept_numbers(name):
    path = OUT / name
    numbers = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                number, key = line.split("\t")[:2]
                numbers[key] = int(number)
    return numbers


def numbered(numbers, keys):
    following = max(numbers.values(), default=0) + 1
    for key in keys:
        if key not in numbers:
            numbers[key] = following
            following += 1
    return numbers


EXAMPLES = ("example", "example-extension", "example-reference")


def search_lines(parameters):
    chosen = {}
    for url, p in parameters.items():
        if not p.get("base") or p.get("id") in EXAMPLES or p["code"] in ("_content", "_text", "_query", "_filter", "_list"):
            continue
        chosen[url] = p
    numbers = numbered(kept_numbers("search.txt"), [short(u) for u in sorted(chosen)])
    by_number = {numbers[short(u)]: p for u, p in chosen.items()}
    lines = []
    for number, p in sorted(by_number.items()):
        components = ";".join(f"{short(c['definition'])}={c['expression']}" for c in p.get("component", []))
        expression = " ".join((p.get("expression") or "").split())
        lines.append("\t".join([str(number), short(p["url"]), p["code"], p["type"], ",".join(p["base"]),
                                "*" if len(p.get("target", [])) > 140 else ",".join(p.get("target", [])), expression, components]).rstrip("\t"))
    return lines


def compartment_lines(definitions):
    lines = []
    for d in sorted(definitions.values(), key=lambda d: d["code"]):
        if "example" in d["url"]:
            continue
        for resource in d["resource"]:
            if resource.get("param"):
                lines.append(" ".join([d["code"], resource["code"]] + resource["param"]))
    return lines


# ---- systems

ALIASES = """
http://medis.or.jp/CodeSystem/master-HOT13 1.2.392.200119.4.402.1
http://medis.or.jp/CodeSystem/master-HOT9 1.2.392.200119.4.403.1
http://medis.or.jp/CodeSystem/master-HOT7 1.2.392.200119.4.403.2
http://capstandard.jp/iyaku.info/CodeSystem/YJ-code 1.2.392.100495.20.2.73 1.2.392.100495.20.1.73
http://medis.or.jp/CodeSystem/master-JLAC10-17digits 1.2.392.200119.4.504
http://loinc.org 2.16.840.1.113883.6.1
http://snomed.info/sct 2.16.840.1.113883.6.96
http://hl7.org/fhir/sid/icd-10 2.16.840.1.113883.6.3
http://unitsofmeasure.org 2.16.840.1.113883.6.8
"""
ALWAYS = ["http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org", "http://hl7.org/fhir/sid/icd-10",
          "http://hl7.org/fhir/sid/cvx", "http://hl7.org/fhir/sid/us-ssn", "http://www.nlm.nih.gov/research/umls/rxnorm",
          "urn:ietf:bcp:47", "urn:iso:std:iso:3166", "urn:ietf:rfc:3986", "http://dicom.nema.org/resources/ontology/DCM",
          "https://github.com/synthetichealth/synthea", "http://terminology.hl7.org/CodeSystem/v2-0203",
          "http://hospital.smarthealthit.org"]


def system_lines(systems, naming, code_systems):
    groups = [line.split() for line in ALIASES.split("\n") if line.strip()]
    for entry in naming.values():
        groups.append([u["value"] for kind in ("uri", "oid") for u in entry.get("uniqueId", []) if u["type"] == kind])
    for url, entry in code_systems.items():
        groups.append([url] + [i["value"] for i in entry.get("identifier", []) if i.get("value", "").startswith("urn:oid:")])
    canonical = {}  # every name → the url that stands for it; the first group that knows a name decides
    for group in groups:
        names = list(dict.fromkeys(name.removeprefix("urn:oid:") for name in group))
        urls = [name for name in names if not name[0].isdigit()]
        known = [canonical[name] for name in names if name in canonical]
        if len(names) > 1 and (urls or known):
            for name in names:
                canonical.setdefault(name, known[0] if known else urls[0])
    aliases = collections.defaultdict(list)
    for name, url in canonical.items():
        if name != url:
            aliases[url].append(name)
    numbers = numbered(kept_numbers("systems.txt"), ALWAYS + sorted(set(aliases) | {canonical.get(system.removeprefix("urn:oid:"), system) for system in systems}))
    return ["\t".join(filter(None, [str(n), url, " ".join(dict.fromkeys(aliases.get(url, [])))]))
            for url, n in sorted(numbers.items(), key=lambda item: item[1])]


# ---- profiles

CONSTRAINTS = ("min", "max", "type", "slicing", "binding")


def profile_lines(definitions, used):
    lines = []
    for d in sorted(definitions.values(), key=lambda d: d["url"]):
        if d.get("derivation") != "constraint":
            continue
        rows = []
        snapshot = {e["id"]: e for e in d.get("snapshot", {}).get("element", [])}
        for element in d["differential"]["element"]:
            row = {}
            full = snapshot.get(element["id"], {})
            for key, value in element.items():
                if key in ("min", "max") or key.startswith(("fixed", "pattern")):
                    row[key] = value
                elif key == "type" and "." in element["id"]:
                    row["type"] = [type_text(t) + "".join("^" + p for p in t.get("profile", [])) for t in value]
                elif key == "slicing":
                    row["by"] = [[x["type"], x["path"]] for x in value.get("discriminator", [])]
                    if value.get("rules") == "closed":
                        row["closed"] = True
                elif key == "binding" and value.get("strength") == "required" and "valueSet" in value:
                    row["binding"] = short(value["valueSet"])
                    used.add(value["valueSet"].split("|")[0])
            if row.get("min") == 0:
                del row["min"]
            if row.get("max") == "*":
                del row["max"]
            if "sliceName" in element or row:
                if "sliceName" in element and "max" not in row and full.get("max", "*") not in ("*", None):
                    row["max"] = full["max"]
                rows.append(f"  {element['id']} {json.dumps(row, ensure_ascii=False, sort_keys=True)}")
        lines.append(f"{d['url']} {d['type']} {short(d['baseDefinition'])}")
        lines += rows
    return lines


def resource_type_header(definitions):
    names = sorted(d["type"] for d in definitions.values()
                   if d["kind"] == "resource" and d.get("derivation") == "specialization" and not d.get("abstract"))
    numbers = numbered(kept_numbers("resource_types.txt"), names)
    ordered = sorted(numbers.items(), key=lambda item: item[1])
    write("resource_types.txt", ["Numbers of the resource types; they stand in databases and never change."],
          [f"{n}\t{name}" for name, n in ordered])
    members = "\n".join(f"    {name} = {n}," for name, n in ordered)
    (HOME / "resource_type.h").write_text(f"""\
// The resource types of R4 4.0.1, written by tools/derive_fhir_definitions.py. The numbers stand in databases.
#pragma once

#include <cstdint>

namespace musubi::fhir {{

enum class ResourceType : uint16_t {{
    None = 0,
{members}
}};

}} // namespace musubi::fhir
""", encoding="utf-8")


def main(r4, jp):
    OUT.mkdir(exist_ok=True)
    core = load(r4, "StructureDefinition")
    japan = load(jp, "StructureDefinition")
    value_sets = {**load(r4, "ValueSet"), **load(jp, "ValueSet")}
    code_systems = {**load(r4, "CodeSystem"), **load(jp, "CodeSystem")}
    used, systems = set(), set()
    hl7 = "From HL7 FHIR R4 4.0.1 (https://hl7.org/fhir/R4, CC0)"
    jami = "From JP Core 1.1.2 (https://jpfhir.jp/fhir/core/1.1.2), Japan Association for Medical Informatics, FHIR Japan WG"
    resource_type_header(core)
    write("types.txt", [hl7 + ": elements with cardinality, types and targets, S in summaries, M modifies, = required binding."],
          type_lines(core, used))
    write("jp_core.txt", [jami + ": what each profile narrows, see README.md."], profile_lines(japan, used))
    for url in load(jp, "ValueSet"):
        used.add(url)
    write("value_sets.txt", [hl7, jami, "Value sets of required bindings and of JP Core, enumerated; open: not enumerable."],
          value_set_lines(used, value_sets, code_systems, systems))
    write("search.txt", [hl7, jami, "number, url, code, kind, bases, targets, expression, components"],
          search_lines({**load(r4, "SearchParameter"), **load(jp, "SearchParameter")}))
    write("compartments.txt", [hl7 + ": compartment, type, the parameters that tie it."],
          compartment_lines(load(r4, "CompartmentDefinition")))
    jp_systems = {u for u in load(jp, "CodeSystem")}
    write("systems.txt", [hl7, jami, "Numbers of code and identifier systems in the index, canonical url, the aliases (OIDs)."],
          system_lines(systems | jp_systems, load(jp, "NamingSystem"), load(jp, "CodeSystem")))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
