#!/usr/bin/env python3
"""Gathers doc/changes/*.md under a heading in CHANGELOG.md and removes them.

    tools/make_changelog.py 0.2.0 2026-12-01
"""
import re
import sys
from pathlib import Path

KINDS = ["Security", "Added", "Changed", "Fixed", "Removed"]


def gather(folder):
    """{kind: [text]} of all fragments; raises ValueError for one that is not written as agreed."""
    found = {kind: [] for kind in KINDS}
    for path in sorted(folder.glob("[0-9]*.md")):
        match = re.fullmatch(r"(\w+): (.+)", " ".join(path.read_text(encoding="utf-8").split()))
        if not match or match.group(1) not in KINDS:
            raise ValueError(f"{path}: must begin with one of {', '.join(KINDS)} and a colon")
        found[match.group(1)].append(match.group(2))
    return found


def section(version, day, found):
    lines = [f"## {version} ({day})", ""]
    for kind in KINDS:
        if found[kind]:
            lines += [f"### {kind}", "", *[f"- {text[0].upper()}{text[1:]}" for text in found[kind]], ""]
    return "\n".join(lines)


def main(version, day):
    folder, changelog = Path("doc/changes"), Path("CHANGELOG.md")
    text = changelog.read_text(encoding="utf-8")
    marker = "## Unreleased\n\nSee `doc/changes/`.\n"
    if marker not in text:
        raise ValueError("CHANGELOG.md has no Unreleased section")
    changelog.write_text(text.replace(marker, marker + "\n" + section(version, day, gather(folder))), encoding="utf-8")
    for path in folder.glob("[0-9]*.md"):
        path.unlink()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
