#!/usr/bin/env python3
"""Fails when a document names a file, picture, command, option, program or setting that does not exist.

Looks at every Markdown file that belongs to the repository. Run from its root; takes no options.
"""
import re
import subprocess
import sys
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^(?:    |\t)(\S.*)$|^```[a-z]*\n(.*?)^```", re.M | re.S)
TOP = {"src", "doc", "web", "deploy", "tools", "tests", "bench", "fuzz", "cmake"}
PATH = re.compile(r"[\w.@-]+(?:/[\w.@-]+)+/?\Z")
COMMAND = re.compile(r"\./(run|test|dev)\b((?:\s+[^\s`|&;)]+)*)")
PROGRAM = re.compile(r"\bmusubi-[a-z]+\b")
GENERATED = ("build/", "var/", "web/dist/", "node_modules/")
# Names that begin with musubi- and are not programs: packages, units' targets, prefixes in texts.
NOT_PROGRAMS = {"musubi-web", "musubi-node", "musubi-mail"}


def documents():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
                            capture_output=True, text=True, check=True).stdout.split()
    return [Path(name) for name in listed if Path(name).exists() and "node_modules" not in name]


def expand(text):
    match = re.search(r"\{([^{}]*,[^{}]*)\}", text)
    if not match:
        return [text]
    return [piece for choice in match.group(1).split(",")
            for piece in expand(text[:match.start()] + choice + text[match.end():])]


def exists(document, target):
    """A path as documents write it: from the repository root, or from the document's own folder."""
    if any(target.startswith(prefix) for prefix in GENERATED):
        return True
    return any((base / target).exists() for base in (Path("."), document.parent))


def known():
    dev = Path("dev").read_text(encoding="utf-8") if Path("dev").exists() else ""
    commands = {word for line in re.findall(r"^\s*([a-z|-]+)\)", dev, re.M) for word in line.split("|")}
    options = {}
    for name in ("run", "test"):
        text = "".join(p.read_text(encoding="utf-8") for p in (Path(name), Path(f"tools/{name}_city.py"),
                                                              Path(f"tools/{name}_all.py")) if p.exists())
        options[name] = set(re.findall(r"--[a-z][a-z-]+", text))
    programs = set()
    for cmake in Path("src").rglob("CMakeLists.txt"):
        programs |= set(re.findall(r"^\s*(?:musubi_program|add_executable)\(\s*(musubi-[a-z]+)", cmake.read_text(), re.M))
    programs |= {unit.stem for unit in Path("deploy/systemd").iterdir()}
    return commands, options, programs


def main():
    errors, checked = [], 0
    commands, options, programs = known()
    for document in documents():
        text = document.read_text(encoding="utf-8")
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:|#", target):
                continue
            checked += 1
            path = target.split("#")[0]
            if not (document.parent / path).exists():
                errors.append(f"{document}: links to {target}, which does not exist")
        code = CODE.findall(text) + ["".join(pair) for pair in BLOCK.findall(text)]
        for piece in code:
            for candidate in expand(piece.strip()):
                if PATH.match(candidate) and candidate.split("/")[0] in TOP:
                    checked += 1
                    if not exists(document, candidate):
                        errors.append(f"{document}: names {candidate}, which does not exist")
            for program, rest in COMMAND.findall(piece):
                checked += 1
                words = rest.split()
                if program == "dev" and words and words[0].strip(".,") not in commands and re.match(r"[a-z-]+\Z", words[0]):
                    errors.append(f"{document}: ./dev has no command {words[0]}")
                if program in options:
                    for option in re.findall(r"--[a-z][a-z-]+", rest):
                        if option not in options[program]:
                            errors.append(f"{document}: ./{program} has no option {option}")
            for program in PROGRAM.findall(piece):
                if programs and program not in programs and program not in NOT_PROGRAMS and "/" not in piece:
                    errors.append(f"{document}: names {program}, which no CMakeLists.txt builds")
    print("\n".join(sorted(set(errors))) or f"{checked} names in documents, all of them real")
    return bool(errors)


if __name__ == "__main__":
    sys.exit(main())
