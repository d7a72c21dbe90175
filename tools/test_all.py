#!/usr/bin/env python3
"""All checks and tests; ./test calls this after the packages are there.

    ./test                 everything
    ./test --only NAME …   some of it (see the names in STEPS)
    ./test --list          the names
"""
import argparse
import os
import shutil
import subprocess
import sys
import time

import steps
from steps import ROOT, StepFailed, run, say

FUZZ_SECONDS = 5
# The modules where threads meet; everything else runs on one loop.
THREADED = ["lib/event_loop", "lib/db", "lib/http", "lib/http_client"]


class Tally:
    def __init__(self):
        self.passed, self.failed, self.failures = 0, 0, []

    def add(self, passed, failed, names, where):
        self.passed += passed
        self.failed += failed
        self.failures += [f"{where}: {name}" for name in names]

    def reports(self, folder, where, at_least=1):
        """Counts the JUnit reports in a folder. No report at all is a failure: nothing ran."""
        passed, failed, names = steps.junit_counts(sorted(folder.rglob("*.xml")))
        self.add(passed, failed, names, where)
        if passed + failed < at_least:
            self.add(0, 1, ["no test ran"], where)
        return failed


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def check(tally, name, command, **options):
    """A check that is one pass or one failure."""
    try:
        run(name, command, name.lower().replace(" ", "-") + ".log", **options)
        tally.add(1, 0, [], name)
    except StepFailed as problem:
        say(f"  {problem}")
        tally.add(0, 1, [str(problem)], name)


def code_style(tally):
    check(tally, "Code format", ["tools/check_format"])
    check(tally, "Module boundaries", ["python3", "tools/check_modules.py"])
    check(tally, "Documents", ["python3", "tools/check_docs.py"])
    check(tally, "Tools", ["python3", "-m", "pytest", "-q", "tools"])


def web(tally):
    folder = ROOT / "web"
    steps.build_web()
    tally.add(1, 0, [], "web build and size budgets")
    check(tally, "Web types", ["npm", "run", "types"], cwd=folder)
    check(tally, "Web rules", ["npm", "run", "lint"], cwd=folder)
    reports = fresh(ROOT / "build/reports/web")
    try:
        run("Web tests", ["npx", "vitest", "run", "--reporter=default", "--reporter=junit",
                          f"--outputFile.junit={reports}/web.xml"], "web-tests.log", cwd=folder, allowed=(0, 1))
    finally:
        tally.reports(reports, "web")


def run_ctest(tally, preset, label, with_postgres=True, only=None):
    reports = fresh(ROOT / "build/reports" / preset)
    command = ["ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--timeout", "600", "-j", "2"]
    if only:
        command += ["--no-tests=error", "-R", "^(" + "|".join(only) + ")$"]
    if with_postgres:
        command = ["tools/with_postgres", *command]
    env = steps.environment(GTEST_OUTPUT=f"xml:{reports}/", ASAN_OPTIONS="detect_stack_use_after_return=0",
                            LSAN_OPTIONS=f"suppressions={ROOT}/tools/leaks.supp:print_suppressions=0",
                            UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1", TSAN_OPTIONS="halt_on_error=1")
    # ctest answers 8 when tests failed: the reports say which. A program that died leaves no report, so ctest counts too.
    status = run(label, command, f"{preset}-tests.log", env=env, allowed=(0, 8))
    failed = tally.reports(reports, label)
    if status != 0 and not failed:
        tally.add(0, 1, [f"a test program died; see var/log/{preset}-tests.log"], label)


def unit(tally):
    steps.configure_and_build("release", "release-build", label="Building everything (release)")
    run_ctest(tally, "release", "Unit tests on SQLite and PostgreSQL")


def tidy(tally):
    # After the release build, which has generated the headers. What was clean stays known in build/tidy.
    steps.configure_and_build("release", "release-build", label="Building everything (release)")
    check(tally, "Tidiness", ["tools/tidy.py"])


def sanitizers(tally):
    steps.configure_and_build("asan", "asan-build", label="Building everything with address and undefined sanitizers")
    run_ctest(tally, "asan", "Unit tests under sanitizers")


def fuzz(tally):
    folder = steps.configure_and_build("asan", "asan-build", label="Building the fuzzers")
    programs = sorted((folder / "fuzz").glob("*_fuzzer"))
    if not programs:
        tally.add(0, 1, ["no fuzzer was built"], "fuzz")
    # Elsewhere they look for something new; continuous integration, which must not depend on chance, repeats what was found.
    effort = "-runs=0" if os.environ.get("CI") else f"-max_total_time={FUZZ_SECONDS}"
    for program in programs:
        name = program.name.removesuffix("_fuzzer")
        corpus = ROOT / "fuzz/corpus" / name
        found = fresh(ROOT / "build/reports/fuzz" / name)
        check(tally, f"Fuzzing {name}",
              [str(program), effort, "-rss_limit_mb=2048", "-timeout=10",
               f"-artifact_prefix={found}/", str(found), str(corpus)])


def threads(tally):
    targets = ["musubi_" + name.replace("/", "_") + "_test" for name in THREADED]
    present = [t for t, name in zip(targets, THREADED) if list((ROOT / "src" / name).glob("*_test.cpp"))]
    steps.configure_and_build("tsan", "tsan-build", targets=present, label="Building with the thread sanitizer")
    run_ctest(tally, "tsan", "Unit tests under the thread sanitizer", only=THREADED)


def system(tally):
    steps.configure_and_build("release", "release-build", label="Building everything (release)")
    reports = fresh(ROOT / "build/reports/system")
    try:
        run("Whole-system tests", ["tools/with_postgres", "python3", "-m", "pytest", "-q", "tests", "--tb=short",
                                   f"--junitxml={reports}/system.xml"], "system-tests.log", allowed=(0, 1))
    finally:
        tally.reports(reports, "system")


STEPS = {"style": code_style, "web": web, "unit": unit, "tidy": tidy, "system": system, "sanitizers": sanitizers,
         "fuzz": fuzz, "threads": threads}


def main():
    parser = argparse.ArgumentParser(prog="./test", description="Runs all checks and tests.")
    parser.add_argument("--only", nargs="+", choices=STEPS, metavar="NAME", help="run these: " + ", ".join(STEPS))
    parser.add_argument("--list", action="store_true", help="print the names and end")
    arguments = parser.parse_args()
    if arguments.list:
        say("\n".join(STEPS))
        return 0
    tally, began = Tally(), time.monotonic()
    for name in arguments.only or STEPS:
        if name != "style":
            steps.build_web()
        try:
            STEPS[name](tally)
        except StepFailed as problem:
            say(f"  {problem}")
            tally.add(0, 1, [str(problem)], name)
    if tally.failures:
        say("\nWhat failed:\n" + "\n".join("  " + name for name in tally.failures))
    say(f"\nTook {(time.monotonic() - began) / 60:.1f} minutes.")
    say(f"{tally.passed} passed, {tally.failed} failed")
    return 0 if tally.failed == 0 and tally.passed > 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except subprocess.SubprocessError as problem:
        say(f"  {problem}")
        say("0 passed, 1 failed")
        sys.exit(1)
