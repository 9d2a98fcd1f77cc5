"""Evidence records in XML (RFC 6283) verified, on vectors built by the rule in `xmlers`."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

import pytest

from certs import ers, verify_any
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.digests import SHA256, SHA512
from certs.errors import NotExtendable
from certs.renewal import renew_any
from certs.verdict import SubIndication
from schemas.xml import parse
from tests.certs.pki import NOW, World
from tests.certs.xmlers import Builder, canonical, digest

YEAR = timedelta(days=365)
DATA = b"a signed package"
LEAF = digest("sha256", DATA)
OTHERS = [digest("sha256", str(number).encode()) for number in range(4)]


def authority(world: World, at: datetime) -> Authority:
    """Return a younger authority, its clock at a time."""
    key = world.key(TSA, now=at - timedelta(days=1), lifetime=10 * YEAR)
    return Authority(key, lambda: at)


def aged(world: World) -> Builder:
    """Return a record renewed by time-stamp after 4 years, under SHA-512 after 8."""
    made = Builder().chain("sha256", [[LEAF, OTHERS[0]], [OTHERS[1]]], world.stamper)
    when = NOW + 4 * YEAR
    made.information("CRL", world.issuer.revocation_list(now=when))
    made.renewed("sha256", authority(world, when), OTHERS[2])
    leaves = [digest("sha512", DATA), made.before("sha512")]
    return made.chain("sha512", [leaves, [OTHERS[3]]], authority(world, NOW + 8 * YEAR))


@pytest.mark.parametrize(
    "lists",
    [
        [[LEAF]],
        [[LEAF, OTHERS[0]]],
        [[LEAF], [OTHERS[0]]],
        [[OTHERS[0], LEAF], [OTHERS[1]], [OTHERS[2], OTHERS[3]]],
    ],
)
def test_a_record_proves_its_data(world: World, lists: list[list[bytes]]) -> None:
    """However the tree is reduced, the data is proven to exist since the time-stamp."""
    record = Builder().chain("sha256", lists, world.stamper).encode()
    found = ers.verify(record, [DATA], world.trust, at=NOW)
    assert found.passed, found.reason
    assert found.time == NOW
    other = ers.verify(record, [DATA + b"."], world.trust, at=NOW)
    assert other.subindication is SubIndication.HASH_FAILURE


def test_xml_is_digested_in_its_canonical_form(world: World) -> None:
    """How an XML file was written does not matter; what it says does."""
    written = b'<?xml version="1.0"?>\n<a  y="2"\n x="1"></a>'
    leaf = digest("sha256", canonical(parse(written)))
    record = Builder().chain("sha256", [[leaf]], world.stamper).encode()
    for data in (written, b'<a x="1" y="2"/>'):
        assert ers.verify(record, [data], world.trust, at=NOW).passed
    assert not ers.verify(record, [b'<a x="1" y="3"/>'], world.trust, at=NOW).passed
    plain = Builder().chain("sha256", [[digest("sha256", written)]], world.stamper).encode()
    assert ers.verify(plain, [written], world.trust, at=NOW).passed


def test_a_renewed_record_outlives_its_authorities(world: World) -> None:
    """By time-stamp, then with a new digest over data and old chain, each judged in its time."""
    record = aged(world).encode()
    late = NOW + 17 * YEAR
    found = ers.verify(record, [DATA], world.trust, at=late)
    assert found.passed, found.reason
    assert (found.time, len(found.timestamps)) == (NOW, 3)


def test_a_renewal_without_tree_is_over_the_last_time_stamp(world: World) -> None:
    """The tree may be left out where one time-stamp alone is renewed."""
    made = Builder().chain("sha256", [[LEAF]], world.stamper)
    made.renewed("sha256", authority(world, NOW + YEAR), tree=False)
    assert ers.verify(made.encode(), [DATA], world.trust, at=NOW + YEAR).passed


def test_a_chain_that_leaves_something_out_is_refused(world: World) -> None:
    """A new chain must be over the data and over the chains before it."""
    late = authority(world, NOW + YEAR)
    for leaves in ([digest("sha512", DATA)], None):
        made = Builder().chain("sha256", [[LEAF]], world.stamper)
        lists = [leaves or [made.before("sha512")]]
        record = made.chain("sha512", lists, late).encode()
        found = ers.verify(record, [DATA], world.trust, at=NOW + YEAR)
        assert found.subindication is SubIndication.HASH_FAILURE


def test_the_order_counts_and_not_the_place(world: World) -> None:
    """Chains and time-stamps are told by Order; a gap or a repetition is no record."""
    record = aged(world)
    first = record.sequence[0]
    record.sequence.append(first)
    assert ers.verify(record.encode(), [DATA], world.trust, at=NOW + 17 * YEAR).passed
    for wrong in ("1", "3", "x"):
        record.sequence[0].set("Order", wrong)
        found = ers.verify(record.encode(), [DATA], world.trust, at=NOW + 9 * YEAR)
        assert found.subindication is SubIndication.FORMAT_FAILURE


def test_time_stamps_of_another_record_do_not_fit(world: World) -> None:
    """A renewal moved from the record of other data is over another time-stamp."""
    made = [
        Builder()
        .chain("sha256", [[leaf]], world.stamper)
        .renewed("sha256", authority(world, NOW + YEAR))
        for leaf in (LEAF, OTHERS[0])
    ]
    chain, other = (each.sequence[0] for each in made)
    chain.replace(chain[-1], other[-1])
    found = ers.verify(made[0].encode(), [DATA], world.trust, at=NOW + YEAR)
    assert not found.passed


def test_every_flip_of_a_value_is_noticed(world: World) -> None:
    """One other character in a digest or token: no longer good, and never an exception."""
    record = aged(world).encode()
    places = [
        at
        for found in re.finditer(rb">([A-Za-z0-9+/=]{40,})<", record)
        for at in range(found.start(1), found.end(1))
    ]
    for place in random.Random(6283).sample(places, 150):
        other = b"A" if record[place : place + 1] != b"A" else b"B"
        broken = record[:place] + other + record[place + 1 :]
        found = ers.verify(broken, [DATA], world.trust, at=NOW + 17 * YEAR)
        assert not found.passed, place


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'Version="1.0"', b'Version="2.0"'),
        (b"xmlenc#sha256", b"xmlenc#md5"),
        (b"xml-exc-c14n#", b"xml-other#"),
        (b'Type="RFC3161"', b'Type="XMLENTRUST"'),
        (b"ers:TimeStampToken", b"ers:Token"),
        (b"<ers:ArchiveTimeStampSequence>", b"<ers:EncryptionInformation/><ers:Archive>"),
        (b"<ers:EvidenceRecord", b"<!DOCTYPE x><ers:EvidenceRecord"),
    ],
)
def test_what_is_not_understood_is_no_evidence(world: World, old: bytes, new: bytes) -> None:
    """Other versions, algorithms, kinds of time-stamps, and a DOCTYPE."""
    record = aged(world).encode()
    assert old in record
    found = ers.verify(record.replace(old, new), [DATA], world.trust, at=NOW + 9 * YEAR)
    assert found.subindication is SubIndication.FORMAT_FAILURE


def test_a_record_beside_its_file_is_told_from_a_signature(world: World) -> None:
    """`verify` takes it alone or beside its data, and says that it cannot be renewed."""
    record = Builder().chain("sha256", [[LEAF]], world.stamper).encode()
    verdict = verify_any(record, world.trust, {"data": DATA}, NOW)
    assert (verdict.passed, verdict.signatures[0].format) == (True, "EvidenceRecord")
    assert ers.is_record(record)
    with pytest.raises(NotExtendable):
        renew_any(record, world.stamper, world.gatherer())


def test_records_are_written_and_carried_on(world: World) -> None:
    """Many packages, XML among them, under one token; by time-stamp, then under SHA-512."""
    packages = [[DATA], [b'<a  y="2" x="1"></a>', b"more"], [b"<no xml"]]
    made = ers.make(packages, world.stamper, syntax=ers.Syntax.XML)
    assert all(map(ers.is_xml_record, made))
    gatherer = world.gatherer()
    later = ers.renew_time_stamps(made, authority(world, NOW + YEAR), gatherer)
    assert [ers.newest_digest(each) for each in later] == [SHA256] * 3
    last = authority(world, NOW + 2 * YEAR)
    kept = list(zip(later, packages, strict=True))
    renewed = ers.renew_hash_tree(kept, last, world.gatherer(NOW + YEAR), SHA512)
    for record, files in zip(renewed, packages, strict=True):
        found = ers.verify(record, files, world.trust, at=NOW + 11 * YEAR)
        assert found.passed, found.reason
        assert (found.time, len(found.timestamps)) == (NOW, 3)
        assert not ers.verify(record, [*files[:-1], b"other"], world.trust, at=NOW).passed


def test_the_syntaxes_are_renewed_side_by_side(world: World) -> None:
    """One token for records of both; each stays what it is."""
    records = [
        *ers.make([[DATA]], world.stamper),
        *ers.make([[DATA]], world.stamper, syntax=ers.Syntax.XML),
    ]
    renewed = ers.renew_time_stamps(records, authority(world, NOW + YEAR), world.gatherer())
    assert list(map(ers.is_xml_record, renewed)) == [False, True]
    for each in renewed:
        assert ers.verify(each, [DATA], world.trust, at=NOW + 2 * YEAR).passed


def test_what_is_not_of_the_record_is_not_carried_on(world: World) -> None:
    """A new chain vouches for the files that the first one was about, and no others."""
    (made,) = ers.make([[DATA]], world.stamper, syntax=ers.Syntax.XML)
    with pytest.raises(NotExtendable):
        ers.renew_hash_tree([(made, [b"other"])], world.stamper, world.gatherer(), SHA512)
