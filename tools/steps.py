"""What ./run and ./test share: steps that show progress, keep the full output in var/log, and read test reports."""
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "var" / "log"
NINJA = re.compile(r"^\[(\d+)/(\d+)\]")
CTEST = re.compile(r"^\s*(\d+)/(\d+) Test")


class StepFailed(Exception):
    """A step went wrong; the text says what and where the whole output is."""


def say(text=""):
    print(text, flush=True)


def environment(**extra):
    """The environment for children: the Node.js of tools/node first when the machine's own is too old."""
    values = dict(os.environ)
    own = sorted((ROOT / "tools/node/node_modules").glob("node-linux-*/bin"))
    if own:
        values["PATH"] = f"{own[0]}:{values['PATH']}"
    values.setdefault("CCACHE_SLOPPINESS", "pch_defines,time_macros")
    # Paths below the checkout count as relative, so that a second clone finds what the first one compiled.
    values.setdefault("CCACHE_BASEDIR", str(ROOT))
    values.setdefault("CCACHE_NOHASHDIR", "1")
    values.update({name: str(value) for name, value in extra.items()})
    return values


class Progress:
    """One line that is rewritten on a terminal, and a line every ten seconds elsewhere."""

    def __init__(self, label):
        self.label, self.began, self.shown = label, time.monotonic(), 0.0
        self.terminal = sys.stdout.isatty()
        say(f"▸ {label}")

    def note(self, text):
        now = time.monotonic()
        if self.terminal and now - self.shown > 0.1:
            print(f"\r\033[K  {text[:100]}", end="", flush=True)
            self.shown = now
        elif not self.terminal and now - max(self.shown, self.began) > 10:
            say(f"  {text}")
            self.shown = now

    def done(self, text=""):
        seconds = time.monotonic() - self.began
        if self.terminal:
            print("\r\033[K", end="")
        say(f"  done in {seconds:.0f} s" + (f": {text}" if text else ""))


def run(label, command, log, cwd=ROOT, env=None, allowed=(0,)):
    """Runs a command, its output into var/log/LOG, its progress on the screen. Returns its exit status."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    progress = Progress(label)
    with open(path, "w", encoding="utf-8", errors="replace") as file:
        process = subprocess.Popen(command, cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        try:
            for line in process.stdout:
                file.write(line)
                file.flush()
                count = NINJA.match(line) or CTEST.match(line)
                progress.note(f"{count.group(1)} of {count.group(2)}" if count else line.strip())
            status = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if status not in allowed:
        if progress.terminal:
            print("\r\033[K", end="")
        tail = path.read_text(encoding="utf-8", errors="replace").splitlines()[-60:]
        say("\n".join("  | " + line for line in tail))
        raise StepFailed(f"{label}: failed with status {status}; all of it is in {path.relative_to(ROOT)}")
    progress.done()
    return status


def configure_and_build(preset, log, targets=(), label=None):
    folder = ROOT / "build" / preset
    if not (folder / "build.ninja").exists():
        run(f"Configuring the {preset} build", ["cmake", "--preset", preset], f"{log}-configure.log")
    command = ["cmake", "--build", str(folder), "-j", str(os.cpu_count() or 2)]
    if targets:
        command += ["--target", *targets]
    run(label or f"Building ({preset})", command, f"{log}.log")
    return folder


def web_state():
    """Changes when anything that goes into the web pages changes."""
    newest = 0.0
    for top in ("web/src", "web/public", "web/tools", "web/messages"):
        for path in (ROOT / top).rglob("*"):
            newest = max(newest, path.stat().st_mtime)
    singles = ["web/package-lock.json", "web/catalogues.json", "web/vite.config.ts", "doc/api/openapi.json"]
    for path in [ROOT / name for name in singles] + list((ROOT / "web").glob("*.html")):
        if path.exists():
            newest = max(newest, path.stat().st_mtime)
    return str(newest)


def build_web():
    stamp = ROOT / "build/stamps/web"
    state = web_state()
    if (ROOT / "web/dist").exists() and stamp.exists() and stamp.read_text() == state:
        return
    run("Building the web pages", ["npm", "run", "build"], "web-build.log", cwd=ROOT / "web")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state)


def junit_counts(paths):
    """(passed, failed, names of the failed) from JUnit reports as GoogleTest, pytest, vitest and node write them."""
    passed, failed, names = 0, 0, []
    for path in paths:
        for case in ElementTree.parse(path).getroot().iter("testcase"):
            if case.find("skipped") is not None or case.get("status") == "notrun":
                continue
            if case.find("failure") is not None or case.find("error") is not None:
                failed += 1
                names.append(f"{case.get('classname', '')}.{case.get('name', '')}".strip("."))
            else:
                passed += 1
    return passed, failed, names
