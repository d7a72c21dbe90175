"""musubi-card and its agent, with real pcscd, a software card behind vpcd, and real WebSockets.

Usage: MUSUBI_BUILD=build/release python3 -m pytest tests/card_agent_test.py
"""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

from card_support import (BUILD, READER, CardFolder, VirtualCard, der, free_port, listening, openssl, reader, run,
                          wait_for)
from websocket_client import Refused, WebSocket

ORIGIN = "http://localhost:8080"
NONCE = os.urandom(32)


class Agent:
    def __init__(self, *arguments):
        self.port = free_port()
        self.process = subprocess.Popen([BUILD / "bin" / "musubi-card", "agent", "--port", str(self.port), "--origin",
                                         f"{ORIGIN}=見本市 むすび", *arguments], stdout=subprocess.DEVNULL)
        wait_for(lambda: listening(self.port), "the agent")

    def connect(self, origin=ORIGIN, **options):
        return WebSocket(self.port, "/v1", origin, **options)

    def http(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(body)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, text, dict(response.getheaders())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Window:
    """What the agent's own page does, without a browser."""

    def __init__(self, agent, socket, method="authenticate", request_id=1, nonce=NONCE, **params):
        self.agent, self.socket, self.id = agent, socket, request_id
        socket.send(id=request_id, method=method,
                    params={"nonce": base64.urlsafe_b64encode(nonce).decode().rstrip("="), "locale": "ja", **params})
        event = socket.event("consent")
        assert event["for"] == request_id
        self.path = re.fullmatch(r"http://127\.0\.0\.1:\d+(/consent/[\w-]{43})", event["url"]).group(1)
        status, self.html, self.headers = agent.http("GET", self.path)
        assert status == 200
        self.token = re.search(r'data-token="([\w-]+)"', self.html).group(1)

    def act(self, action, _headers=None, **body):
        headers = {"Origin": f"http://127.0.0.1:{self.agent.port}", "X-Page-Token": self.token, **(_headers or {})}
        status, text, _ = self.agent.http("POST", f"{self.path}/{action}", body, **headers)
        return status, json.loads(text) if text else None

    def allow(self, pin="1234", password="", lastTry=False, **options):
        return self.act("allow", pin=pin, password=password, lastTry=lastTry, **options)

    def answer(self):
        return self.socket.answer(self.id)


def digest(purpose, nonce=NONCE, origin=ORIGIN):
    return b"musubi-card-v1\0" + origin.encode() + b"\0" + purpose.encode() + b"\0" + nonce


def verified(folder, certificate, signature, purpose):
    (folder / "c").write_bytes(base64.b64decode(certificate))
    (folder / "s").write_bytes(base64.b64decode(signature))
    (folder / "m").write_bytes(digest(purpose))
    public = openssl("x509", "-inform", "DER", "-in", folder / "c", "-noout", "-pubkey")
    (folder / "p").write_bytes(public)
    return b"OK" in run("openssl", "dgst", "-sha256", "-verify", folder / "p", "-signature", folder / "s", folder / "m",
                        check=False).stdout


@contextlib.contextmanager
def world():
    with tempfile.TemporaryDirectory() as temporary, reader():
        folder = pathlib.Path(temporary)
        card = CardFolder(folder / "cards")
        card.write("child", with_signature=False)
        with VirtualCard(card.folder) as vcard, Agent() as agent:
            yield checks(folder, card, vcard, agent)


def checks(folder, card, vcard, agent):
    def ready(socket):
        def there():
            socket.send(id=999, method="status")
            readers = socket.answer(999)["result"]["readers"]
            return any(r["card"] == "my-number" for r in readers)
        wait_for(there, "the agent to see the card")

    def fresh(name="test", **options):
        """Pulls what is in, writes a card anew, puts it in, and connects."""
        vcard.pull()
        wait_for(lambda: not vcard.state()["slots"][0]["connected"], "the reader to be empty")
        card.write(name, **options)
        socket = agent.connect()
        vcard.insert(name)
        wanted = options.get("user_tries", 3)

        def seen():
            socket.send(id=998, method="status")
            readers = socket.answer(998)["result"]["readers"]
            return any(r.get("triesLeft", {}).get("user") == wanted and
                       r["hasSignatureCertificate"] == options.get("with_signature", True) for r in readers)
        wait_for(seen, "the card")
        return socket

    def origins():
        """only pages of allowed sites get a connection, under the right name of this computer"""
        for origin in (None, "http://localhost:8081", "https://localhost:8080", "http://evil.example", "null"):
            try:
                agent.connect(origin)
                raise AssertionError(origin)
            except Refused as refused:
                assert refused.status == 403, (origin, refused.status)
        try:
            agent.connect(host=f"evil.example:{agent.port}")
            raise AssertionError("rebinding")
        except Refused as refused:
            assert refused.status == 421
        agent.connect().close()

    def events():
        """a page hears of cards put in and pulled out"""
        socket = agent.connect()
        socket.until(lambda m: m.get("event") == "status" and m["readers"])
        vcard.insert()
        seen = socket.until(lambda m: any(r["card"] == "my-number" for r in m.get("readers", [])))
        found = next(r for r in seen["readers"] if r["card"] == "my-number")
        assert found == {"name": READER, "card": "my-number", "kind": "card", "hasSignatureCertificate": True,
                         "triesLeft": {"signature": 5, "user": 3}}, found
        vcard.pull()
        socket.until(lambda m: m.get("event") == "status" and all(r["card"] == "none" for r in m["readers"]))

    def signs_in():
        """the user certificate signs what the site may have signed, and openssl verifies"""
        socket = fresh()
        window = Window(agent, socket, purposeText="<script>")
        assert "&lt;script&gt;" in window.html and ORIGIN in window.html
        policy = window.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "script-src 'self'" in policy
        status, body = window.allow()
        assert status == 204, body
        result = window.answer()["result"]
        assert set(result) == {"userCertificate", "userSignature"}
        assert base64.b64decode(result["userCertificate"]) == der(card.user_certificate)
        assert verified(folder, result["userCertificate"], result["userSignature"], "authenticate")
        assert not verified(folder, result["userCertificate"], result["userSignature"], "register")

    def registers():
        """both certificates sign the same nonce, and small letters are taken as capital ones"""
        window = Window(agent, fresh(), "register")
        status, body = window.allow(password="musubi2026")
        assert status == 204, body
        result = window.answer()["result"]
        for kind in ("user", "signature"):
            assert verified(folder, result[f"{kind}Certificate"], result[f"{kind}Signature"], "register")
        assert base64.b64decode(result["signatureCertificate"]) == der(card.sign_certificate)

    def once():
        """the address of the window works once, and not for scripts or frames"""
        socket = fresh()
        socket.send(id=5, method="authenticate", params={"nonce": base64.urlsafe_b64encode(NONCE).decode().rstrip("=")})
        path = re.search(r"/consent/.*", socket.event("consent")["url"]).group(0)
        assert agent.http("GET", path, Sec_Fetch_Mode="cors")[0] == 403
        assert agent.http("GET", path, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="iframe")[0] == 403
        assert agent.http("GET", path, Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")[0] == 200
        assert agent.http("GET", path)[0] == 410
        assert agent.http("GET", "/consent/" + "A" * 43)[0] == 410

    def guarded():
        """the site itself cannot speak for the window"""
        window = Window(agent, fresh())
        assert window.allow(_headers={"Origin": ORIGIN})[0] == 403
        assert window.allow(_headers={"X-Page-Token": "wrong"})[0] == 410
        assert window.allow(_headers={"Content-Type": "text/plain"})[0] == 400
        assert agent.http("GET", window.path + "/state")[0] == 410
        assert agent.http("GET", window.path + "/state", X_Page_Token=window.token)[0] == 200
        assert card.tries() == (3, 5)

    def wrong():
        """a wrong PIN tells how many tries are left and may be typed again; a malformed one costs nothing"""
        window = Window(agent, fresh())
        assert window.allow("12")[1]["code"] == "card.pin-malformed"
        assert card.tries() == (3, 5)
        status, body = window.allow("0000")
        assert (status, body["code"], body["parameters"]["triesLeft"]) == (409, "card.pin-wrong", "2"), body
        assert window.allow()[0] == 204
        assert "result" in window.answer()
        assert card.tries() == (3, 5)

    def last_try():
        """with one try left the person is asked first, and the third wrong PIN locks and tells the site"""
        window = Window(agent, fresh(user_tries=1))
        assert window.allow()[1]["code"] == "consent.last-try"
        assert card.tries() == (1, 5)
        assert window.allow("0000", lastTry=True)[1]["code"] == "card.pin-blocked"
        assert window.answer()["error"] == {"code": "card.pin-blocked", "parameters": {"pin": "user-authentication"}}
        assert card.tries() == (0, 5)
        assert window.allow()[1]["code"] == "consent.gone"

    def child():
        """a card without a signature certificate signs in, and registration says why it cannot"""
        socket = fresh("child", with_signature=False)
        window = Window(agent, socket, "register", request_id=7)
        assert window.allow(password="MUSUBI2026")[1]["code"] == "card.signature-certificate-missing"
        assert window.answer()["error"]["code"] == "card.signature-certificate-missing"
        window = Window(agent, socket, request_id=8)
        assert window.allow()[0] == 204
        assert "userSignature" in window.answer()["result"]

    def pulled():
        """without a card the window waits, and goes on when it is put in"""
        socket = fresh()
        window = Window(agent, socket)
        vcard.pull()
        wait_for(lambda: not vcard.state()["slots"][0]["connected"], "the card to be out")
        wait_for(lambda: window.allow()[1] and window.allow()[1]["code"] == "card.not-inserted", "the pulled card")
        vcard.insert()
        wait_for(lambda: window.allow()[0] == 204, "the card to be read")
        assert "result" in window.answer()

    def refused():
        """refusing, cancelling, asking twice and closing the page all end the question"""
        socket = fresh()
        window = Window(agent, socket, request_id=1)
        assert window.act("refuse", reason="")[0] == 204
        assert window.answer()["error"]["code"] == "consent.refused"
        window = Window(agent, socket, request_id=2)
        assert window.act("refuse", reason="card.not-inserted")[0] == 204
        assert window.answer()["error"]["code"] == "card.not-inserted"
        window = Window(agent, socket, request_id=3)
        window.act("refuse", reason="made-up")
        assert window.answer()["error"]["code"] == "consent.refused"
        window = Window(agent, socket, request_id=4)
        socket.send(id=41, method="cancel")
        assert window.answer()["error"]["code"] == "consent.cancelled"
        assert window.allow()[1]["code"] == "consent.gone"
        first = Window(agent, socket, request_id="a")
        second = Window.__new__(Window)
        socket.send(id="b", method="authenticate", params={"nonce": "A" * 43})
        assert first.answer()["error"]["code"] == "consent.replaced"
        socket.event("consent")
        window = Window(agent, agent.connect(), request_id=6)
        window.socket.close()
        wait_for(lambda: window.allow("0000")[1]["code"] == "consent.gone", "the closed page")
        assert second is not None and card.tries()[0] >= 2

    def malformed():
        """messages that make no sense are answered as such"""
        socket = agent.connect()
        for text in (b"{", b"[]", b"{}", b'{"id":{},"method":"status"}', b'{"id":1}', b"\xff", b'"' + b"x" * 20000 + b'"'):
            socket.send_frame(text)
            try:
                assert socket.until(lambda m: "error" in m)["error"]["code"] == "agent.message-malformed", text
            except ConnectionError:
                socket = agent.connect()  # not UTF-8: the connection is closed (RFC 6455 section 8.1)
        socket.send(id=1, method="sign", params={})
        assert socket.answer(1)["error"]["code"] == "agent.method-unknown"
        for nonce in ("", "AAAA", "A" * 200, "!" * 43, 5):
            socket.send(id=2, method="authenticate", params={"nonce": nonce})
            assert socket.answer(2)["error"]["code"] == "agent.parameters-malformed", nonce
        socket.send(id=3, method="authenticate", params={"nonce": "A" * 43, "digest": "x"})
        assert socket.answer(3)["error"]["code"] == "agent.parameters-malformed"

    def musubi_card(*arguments, secrets=(), **options):
        return run(BUILD / "bin" / "musubi-card", "--secrets-stdin", "--lang", "en", *arguments, check=False,
                   input="".join(f"{s}\n" for s in secrets).encode(), **options)

    def command_line():
        """the command line shows, reads, signs and changes, with its own exit code for every outcome"""
        fresh().close()
        assert json.loads(musubi_card("--json", "tries").stdout) == {"user": 3, "signature": 5}
        shown = json.loads(musubi_card("--json", "show").stdout)["readers"][0]
        assert shown["card"] == "my-number" and shown["kind"] == "card"
        pem = musubi_card("read", "user").stdout
        assert openssl("x509", "-outform", "DER", input=pem) == der(card.user_certificate)
        pem = musubi_card("read", "sign", secrets=["musubi2026"]).stdout
        assert openssl("x509", "-outform", "DER", input=pem) == der(card.sign_certificate)
        signed = musubi_card("sign", "user", hashlib.sha256(digest("register")).hexdigest(), secrets=["1234"])
        certificate = base64.b64encode(der(card.user_certificate))
        assert verified(folder, certificate, signed.stdout, "register")
        assert musubi_card("read", "sign", secrets=["abc"]).returncode == 9
        assert musubi_card("read", "sign", secrets=["WRONG1"]).returncode == 7
        assert card.tries() == (3, 4)
        assert musubi_card("change-pin", "user", secrets=["1234", "5678", "5679"]).returncode == 1
        assert musubi_card("change-pin", "user", secrets=["1234", "5678", "5678"]).returncode == 0
        assert musubi_card("sign", "user", "00" * 32, secrets=["1234"]).returncode == 7
        assert musubi_card("sign", "user", "00" * 32, secrets=["5678"]).returncode == 0
        assert musubi_card("read", "text", secrets=["1234"]).returncode == 8  # the test card has no such secret
        for _ in range(3):
            last = musubi_card("sign", "user", "00" * 32, secrets=["0000"])
        assert last.returncode == 8 and b"city hall" in last.stderr
        assert musubi_card("sign", "user", "00").returncode == 2
        assert musubi_card("--reader", "none", "tries").returncode == 3
        assert musubi_card("wait", "inserted", timeout=10).returncode == 0
        vcard.pull()
        assert musubi_card("wait", "removed", timeout=10).returncode == 0
        assert musubi_card("tries").returncode == 4

    def pulled_in_the_middle():
        """a card pulled between two commands is told apart from a missing one, and costs no try"""
        fresh().close()
        command = subprocess.Popen([BUILD / "bin" / "musubi-card", "--secrets-stdin", "--lang", "en", "read", "sign"],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert b"tries left: 5" in command.stderr.readline()
        vcard.pull()
        wait_for(lambda: not vcard.state()["slots"][0]["connected"], "the card to be out")
        command.communicate(b"MUSUBI2026\n", timeout=20)
        assert command.returncode == 5, command.returncode
        assert card.tries() == (3, 5)

    def library():
        """the example of the C library signs in through PC/SC, and openssl verifies"""
        fresh().close()
        done = run(BUILD / "bin" / "musubi_card_example", ORIGIN, NONCE.hex(), input=b"1234\n")
        lines = dict(line.split() for line in done.stdout.decode().splitlines())
        certificate, signature = (base64.b64encode(bytes.fromhex(lines[name])) for name in ("certificate", "signature"))
        assert verified(folder, certificate, signature, "authenticate")
        wrong_pin = run(BUILD / "bin" / "musubi_card_example", ORIGIN, NONCE.hex(), input=b"0000\n", check=False)
        assert wrong_pin.returncode == 5

    return locals()


NAMES = ("origins events signs_in registers once guarded wrong last_try child pulled refused malformed command_line "
         "pulled_in_the_middle library").split()


@pytest.fixture(scope="module")
def card_world():
    with world() as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_card_agent(name, card_world):
    card_world[name]()
