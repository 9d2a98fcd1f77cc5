"""A JWS over files that it names and does not enclose (sigD)."""

from __future__ import annotations

import json

import pytest

from certs import jose, jws
from certs.digests import SHA512
from certs.errors import NotJoined
from certs.jws.detached import Mechanism
from certs.levels import Level
from certs.renewal import renew_any
from certs.verdict import Indication, SubIndication, Verdict
from tests.certs.pki import DOCUMENT, NOW, World

FILES = {"declaration.xml": DOCUMENT, "报关 单.txt": b"12 Widgets"}
MECHANISMS = pytest.mark.parametrize("mechanism", Mechanism)


def signed(world: World, mechanism: Mechanism, level: Level = Level.T) -> bytes:
    """Return the JWS over the files."""
    return jws.sign_files(
        FILES,
        world.seal,
        mechanism=mechanism,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def judged(data: bytes, world: World, files: dict[str, bytes]) -> Verdict:
    """Return the verdict on a JWS over these files."""
    return jws.verify(data, world.trust, at=NOW, detached=files)


@MECHANISMS
@pytest.mark.parametrize("level", Level)
def test_every_level_is_written_and_verified(
    world: World, mechanism: Mechanism, level: Level
) -> None:
    """The files come out as they were signed, at the level asked for."""
    verdict = judged(signed(world, mechanism, level), world, FILES)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level == f"JAdES-BASELINE-{level.name}"
    assert [each.data for each in verdict.objects] == list(FILES.values())


@MECHANISMS
def test_the_files_are_not_in_it(world: World, mechanism: Mechanism) -> None:
    """There is no payload; the header names the files, and says that it must be understood."""
    members = json.loads(signed(world, mechanism))
    assert "payload" not in members
    header = json.loads(jose.decode(members["protected"]))
    assert header["crit"] == ["sigD"]
    assert header["sigD"]["mId"] == mechanism
    assert len(header["sigD"]["pars"]) == len(FILES)
    assert ("hashV" in header["sigD"]) is (mechanism is Mechanism.BY_URI_HASH)


@MECHANISMS
def test_a_changed_or_missing_file_is_noticed(world: World, mechanism: Mechanism) -> None:
    """Changed, exchanged with another, or not there: not verified."""
    data = signed(world, mechanism)
    first, second = FILES
    changed = {**FILES, second: b"13 Widgets"}
    exchanged = {first: FILES[second], second: FILES[first]}
    for files in (changed, exchanged):
        assert judged(data, world, files).indication is Indication.TOTAL_FAILED
    missing = judged(data, world, {first: FILES[first]})
    assert missing.subindication is SubIndication.SIGNED_DATA_NOT_FOUND


@MECHANISMS
def test_it_is_renewed_with_its_files_only(world: World, mechanism: Mechanism) -> None:
    """Archived anew over the very files; with others it is not."""
    from certs.errors import NotExtendable

    data = signed(world, mechanism, Level.LTA)
    renewed = renew_any(data, world.stamper, world.gatherer(), detached=FILES, digest=SHA512)
    verdict = judged(renewed, world, FILES)
    assert verdict.passed, verdict.reason
    assert len(verdict.signatures[0].timestamps) == 3
    for files in ({}, {**FILES, "declaration.xml": b"<Other/>"}):
        with pytest.raises(NotExtendable):
            renew_any(data, world.stamper, world.gatherer(), detached=files)


def test_a_second_signer_joins_over_the_same_files(world: World) -> None:
    """Both are judged; over other files nobody joins."""
    first = signed(world, Mechanism.BY_URI_HASH)
    both = jws.sign_files(FILES, world.key(), beside=first, signed_at=NOW)
    verdict = judged(both, world, FILES)
    assert verdict.passed, verdict.reason
    assert [each.level for each in verdict.signatures] == ["JAdES-BASELINE-T", "JAdES-BASELINE-B"]
    with pytest.raises(NotJoined):
        jws.sign_files({**FILES, "declaration.xml": b"<Other/>"}, world.key(), beside=first)
