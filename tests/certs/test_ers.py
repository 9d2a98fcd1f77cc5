"""Evidence records: one time-stamp for many packages, renewed by token and by hash tree."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from certs import ers
from certs.asn1 import der
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.digests import SHA256, SHA512
from certs.errors import NotExtendable
from certs.ers import record, tree
from certs.verdict import SubIndication
from tests.certs.pki import NOW, World

YEAR = timedelta(days=365)
GROUPS = [[f"package {n} file {m}".encode() for m in range(1 + n % 3)] for n in range(7)]


def authority(world: World, at: datetime) -> Authority:
    """Return a new time-stamp authority with its clock at a time."""
    return Authority(world.key(TSA, now=at - timedelta(days=1)), lambda: at)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7])
def test_each_package_is_proven_by_its_record(world: World, count: int) -> None:
    """However many packages share the time-stamp, each record proves its own, in any order."""
    made = ers.make(GROUPS[:count], world.stamper)
    assert len({record.read(each).newest.token for each in made}) == 1
    for group, each in zip(GROUPS[:count], made, strict=True):
        verdict = ers.verify(each, group[::-1], world.trust, at=NOW)
        assert verdict.passed, verdict
        assert verdict.time == NOW


def test_the_files_need_not_fit_into_memory(world: World) -> None:
    """Packages are asked for one after the other, and let go once they were digested."""
    alive: set[int] = set()

    class Package(bytes):
        def __del__(self) -> None:
            alive.discard(id(self))

    def packages() -> Iterator[list[bytes]]:
        for number in range(20):
            assert len(alive) <= 1
            package = Package(str(number).encode())
            alive.add(id(package))
            yield [package]

    made = ers.make(packages(), world.stamper)
    assert ers.verify(made[7], [b"7"], world.trust, at=NOW).passed


def test_the_tree_is_that_of_the_standard() -> None:
    """RFC 4998, 4.2: sorted, joined, digested; a group's leaves stand in the first list."""
    from hashlib import sha256

    one, two, three = (sha256(each).digest() for each in (b"1", b"2", b"3"))
    group = sha256(b"".join(sorted((two, three)))).digest()
    root, (alone, grouped) = tree.grow([[one], [two, three]], SHA256)
    assert root == sha256(b"".join(sorted((one, group)))).digest()
    assert (set(alone[0]), len(alone)) == ({one, group}, 1)
    assert (set(grouped[0]), grouped[1]) == ({two, three}, (one,))


def test_a_file_changed_missing_or_added_is_noticed(world: World) -> None:
    """A group is proven as a whole: no file of it may be changed, taken out or put in."""
    _, _, made = ers.make(GROUPS[:3], world.stamper)
    first, second, third = GROUPS[2]
    for files, sub in (
        ([first, second, b"other"], SubIndication.HASH_FAILURE),
        ([first, second], SubIndication.SIGNED_DATA_NOT_FOUND),
        ([first, second, third, b"more"], SubIndication.HASH_FAILURE),
        ([], SubIndication.SIGNED_DATA_NOT_FOUND),
    ):
        assert ers.verify(made, files, world.trust, at=NOW).subindication is sub


def test_renewal_by_token_outlives_the_authority(world: World) -> None:
    """A fresh time-stamp over the last one, one for all records, before its authority ends."""
    made = ers.make(GROUPS, world.stamper)
    when, late = NOW + 10 * YEAR, NOW + 13 * YEAR
    assert not ers.verify(made[0], GROUPS[0], world.trust, at=late).passed
    renewed = ers.renew_time_stamps(made, authority(world, when), world.gatherer(when))
    assert len({record.read(each).newest.token for each in renewed}) == 1
    for group, each in zip(GROUPS, renewed, strict=True):
        verdict = ers.verify(each, group, world.trust, at=late)
        assert verdict.passed, verdict
        assert verdict.time == NOW
        assert len(verdict.timestamps) == 2


def test_renewal_by_hash_tree_changes_the_digest(world: World) -> None:
    """A new chain under SHA-512 covers the data and the old chains."""
    made = ers.make(GROUPS, world.stamper)
    when, late = NOW + 10 * YEAR, NOW + 13 * YEAR
    kept = list(zip(made, GROUPS, strict=True))
    renewed = ers.renew_hash_tree(kept, authority(world, when), world.gatherer(when), SHA512)
    for group, each in zip(GROUPS, renewed, strict=True):
        assert record.read(each).newest.digest == SHA512
        assert ers.verify(each, group, world.trust, at=late).passed
        assert not ers.verify(each, [*group[:-1], b"x"], world.trust, at=late).passed
    with pytest.raises(NotExtendable):
        ers.renew_hash_tree([(made[0], GROUPS[1])], world.stamper, world.gatherer(), SHA512)


def test_a_record_of_another_writer_is_renewed_octet_for_octet(world: World) -> None:
    """Parameters, attributes and cryptoInfos that we would not write stay, and are covered."""
    plain = record.read(ers.make([[b"data"], [b"more"]], world.stamper)[0])
    algorithm = der.tlv(0xA0, der.oid(SHA256.oid), der.tlv(0x05))
    attributes = der.tlv(0xA1, der.sequence(der.oid("1.2.3"), der.set_of(der.integer(1))))
    stamp = plain.chains[0][0]
    listed = der.tlv(0xA2, *(der.sequence(*map(der.octets, each)) for each in stamp.lists))
    head = algorithm + attributes + listed
    infos = der.tlv(0xA0, der.sequence(der.oid("1.2.3"), der.set_of(der.integer(1))))
    theirs = record.Record(((replace(stamp, head=head),),), infos).encode()
    assert record.read(theirs).encode() == theirs
    when = NOW + YEAR
    (renewed,) = ers.renew_hash_tree(
        [(theirs, [b"data"])], authority(world, when), world.gatherer(when), SHA512
    )
    assert ers.verify(renewed, [b"data"], world.trust, at=when).passed
    assert head in renewed
    assert infos in renewed
    bent = renewed.replace(attributes, attributes[:-1] + b"\x02")
    found = ers.verify(bent, [b"data"], world.trust, at=when)
    assert found.subindication is SubIndication.HASH_FAILURE


def test_chains_of_another_record_do_not_fit(world: World) -> None:
    """A later time-stamp taken from the record of another package proves nothing here."""
    ours, theirs = ers.make(GROUPS[:2], world.stamper)
    when = NOW + YEAR
    renewed = [
        ers.renew_time_stamps([each], authority(world, when), world.gatherer(when))[0]
        for each in (ours, theirs)
    ]
    mine, other = map(record.read, renewed)
    mixed = record.Record(((mine.chains[0][0], other.chains[0][1]),)).encode()
    verdict = ers.verify(mixed, GROUPS[0], world.trust, at=when)
    assert verdict.passed is (mine.chains[0][0].token == other.chains[0][0].token)
    backwards = record.Record((mine.chains[0][::-1],)).encode()
    assert not ers.verify(backwards, GROUPS[0], world.trust, at=when).passed


def test_every_flip_of_a_record_is_noticed(world: World) -> None:
    """One changed bit anywhere: no longer good, and never an exception."""
    made = ers.make(GROUPS[:3], world.stamper)[2]
    places = random.Random(4998).sample(range(len(made)), 300)
    passed = []
    for place in places:
        broken = bytearray(made)
        broken[place] ^= 1 << place % 8
        if ers.verify(bytes(broken), GROUPS[2], world.trust, at=NOW).passed:
            passed.append((place, made[max(0, place - 8) : place + 8].hex()))
    assert passed == []


def test_a_container_kept_by_a_record_alone_is_judged(world: World) -> None:
    """Without a signature, the record says since when the listed files exist; all must be there."""
    from certs import archive, asic
    from certs.asic import manifest

    files = {"a.txt": b"a", "b.txt": b"b"}
    place = "META-INF/evidencerecord001.ers"
    listed = manifest.write(place, files)
    (record_,) = ers.make([list(files.values())], world.stamper)
    whole = {
        asic.MIMETYPE: asic.ASIC_E,
        **files,
        "META-INF/ASiCEvidenceRecordManifest001.xml": listed,
        place: record_,
    }
    verdict = asic.verify(archive.write(whole), world.trust, at=NOW).verdict
    assert (verdict.passed, verdict.signatures[0].format) == (True, "EvidenceRecord")
    for change, sub in (
        ({"a.txt": b"x"}, SubIndication.HASH_FAILURE),
        ({"c.txt": b"c"}, SubIndication.SIG_CONSTRAINTS_FAILURE),
        ({place: b"<ers/>"}, SubIndication.FORMAT_FAILURE),
    ):
        found = asic.verify(archive.write({**whole, **change}), world.trust, at=NOW)
        assert found.verdict.subindication is sub
    short = {name: data for name, data in whole.items() if name != "b.txt"}
    found = asic.verify(archive.write(short), world.trust, at=NOW)
    assert found.verdict.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
