"""A throw-away city on free ports, for tests in any language.

    with TemporaryCity() as city: …                      Python
    python3 tests/system/harness.py -- node flow.mjs     anything else: addresses come in the environment
"""
import argparse
import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import city as cities  # noqa: E402
from city import City, CityFailed  # noqa: E402

PORTS = ("server", "jlis", "tray", "agent", "smtp", "mail")


def build_folder():
    return Path(os.environ.get("MUSUBI_BUILD", ROOT / "build/release"))


def new_schema(name):
    """A connection string for a fresh schema in the PostgreSQL of tools/with_postgres."""
    base = os.environ["MUSUBI_TEST_POSTGRES"]
    subprocess.run(["psql", base, "-qc", f'DROP SCHEMA IF EXISTS "{name}" CASCADE; CREATE SCHEMA "{name}"'], check=True)
    return f"{base} options='-c search_path={name}'"


class TemporaryCity(City):
    """Small, complete and gone afterwards. With `card_reader` it also runs pcscd, the card tray and the card agent."""

    def __init__(self, postgres=False, residents=60, card_reader=False):
        self.temporary = Path(tempfile.mkdtemp(prefix="musubi-city-"))
        ports = {name: cities.free_port() for name in PORTS}
        strings = None
        if postgres:
            unique = f"city_{os.getpid()}_{ports['server']}"
            strings = {"server": new_schema(unique), "jlis": new_schema(unique + "_jlis")}
        super().__init__(self.temporary, ports, build_folder(), postgres=strings, residents=residents)
        self.card_reader = card_reader
        if not card_reader:  # cards are only issued, and no reader of the machine is touched
            self.vpcd_ports = (cities.free_port(), cities.free_port())

    def server_toml(self):
        """MUSUBI_WEB=web/dist serves pages from there, so that a change of pages needs no new server."""
        pages = os.environ.get("MUSUBI_WEB")
        line = f'\nweb_folder = "{Path(pages).resolve()}"' if pages else ""
        return super().server_toml().replace("\n[municipality]", f"{line}\n[municipality]", 1)

    def __enter__(self):
        try:
            self.write_configuration()
            self.make(lambda line: None)
            # The server comes after what has happened to the cards, so that its first revocation lists tell of it.
            if self.card_reader:
                self.start("mail", "jlis", "pcscd", "tray")
                self.finish_making()
                self.start("server", "agent")
            else:
                self.start("mail", "jlis", "tray")
                self.put_holders()
                self.start("server")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.stop()
        kept = os.environ.get("MUSUBI_KEEP_LOGS")
        if kept:
            shutil.copytree(self.logs, Path(kept) / self.temporary.name, dirs_exist_ok=True)
        shutil.rmtree(self.temporary, ignore_errors=True)

    def environment(self):
        values = {f"MUSUBI_{name.upper()}": self.url(name) for name in PORTS}
        values["MUSUBI_PEOPLE"] = str(self.data / "people.json")
        values["MUSUBI_FOLDER"] = str(self.folder)
        values["MUSUBI_BIN"] = str(self.bin)
        values["MUSUBI_DATABASE"] = self.postgres["server"] if self.postgres else str(self.data / "musubi.db")
        return values

    def person(self, situation):
        return next(p for p in self.people()["people"] if p["situation"] == situation)

    # Mail -------------------------------------------------------------------------------------------------------------

    def mails_to(self, address):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['mail']}/api/email", timeout=10) as response:
            mails = json.loads(response.read())
        mine = [m for m in mails if any(to["address"].lower() == address.lower() for to in m["to"])]
        return sorted(mine, key=lambda m: m["time"])

    def wait_for_mail(self, address, pattern, seconds=20, after=0):
        """The match of `pattern` in the newest mail to `address` whose text has it, once more than `after` have come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for mail in reversed(self.mails_to(address)[after:]):
                found = re.search(pattern, mail.get("text") or "")
                if found:
                    return found
            time.sleep(0.05)
        raise CityFailed(f"no mail to {address} with {pattern} within {seconds} s")


class Problem(Exception):
    """An RFC 9457 answer."""

    def __init__(self, status, body):
        super().__init__(f"{status} {body}")
        self.status, self.body = status, body
        self.code = body.get("code") if isinstance(body, dict) else None


class Gone(Exception):
    """No answer: the server was not there, or died while it worked."""


class Browser:
    """Speaks to the server as a page of it would: JSON, cookies, same-origin."""

    def __init__(self, city, language="ja"):
        self.city, self.language = city, language
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def call(self, method, path, body=None, timeout=20):
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Musubi-Language": self.language, "Origin": self.city.public_url, "Sec-Fetch-Site": "same-origin",
                   "Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.city.public_url + path, data=data, method=method, headers=headers)
        try:
            with self.opener.open(request, timeout=timeout) as response:
                text = response.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as problem:
            text = problem.read()
            try:
                raise Problem(problem.code, json.loads(text)) from None
            except json.JSONDecodeError:
                raise Problem(problem.code, text.decode(errors="replace")) from None
        except (urllib.error.URLError, ConnectionError, TimeoutError, OSError, http.client.HTTPException) as lost:
            raise Gone(str(lost)) from None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, {} if body is None else body)


@contextlib.contextmanager
def temporary_city(**options):
    with TemporaryCity(**options) as made:
        yield made


def main():
    parser = argparse.ArgumentParser(description="Starts a throw-away city and runs a command with its addresses.")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL underneath (inside tools/with_postgres)")
    parser.add_argument("--card-reader", action="store_true", help="with pcscd, card tray and card agent")
    parser.add_argument("--residents", type=int, default=60)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with TemporaryCity(arguments.postgres, arguments.residents, arguments.card_reader) as made:
        return subprocess.run(command, env={**cities.steps.environment(), **made.environment()}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
