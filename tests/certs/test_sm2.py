from __future__ import annotations

import json
from pathlib import Path

import pytest

from certs import jws, path, xades
from certs.asn1 import der
from certs.authority.ca import SEAL
from certs.authority.crl import Entry
from certs.authority.crl import write as write_list
from certs.errors import KeyUnreadable, MalformedDer, NoLibcrypto, UnsupportedAlgorithm
from certs.keys import KeyStore
from certs.sm2 import DEFAULT_ID, Sm2PrivateKey, Sm2PublicKey, curve, files, libcrypto
from certs.trust import TrustStore
from certs.verdict import Indication, Refused, SubIndication
from certs.x509.certificate import load, load_all
from certs.x509.revocation_list import load_list
from tests.certs.chinese import DAY, China, accepted, openssl, subject
from tests.certs.pki import DOCUMENT, NOW, World

MESSAGE = b"declaration" * 30
# GB/T 32918.5-2017, A.2: key, message "message digest", and the signature it prints.
STANDARD = {
    "x": 0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
    "y": 0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13,
    "r": 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
    "s": 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
}


@pytest.fixture(scope="module")
def china() -> China:
    """Return an operator with SM2 keys."""
    return China.make()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch):
    """Take libcrypto away, as on a system without it."""
    libcrypto.library.cache_clear()
    monkeypatch.setenv(libcrypto.SETTING, "/nonexistent/libcrypto.so.3")
    yield
    libcrypto.library.cache_clear()


def test_the_example_of_the_standard_verifies():
    """The printed signature is good in Python and in libcrypto, a changed one in neither."""
    key, r, s = Sm2PublicKey(STANDARD["x"], STANDARD["y"]), STANDARD["r"], STANDARD["s"]
    assert key.verify_numbers(r, s, b"message digest")
    assert not key.verify_numbers(r, s, b"message digesu")


@pytest.mark.parametrize("through", ["libcrypto", "Python"])
def test_every_cross_vector_is_judged_alike(shared: Path, through: str, monkeypatch):
    """200 signatures of libcrypto, good and bad, in Python and through libcrypto."""
    if through == "Python":
        monkeypatch.setattr("certs.sm2.keys.library", lambda: None)
    vectors = (shared / "data/esign/sm2/cross/sm2-cross.jsonl").read_text().splitlines()
    for row in map(json.loads, vectors):
        signature, message, identity = (bytes.fromhex(row[name]) for name in ("sig", "msg", "id"))
        key = Sm2PublicKey.from_point(bytes.fromhex(row["public_key"]))
        good = key.verify(signature, message, identity)
        assert good == (row["result"] == "valid"), row["comment"]


def test_openssl_accepts_our_signatures_and_we_its(china: China, tmp_path: Path):
    """`openssl pkeyutl` judges: the right identity is good, another is not, both ways."""
    key = china.seal.private
    assert isinstance(key, Sm2PrivateKey)
    public = key.public_key()
    value = key.sign(MESSAGE, b"ALICE123@YAHOO.COM")
    assert accepted(tmp_path, public, value, MESSAGE, "ALICE123@YAHOO.COM")
    assert not accepted(tmp_path, public, value, MESSAGE, "1234567812345678")
    assert not public.verify(value, MESSAGE)
    (tmp_path / "private.pem").write_bytes(files.to_pem(key, b""))
    (tmp_path / "data").write_bytes(MESSAGE)
    assert openssl(
        *("dgst", "-sm3", "-sign", tmp_path / "private.pem", "-sigopt", "distid:1234567812345678"),
        *("-out", tmp_path / "theirs", tmp_path / "data"),
    )
    assert public.verify((tmp_path / "theirs").read_bytes(), MESSAGE)


def numbers(signature: bytes) -> tuple[int, int]:
    """Return r and s."""
    r, s = (each.number() for each in der.parse(signature).children())
    return r, s


def encoded(r: int, s: int) -> bytes:
    """Return a signature of any two numbers."""
    return der.sequence(der.integer(r), der.integer(s))


@pytest.mark.usefixtures("alone")
def test_without_libcrypto_keys_verify_and_do_not_sign(china: China):
    """Verification goes on in Python; signing says what is missing."""
    made = bytes.fromhex("00")
    key = Sm2PublicKey(STANDARD["x"], STANDARD["y"])
    assert key.verify(encoded(STANDARD["r"], STANDARD["s"]), b"message digest")
    assert not key.verify(made, b"message digest")
    with pytest.raises(NoLibcrypto):
        Sm2PrivateKey(bytes(31) + b"\x07", key).sign(b"")
    assert china.issuer.root.certificate.public_key is not None


def test_numbers_out_of_range_are_never_a_signature(china: China):
    """Both lie between 1 and n - 1, and their sum is not n."""
    key = china.seal.certificate.public_key
    assert isinstance(key, Sm2PublicKey)
    r, s = numbers(china.seal.scheme.sign(china.seal.private, MESSAGE))
    assert key.verify(encoded(r, s), MESSAGE)
    for bad in (
        (0, s),
        (r, 0),
        (r + curve.N, s),
        (r, s + curve.N),
        (-r, s),
        (r, curve.N - r),
        (r, s - 1),
    ):
        assert not key.verify(encoded(*bad), MESSAGE)
        assert not key.verify_numbers(*bad, MESSAGE)


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        b"\x30\x00",
        bytes(64),
        b"\x30\x06\x02\x01\x01\x02\x01\x01\x00",
        b"\x30\x81\x06" + bytes(6),
    ],
)
def test_only_strict_der_is_a_signature(china: China, signature: bytes):
    """Raw, truncated, longer or laxly encoded signatures are refused."""
    key = china.seal.certificate.public_key
    assert isinstance(key, Sm2PublicKey)
    assert not key.verify(signature, MESSAGE)


@pytest.mark.parametrize("identity", [b"", b"x" * 8191])
def test_an_identity_has_a_length(china: China, identity: bytes):
    """An empty identity, or one longer than libcrypto takes, verifies nothing."""
    key = china.seal.certificate.public_key
    assert isinstance(key, Sm2PublicKey)
    assert not key.verify(encoded(1, 1), MESSAGE, identity)


def test_points_off_the_curve_are_no_keys():
    """A key is a point of the curve, compressed or not."""
    good = Sm2PublicKey(STANDARD["x"], STANDARD["y"])
    compressed = bytes((2 + good.y % 2,)) + good.point[1:33]
    assert Sm2PublicKey.from_point(compressed) == good
    with pytest.raises(UnsupportedAlgorithm):
        Sm2PublicKey(good.x, good.y + 1)
    for bad in (b"", b"\x04", good.point[:-1], b"\x05" + good.point[1:], b"\x02" + b"\xff" * 32):
        with pytest.raises(MalformedDer):
            Sm2PublicKey.from_point(bad)


def test_keys_lie_encrypted_in_the_store(china: China, tmp_path: Path, monkeypatch):
    """What the store writes, openssl opens with the same secret, and only with it."""
    monkeypatch.setenv("SECRET", "open sesame")
    KeyStore(tmp_path, "env:SECRET").save(china.seal)
    stored = tmp_path / "seal.key.pem"
    assert b"ENCRYPTED PRIVATE KEY" in stored.read_bytes()
    assert openssl("pkey", "-in", stored, "-passin", "pass:open sesame", "-noout")
    assert not openssl("pkey", "-in", stored, "-passin", "pass:other", "-noout")
    again = KeyStore(tmp_path, "env:SECRET").load("seal")
    assert again.certificate == china.seal.certificate
    monkeypatch.setenv("SECRET", "other")
    with pytest.raises(KeyUnreadable):
        KeyStore(tmp_path, "env:SECRET").load("seal")


@pytest.mark.parametrize("cipher", ["-aes-128-cbc", "-sm4-cbc"])
def test_keys_of_others_are_opened(tmp_path: Path, cipher: str):
    """Keys that openssl made and encrypted are read, also with SM4."""
    assert openssl(
        *("genpkey", "-algorithm", "SM2", cipher, "-pass", "pass:x", "-out", tmp_path / "k")
    )
    key = files.load_pem((tmp_path / "k").read_bytes(), b"x")
    assert key.public_key().verify(key.sign(MESSAGE), MESSAGE)
    with pytest.raises(KeyUnreadable):
        files.load_pem((tmp_path / "k").read_bytes(), b"y")


def test_published_key_files_are_read(shared: Path):
    """SEC 1 and PKCS#8 of another project hold the key of the standard."""
    folder = shared / "data/esign/sm2/vectors"
    for name in ("PEM_Serialization/sm2_private_key.pem", "PKCS8/sm2_private_key.pem"):
        key = files.load_pem((folder / name).read_bytes(), None)
        assert (key.public_key().x, key.public_key().y) == (STANDARD["x"], STANDARD["y"])


def test_openssl_verifies_our_certificates(china: China, tmp_path: Path):
    """A chain of the SM2 authority is good to `openssl verify`, and a changed one is not."""
    root, leaf = china.issuer.root.certificate, china.seal.certificate
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "leaf.pem").write_bytes(leaf.pem)
    (tmp_path / "bad.der").write_bytes(leaf.der[:-1] + bytes((leaf.der[-1] ^ 1,)))
    at = ("-attime", str(int(NOW.timestamp())), "-vfyopt", "distid:1234567812345678")
    assert openssl("verify", *at, "-CAfile", tmp_path / "root.pem", tmp_path / "leaf.pem")
    openssl("x509", "-inform", "DER", "-in", tmp_path / "bad.der", "-out", tmp_path / "bad.pem")
    assert not openssl("verify", *at, "-CAfile", tmp_path / "root.pem", tmp_path / "bad.pem")
    with pytest.raises(Refused):
        path.find(load((tmp_path / "bad.der").read_bytes()), (), china.trust, NOW)


def test_certificates_of_openssl_are_paths(tmp_path: Path):
    """A self-signed SM2 certificate of openssl is read, and is its own anchor's issuer."""
    assert openssl(
        *("req", "-x509", "-newkey", "sm2", "-nodes", "-keyout", tmp_path / "k", "-sm3"),
        *("-sigopt", "distid:1234567812345678", "-subj", "/C=CN/O=Port/CN=Root"),
        *("-days", "30", "-out", tmp_path / "c"),
    )
    found = load_all((tmp_path / "c").read_bytes())[0]
    assert isinstance(found.public_key, Sm2PublicKey)
    assert found.public_key.verify(found.x509.signature, found.x509.tbs_certificate_bytes)


def test_an_sm2_list_revokes(china: China):
    """A CRL under an SM2 key is believed, and the certificate on it is no longer good."""
    revoked = write_list(
        china.issuer.root,
        [Entry(china.seal.certificate.serial, NOW - DAY / 2)],
        number=1,
        this_update=NOW - DAY / 2,
        next_update=NOW + DAY,
    )
    trust = TrustStore(china.trust.anchors, (load_list(revoked),))
    with pytest.raises(Refused) as refused:
        path.find(china.seal.certificate, (), trust, NOW)
    assert refused.value.sub in {SubIndication.REVOKED_NO_POE, SubIndication.REVOKED}


def test_xades_with_sm2(china: China, world: World):
    """A document signed and stamped with SM2 verifies, changed it does not, nor elsewhere."""
    signed = xades.sign(DOCUMENT, china.seal, stamper=china.stamper, signed_at=NOW)
    verdict = xades.verify(signed, china.trust, at=NOW)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level.endswith("T")
    changed = xades.verify(signed.replace(b"Widget", b"Gadget"), china.trust, at=NOW)
    assert changed.subindication is SubIndication.HASH_FAILURE
    assert xades.verify(signed, world.trust, at=NOW).indication is Indication.INDETERMINATE


def test_an_sm2_key_has_no_jws(china: China):
    """No `alg` is registered for SM2: signing a JWS with it is refused, not improvised."""
    with pytest.raises(UnsupportedAlgorithm):
        jws.sign(b"{}", china.seal)


def test_another_root_of_the_same_name_vouches_for_nothing(china: China):
    """Names do not make a path; the key does."""
    other = China.make()
    leaf = other.issuer.issue(SEAL, subject("公章"), now=NOW - DAY).certificate
    with pytest.raises(Refused):
        path.find(leaf, (), china.trust, NOW)


def test_the_default_identity_is_that_of_the_standard():
    """GB/T 35276: 1234567812345678 where none is agreed upon."""
    assert DEFAULT_ID == b"1234567812345678"
