from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter

from certs import jws
from certs.algorithms import PrivateKey
from certs.verdict import BlockIndication, Indication, SubIndication
from tests.certs.pki import NOW, World

PAYLOAD = b'{"declaration":"D-1"}'


def decode(text: str) -> bytes:
    """Return the octets of base64url text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(data: bytes) -> str:
    """Return base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_compact_jws_is_verified(world: World) -> None:
    """JAdES-B: passed, with signer and claimed time; the payload comes out."""
    verdict = jws.verify(jws.sign(PAYLOAD, world.seal, signed_at=NOW), world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_PASSED
    assert verdict.signed == PAYLOAD
    (report,) = verdict.signatures
    assert (report.level, report.claimed_time) == ("JAdES-BASELINE-B", NOW)


def test_a_time_stamped_jws_is_verified(world: World) -> None:
    """JAdES-B-T is flattened JSON with the token in etsiU, over the text of the signature."""
    data = jws.sign(PAYLOAD, world.seal, stamper=world.stamper, signed_at=NOW)
    (report,) = jws.verify(data, world.trust, at=NOW).signatures
    assert (report.level, report.time) == ("JAdES-BASELINE-T", NOW)
    assert [stamp.indication for stamp in report.timestamps] == [BlockIndication.PASSED]
    assert set(json.loads(data)) == {"payload", "protected", "signature", "header"}


def test_json_is_signed_in_its_canonical_form(world: World) -> None:
    """RFC 8785: member order and white space of the source do not matter."""
    data = jws.sign_json({"b": 1, "a": "中"}, world.seal, signed_at=NOW)
    assert jws.verify(data, world.trust, at=NOW).signed == '{"a":"中","b":1}'.encode()


@pytest.mark.parametrize(
    ("private", "name"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
        (rsa.generate_private_key(65537, 2048), "PS256"),
    ],
)
def test_every_type_of_key_signs(world: World, private: PrivateKey, name: str) -> None:
    """ES384, EdDSA and PS256, each with its own `alg`."""
    data = jws.sign(PAYLOAD, world.key(private=private), signed_at=NOW)
    assert json.loads(decode(data.decode().split(".")[0]))["alg"] == name
    assert jws.verify(data, world.trust, at=NOW).passed


def test_joserfc_agrees(world: World) -> None:
    """An independent implementation verifies the signature with the key of x5c."""
    data = jws.sign(PAYLOAD, world.seal, signed_at=NOW).decode()
    registry = JWSRegistry(
        {"iat": HeaderParameter("issued at", "int")},
        algorithms=["ES256"],
        strict_check_header=False,
    )
    registry.max_header_length = 1 << 16
    header = json.loads(decode(data.split(".")[0]))
    certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    numbers = public.public_numbers()
    key = ECKey.import_key(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": encode(numbers.x.to_bytes(32, "big")),
            "y": encode(numbers.y.to_bytes(32, "big")),
        }
    )
    assert joserfc_jws.deserialize_compact(data, key, registry=registry).payload == PAYLOAD


def test_the_kind_of_jws_can_be_demanded(world: World) -> None:
    """A JWS of another `typ` does not pass where one kind is expected."""
    data = jws.sign(PAYLOAD, world.seal, typ="a+json", signed_at=NOW)
    assert jws.verify(data, world.trust, at=NOW, typ="a+json").passed
    assert not jws.verify(data, world.trust, at=NOW, typ="b+json").passed


def test_a_stranger_is_unknown(world: World, stranger: World) -> None:
    """No path to an anchor: indeterminate."""
    verdict = jws.verify(jws.sign(PAYLOAD, stranger.seal, signed_at=NOW), world.trust, at=NOW)
    assert verdict.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert verdict.signed == b""


@pytest.mark.parametrize("by_hash", [False, True])
def test_detached_objects_are_covered(world: World, *, by_hash: bool) -> None:
    """SigD names files, by URI or by digest; each is compared, and each comes out."""
    files = {"a.xml": b"<a/>", "b 1.xml": b"<b/>"}
    references: dict[str, object] = {
        "mId": "http://uri.etsi.org/19182/ObjectIdByURI" + ("Hash" if by_hash else ""),
        "pars": ["a.xml", "b%201.xml"],
    }
    if by_hash:
        texts = [encode(data).encode() for data in files.values()]
        references["hashM"] = "S256"
        references["hashV"] = [encode(hashlib.sha256(text).digest()) for text in texts]
    header = {
        "alg": "ES256",
        "crit": ["sigD"],
        "sigD": references,
        "x5c": [base64.b64encode(world.seal.certificate.der).decode()],
    }
    protected = encode(json.dumps(header).encode())
    payload = "" if by_hash else "".join(encode(data) for data in files.values())
    value = world.seal.scheme.sign_raw(world.seal.private, f"{protected}.{payload}".encode())
    data = f"{protected}..{encode(value)}".encode()
    verdict = jws.verify(data, world.trust, at=NOW, detached=files)
    assert verdict.passed, verdict.reason
    assert [each.data for each in verdict.objects] == list(files.values())
    changed = {**files, "a.xml": b"<c/>"}
    failed = jws.verify(data, world.trust, at=NOW, detached=changed)
    assert failed.indication is Indication.TOTAL_FAILED
    missing = jws.verify(data, world.trust, at=NOW)
    assert missing.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
