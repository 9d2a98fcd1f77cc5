"""Evidence records inside containers, beside signatures: judged, renewed, never broken unseen."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from certs import archive, asic, ers
from certs.asic import manifest
from certs.asic import records as asic_records
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.digests import SHA256, SHA512
from certs.errors import NotExtendable
from certs.levels import Level
from certs.renewal import augment_any, renew_any
from certs.verdict import BlockIndication, Indication, SubIndication
from tests.certs.pki import DOCUMENT, NOW, World
from tests.certs.xmlers import Builder, digest

YEAR = timedelta(days=365)
LATE = NOW + 7 * YEAR
RECORD, LISTING = "META-INF/evidencerecord001.ers", "META-INF/ASiCEvidenceRecordManifest001.xml"
FILES = {"a.xml": DOCUMENT, "b/c.json": b"{}"}
ONE = {"a.xml": DOCUMENT}
SIMPLE = asic.Container.ASIC_S
MAKE: dict[str, Callable[..., bytes]] = {
    "ASiC-E": partial(asic.pack, FILES),
    "ASiC-E with XAdES": partial(asic.pack, FILES, kind=asic.Kind.XADES),
    "ASiC-S": partial(asic.pack, ONE, container=SIMPLE),
    "ASiC-S with XAdES": partial(asic.pack, ONE, container=SIMPLE, kind=asic.Kind.XADES),
}


def packed(world: World, form: str, level: Level = Level.B) -> bytes:
    """Return a container, by default without any time-stamp."""
    return MAKE[form](
        key=world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def authority(world: World, at: datetime) -> Authority:
    """Return a younger authority, its clock at a time."""
    key = world.key(TSA, now=at - timedelta(days=1), lifetime=10 * YEAR)
    return Authority(key, lambda: at)


@pytest.mark.parametrize("form", MAKE)
def test_a_record_proves_the_signature_beside_it(world: World, form: str) -> None:
    """A signature without time-stamp is judged as of the record's time, when its key has ended."""
    data = packed(world, form)
    (kept,) = asic_records.keep([data], world.stamper)
    assert not asic.verify(data, world.trust, at=LATE).passed
    found = asic.verify(kept, world.trust, at=LATE)
    assert found.passed, found.verdict
    assert dict(found.files) == (ONE if form.startswith("ASiC-S") else FILES)
    (report,) = found.verdict.signatures
    (stamp,) = report.timestamps
    assert (stamp.type, stamp.indication, stamp.time) == (
        "evidence-record",
        BlockIndication.PASSED,
        NOW,
    )
    assert report.time == NOW
    assert stamp.path[0] == world.domain.keys.load("tsa").certificate


def test_many_containers_share_one_time_stamp(world: World) -> None:
    """Each carries a record of its own, all with the same token; none is that of another."""
    kept = asic_records.keep([packed(world, form) for form in MAKE], world.stamper)
    assert all(asic.verify(each, world.trust, at=LATE).passed for each in kept)
    first, second = archive.read(kept[0]), archive.read(kept[1])
    first[RECORD] = second[RECORD]
    found = asic.verify(archive.write(first), world.trust, at=LATE)
    assert found.verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert not found.files


@pytest.mark.parametrize("form", ["ASiC-E", "ASiC-S with XAdES"])
def test_the_record_is_renewed_and_nothing_else(world: World, form: str) -> None:
    """By time-stamp and under a new digest by hash tree; the signature stays as it was."""
    (kept,) = asic_records.keep([packed(world, form)], world.stamper)
    data = renew_any(kept, authority(world, NOW + 4 * YEAR), world.gatherer(NOW + 4 * YEAR))
    when = NOW + 8 * YEAR
    data = renew_any(data, authority(world, when), world.gatherer(when), digest=SHA512)
    before, after = archive.read(kept), archive.read(data)
    assert {name for name in before if before[name] != after[name]} == {RECORD}
    assert set(before) == set(after)
    late = NOW + 17 * YEAR
    assert not asic.verify(kept, world.trust, at=late).passed
    found = asic.verify(data, world.trust, at=late)
    assert found.passed, found.verdict
    with pytest.raises(NotExtendable):
        augment_any(data, Level.LTA, world.stamper, world.gatherer())


def test_a_later_record_keeps_an_older_one(world: World) -> None:
    """The older record is judged as of the time that the later one proves for it."""
    (once,) = asic_records.keep([packed(world, "ASiC-E")], world.stamper)
    when, late = NOW + 4 * YEAR, NOW + 13 * YEAR
    (twice,) = asic_records.keep([once], authority(world, when))
    assert not asic.verify(once, world.trust, at=late).passed
    found = asic.verify(twice, world.trust, at=late)
    assert found.passed, found.verdict
    assert found.verdict.signatures[0].time == NOW


def test_a_record_in_xml_counts_like_one_in_asn1(world: World) -> None:
    """RFC 6283 beside a signature: judged as of then; a changed file is noticed."""
    files = archive.read(packed(world, "ASiC-E"))
    listed = {name: data for name, data in files.items() if name != "mimetype"}
    leaves = [digest("sha256", data) for data in listed.values()]
    place = "META-INF/evidencerecord001.xml"
    files[LISTING] = manifest.write(place, listed, media_type="")
    files[place] = Builder().chain("sha256", [leaves], world.stamper).encode()
    found = asic.verify(archive.write(files), world.trust, at=LATE)
    assert found.passed, found.verdict
    changed = {**files, "b/c.json": b"[]"}
    assert not asic.verify(archive.write(changed), world.trust, at=LATE).passed
    renewed = renew_any(archive.write(files), world.stamper, world.gatherer())
    (report,) = asic.verify(renewed, world.trust, at=LATE).verdict.signatures
    assert report.indication is Indication.TOTAL_PASSED


def test_a_record_in_xml_is_put_inside(world: World) -> None:
    """Written as RFC 6283 has it, renewed by time-stamp and under SHA-512, and judged."""
    (kept,) = asic_records.keep([packed(world, "ASiC-E")], world.stamper, syntax=ers.Syntax.XML)
    assert "META-INF/evidencerecord001.xml" in archive.read(kept)
    for strength in (SHA256, SHA512):
        kept = renew_any(kept, world.stamper, world.gatherer(), digest=strength)
    assert asic.verify(kept, world.trust, at=LATE).passed
    changed = {**archive.read(kept), "b/c.json": b"[]"}
    assert not asic.verify(archive.write(changed), world.trust, at=LATE).passed


def test_a_record_by_a_stranger_proves_nothing_and_breaks_nothing(
    world: World, stranger: World
) -> None:
    """An authority that nobody here trusts: the signature stands as without the record."""
    (kept,) = asic_records.keep([packed(world, "ASiC-E")], stranger.stamper)
    for at, passed in ((NOW, True), (LATE, False)):
        found = asic.verify(kept, world.trust, at=at)
        assert found.passed is passed
        (stamp,) = found.verdict.signatures[0].timestamps
        assert stamp.indication is BlockIndication.INDETERMINATE


@pytest.mark.parametrize("change", ["file", "record", "signature", "gone", "listing"])
def test_what_does_not_fit_the_record_is_refused(world: World, change: str) -> None:
    """A changed file, a broken or missing record, another signature, another listing."""
    (kept,) = asic_records.keep([packed(world, "ASiC-E")], world.stamper)
    files = archive.read(kept)
    if change == "gone":
        del files[RECORD]
    elif change == "signature":
        files["META-INF/signature.p7s"] = archive.read(packed(world, "ASiC-E"))[
            "META-INF/signature.p7s"
        ]
    elif change == "listing":
        files[LISTING] = files[LISTING].replace(b"<asic:Sig", b"\n<asic:Sig")
    else:
        name = "a.xml" if change == "file" else RECORD
        files[name] = files[name][:-9] + b"#" + files[name][-8:]
    found = asic.verify(archive.write(files), world.trust, at=LATE)
    assert not found.passed
    assert not found.files


def test_every_flip_of_a_container_with_a_record_is_noticed(world: World) -> None:
    """One changed bit anywhere in our own container: never passed."""
    (kept,) = asic_records.keep([packed(world, "ASiC-E", Level.T)], world.stamper)
    passed = []
    for place in random.Random(319162).sample(range(len(kept)), 150):
        broken = bytearray(kept)
        broken[place] ^= 1 << place % 8
        if asic.verify(bytes(broken), world.trust, at=NOW).passed:
            passed.append(place)
    assert passed == []
