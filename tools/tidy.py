#!/usr/bin/env python3
"""clang-tidy over src, remembering what was clean: a file is looked at again when it, a header of ours it includes, its
compiler flags, the checks or clang-tidy itself have changed.

    tools/tidy.py [--build FOLDER] [--jobs N] [FILE …]      everything in src but tests, unless files are named

Needs a configured build with its generated headers (build/release). Findings are printed and make the exit status 1.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REMEMBERED = ROOT / "build" / "tidy"
TIDY = "clang-tidy-19"
KEEP_DAYS = 30
INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
FINDING = re.compile(r"^(/[^:]+):(\d+):(\d+): (?:warning|error): ")


class Headers:
    """Which of our own files a source includes, followed through to the end."""

    def __init__(self):
        self.read, self.direct = {}, {}

    def content(self, path):
        if path not in self.read:
            self.read[path] = path.read_bytes()
        return self.read[path]

    def names(self, path):
        if path not in self.direct:
            self.direct[path] = [name.decode() for name in INCLUDE.findall(self.content(path))]
        return self.direct[path]

    def closure(self, source, folders):
        found, waiting = set(), [source]
        while waiting:
            path = waiting.pop()
            if path in found:
                continue
            found.add(path)
            for name in self.names(path):
                for folder in [path.parent, *folders]:
                    if (folder / name).is_file():
                        waiting.append((folder / name).resolve())
                        break
        return sorted(found)


def commands(build):
    """Source → (folder, flags) from compile_commands.json, without what differs from machine to machine."""
    path = build / "compile_commands.json"
    if not path.exists():
        sys.exit(f"tidy: {path} is missing; configure that build first")
    out = {}
    for entry in json.loads(path.read_text()):
        flags = [flag for flag in shlex.split(entry["command"]) if flag.startswith(("-I", "-D", "-std", "-isystem"))]
        out[Path(entry["file"]).resolve()] = (Path(entry["directory"]), flags)
    return out


def key_of(source, command, headers, common):
    folder, flags = command
    digest = hashlib.sha256(common)
    digest.update(" ".join(flags).replace(str(ROOT), "").encode())
    include = [(folder / flag[2:]).resolve() for flag in flags if flag.startswith("-I")]
    for path in headers.closure(source, include):
        digest.update(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path).encode())
        digest.update(hashlib.sha256(headers.content(path)).digest())
    return digest.hexdigest()


def look_at(source, build):
    """The findings, as text; empty when there are none."""
    answer = subprocess.run([TIDY, "-p", str(build), "--quiet", "--extra-arg=-Wno-unknown-warning-option", str(source)],
                            cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    if answer.returncode != 0 and not answer.stdout.strip():
        return f"{source}: {TIDY} failed\n{answer.stderr}"
    return answer.stdout.strip()


def forget_old(folder):
    oldest = time.time() - KEEP_DAYS * 86400
    for path in folder.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink()


def main():
    parser = argparse.ArgumentParser(prog="tools/tidy.py", description="Runs clang-tidy on what has changed.")
    parser.add_argument("--build", default="build/release", help="a configured build folder (build/release)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    build = (ROOT / arguments.build).resolve()
    known = commands(build)
    if arguments.files:
        sources = [Path(name).resolve() for name in arguments.files]
    else:
        sources = sorted(path for path in (ROOT / "src").rglob("*.cpp") if not path.name.endswith("_test.cpp"))
    sources = [source for source in sources if source in known]
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = hashlib.sha256(version + (ROOT / ".clang-tidy").read_bytes()).digest()
    headers = Headers()
    REMEMBERED.mkdir(parents=True, exist_ok=True)
    forget_old(REMEMBERED)
    todo = [(source, REMEMBERED / key_of(source, known[source], headers, common)) for source in sources]
    clean = [mark for _, mark in todo if mark.exists()]
    for mark in clean:
        mark.touch()
    todo = [(source, mark) for source, mark in todo if not mark.exists()]
    print(f"{len(sources)} files, {len(clean)} known to be clean", flush=True)
    findings = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(look_at, source, build): (source, mark) for source, mark in todo}
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            source, mark = running[done]
            text = done.result()
            print(f"[{number}/{len(todo)}] {source.relative_to(ROOT)}", flush=True)
            if not text:
                mark.touch()
                continue
            print("\n".join("   " + line for line in text.splitlines() if FINDING.match(line)), flush=True)
            at = None
            for line in text.splitlines():  # a header's finding comes with every file that includes it
                match = FINDING.match(line)
                at = line.replace(str(ROOT) + "/", "") if match else at
                if at is None:
                    at = line
                findings.setdefault(at, [])
                if not match:
                    findings[at].append(line)
    for at in sorted(findings):
        print(at)
        for line in findings[at][:4]:
            print("   " + line)
    print(f"{len(findings)} findings" if findings else "nothing found")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
