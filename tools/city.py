"""A whole installation in one folder: configuration, data and running programs. ./run keeps one under var/, the whole-system
tests make throw-away ones on free ports."""
import base64
import concurrent.futures
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import steps
from steps import ROOT

DEMO_PORTS = {"server": 8080, "jlis": 8090, "tray": 8070, "agent": 27180, "smtp": 2525, "mail": 8025}
VPCD_PORTS = (35963, 35964)  # fixed by the vpcd package's reader configuration


class CityFailed(Exception):
    """Something did not start or answer; the text is for the person at the terminal."""


def listening(port):
    """Whether anything listens on this TCP port. Nothing is connected to: vpcd takes a connection for a card."""
    wanted = f":{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except FileNotFoundError:
            continue
        if any(line.split()[1].endswith(wanted) and line.split()[3] == "0A" for line in lines):
            return True
    return False


def who_listens(port):
    """The name of the program that holds a port, as far as this user may know."""
    found = subprocess.run(["ss", "-Hltnp", f"sport = :{port}"], capture_output=True, text=True, check=False).stdout
    return found.split('users:(("')[1].split('"')[0] if 'users:(("' in found else "another program"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url, timeout=2):
    request = urllib.request.Request(url, headers={"Accept": "text/html, */*"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError, http.client.HTTPException):
        return False


def process_started(pid):
    """When a process began, in clock ticks: tells it from a later one with the same number."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return None


@dataclass
class Program:
    name: str
    command: list
    ready: object  # a callable without arguments
    process: subprocess.Popen = None
    environment: dict = field(default_factory=dict)


class City:
    def __init__(self, folder, ports=None, build=None, postgres=None, today=None, residents=5000, host="localhost"):
        self.folder = Path(folder)
        self.ports = dict(ports or DEMO_PORTS)
        self.bin = Path(build or ROOT / "build/release") / "bin"
        self.postgres = postgres  # connection strings {"server": …, "jlis": …}; None: SQLite
        self.today, self.residents, self.host = today, residents, host
        self.config, self.data, self.logs = (self.folder / name for name in ("config", "data", "log"))
        self.cards = self.data / "cards"
        self.vpcd_ports = VPCD_PORTS
        self.pids_file = self.folder / "run/programs.json"
        self.programs = {}

    # Addresses -------------------------------------------------------------------------------------------------------

    def url(self, name):
        if name == "agent":
            return f"ws://127.0.0.1:{self.ports['agent']}"
        if name == "smtp":
            return f"smtp://127.0.0.1:{self.ports['smtp']}"
        host = "127.0.0.1" if name == "jlis" else self.host
        return f"http://{host}:{self.ports[name]}"

    @property
    def public_url(self):
        return self.url("server")

    # Configuration ---------------------------------------------------------------------------------------------------

    def secret(self, name, text):
        path = self.config / name
        if not path.exists():
            path.write_text(text + "\n")
            path.chmod(0o600)
        return path.read_text().strip()

    def write_configuration(self):
        for folder in (self.config, self.data, self.cards, self.logs, self.folder / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        self.secret("data-key", base64.b64encode(secrets.token_bytes(32)).decode())
        for client in ("municipality", "card-factory", "register-office"):
            self.secret(f"{client}.key", secrets.token_urlsafe(32))
        (self.config / "musubi-jlis.toml").write_text(self.jlis_toml())
        (self.config / "musubi-server.toml").write_text(self.server_toml())
        (self.config / "musubi-vcard.toml").write_text(self.vcard_toml())
        (self.config / "musubi-card.toml").write_text(self.agent_toml())

    def jlis_toml(self):
        database = f'postgres = "{self.postgres["jlis"]}"' if self.postgres else 'sqlite = "../data/jlis.db"'
        return f"""[server]
port = {self.ports['jlis']}
public_uri = "{self.url('jlis')}"
[database]
{database}
[authority]
folder = "../data/authority"
create = true
[demonstration]
allow_backdating = true
[[client]]
name = "municipality"
key_file = "municipality.key"
permissions = ["holders.read", "certificates.read"]
[[client]]
name = "card-factory"
key_file = "card-factory.key"
permissions = ["holders.read", "certificates.issue"]
[[client]]
name = "register-office"
key_file = "register-office.key"
permissions = ["holders.read", "holders.write", "certificates.read", "certificates.revoke"]
"""

    def server_toml(self):
        database = (f'engine = "postgres"\nconnection = "{self.postgres["server"]}"\nmigrate_at_start = true'
                    if self.postgres else 'engine = "sqlite"\npath = "../data/musubi.db"')
        return f"""[server]
environment = "demo"
public_url = "{self.public_url}"
listen = "127.0.0.1:{self.ports['server']}"
data_key_file = "data-key"
[municipality]
code = "990019"
prefecture = "見本県"
name = "見本市"
name_english = "Mihon City"
telephone = "00-0000-0000"
hours = "平日 8:30〜17:15"
department = "市民課"
postal_code = "0000001"
address = "見本県見本市本町一丁目１番１号"
[database]
{database}
[certification]
url = "{self.url('jlis')}"
key_file = "municipality.key"
trust = "test"
signature_authorities = ["../data/authority/signature.pem"]
user_authorities = ["../data/authority/user.pem"]
list_refresh = "1min"
[mail]
host = "127.0.0.1"
port = {self.ports['smtp']}
security = "none"
timeout = "2s"
from_address = "no-reply@mihon.example.jp"
from_name = "見本市"
[card]
agent_addresses = ["{self.url('agent')}"]
"""

    def vcard_toml(self):
        slots = ", ".join(f'"{port}"' for port in self.vpcd_ports)
        return f"""folder = "../data/cards"
port = {self.ports['tray']}
slots = [{slots}]
[jlis]
port = {self.ports['jlis']}
key_file = "card-factory.key"
"""

    def agent_toml(self):
        return f"""port = {self.ports['agent']}
[[site]]
origin = "{self.public_url}"
name = "見本市"
"""

    # The demo city's data ---------------------------------------------------------------------------------------------

    def made(self):
        return (self.data / "made.json").exists()

    def make(self, log):
        """Residents, health data, staff and cards to issue, in the server's database."""
        command = [str(self.bin / "musubi-admin"), "--config", str(self.config / "musubi-server.toml"), "demo", "make",
                   "--folder", str(self.data), "--residents", str(self.residents)]
        if self.today:
            command += ["--today", self.today]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CityFailed(f"The demo city could not be made:\n{done.stderr}{done.stdout}")
        shutil.move(self.data / "wanted.json", self.cards / "wanted.json")
        for line in done.stdout.splitlines():
            log(f"  {line}")

    def people(self):
        return json.loads((self.data / "people.json").read_text(encoding="utf-8"))

    def jlis_call(self, method, path, body, client="register-office"):
        key = (self.config / f"{client}.key").read_text().strip()
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {key}"} | ({"Content-Type": "application/json"} if data else {})
        request = urllib.request.Request(self.url("jlis") + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                text = response.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as problem:
            raise CityFailed(f"{method} {path}: {problem.code} {problem.read().decode(errors='replace')}") from problem

    def put_holders(self):
        """Gives the certification side its copy of the registers, over several connections."""
        lines = (self.data / "holders.jsonl").read_text(encoding="utf-8").splitlines()
        key = (self.config / "register-office.key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

        def put_part(part):
            connection = http.client.HTTPConnection("127.0.0.1", self.ports["jlis"], timeout=30)
            for line in part:
                holder = json.loads(line)
                path = f"/v1/holders/{holder.pop('holderId')}"
                connection.request("PUT", path, json.dumps(holder, ensure_ascii=False).encode(), headers)
                response = connection.getresponse()
                text = response.read()
                if response.status not in (200, 201, 204):
                    raise CityFailed(f"PUT {path}: {response.status} {text.decode(errors='replace')}")
            connection.close()

        width = 16
        with concurrent.futures.ThreadPoolExecutor(width) as pool:
            list(pool.map(put_part, [lines[i::width] for i in range(width)]))
        return len(lines)

    def tray_call(self, path, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['tray']}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status
        except urllib.error.HTTPError as problem:
            raise CityFailed(f"card tray {path}: {problem.read().decode(errors='replace')}") from problem

    def issue_cards(self):
        """Issues the named cards now, except the renewed one, which replaces its holder's old card when it is first put
        in; and lets the one who moved move."""
        for person in self.people()["people"]:
            if person["card"] and person["situation"] != "after-renewal":
                self.tray_call("/api/insert", {"card": person["card"], "slot": 1})
                self.tray_call("/api/pull", {"slot": 1})
            if person["situation"] == "moved":
                self.jlis_call("POST", f"/v1/holders/{person['holderId']}/changes",
                               {"kind": "address", "address": person["address"]})

    def finish_making(self):
        holders = self.put_holders()
        self.issue_cards()
        (self.data / "made.json").write_text(json.dumps({"holders": holders}))

    # Programs ---------------------------------------------------------------------------------------------------------

    def describe_programs(self, names):
        server, jlis = self.ports["server"], self.ports["jlis"]
        mail_page = f"http://127.0.0.1:{self.ports['mail']}"
        node = shutil.which("node", path=steps.environment()["PATH"]) or "node"
        known = {
            "mail": Program("mail", [node, str(ROOT / "tools/mail/node_modules/maildev/dist/bin/maildev.js"),
                                     "--smtp", str(self.ports["smtp"]), "--ip", "127.0.0.1", "--web",
                                     str(self.ports["mail"]), "--web-ip", "127.0.0.1", "--mail-directory",
                                     str(self.data / "mail"), "--max-emails", "500", "--silent"],
                            lambda: answers(mail_page + "/api/healthz") and listening(self.ports["smtp"])),
            "jlis": Program("jlis", [str(self.bin / "musubi-jlis"), "--config", str(self.config / "musubi-jlis.toml")],
                            lambda: answers(f"http://127.0.0.1:{jlis}/v1/authorities")),
            "server": Program("server", [str(self.bin / "musubi-server"), "--config",
                                         str(self.config / "musubi-server.toml")],
                              lambda: answers(f"http://127.0.0.1:{server}/readyz")),
            "pcscd": Program("pcscd", [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "/usr/sbin/pcscd",
                                       "--foreground"],
                             lambda: all(listening(port) for port in VPCD_PORTS)),
            "tray": Program("tray", [str(self.bin / "musubi-vcard"), "--config",
                                     str(self.config / "musubi-vcard.toml")],
                            lambda: answers(f"http://127.0.0.1:{self.ports['tray']}/healthz")),
            "agent": Program("agent", [str(self.bin / "musubi-card"), "agent", "--config",
                                       str(self.config / "musubi-card.toml")],
                             lambda: listening(self.ports["agent"])),
        }
        return [known[name] for name in names]

    def start(self, *names, seconds=60):
        """Starts programs and waits until each answers."""
        (self.data / "mail").mkdir(parents=True, exist_ok=True)
        for program in self.describe_programs(names):
            if program.name == "pcscd" and program.ready():
                continue  # the machine's own
            log = open(self.logs / f"{program.name}.log", "ab")  # noqa: SIM115 (the child keeps it)
            program.process = subprocess.Popen(program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                               cwd=self.folder, env=steps.environment(**program.environment),
                                               start_new_session=True)
            log.close()
            self.programs[program.name] = program
            self.remember()
            deadline = time.monotonic() + seconds
            while not program.ready():
                if program.process.poll() is not None:
                    raise CityFailed(f"{program.name} ended at once (status {program.process.returncode}):\n"
                                     + self.log_tail(program.name))
                if time.monotonic() > deadline:
                    raise CityFailed(f"{program.name} does not answer after {seconds} s:\n"
                                     + self.log_tail(program.name))
                time.sleep(0.05)

    def log_tail(self, name, lines=25):
        path = self.logs / f"{name}.log"
        text = path.read_text(errors="replace").splitlines()[-lines:] if path.exists() else []
        return "\n".join(f"  | {line}" for line in text)

    def remember(self):
        self.pids_file.parent.mkdir(parents=True, exist_ok=True)
        entries = [{"name": p.name, "pid": p.process.pid, "started": process_started(p.process.pid)}
                   for p in self.programs.values() if p.process]
        self.pids_file.write_text(json.dumps(entries))

    def remembered(self):
        """(name, pid) of programs that an earlier ./run started and that still run."""
        try:
            entries = json.loads(self.pids_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return []
        return [(e["name"], e["pid"]) for e in entries if e["started"] and process_started(e["pid"]) == e["started"]]

    def kill(self, name, how=signal.SIGKILL):
        process = self.programs[name].process
        os.kill(process.pid, how)
        process.wait()

    def stop(self):
        """Ends what this folder's programs file names, gently first."""
        alive = self.remembered()
        for _, pid in reversed(alive):
            signal_process(pid, signal.SIGTERM)
        deadline = time.monotonic() + 25
        while self.remembered() and time.monotonic() < deadline:
            for program in self.programs.values():
                if program.process:
                    program.process.poll()
            time.sleep(0.05)
        for _, pid in self.remembered():
            signal_process(pid, signal.SIGKILL)
        for program in self.programs.values():
            if program.process:
                program.process.wait()
        self.pids_file.unlink(missing_ok=True)
        return len(alive)


def signal_process(pid, number):
    try:
        os.kill(pid, number)
    except PermissionError:  # pcscd was started with sudo
        subprocess.run(["sudo", "-n", "kill", f"-{int(number)}", str(pid)], check=False)
    except ProcessLookupError:
        pass
