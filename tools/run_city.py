#!/usr/bin/env python3
"""Builds and runs the demo city; ./run calls this after the packages are there.

    ./run            build, make the city if it is not there, start everything, stay until Ctrl-C
    ./run --detach   the same, but return when everything answers
    ./run --stop     end what runs
    ./run --fresh    forget the city under var/ and make it anew
"""
import argparse
import fcntl
import json
import shutil
import signal
import sys
import time

import city
import steps
from city import City, CityFailed
from steps import ROOT, StepFailed, say

VAR = ROOT / "var"
PROGRAMS = ("mail", "jlis", "pcscd", "tray", "server", "agent")
TARGETS = ("musubi-server", "musubi-jlis", "musubi-card", "musubi-vcard", "musubi-admin")


def check_ports(here):
    taken = [f"  port {port} ({name}) is held by {city.who_listens(port)}"
             for name, port in here.ports.items() if city.listening(port)]
    if taken:
        raise CityFailed("These ports are needed and taken:\n" + "\n".join(taken)
                         + "\nEnd what holds them (./run --stop for an earlier ./run) and try again.")


def binaries_changed(here):
    started = here.pids_file.stat().st_mtime if here.pids_file.exists() else 0
    return any((here.bin / name).stat().st_mtime > started for name in TARGETS)


def write_run_file(here):
    people = here.people()
    content = {
        "addresses": {name: here.url(name) for name in ("server", "jlis", "tray", "mail", "smtp", "agent")},
        "console": here.url("server") + "/console",
        "pin": people["pin"], "signaturePassword": people["signaturePassword"],
        "cards": [{"card": p["card"], "name": p["name"], "situation": p["situation"], "note": p["noteEnglish"]}
                  for p in people["people"] if p["card"]],
        "staff": [{"account": s["account"], "password": people["staffPassword"], "role": s["role"]}
                  for s in people["staff"]],
        "programs": [{"name": name, "pid": pid} for name, pid in here.remembered()],
    }
    temporary = VAR / "run.json.new"
    temporary.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.rename(VAR / "run.json")


def width(text):
    return sum(2 if ord(c) > 0x2E80 and not 0xE0100 <= ord(c) <= 0xE01EF else (0 if 0xE0100 <= ord(c) <= 0xE01EF else 1)
               for c in text)


def print_where_to_look(here):
    people = here.people()
    say(f"""
見本市 is open. Where to look (also in var/run.json):

  市民のページ Citizen      {here.url('server')}
  カード置き場 Card tray    {here.url('tray')}      put a demo card into the reader, pull it out
  メール       Mail         {here.url('mail')}      every mail the city sends arrives here
  職員のページ Console      {here.url('server')}/console   accounts below, password {people['staffPassword']}

Begin with the citizen's page and 花子's card. Every card: PIN {people['pin']}, password {people['signaturePassword']}
""")
    for person in people["people"]:
        if person["card"]:
            name = person["name"].replace("　", " ")
            say(f"  {person['card']:<11}{name}{' ' * max(1, 14 - width(name))}{person['note']} / {person['noteEnglish']}")
    say("\nStaff: " + "  ".join(f"{s['account']} ({s['role']})" for s in people["staff"]))
    employee = next(p for p in people["people"] if p["situation"] == "employee")
    say(f"Company employee without a card: {employee['name'].replace('　', ' ')}, company code {people['companyCode']}, "
        f"employee number {employee['employeeNumber']}, born {employee['birthDate']}")


def start(here):
    check_ports(here)
    here.write_configuration()
    first = not here.made()
    if first:
        progress = steps.Progress("Making the demo city 見本市")
        # A city that was interrupted half way is made again from nothing.
        shutil.rmtree(here.data, ignore_errors=True)
        here.write_configuration()
        here.make(say)
        progress.done()
    progress = steps.Progress("Starting the programs")
    for name in PROGRAMS:
        if name == "server" and first:  # its first revocation lists are to tell of what happened to the cards
            progress.note("giving the register to the certification side and issuing the cards")
            here.finish_making()
        progress.note(name)
        here.start(name)
    progress.done()
    write_run_file(here)


def stay(here):
    """Until Ctrl-C or SIGTERM; when a program dies, the others are ended too."""
    def leave(*_):
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    say("\nEnd with Ctrl-C.")
    try:
        while True:
            for program in here.programs.values():
                if program.process and program.process.poll() is not None:
                    raise CityFailed(f"{program.name} ended with status {program.process.returncode}:\n"
                                     + here.log_tail(program.name))
            time.sleep(0.5)
    finally:
        say("\nStopping.")
        here.stop()
        (VAR / "run.json").unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(prog="./run", description="Builds and runs the demo city.")
    parser.add_argument("--detach", action="store_true", help="return when everything answers")
    parser.add_argument("--stop", action="store_true", help="end what runs")
    parser.add_argument("--fresh", action="store_true", help="forget the city under var/ and make it anew")
    arguments = parser.parse_args()
    here = City(VAR)
    (VAR / "run").mkdir(parents=True, exist_ok=True)
    if arguments.stop:
        count = here.stop()
        (VAR / "run.json").unlink(missing_ok=True)
        say(f"Stopped {count} programs." if count else "Nothing was running.")
        return 0

    with open(VAR / "run/lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CityFailed("Another ./run is at work in this folder.") from None
        steps.build_web()
        steps.configure_and_build("release", "release-build", targets=TARGETS, label="Building the programs")
        running = {name for name, _ in here.remembered()}
        if running and (arguments.fresh or binaries_changed(here) or not {"server", "jlis", "tray"} <= running):
            say("▸ Stopping what runs from before")
            here.stop()
            running = set()
        if arguments.fresh:
            for name in ("config", "data", "run.json"):
                path = VAR / name
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        if running:
            write_run_file(here)
            print_where_to_look(here)
            say("\nIt was running already; ./run --stop ends it.")
            return 0
        try:
            start(here)
        except BaseException:
            here.stop()
            raise
        print_where_to_look(here)
        if arguments.detach:
            say("\nIt goes on in the background; ./run --stop ends it. Logs are in var/log.")
            return 0
        fcntl.flock(lock, fcntl.LOCK_UN)
    stay(here)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CityFailed, StepFailed) as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
