"""A JWS with signatures of several signers: each is judged, raised and renewed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws as joserfc_jws
from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

from certs import jose, jws
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.digests import SHA512
from certs.errors import NotExtendable, NotJoined
from certs.keys import SigningKey
from certs.levels import Level
from certs.renewal import renew_any
from certs.verdict import SubIndication
from tests.certs.pki import NOW, World

YEAR = timedelta(days=365)
PAYLOAD = b'{"declaration":"D-1"}'


def signed(world: World, first: Level, second: Level) -> bytes:
    """Return what two signed one after the other, each at a level."""
    data: bytes | None = None
    for key, level in ((world.seal, first), (world.key(), second)):
        data = jws.sign(
            PAYLOAD,
            key,
            stamper=world.stamper,
            gatherer=world.gatherer(),
            level=level,
            beside=data,
            signed_at=NOW,
        )
    assert data is not None
    return data


def levels(data: bytes, world: World) -> list[str]:
    """Return the levels of the signatures, all of which pass."""
    verdict = jws.verify(data, world.trust, at=NOW)
    assert verdict.passed, verdict.reason
    return [each.level.rpartition("-")[2] for each in verdict.signatures]


@pytest.mark.parametrize("first", Level)
@pytest.mark.parametrize("second", [Level.B, Level.LTA])
def test_each_signer_has_a_level_of_its_own(world: World, first: Level, second: Level) -> None:
    """The general JSON form with one payload; both pass at their levels."""
    data = signed(world, first, second)
    assert set(json.loads(data)) == {"payload", "signatures"}
    assert levels(data, world) == [first.name, second.name]


def test_another_library_reads_both(world: World) -> None:
    """The general JSON form is understood by joserfc, which verifies each with its key."""
    second = world.key()
    data = jws.sign(PAYLOAD, world.seal, signed_at=NOW)
    data = jws.sign(PAYLOAD, second, beside=data, signed_at=NOW)
    known = {jose.encode(key.certificate.sha256): _public(key) for key in (world.seal, second)}
    registry = JWSRegistry(strict_check_header=False)
    registry.max_header_length = 1 << 16
    found = joserfc_jws.deserialize_json(
        json.loads(data), lambda each: known[each.headers()["x5t#S256"]], registry=registry
    )
    assert found.payload == PAYLOAD


def _public(key: SigningKey) -> ECKey:
    public = key.certificate.x509.public_key()
    return ECKey.import_key(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


@pytest.mark.parametrize("wanted", [Level.T, Level.LT, Level.LTA])
def test_all_signatures_are_raised_to_a_level(world: World, wanted: Level) -> None:
    """B and T become `wanted`; what is above it stays, octet by octet."""
    data = signed(world, Level.B, Level.T)
    raised = jws.augment(data, wanted, world.stamper, world.gatherer())
    assert levels(raised, world) == [wanted.name] * 2
    assert jws.augment(raised, Level.T, world.stamper, world.gatherer()) == raised


def test_each_signature_is_renewed(world: World) -> None:
    """Archived anew with SHA-512 by a younger authority, both pass when the first has ended."""
    data = signed(world, Level.LTA, Level.LTA)
    late, when = NOW + 13 * YEAR, NOW + 10 * YEAR
    assert not jws.verify(data, world.trust, at=late).passed
    younger = Authority(world.key(TSA, now=when - timedelta(days=1)), lambda: when)
    renewed = renew_any(data, younger, world.gatherer(when), digest=SHA512)
    verdict = jws.verify(renewed, world.trust, at=late)
    assert verdict.passed, verdict.reason
    assert [len(each.timestamps) for each in verdict.signatures] == [3, 3]


def test_a_broken_signature_holds_up_the_renewal_of_all(world: World) -> None:
    """A wrong value, or one that no time-stamp is on, is not covered up by a fresh time-stamp."""
    good = json.loads(signed(world, Level.LTA, Level.LTA))
    values = [each["signature"] for each in good["signatures"]]
    good["signatures"][1]["signature"] = values[0]
    for bad in (json.dumps(good).encode(), signed(world, Level.LTA, Level.B)):
        with pytest.raises(NotExtendable):
            renew_any(bad, world.stamper, world.gatherer())


def test_a_changed_payload_fails_every_signature(world: World) -> None:
    """Nobody's signature is on what was changed."""
    members = json.loads(signed(world, Level.T, Level.B))
    members["payload"] = members["payload"][::-1]
    verdict = jws.verify(json.dumps(members).encode(), world.trust, at=NOW)
    failed = [each.subindication for each in verdict.signatures]
    assert failed == [SubIndication.SIG_CRYPTO_FAILURE] * 2


def test_nobody_joins_a_signature_over_something_else(world: World) -> None:
    """The signature beside which one signs must be over the same payload, and good."""
    first = jws.sign(PAYLOAD, world.seal, signed_at=NOW)
    for beside, payload in ((first, b"{}"), (first[:-4] + b"AAAA", PAYLOAD), (b"{}", PAYLOAD)):
        with pytest.raises(NotJoined):
            jws.sign(payload, world.key(), beside=beside, signed_at=NOW)
