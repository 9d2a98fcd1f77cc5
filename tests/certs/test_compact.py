"""Compact JWS in the four algorithms that carriers and platforms use."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from certs.algorithms import PrivateKey
from certs.errors import MalformedKey
from certs.jose import jwk
from certs.jose.compact import ALGORITHMS, CompactSigner, open_signed
from certs.jose.keybook import KeyBook
from certs.verdict import Refused

NOW = datetime(2026, 11, 28, tzinfo=UTC)
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
KEYS: dict[str, PrivateKey] = {"PS256": RSA, "RS256": RSA, "ES256": EC, "EdDSA": ED}
# joserfc prefers the newer name Ed25519 (RFC 9864), which DCSA's parties do not use yet.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
PEERS: dict[str, Any] = {"PS256": RSAKey, "RS256": RSAKey, "ES256": ECKey, "EdDSA": OKPKey}


def _book(signer: CompactSigner, owner: str = "CARX") -> KeyBook:
    return KeyBook(jwk.read(json.dumps(signer.published()).encode(), owner))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_we_sign_another_library_verifies(algorithm: str):
    """Joserfc accepts our signature in each algorithm with the key we publish."""
    signer = CompactSigner(KEYS[algorithm], algorithm)
    text = signer.sign(b'{"a":1}')
    peer = PEERS[algorithm].import_key(signer.published())
    assert jws.deserialize_compact(text, peer, algorithms=[algorithm]).payload == b'{"a":1}'


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_another_library_signs_we_verify(algorithm: str):
    """A signature by joserfc in each algorithm opens to its payload and its owner."""
    signer = CompactSigner(KEYS[algorithm], algorithm)
    peer = PEERS[algorithm].import_key(KEYS[algorithm])
    header = {"alg": algorithm, "kid": signer.published()["kid"]}
    text = jws.serialize_compact(header, b"hello", peer, algorithms=[algorithm])
    opened = open_signed(text, _book(signer), NOW)
    assert (opened.payload, opened.signer.owner, opened.signer.known) == (b"hello", "CARX", True)


def _spliced(text: str, **header: object) -> str:
    said, payload, value = text.split(".")
    members = {**json.loads(base64.urlsafe_b64decode(said + "==")), **header}
    return f"{jws_part(members)}.{payload}.{value}"


def jws_part(members: dict[str, object]) -> str:
    """Return a header as it travels."""
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("made_with", "claimed"),
    [("PS256", "none"), ("PS256", "HS256"), ("PS256", "RS256"), ("ES256", "EdDSA")],
)
def test_another_algorithm_than_the_keys_is_refused(made_with: str, claimed: str):
    """`none`, HMAC and an algorithm the key was not published for never verify."""
    signer = CompactSigner(KEYS[made_with], made_with)
    text = _spliced(signer.sign(b"{}"), alg=claimed)
    with pytest.raises(Refused):
        open_signed(text, _book(signer), NOW)


def test_every_changed_character_of_the_signed_text_is_noticed():
    """A JWS with one character replaced anywhere does not open."""
    signer = CompactSigner(ED)
    text, book = signer.sign(b'{"transportDocumentReference":"X1"}'), _book(signer)
    opened = []
    for place, was in enumerate(text):
        changed = text[:place] + ("A" if was != "A" else "B") + text[place + 1 :]
        try:
            open_signed(changed, book, NOW)
        except Refused:
            continue
        opened.append(place)
    assert opened == []


def test_an_unknown_critical_header_is_refused():
    """A header that has to be understood, and is not, stops the verification."""
    signer = CompactSigner(ED)
    with pytest.raises(Refused, match="critical"):
        open_signed(_spliced(signer.sign(b"{}"), crit=["exp"]), _book(signer), NOW)


def test_a_key_nobody_registered_is_not_known():
    """Without the registry there is no key; the header's own claim opens nothing."""
    with pytest.raises(Refused, match="not known"):
        open_signed(CompactSigner(ED).sign(b"{}"), KeyBook(), NOW)


def test_a_private_key_is_not_taken_as_a_public_one():
    """A JWK with a private member is refused, so that no secret is kept by mistake."""
    secret = {**CompactSigner(ED).published(), "d": "AAAA"}
    with pytest.raises(MalformedKey):
        jwk.read(json.dumps(secret).encode(), "CARX")
