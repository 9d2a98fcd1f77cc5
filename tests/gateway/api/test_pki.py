"""The built-in authority over HTTP, judged by openssl."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from certs.authority.ca import OCSP, CertificateAuthority, Subject
from certs.authority.register import Register
from certs.authority.tsa import Authority
from certs.domain import create_domain
from certs.keys import KeyStore
from certs.x509.certificate import Certificate
from gateway.wiring.pki import Pki
from tests.gateway.api.conftest import Ask, asker
from tests.gateway.api.world import NOW, World

ALL = ("ocsp", "crl", "tsa")
REQUEST = {"content-type": "application/ocsp-request"}


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    """Return the keys of an operator, a responder's among them."""
    domain = create_domain(tmp_path / "pki", "Port", "SG", secret="", now=NOW - timedelta(days=1))
    authority = CertificateAuthority(domain.keys.load("root"))
    subject = Subject(organisation="Port", country="SG", common_name="Responder")
    domain.keys.save(authority.issue(OCSP, subject, now=NOW - timedelta(days=1)))
    return domain.keys


@pytest.fixture
def open_ask(world: World, keys: KeyStore) -> Ask:
    """Ask a gateway that offers every service."""
    world.pki = Pki(keys, Authority(keys.load("tsa"), lambda: NOW), lambda: NOW)
    world.settings = world.settings.model_copy(update={"services": ALL})
    return asker(world)


def question(keys: KeyStore, serial: Certificate) -> bytes:
    """Return an OCSP request with a nonce about a certificate of the root."""
    root = keys.load("root").certificate.x509
    built = ocsp.OCSPRequestBuilder().add_certificate(serial.x509, root, hashes.SHA256())
    built = built.add_extension(x509.OCSPNonce(b"0123456789abcdef"), critical=False)
    return built.build().public_bytes(Encoding.DER)


def status(answer: bytes) -> ocsp.OCSPCertStatus:
    """Return what an answer says."""
    return ocsp.load_der_ocsp_response(answer).certificate_status


def openssl(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run openssl in a folder."""
    return subprocess.run(
        ["openssl", *line.split()], cwd=folder, capture_output=True, text=True, check=False
    )


def test_openssl_believes_the_answer(open_ask: Ask, keys: KeyStore, tmp_path: Path):
    """`openssl ocsp` asks by POST and finds the answer good: signer, delegation, nonce."""
    for name, key in (("root", "root"), ("leaf", "seal")):
        (tmp_path / f"{name}.pem").write_bytes(keys.load(key).certificate.pem)
    made = openssl(tmp_path, "ocsp -sha256 -issuer root.pem -cert leaf.pem -reqout q.der")
    assert made.returncode == 0, made.stderr
    asked = (tmp_path / "q.der").read_bytes()
    answer = open_ask("POST", "/pki/ocsp", key=None, content=asked, headers=REQUEST)
    assert (answer.status_code, answer.headers["content-type"]) == (
        200,
        "application/ocsp-response",
    )
    (tmp_path / "r.der").write_bytes(answer.content)
    judged = openssl(
        tmp_path,
        "ocsp -sha256 -issuer root.pem -cert leaf.pem -reqin q.der -no_nonce -respin r.der"
        f" -CAfile root.pem -attime {int(NOW.timestamp())} -validity_period 999999999",
    )
    assert "Response verify OK" in judged.stderr, judged.stderr
    assert "leaf.pem: good" in judged.stdout


def test_the_same_is_answered_by_address(open_ask: Ask, keys: KeyStore):
    """GET with the request in Base64, percent-encoded as RFC 6960 has it."""
    encoded = base64.b64encode(question(keys, keys.load("seal").certificate)).decode()
    answer = open_ask("GET", f"/pki/ocsp/{quote(encoded, safe='')}", key=None)
    assert status(answer.content) is ocsp.OCSPCertStatus.GOOD


def test_a_revocation_is_told_at_once(open_ask: Ask, keys: KeyStore, tmp_path: Path):
    """OCSP and list say revoked after it, for good; `openssl verify -crl_check` agrees."""
    seal, root = keys.load("seal").certificate, keys.load("root").certificate
    before = open_ask("GET", "/pki/crl", key=None).content
    Register(keys.folder, root).revoke(seal.serial, NOW - timedelta(hours=1), "key-compromise")
    asked = question(keys, seal)
    answer = open_ask("POST", "/pki/ocsp", key=None, content=asked, headers=REQUEST)
    assert status(answer.content) is ocsp.OCSPCertStatus.REVOKED
    listed = open_ask("GET", "/pki/crl", key=None)
    assert listed.headers["content-type"] == "application/pkix-crl"
    found = x509.load_der_x509_crl(listed.content)
    entry = found.get_revoked_certificate_by_serial_number(seal.serial)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is (
        x509.ReasonFlags.key_compromise
    )
    for number, octets in enumerate((before, listed.content)):
        pem = x509.load_der_x509_crl(octets).public_bytes(Encoding.PEM)
        (tmp_path / "crl.pem").write_bytes(pem)
        (tmp_path / "root.pem").write_bytes(root.pem)
        (tmp_path / "leaf.pem").write_bytes(seal.pem)
        judged = openssl(
            tmp_path,
            "verify -crl_check -CAfile root.pem -CRLfile crl.pem"
            f" -attime {int(NOW.timestamp())} leaf.pem",
        )
        assert (judged.returncode == 0) == (number == 0), judged.stderr


def test_strange_serials_are_unknown(open_ask: Ask, keys: KeyStore):
    """A certificate that this root never made is not called good (RFC 6960, 2.2)."""
    stranger = CertificateAuthority(keys.load("root"))
    subject = Subject(organisation="X", country="SG", common_name="X")
    never = stranger.issue(OCSP, subject, now=NOW).certificate
    answer = open_ask("POST", "/pki/ocsp", content=question(keys, never), headers=REQUEST)
    assert status(answer.content) is ocsp.OCSPCertStatus.UNKNOWN


@pytest.mark.parametrize("body", [b"x", b"\x30\x00", bytes(10_000)])
def test_what_is_no_question_gets_an_error_of_the_protocol(open_ask: Ask, body: bytes):
    """The HTTP answer is 200, the OCSP one `malformedRequest`."""
    answer = open_ask("POST", "/pki/ocsp", content=body, headers=REQUEST)
    found = ocsp.load_der_ocsp_response(answer.content).response_status
    assert found is ocsp.OCSPResponseStatus.MALFORMED_REQUEST


def test_limits_hold(open_ask: Ask):
    """A body too large or of another type is refused before it is looked at."""
    large = open_ask("POST", "/pki/ocsp", content=bytes(20_000), headers=REQUEST)
    assert large.status_code == 413
    other = open_ask("POST", "/pki/ocsp", content=b"x", headers={"content-type": "text/plain"})
    assert other.status_code == 415


def test_openssl_believes_the_time_stamp(open_ask: Ask, keys: KeyStore, tmp_path: Path):
    """`openssl ts` makes the query and verifies the reply."""
    (tmp_path / "data").write_bytes(b"declaration")
    (tmp_path / "root.pem").write_bytes(keys.load("root").certificate.pem)
    openssl(tmp_path, "ts -query -data data -sha256 -cert -out q.tsq")
    headers = {"content-type": "application/timestamp-query"}
    asked = (tmp_path / "q.tsq").read_bytes()
    answer = open_ask("POST", "/pki/tsa", key=None, content=asked, headers=headers)
    assert answer.headers["content-type"] == "application/timestamp-reply"
    (tmp_path / "r.tsr").write_bytes(answer.content)
    moment = int(NOW.timestamp())
    judge = f"ts -verify -queryfile q.tsq -in r.tsr -CAfile root.pem -attime {moment}"
    assert openssl(tmp_path, judge).returncode == 0


def test_what_the_settings_do_not_offer_is_not_there(world: World, keys: KeyStore):
    """Time-stamps are for the gateway itself until the settings open them to others."""
    world.pki = Pki(keys, Authority(keys.load("tsa"), lambda: NOW), lambda: NOW)
    ask = asker(world)
    headers = {"content-type": "application/timestamp-query"}
    assert ask("POST", "/pki/tsa", content=b"x", headers=headers).status_code == 404
    assert ask("GET", "/pki/root", key=None).content == keys.load("root").certificate.der
    assert replace(world).pki is world.pki
