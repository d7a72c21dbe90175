"""OpenSC, which knows nothing of this project, uses the software card through pcscd as the card it pretends to be.

Usage: MUSUBI_BUILD=build/release python3 -m pytest tests/card_opensc_test.py
"""
import contextlib
import os
import pathlib
import tempfile

import pytest

from card_support import READER, CardFolder, VirtualCard, der, openssl, reader, run, wait_for

PKCS11 = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"
if not os.path.exists(PKCS11):
    PKCS11 = "opensc-pkcs11.so"


@contextlib.contextmanager
def world():
    with tempfile.TemporaryDirectory() as temporary, reader():
        folder = pathlib.Path(temporary)
        card = CardFolder(folder / "cards")
        with VirtualCard(card.folder) as vcard:
            vcard.insert()
            wait_for(lambda: b"jpki" in run("opensc-tool", "-r", READER, "-n", check=False).stdout, "OpenSC", 20)
            yield checks(folder, card, vcard)


def checks(folder, card, vcard):
    message = folder / "message"
    message.write_bytes("むすび".encode())
    signature = folder / "signature"

    def recognised():
        """opensc-tool calls the card jpki"""
        assert run("opensc-tool", "-r", READER, "-n").stdout.strip() == b"jpki"

    def listed():
        """pkcs15-tool lists two PINs, two keys and four certificates, with three and five tries"""
        dump = run("pkcs15-tool", "--reader", READER, "-D").stdout.decode()
        assert dump.count("X.509 Certificate [") == 4, dump
        assert dump.count("Private RSA Key [") == 2, dump
        assert dump.count("PIN [") == 2, dump
        assert "Tries left     : 3" in dump and "Tries left     : 5" in dump, dump

    def certificates_read():
        """all four certificates are read back byte for byte; the signature certificate only with its password"""
        for name in ("01", "03", "04"):
            pem = run("pkcs15-tool", "--reader", READER, "--read-certificate", name).stdout
            assert openssl("x509", "-outform", "DER", input=pem) == der(card.certificates[name]), name
        assert b"BEGIN CERTIFICATE" not in run("pkcs15-tool", "--reader", READER, "--read-certificate", "02",
                                               check=False).stdout
        pem = run("pkcs15-tool", "--reader", READER, "--read-certificate", "02", "--verify-pin", "--auth-id", "02",
                  "--pin", "MUSUBI2026").stdout
        assert openssl("x509", "-outform", "DER", input=pem) == der(card.sign_certificate)

    def sign(slot, pin, mechanism):
        run("pkcs11-tool", "--module", PKCS11, "--slot-index", slot, "--login", "--pin", pin, "--sign", "--mechanism",
            mechanism, "--input-file", message, "--output-file", signature)

    def signed():
        """pkcs11-tool signs with both keys and every hash, and openssl verifies"""
        for slot, pin, certificate in (("0", "1234", card.user_certificate), ("1", "MUSUBI2026", card.sign_certificate)):
            public = folder / "public.pem"
            public.write_bytes(openssl("x509", "-in", certificate, "-noout", "-pubkey"))
            for mechanism, digest in (("SHA256-RSA-PKCS", "sha256"), ("SHA384-RSA-PKCS", "sha384"),
                                      ("SHA512-RSA-PKCS", "sha512"), ("SHA1-RSA-PKCS", "sha1")):
                sign(slot, pin, mechanism)
                verdict = openssl("dgst", f"-{digest}", "-verify", public, "-signature", signature, message)
                assert b"Verified OK" in verdict, mechanism

    def counted():
        """a wrong PIN costs one try and the right one gives them back, in the file too"""
        wrong = run("pkcs15-tool", "--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "0000", check=False)
        assert wrong.returncode != 0
        assert card.tries() == (2, 5), card.tries()
        sign("0", "1234", "SHA256-RSA-PKCS")
        assert card.tries() == (3, 5), card.tries()

    def locked():
        """three wrong PINs lock the card, OpenSC shows it, and it stays locked after a restart of musubi-vcard"""
        for _ in range(3):
            run("pkcs15-tool", "--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "0000", check=False)
        assert card.tries() == (0, 5), card.tries()
        slots = run("pkcs11-tool", "--module", PKCS11, "-L").stdout.decode()
        assert "user PIN locked" in slots, slots
        vcard.stop()
        with VirtualCard(card.folder) as again:
            again.insert()
            wait_for(lambda: b"jpki" in run("opensc-tool", "-r", READER, "-n", check=False).stdout, "OpenSC")
            assert run("pkcs15-tool", "--reader", READER, "--verify-pin", "--auth-id", "01", "--pin", "1234",
                       check=False).returncode != 0
            assert card.tries() == (0, 5)
            again.call("/api/restore", card="test")
            assert card.tries() == (3, 5)

    return locals()


NAMES = "recognised listed certificates_read signed counted locked".split()


@pytest.fixture(scope="module")
def card_world():
    with world() as made:
        yield made


@pytest.mark.parametrize("name", NAMES)
def test_card_with_opensc(name, card_world):
    card_world[name]()
