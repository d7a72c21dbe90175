"""What the card tests share: certificates made with the openssl command, a card folder, pcscd and musubi-vcard.

Only one pcscd runs per machine: a running one is used, otherwise one is started and stopped again. A lock keeps two
tests from sharing the two virtual readers.
"""
import base64
import contextlib
import fcntl
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("MUSUBI_BUILD", ROOT / "build" / "release"))
LOCK = "/tmp/musubi-pcscd.lock"
READER = "Virtual PCD 00 00"


def run(*command, check=True, **options):
    result = subprocess.run([str(c) for c in command], capture_output=True, **options)
    if check and result.returncode != 0:
        raise AssertionError(f"{command}: {result.returncode}\n{result.stdout!r}\n{result.stderr!r}")
    return result


def openssl(*arguments, **options):
    return run("openssl", *arguments, **options).stdout


def make_authority(folder, name, unit):
    key, certificate = folder / f"{name}-ca.key", folder / f"{name}-ca.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "3650",
            "-subj", f"/C=JP/O=MUSUBI-TEST/OU=MUSUBI for {unit}/OU=Test Authority", "-utf8",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "basicConstraints=critical,CA:TRUE")
    return key, certificate


def make_certificate(folder, name, authority, usage, policy, subject):
    key, request, certificate = (folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", subject, "-utf8")
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"keyUsage=critical,{usage}\ncertificatePolicies=critical,{policy}\n"
                          "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                          + "nsComment=" + "x" * 200 + "\n")  # as long as a real one: it must begin with 30 82
    openssl("x509", "-req", "-in", request, "-CA", authority[1], "-CAkey", authority[0], "-set_serial", "20260001",
            "-days", "1800", "-sha256", "-extfile", extensions, "-out", certificate)
    return key, certificate


def der(certificate):
    return openssl("x509", "-in", certificate, "-outform", "DER")


def token_information():
    words = [0x040D, 1, 0, 1, 0, 16, 6] + [0xFFFFFFFF] * 4
    return (b"JPKIAPICCTOKEN2".ljust(32) + b"0" * 31 + b"1" + b"E16R01NJ".ljust(16) + b"0000000020500003"
            + b"".join(w.to_bytes(4, "big") for w in words) + b"0301" + b"9" * 16)


class CardFolder:
    """A card folder for musubi-vcard with one card named "test", and everything needed to check its answers."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        keys = self.folder / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        user_ca = make_authority(keys, "user", "user authentication")
        sign_ca = make_authority(keys, "sign", "digital signature")
        self.user_key, self.user_certificate = make_certificate(
            keys, "user", user_ca, "digitalSignature", "1.2.392.200149.8.5.1.0.30", "/C=JP/CN=12345678901234567892026")
        self.sign_key, self.sign_certificate = make_certificate(
            keys, "sign", sign_ca, "digitalSignature,nonRepudiation", "1.2.392.200149.8.5.1.0.20",
            "/C=JP/L=Tokyo-to/L=Mihon-shi/CN=2026112212000000001AAAAAAAAA")
        self.certificates = {"01": self.user_certificate, "02": self.sign_certificate, "03": user_ca[1], "04": sign_ca[1]}
        self.write()

    def image(self, user_tries=3, signature_tries=5, with_signature=True, kind="card"):
        encode = lambda data: base64.b64encode(data).decode()
        private = lambda key: encode(openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER"))
        image = {
            "format": "musubi-card-image/1", "kind": kind, "atr": "3be000ff8131fe4514",
            "files": {"jpki/0002": encode(der(self.certificates["04"])), "jpki/0006": encode(token_information()),
                      "jpki/0008": encode(b"\x8f\x8f\0" if with_signature else b"\0\x8f\0"),
                      "jpki/000A": encode(der(self.user_certificate)), "jpki/000B": encode(der(self.certificates["03"]))},
            "secrets": {"jpki/0018": {"value": "1234", "triesLeft": user_tries}},
            "keys": {"jpki/0017": private(self.user_key)}, "objects": {}}
        if with_signature:
            image["files"]["jpki/0001"] = encode(der(self.sign_certificate))
            image["secrets"]["jpki/001B"] = {"value": "MUSUBI2026", "triesLeft": signature_tries}
            image["keys"]["jpki/001A"] = private(self.sign_key)
        return image

    def write(self, name="test", **options):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        image = json.dumps(self.image(**options))
        (folder / "card.json").write_text(image)
        (folder / "factory.json").write_text(image)
        about = dict(id=name, holderId="", name="見本　花子", kana="ミホン　ハナコ", birthDate="1980-02-17", kind="card",
                     note="", noteEnglish="", userPin="1234", signaturePassword="MUSUBI2026", textPin="", numberB="")
        (folder / "about.json").write_text(json.dumps(about, ensure_ascii=False))

    def tries(self, name="test"):
        secrets = json.loads((self.folder / name / "card.json").read_text())["secrets"]
        return secrets["jpki/0018"]["triesLeft"], secrets["jpki/001B"]["triesLeft"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(condition, what, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds} s for {what}")


def listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def reader():
    """The virtual reader, for this test alone."""
    with open(LOCK, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own = None
        if run("pgrep", "-x", "pcscd", check=False).returncode != 0:
            own = subprocess.Popen(["pcscd", "--foreground"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            # Asking vpcd itself whether it listens would be putting in a card: look at the list of sockets.
            wait_for(lambda: b":35963 " in run("ss", "-ltn").stdout, "vpcd")
            yield own
        finally:
            if own:
                own.send_signal(signal.SIGTERM)
                own.wait(10)


class VirtualCard:
    """A running musubi-vcard."""

    def __init__(self, folder):
        self.port = free_port()
        self.process = subprocess.Popen([BUILD / "bin" / "musubi-vcard", "--folder", str(folder), "--port",
                                         str(self.port)], stdout=subprocess.DEVNULL)
        wait_for(lambda: listening(self.port), "musubi-vcard")

    def call(self, path, **body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status

    def state(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/state", timeout=30) as answer:
            return json.loads(answer.read())

    def insert(self, card="test", slot=0):
        self.call("/api/insert", card=card, slot=slot)
        wait_for(lambda: self.state()["slots"][slot]["connected"], "the reader to take the card")

    def pull(self, slot=0):
        self.call("/api/pull", slot=slot)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

