from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs import jws
from certs.verdict import Indication, SubIndication, Verdict
from tests.certs.pki import NOW, World

PAYLOAD = b'{"declaration":"D-1"}'


def encode(data: bytes) -> str:
    """Return base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def header_of(world: World, **changes: object) -> dict[str, object]:
    """Return a good header with changes; None takes a member away."""
    header: dict[str, object] = {
        "alg": "ES256",
        "iat": int(NOW.timestamp()),
        "x5c": [base64.b64encode(world.seal.certificate.der).decode()],
        **changes,
    }
    return {name: value for name, value in header.items() if value is not None}


def signed(world: World, **changes: object) -> bytes:
    """Return a compact JWS with this header, properly signed."""
    protected = encode(json.dumps(header_of(world, **changes)).encode())
    octets = f"{protected}.{encode(PAYLOAD)}"
    value = world.seal.scheme.sign_raw(world.seal.private, octets.encode())
    return f"{octets}.{encode(value)}".encode()


def judged(world: World, data: bytes) -> Verdict:
    """Return the verdict; nothing comes out of what did not pass."""
    verdict = jws.verify(data, world.trust, at=NOW)
    assert verdict.passed or not verdict.objects
    return verdict


def test_a_plain_header_passes(world: World) -> None:
    """What the tests below change is accepted when nothing is changed."""
    assert judged(world, signed(world)).passed


@pytest.mark.parametrize(
    "changes",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "ES384"},
        {"alg": ["ES256"]},
        {"alg": None},
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"crit": ["iat2"]},
        {"crit": "iat"},
        {"crit": [["iat"]]},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"x5t#S256": "AAAA"},
        {"x5c": []},
        {"x5c": ["not base64"]},
        {"x5c": "text"},
        {"x5c": None, "x5u": "http://127.0.0.1:9/"},
        {"x5c": None, "jku": "http://127.0.0.1:9/", "kid": "1"},
        {"x5c": None, "jwk": {"kty": "EC"}},
        {"sigT": "yesterday", "iat": None},
        {"iat": 10**30},
    ],
)
def test_headers_that_mislead_are_refused(world: World, changes: dict[str, object]) -> None:
    """Algorithm confusion, unknown critical headers, unencoded payloads, keys from elsewhere."""
    assert not judged(world, signed(world, **changes)).passed


def test_no_signature_is_no_signature(world: World) -> None:
    """`alg: none` with an empty signature fails."""
    parts = signed(world, alg="none").decode().split(".")
    verdict = judged(world, f"{parts[0]}.{parts[1]}.".encode())
    assert verdict.indication is Indication.TOTAL_FAILED


def test_a_public_key_is_no_shared_secret(world: World) -> None:
    """An HMAC keyed with the public key of the certificate fails (RFC 8725, 2.1)."""
    private = rsa.generate_private_key(65537, 2048)
    key = world.key(private=private)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    listed = [base64.b64encode(key.certificate.der).decode()]
    octets = ".".join(
        (encode(json.dumps(header_of(world, alg="HS256", x5c=listed)).encode()), encode(PAYLOAD))
    )
    value = hmac.new(public, octets.encode(), hashlib.sha256).digest()
    assert not judged(world, f"{octets}.{encode(value)}".encode()).passed


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a.b",
        b"a.b.c.d",
        b"{}",
        b"{",
        b"[]",
        b'{"payload":"e30","signatures":[]}',
        b'{"payload":"e30","signatures":[1]}',
        b'{"payload":1,"signature":"e30","protected":"e30"}',
        b'{"payload":"e30","payload":"e31","signature":"e30","protected":"e30"}',
        b"{" * 5000,
        b"eyJ.eyJ.eyJ",
        b"\xff\xfe.\x00.\x00",
    ],
)
def test_what_is_no_jws_is_refused(world: World, data: bytes) -> None:
    """A verdict, never an exception."""
    assert judged(world, data).indication is Indication.TOTAL_FAILED


def test_members_outside_the_standard_are_refused(world: World) -> None:
    """Unprotected headers could say anything: only the time-stamp is read there."""
    good = json.loads(jws.sign(PAYLOAD, world.seal, stamper=world.stamper, signed_at=NOW))
    changes: list[dict[str, object]] = [
        {"header": {"kid": "x"}},
        {"extra": 1},
        {"header": {"etsiU": [], "x": 1}},
        {"header": {"etsiU": [{"unknown": 1}]}},
        {"header": {"etsiU": [{"cSig": "e30"}]}},
        {"header": {"etsiU": [{"sigTst": {}}]}},
        {"header": {"etsiU": {}}},
    ]
    for change in changes:
        assert not judged(world, json.dumps({**good, **change}).encode()).passed
    assert judged(world, json.dumps(good).encode()).passed


def test_a_time_stamp_from_another_signature_is_refused(world: World) -> None:
    """A genuine token, copied."""
    one, two = (
        json.loads(jws.sign(data, world.seal, stamper=world.stamper, signed_at=NOW))
        for data in (b"1", b"2")
    )
    verdict = judged(world, json.dumps({**one, "header": two["header"]}).encode())
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_every_flip_is_noticed(world: World) -> None:
    """One bit changed anywhere in compact or JSON form: never the same verdict again."""
    for data in (
        jws.sign(PAYLOAD, world.seal, signed_at=NOW),
        jws.sign(PAYLOAD, world.seal, stamper=world.stamper, signed_at=NOW),
    ):
        for place in random.Random(4711).sample(range(len(data)), 600):
            broken = bytearray(data)
            broken[place] ^= 1 << place % 8
            assert not judged(world, bytes(broken)).passed, place
