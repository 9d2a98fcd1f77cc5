from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.asn1 import der
from certs.authority.ca import ACCESS_POINT, SEAL, Profile, Subject
from certs.encryption import Form, decrypt, encrypt, is_encrypted
from certs.errors import NoEncryptionKey, NotDecrypted
from certs.keys import KeyStore, SigningKey
from certs.x509.certificate import load
from tests.certs.chinese import China, openssl
from tests.certs.pki import NOW, World

CONTENT = b"container " * 5000
RSA = Profile("rsa", 2, ("key_encipherment",))
WESTERN = [Form.CMS, Form.CMS_CBC, Form.JWE]
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}


def key_of(world: World, kind: str) -> SigningKey:
    """Return the key of a recipient."""
    if kind == "RSA":
        return world.key(RSA, private=rsa.generate_private_key(65537, 2048))
    return world.key(ACCESS_POINT, private=ec.generate_private_key(CURVES[kind]))


@pytest.fixture(scope="module")
def keys(world: World) -> dict[str, SigningKey]:
    """Return a recipient of every kind."""
    return {kind: key_of(world, kind) for kind in ("RSA", *CURVES)}


@pytest.mark.parametrize(("form", "kind"), [*product(WESTERN, ["RSA", "P-256", "P-384"])])
def test_what_is_encrypted_opens_for_each_recipient(keys, form: Form, kind: str):
    """Several recipients: each opens it with its own key."""
    certificates = [key.certificate for key in keys.values()]
    sealed = encrypt(CONTENT, certificates, form)
    assert CONTENT[:50] not in sealed
    assert is_encrypted(sealed) == (form is not Form.JWE)
    assert decrypt(sealed, keys[kind]) == CONTENT


@pytest.mark.parametrize(("form", "kind"), [*product([Form.CMS, Form.CMS_CBC], ["RSA", "P-256"])])
def test_openssl_decrypts_ours(keys, tmp_path: Path, form: Form, kind: str):
    """`openssl cms -decrypt` opens what we encrypt, with GCM and with CBC."""
    key = keys[kind]
    KeyStore(tmp_path, "").save(key)
    (tmp_path / "sealed").write_bytes(encrypt(CONTENT, [key.certificate], form))
    stem = f"{key.name}."
    assert openssl(
        *("cms", "-decrypt", "-binary", "-inform", "DER", "-in", tmp_path / "sealed"),
        *("-inkey", tmp_path / f"{stem}key.pem", "-recip", tmp_path / f"{stem}cert.pem"),
        *("-out", tmp_path / "opened"),
    )
    assert (tmp_path / "opened").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("cipher", "kind"),
    [*product(["-aes-256-gcm", "-aes-128-gcm", "-aes-256-cbc"], ["RSA", "P-256"])],
)
def test_we_decrypt_what_openssl_encrypted(keys, tmp_path: Path, cipher: str, kind: str):
    """Also streamed, with indefinite lengths and the content in pieces."""
    key = keys[kind]
    (tmp_path / "data").write_bytes(CONTENT)
    (tmp_path / "cert").write_bytes(key.certificate.pem)
    options = (
        ("rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256")
        if kind == "RSA"
        else ("ecdh_kdf_md:sha256",)
    )
    assert openssl(
        *("cms", "-encrypt", "-binary", "-stream", cipher, "-outform", "DER"),
        *("-in", tmp_path / "data", "-out", tmp_path / "sealed", "-recip", tmp_path / "cert"),
        *(part for option in options for part in ("-keyopt", option)),
    )
    assert decrypt((tmp_path / "sealed").read_bytes(), key) == CONTENT


def test_pkcs1_padding_is_not_taken(keys, tmp_path: Path):
    """RSA with PKCS#1 v1.5 padding leaks by its failures; it is not opened."""
    key = keys["RSA"]
    (tmp_path / "data").write_bytes(CONTENT)
    (tmp_path / "cert").write_bytes(key.certificate.pem)
    assert openssl(
        *("cms", "-encrypt", "-aes-256-gcm", "-outform", "DER", "-in", tmp_path / "data"),
        *("-out", tmp_path / "sealed", tmp_path / "cert"),
    )
    with pytest.raises(NotDecrypted):
        decrypt((tmp_path / "sealed").read_bytes(), key)


@pytest.mark.parametrize("form", WESTERN)
def test_nobody_else_opens_it(world: World, keys, form: Form):
    """Another key, of whichever kind, gets the one answer."""
    sealed = encrypt(CONTENT, [keys["P-256"].certificate], form)
    for other in (keys["RSA"], keys["P-384"], key_of(world, "P-256")):
        with pytest.raises(NotDecrypted):
            decrypt(sealed, other)


def test_every_change_is_noticed_by_the_authenticated_forms(keys):
    """No flipped octet ever gives other content; in content and tag each one is refused."""
    key = keys["P-256"]
    sealed = encrypt(b"short", [key.certificate])
    said = set()
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes((sealed[at] ^ 0x01,)) + sealed[at + 1 :]
        try:
            assert decrypt(changed, key) == b"short", at
            assert at < len(sealed) - 16 - 2 - 5, at
        except NotDecrypted as error:
            said.add(error.message.en)
    assert len(said) == 1
    whole = json.loads(encrypt(b"short", [key.certificate], Form.JWE))
    for name in ("ciphertext", "iv", "tag", "protected"):
        first = whole[name][0]
        other = {**whole, name: ("B" if first != "B" else "C") + whole[name][1:]}
        with pytest.raises(NotDecrypted):
            decrypt(json.dumps(other).encode(), key)


@pytest.mark.parametrize("data", [b"", b"x", b"{}", b"\x30\x00", b'{"recipients": 1}', b"eyJ.a.b"])
def test_what_is_not_encrypted_does_not_open(keys, data: bytes):
    """Anything else is refused without a crash."""
    with pytest.raises(NotDecrypted):
        decrypt(data, keys["RSA"])


def test_a_short_tag_is_no_tag(keys):
    """GCM with a shortened tag is easier to forge: only the full 16 octets count."""
    key = keys["P-256"]
    outer = der.parse(encrypt(CONTENT, [key.certificate])).children()
    inner = outer[1].children()[0].children()
    tag = der.octets(inner[3].content[:12])
    changed = der.sequence(*(each.encoded for each in inner[:3]), tag)
    with pytest.raises(NotDecrypted):
        decrypt(der.sequence(outer[0].encoded, der.context(0, changed)), key)


@pytest.mark.parametrize("form", list(Form))
def test_certificates_for_signing_are_no_recipients(world: World, form: Form):
    """A seal, an SM2 key, a short RSA key, nobody at all: refused before anything is written."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - that is the point
    subject = Subject(organisation="X", country="SG", common_name="X")
    weak = world.issuer.issue(RSA, subject, private=short, now=NOW)
    for recipient in (world.seal, China.make().seal, weak):
        with pytest.raises(NoEncryptionKey):
            encrypt(CONTENT, [load(recipient.certificate.der)], form)
    with pytest.raises(NoEncryptionKey):
        encrypt(CONTENT, [], form)
    assert SEAL.usages
