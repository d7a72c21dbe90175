#!/usr/bin/env python3
"""Turns a module's messages/{ja,ja-easy,en}.toml into its messages.h. Called by the build.

Fails when a language lacks a key, when the placeholders of a message differ between languages, or when ruby is malformed.

    compile_messages.py NAMESPACE MESSAGES_FOLDER OUTPUT_HEADER
"""
import re
import sys
import tomllib
from pathlib import Path

LANGUAGES = ["ja", "ja-easy", "en"]
BRACED = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
PLACEHOLDER = re.compile(r"[a-z][A-Za-z0-9_]*\Z")
KEY = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)*\Z")


def flatten(table, prefix=""):
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from flatten(value, key + ".")
        else:
            yield key, value


def placeholders(where, text, errors):
    """The names in one text; malformed braces and ruby are noted."""
    found = set()
    for match in BRACED.finditer(text):
        inside = match.group(1)
        if match.group(0) in ("{{", "}}"):
            continue
        if inside is None:
            errors.append(f"{where}: a single {match.group(0)}; write it twice for a brace")
        elif "|" in inside:
            if not re.fullmatch(r"[^|]+\|[^|]+", inside):
                errors.append(f"{where}: ruby must be {{漢字|かな}}, not {{{inside}}}")
        elif PLACEHOLDER.match(inside):
            found.add(inside)
        else:
            errors.append(f"{where}: {{{inside}}} is neither a placeholder nor ruby")
    return found


def constant(key):
    return "k" + "".join(part[:1].upper() + part[1:] for part in re.split(r"[.-]", key))


def literal(text):
    out = []
    for character in text:
        if character in '"\\':
            out.append("\\" + character)
        elif character == "\n":
            out.append("\\n")
        else:
            out.append(character)
    return '"' + "".join(out) + '"'


def main(namespace, folder, output):
    errors, texts = [], {}
    for language in LANGUAGES:
        path = folder / f"{language}.toml"
        if not path.exists():
            errors.append(f"{path}: is missing")
            continue
        try:
            texts[language] = dict(flatten(tomllib.loads(path.read_text(encoding="utf-8"))))
        except tomllib.TOMLDecodeError as problem:
            errors.append(f"{path}: {problem}")
    keys = sorted(set().union(*texts.values())) if texts else []
    for key in keys:
        if not KEY.match(key):
            errors.append(f"{folder}: {key}: keys are small letters, digits, - and .")
        names = {}
        for language, table in texts.items():
            where = f"{folder / language}.toml: {key}"
            if key not in table:
                errors.append(f"{where}: is missing")
            elif not isinstance(table[key], str) or not table[key].strip():
                errors.append(f"{where}: must be a text")
            else:
                names[language] = placeholders(where, table[key], errors)
        if len(set(map(frozenset, names.values()))) > 1:
            errors.append(f"{folder}: {key}: the languages use different placeholders: {names}")
    if errors:
        print("\n".join(errors), file=sys.stderr)
        return 1
    lines = [
        f"// Generated from {folder.name}/*.toml by tools/compile_messages.py.",
        "#pragma once",
        "",
        '#include "base/i18n.h"',
        "",
        f"namespace {namespace}::messages {{",
        "",
    ]
    for key in keys:
        row = ", ".join(literal(texts[language][key]) for language in LANGUAGES)
        lines.append(f'inline constexpr base::Message {constant(key)}{{"{key}", {{{row}}}}};')
    listed = ", ".join(constant(key) for key in keys)
    lines += ["", f"inline constexpr base::Message kAll[] = {{{listed}}}; // sorted by key", "",
              f"}} // namespace {namespace}::messages", ""]
    text = "\n".join(lines)
    output.parent.mkdir(parents=True, exist_ok=True)
    if not output.exists() or output.read_text(encoding="utf-8") != text:
        output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
