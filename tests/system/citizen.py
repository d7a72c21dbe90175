"""A citizen at the keyboard: the registration with the card, step by step, as the pages do it."""
import base64
import hashlib
import re
import subprocess
import threading

from harness import Browser, CityFailed, Problem

ORDER = ["terms", "way", "card", "check", "contact", "passcode", "done"]
_issuing = threading.Lock()  # keys cost a tenth of a second of one core each


def plain_base64(text):
    return base64.b64encode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).decode()


class Card:
    """A software card: its memory is the file that musubi-vcard made, its commands are carried by `musubi-card --image`."""

    PIN, PASSWORD = "1234", "MUSUBI2026"

    def __init__(self, city, holder_id, card=None):
        self.city, self.holder_id = city, holder_id
        self.name = card or f"holder-{holder_id}"

    def issue(self):
        """Keys are made, certificates issued. The tray needs no reader for that."""
        if not self.image.exists():
            with _issuing:
                if self.name.startswith("holder-"):
                    self.city.tray_call("/api/insert-holder", {"holderId": self.holder_id, "slot": 1})
                else:
                    self.city.tray_call("/api/insert", {"card": self.name, "slot": 1})
                self.city.tray_call("/api/pull", {"slot": 1})
        return self

    @property
    def image(self):
        return self.city.cards / self.name / "card.json"

    def command(self, *words, secret=None):
        done = subprocess.run([str(self.city.bin / "musubi-card"), "--image", str(self.image), "--secrets-stdin", *words],
                              input=(secret or "") + "\n", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CityFailed(f"musubi-card {' '.join(words)}: status {done.returncode} {done.stderr}")
        return done.stdout

    def certificate(self, which, secret=None):
        pem = self.command("read", which, secret=secret)
        return re.sub(r"-----[^-]+-----|\s", "", pem)

    def signature(self, which, challenge, secret):
        nonce = base64.urlsafe_b64decode(challenge["nonce"] + "=" * (-len(challenge["nonce"]) % 4))
        text = b"\0".join([b"musubi-card-v1", challenge["origin"].encode(), challenge["purpose"].encode(), nonce])
        return self.command("sign", which, hashlib.sha256(text).hexdigest(), secret=secret).strip()

    def prove(self, challenge):
        proof = {"userCertificate": self.certificate("user"),
                 "userSignature": self.signature("user", challenge, self.PIN)}
        if challenge["purpose"] == "register":
            proof["signatureCertificate"] = self.certificate("sign", secret=self.PASSWORD)
            proof["signatureSignature"] = self.signature("sign", challenge, self.PASSWORD)
        return proof


class Registration:
    """One person's way from the e-mail address to the passcode. `advance` does the next step, whatever was done before."""

    def __init__(self, city, holder_id, email, card=None, language="ja"):
        self.city, self.email = city, email
        self.card = Card(city, holder_id, card)
        self.browser = Browser(city, language)
        self.language = language
        self.token = None
        self.seen = 0  # mails of earlier passcodes

    def start(self):
        self.browser.post("/api/v1/registrations", {"email": self.email, "language": self.language})

    def open_link(self):
        self.token = self.city.wait_for_mail(self.email, r"/start/r/([A-Za-z0-9_-]+)", seconds=60).group(1)
        return self.browser.post("/api/v1/registrations/resume", {"token": self.token})

    def state(self):
        return self.browser.get("/api/v1/registration")

    def advance(self, step):
        """Does what `step` asks for; answers the registration afterwards."""
        post = self.browser.post
        if step == "terms":
            version = self.browser.get(f"/api/v1/terms?language={self.language}")["version"]
            return post("/api/v1/registration/terms", {"version": version})
        if step == "way":
            return post("/api/v1/registration/way", {"way": "card-reader"})
        if step == "card":
            challenge = post("/api/v1/registration/challenge")
            proof = self.card.issue().prove(challenge)
            return post("/api/v1/registration/card", {"challengeId": challenge["challengeId"], **proof})
        if step == "check":
            return post("/api/v1/registration/check")
        if step == "contact":
            return post("/api/v1/registration/contact", {"telephone": "090-0000-0000", "password": "horse battery staple"})
        if step == "passcode":
            return self.enter_passcode()
        raise CityFailed(f"nothing to do at step {step}")

    def enter_passcode(self):
        code = self.city.wait_for_mail(self.email, r"(?<!\d)(\d{6})(?!\d)", seconds=60).group(1)
        try:
            return self.browser.post("/api/v1/registration/passcode", {"passcode": code})
        except Problem as problem:
            if problem.code not in ("registration.passcode-wrong", "registration.passcode-expired"):
                raise
            raise CityFailed(f"{self.email}: the newest passcode {code} is not accepted: {problem}") from problem

    def run(self):
        """All of it, when nothing goes wrong."""
        self.start()
        state = self.open_link()
        while state["step"] != "done":
            state = self.advance(state["step"])
        return state


def sign_in_with_card(city, card, language="ja"):
    browser = Browser(city, language)
    challenge = browser.post("/api/v1/login/card/challenge")
    proof = card.prove(challenge)
    browser.post("/api/v1/login/card", {"challengeId": challenge["challengeId"], **proof})
    return browser
