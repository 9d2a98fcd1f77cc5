"""Levels LT and LTA of CMS, JWS and containers, their renewal, co- and counter-signatures."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from certs import asic, cades, jose, jws
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.cades import edit
from certs.digests import SHA512
from certs.errors import NotExtendable
from certs.levels import Level
from certs.renewal import renew_any
from certs.validation.material import Material
from certs.verdict import SubIndication, Verdict
from tests.certs.pki import DOCUMENT, NOW, World

YEAR = timedelta(days=365)
FILES = {"a.xml": DOCUMENT, "b/c.json": b"{}"}


def _cades(world: World, level: Level) -> bytes:
    return cades.sign(
        DOCUMENT,
        world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def _jades(world: World, level: Level) -> bytes:
    return jws.sign(
        DOCUMENT,
        world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def _asic(world: World, level: Level) -> bytes:
    return asic.pack(
        FILES,
        world.seal,
        world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


MAKE: dict[str, Callable[[World, Level], bytes]] = {
    "CAdES": _cades,
    "JAdES": _jades,
    "ASiC": _asic,
}


def judged(form: str, data: bytes, world: World, at: datetime) -> Verdict:
    """Return the verdict on a signature of a form at a time."""
    if form == "CAdES":
        return cades.verify(data, DOCUMENT, world.trust, at=at)
    if form == "JAdES":
        return jws.verify(data, world.trust, at=at)
    return asic.verify(data, world.trust, at=at).verdict


@pytest.mark.parametrize("form", MAKE)
@pytest.mark.parametrize("level", Level)
def test_every_level_is_written_and_verified(world: World, form: str, level: Level) -> None:
    """B to LTA pass now; LT and LTA also when the signer's certificate has ended."""
    data = MAKE[form](world, level)
    for at in (NOW, NOW + 7 * YEAR) if level >= Level.T else (NOW,):
        verdict = judged(form, data, world, at)
        assert verdict.passed, verdict
        assert verdict.signatures[0].level.endswith(f"BASELINE-{level.name}")
        stamps = [one.indication.value for one in verdict.signatures[0].timestamps]
        assert stamps == ["PASSED"] * {"B": 0, "T": 1, "LT": 1, "LTA": 2}[level.name]


@pytest.mark.parametrize("form", MAKE)
def test_renewal_outlives_the_authority_and_changes_the_digest(world: World, form: str) -> None:
    """Archived anew with SHA-512 by a younger authority, it passes when the first has ended."""
    data = MAKE[form](world, Level.LTA)
    late, when = NOW + 13 * YEAR, NOW + 10 * YEAR
    assert not judged(form, data, world, late).passed
    younger = Authority(world.key(TSA, now=when - timedelta(days=1)), lambda: when)
    renewed = renew_any(
        data, younger, world.gatherer(when), detached={"a.xml": DOCUMENT}, digest=SHA512
    )
    verdict = judged(form, renewed, world, late)
    assert verdict.passed, verdict
    assert len(verdict.signatures[0].timestamps) == 3


@pytest.mark.parametrize("form", MAKE)
def test_what_has_no_time_stamp_is_not_renewed(world: World, form: str) -> None:
    """A signature at level B cannot be renewed: nothing says when it was made."""
    data = MAKE[form](world, Level.B)
    with pytest.raises(NotExtendable):
        renew_any(data, world.stamper, world.gatherer(), detached={"a": DOCUMENT})


def test_an_archived_list_cannot_be_taken_out_of_a_cms(world: World) -> None:
    """The index of an archive time-stamp notices that revocation data is gone."""
    from dataclasses import replace

    opened = edit.open_data(_cades(world, Level.LTA))
    bare = replace(opened, revocation=()).encode()
    verdict = cades.verify(bare, DOCUMENT, world.trust, at=NOW)
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert verdict.signatures[0].timestamps[1].subindication is SubIndication.HASH_FAILURE


def test_a_component_cannot_be_taken_out_of_a_jws(world: World) -> None:
    """Without its validation data the archive time-stamp of a JWS does not fit."""
    members = json.loads(_jades(world, Level.LTA))
    components = members["header"]["etsiU"]
    kept = [each for each in components if "rVals" not in json.loads(jose.decode(each))]
    assert len(kept) == len(components) - 1
    members["header"]["etsiU"] = kept
    verdict = jws.verify(json.dumps(members).encode(), world.trust, at=NOW)
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_an_archive_manifest_covers_every_file(world: World) -> None:
    """A file exchanged together with its manifest entry is noticed by the archive time-stamp."""
    from certs import archive

    files = archive.read(_asic(world, Level.LTA))
    other = archive.read(_asic(world, Level.LTA))
    files["META-INF/signature.p7s"] = other["META-INF/signature.p7s"]
    verdict = asic.verify(archive.write(files), world.trust, at=NOW).verdict
    assert not verdict.passed
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_two_signers_of_a_cms_are_judged_each(world: World) -> None:
    """A second signer joins; both pass, and a changed content fails both."""
    both = cades.sign(
        DOCUMENT,
        world.key(),
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=Level.LTA,
        beside=_cades(world, Level.LTA),
        signed_at=NOW,
    )
    verdict = cades.verify(both, DOCUMENT, world.trust, at=NOW)
    assert verdict.passed, verdict
    assert sorted(one.signer for one in verdict.signatures) == ["Another", "Port A Seal"]
    failed = cades.verify(both, DOCUMENT + b" ", world.trust, at=NOW)
    assert [one.subindication for one in failed.signatures] == [SubIndication.HASH_FAILURE] * 2


def test_a_counter_signature_of_a_cms_is_judged(world: World) -> None:
    """A counter-signature passes by itself, and fails when it is on another signature."""
    first, second = _cades(world, Level.T), _cades(world, Level.T)
    countered = cades.countersign(first, world.key(), signed_at=NOW)
    verdict = cades.verify(countered, DOCUMENT, world.trust, at=NOW)
    assert verdict.passed, verdict
    assert [one.signer for one in verdict.signatures] == ["Port A Seal", "Another"]
    signer = edit.open_data(countered).signers[0]
    moved = edit.open_data(second).with_material(_material(countered))
    moved = moved.with_attribute(0, "1.2.840.113549.1.9.6", _counter(signer))
    failed = cades.verify(moved.encode(), DOCUMENT, world.trust, at=NOW)
    assert [one.subindication for one in failed.signatures] == [None, SubIndication.HASH_FAILURE]


def _material(encoded: bytes) -> Material:
    return Material.read(edit.open_data(encoded).certificates)


def _counter(signer: bytes) -> bytes:
    from certs import cms
    from certs.asn1 import der

    return cms.read_signer(der.parse(signer)).unsigned["1.2.840.113549.1.9.6"][0].encoded
