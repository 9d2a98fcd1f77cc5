"""SM2 encryption and GB/T 35275 envelopes, beside the standard's sample, openssl and Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from certs.asn1 import der
from certs.authority.ca import ENCRYPTION
from certs.encryption import Form, decrypt, encrypt, form_for, is_encrypted
from certs.errors import KeyUnreadable, NoEncryptionKey, NotDecrypted
from certs.keys import KeyStore, SigningKey
from certs.sm2 import Sm2PrivateKey, files
from tests.certs import sm2_cipher
from tests.certs.chinese import China, openssl, subject
from tests.certs.pki import NOW, World

CONTENT = b"container " * 5000
# GB/T 32918.5-2017, C.2: the key, the random number, the message and what comes out.
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
RANDOM = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
MESSAGE = b"encryption standard"
C1 = (
    0x04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73,
    0xE858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0,
)
C3 = bytes.fromhex("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
C2 = bytes.fromhex("21886CA989CA9C7D58087307CA93092D651EFA")


def sm2_key(private: int) -> Sm2PrivateKey:
    """Return the key with this scalar."""
    scalar = der.octets(private.to_bytes(32, "big"))
    return Sm2PrivateKey.from_sec1(der.sequence(der.integer(1), scalar))


@pytest.fixture(scope="module")
def china() -> China:
    """Return the Chinese side."""
    return China.make()


@pytest.fixture(scope="module")
def key(china: China) -> SigningKey:
    """Return a key that is certified for encryption."""
    return china.issuer.issue(ENCRYPTION, subject("加密"), now=NOW)


def test_the_sample_of_the_standard_opens():
    """Python makes the standard's sample from its random number; libcrypto opens it."""
    key = sm2_key(PRIVATE)
    public = key.public_key()
    made = sm2_cipher.encrypt(MESSAGE, (public.x, public.y), RANDOM)
    assert made == (C1, C3, C2)
    assert key.decrypt(sm2_cipher.written(C1, C3, C2)) == MESSAGE


def test_published_vectors_open(shared: Path):
    """What others encrypted is opened by libcrypto and by Python alike."""
    folder = shared / "data/esign/sm2/vectors/SM2/Decrypt"
    key = files.load_pem((folder / "sm2_private_key.pem").read_bytes(), None)
    scalar = int.from_bytes(key._scalar, "big")
    found = re.findall(
        r"^Input = (\w+)\nOutput = \"(.*)\"$", (folder / "DecryptGen.txt").read_text(), re.MULTILINE
    )
    assert len(found) == 4
    for cipher, text in found:
        encoded = bytes.fromhex(cipher)
        assert key.decrypt(encoded) == text.encode()
        assert sm2_cipher.decrypt(encoded, scalar) == text.encode()


def test_every_change_of_a_cipher_is_refused():
    """Point, check and text: with any bit changed nothing is opened, as Python finds too."""
    key = sm2_key(PRIVATE)
    cipher = key.public_key().encrypt(MESSAGE)
    assert sm2_cipher.decrypt(cipher, PRIVATE) == MESSAGE
    for at in range(len(cipher)):
        with pytest.raises(KeyUnreadable):
            key.decrypt(cipher[:at] + bytes((cipher[at] ^ 1,)) + cipher[at + 1 :])


def test_an_envelope_opens_for_each_recipient(china: China, key: SigningKey):
    """The form follows from the keys; two recipients, each opens it, a third does not."""
    second, third = (china.issuer.issue(ENCRYPTION, subject("另一"), now=NOW) for _ in range(2))
    certificates = [key.certificate, second.certificate]
    assert form_for(certificates) is Form.GBT35275
    for content in (CONTENT, b"", bytes(16)):
        sealed = encrypt(content, certificates)
        assert is_encrypted(sealed)
        assert not content or content not in sealed
        assert decrypt(sealed, key) == decrypt(sealed, second) == content
        for other in (third, china.seal):
            with pytest.raises(NotDecrypted):
                decrypt(sealed, other)


def test_openssl_opens_an_envelope(key: SigningKey, tmp_path: Path):
    """Its parts are where the standard has them: openssl opens the key, and with it the content."""
    kind, wrapped = der.parse(encrypt(CONTENT, [key.certificate])).children()
    assert kind.dotted() == "1.2.156.10197.6.1.4.2.3"
    version, infos, content = wrapped.children()[0].children()
    (info,) = infos.children()
    _, name, algorithm, sealed_key = info.children()
    assert (version.number(), info.children()[0].number()) == (1, 1)
    assert algorithm.children()[0].dotted() == "1.2.156.10197.1.301.3"
    assert name.children()[1].number() == key.certificate.serial
    data, cipher, sealed = content.children()
    mode, vector = cipher.children()
    assert (data.dotted(), mode.dotted()) == ("1.2.156.10197.6.1.4.2.1", "1.2.156.10197.1.104.2")
    KeyStore(tmp_path, "").save(key)
    (tmp_path / "sealed").write_bytes(sealed_key.content)
    (tmp_path / "content").write_bytes(sealed.content)
    assert openssl(
        *("pkeyutl", "-decrypt", "-inkey", tmp_path / f"{key.name}.key.pem"),
        *("-in", tmp_path / "sealed", "-out", tmp_path / "opened"),
    )
    opened = (tmp_path / "opened").read_bytes().hex()
    assert openssl(
        *("enc", "-d", "-sm4-cbc", "-K", opened, "-iv", vector.content.hex()),
        *("-in", tmp_path / "content", "-out", tmp_path / "plain"),
    )
    assert (tmp_path / "plain").read_bytes() == CONTENT


@pytest.mark.parametrize("mode", ["1.2.156.10197.1.104.2", "1.2.156.10197.1.104"])
def test_an_envelope_made_with_openssl_opens(key: SigningKey, tmp_path: Path, mode: str):
    """The content key by `openssl pkeyutl`, the content by `openssl enc`, put together here."""
    secret, vector = bytes(range(16)), bytes(range(16, 32))
    (tmp_path / "key").write_bytes(secret)
    (tmp_path / "data").write_bytes(CONTENT)
    (tmp_path / "cert.pem").write_bytes(key.certificate.pem)
    assert openssl(
        *("pkeyutl", "-encrypt", "-certin", "-inkey", tmp_path / "cert.pem"),
        *("-in", tmp_path / "key", "-out", tmp_path / "sealed"),
    )
    assert openssl(
        *("enc", "-sm4-cbc", "-K", secret.hex(), "-iv", vector.hex()),
        *("-in", tmp_path / "data", "-out", tmp_path / "content"),
    )
    issuer = key.certificate.x509.issuer.public_bytes()
    info = der.sequence(
        der.integer(1),
        der.sequence(issuer, der.integer(key.certificate.serial)),
        der.sequence(der.oid("1.2.156.10197.1.301.3"), der.null()),
        der.octets((tmp_path / "sealed").read_bytes()),
    )
    content = der.sequence(
        der.oid("1.2.156.10197.6.1.4.2.1"),
        der.sequence(der.oid(mode), der.octets(vector)),
        der.tlv(0x80, (tmp_path / "content").read_bytes()),
    )
    inner = der.sequence(der.integer(1), der.set_of(info), content)
    whole = der.sequence(der.oid("1.2.156.10197.6.1.4.2.3"), der.context(0, inner))
    assert decrypt(whole, key) == CONTENT


def test_a_damaged_envelope_says_nothing_but_no(key: SigningKey):
    """Whatever was changed, key, padding or structure: the same words, or the content as it was."""
    sealed = encrypt(b"short", [key.certificate])
    said = set()
    for at in range(len(sealed)):
        try:
            decrypt(sealed[:at] + bytes((sealed[at] ^ 0x80,)) + sealed[at + 1 :], key)
        except NotDecrypted as error:
            said.add(error.message.en)
    assert len(said) == 1


def test_no_form_is_for_both_kinds_of_keys(world: World, key: SigningKey, china: China):
    """SM2 and others together, a seal, the other forms: refused, with what to do."""
    western = world.key(ENCRYPTION).certificate
    with pytest.raises(NoEncryptionKey, match="encrypt for each kind"):
        encrypt(CONTENT, [key.certificate, western])
    for form in (Form.CMS, Form.CMS_CBC, Form.JWE):
        with pytest.raises(NoEncryptionKey):
            encrypt(CONTENT, [key.certificate], form)
    for certificate in (western, china.seal.certificate):
        with pytest.raises(NoEncryptionKey):
            encrypt(CONTENT, [certificate], Form.GBT35275)
