"""Transfers that nobody finishes are forgotten after a time, and no transfer is lost by that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.lading.desk import Desk
from gateway.lading.runner import LadingRunner
from gateway.lading.transfer.retention import Retention
from gateway.store import lading_errands, ladings
from tests.gateway.lading.envelopes import Chain, party, transaction
from tests.gateway.lading.platforms import House
from tests.gateway.lading.test_pint import (
    CARRIER,
    CARX,
    ONE,
    SHIPPER,
    TWO,
    Peer,
    fresh,
    moved,
    state_of,
    sums,
)

MONTH = timedelta(days=30)
FIRST, SECOND = sums(ONE, TWO)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a receiving platform that knows a sender and a carrier."""
    folder, more = tmp_path_factory.mktemp("kept"), "is_registry = true\n"
    made = House(folder, platform="BOLE", parties=["Buyer", "Bank"], more=more)
    made.knows("CARX", "http://127.0.0.1:9", CARX)
    made.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    with made.open():
        yield made


@pytest.fixture(scope="module")
def peer(house: House) -> Iterator[Peer]:
    """Give the sending platform."""
    made = Peer(house, house.token("CARX"))
    with made.http:
        yield made


@pytest.fixture(autouse=True)
def _nothing_left(house: House) -> None:
    _after(house).purge(timedelta())


def _desk(house: House, days: float = 0) -> Desk:
    """Return the platform's desk so many days from now."""
    desk = house.ladings.desk
    return replace(desk, clock=lambda: desk.clock() + timedelta(days=days))


def _after(house: House, days: float = 1) -> Retention:
    return Retention(_desk(house, days), MONTH)


def _kept(house: House, bill: str) -> set[str]:
    with house.ladings.desk.store.read() as tx:
        return ladings.kept(tx, bill)


def test_an_unfinished_transfer_is_forgotten_with_its_documents(house: House, peer: Peer) -> None:
    """Not before its time; then its reference is unknown, and the sender can start anew."""
    chain = moved(fresh())
    envelope = chain.envelope(CARX, ONE, TWO)
    started = peer.start(envelope)[1]
    place, bill = started["envelopeReference"], started["transportDocumentChecksum"]
    peer.document(place, FIRST, ONE)
    assert _after(house, 29).purge(MONTH) == []
    (gone,) = _after(house, 31).purge(MONTH)
    assert (gone.transfer.id, gone.missing, gone.documents) == (place, (SECOND,), 1)
    assert _kept(house, bill) == set()
    for status, said in (peer.finish(place), peer.document(place, SECOND, TWO)):
        assert (status, said["statusCode"]) == (404, 404)
    again = peer.start(envelope)[1]
    assert again["missingAdditionalDocumentChecksums"] == [FIRST, SECOND]
    for checksum, content in ((FIRST, ONE), (SECOND, TWO)):
        assert peer.document(again["envelopeReference"], checksum, content) == (204, {})
    assert peer.finish(again["envelopeReference"])[1]["responseCode"] == "RECE"
    assert [state for state, _, _ in state_of(house, chain)] == ["held"]


def test_an_accepted_transfer_is_never_forgotten(house: House, peer: Peer) -> None:
    """What was answered RECE is answered DUPE for ever, with its documents."""
    chain = moved(fresh())
    envelope = chain.envelope(CARX, ONE)
    started = peer.start(envelope)[1]
    peer.document(started["envelopeReference"], FIRST, ONE)
    assert peer.finish(started["envelopeReference"])[1]["responseCode"] == "RECE"
    assert _after(house, 10_000).purge(MONTH) == []
    assert peer.finish(started["envelopeReference"])[1]["responseCode"] == "DUPE"
    assert _kept(house, started["transportDocumentChecksum"]) == {FIRST}


def test_documents_that_another_transfer_needs_stay(house: House, peer: Peer) -> None:
    """Of two transfers of one bill the older is forgotten, and what both list is kept."""
    chain = fresh()
    bill = ""
    for recipient, contents in (("Buyer", (ONE, TWO)), ("Bank", (ONE, b"three"))):
        one = moved(chain, recipient=party(recipient, "BOLE"))
        started = peer.start(one.envelope(CARX, *contents))[1]
        bill = started["transportDocumentChecksum"]
        peer.document(started["envelopeReference"], FIRST, ONE)
        if recipient == "Buyer":
            _older(house, started["envelopeReference"])
    assert len(_after(house, 1).purge(timedelta(days=2))) == 1
    assert _kept(house, bill) == {FIRST}


def _older(house: House, reference: str) -> None:
    """Let the last sign of life of a transfer be two days ago."""
    with house.ladings.desk.store.begin() as tx:
        assert ladings.touch(tx, reference, _desk(house, -2).clock())


def test_a_document_that_comes_is_a_sign_of_life(house: House, peer: Peer) -> None:
    """The time counts from the last document, and from the last start."""
    envelope = moved(fresh()).envelope(CARX, ONE, TWO)
    place = peer.start(envelope)[1]["envelopeReference"]
    _older(house, place)
    assert len(house.ladings.retention.unfinished(timedelta(days=1))) == 1
    peer.document(place, FIRST, ONE)
    assert house.ladings.retention.unfinished(timedelta(days=1)) == []
    _older(house, place)
    assert peer.start(envelope)[1]["envelopeReference"] == place
    assert house.ladings.retention.unfinished(timedelta(days=1)) == []


def test_one_that_a_registry_may_have_recorded_is_kept(house: House, peer: Peer) -> None:
    """All documents there, and a registry that may have been told: it is listed, not forgotten."""
    bill = Chain(fresh().document, CARRIER, next(iter(house.ladings.desk.registry_peers)))
    bill.add("CARX", CARX, transaction("ISSUE", party("Carrier", "CARX"), SHIPPER))
    started = peer.start(moved(bill).envelope(CARX, ONE))[1]
    retention = _after(house, 31)
    assert [each.kept for each in retention.unfinished(MONTH)] == [False]
    peer.document(started["envelopeReference"], FIRST, ONE)
    assert [each.kept for each in retention.unfinished(MONTH)] == [True]
    assert retention.purge(MONTH) == []


def test_the_runner_forgets_by_itself_once_a_day(house: House, peer: Peer) -> None:
    """A look is planned when the gateway starts, and each plans the next; with 0 days none is."""
    peer.start(moved(fresh()).envelope(CARX, ONE))
    desk = _desk(house, 31)
    retention = Retention(desk, MONTH)
    retention.schedule()
    retention.schedule()
    runner = LadingRunner(desk, {"tidy": lambda _: retention.tidy()})
    assert runner.step() == 1
    assert [each for each in retention.unfinished(timedelta()) if not each.kept] == []
    assert runner.step() == 0
    with desk.store.read() as tx:
        assert lading_errands.waiting(tx, desk.clock() + timedelta(days=1))
        planned = lading_errands.count(tx)
    Retention(_desk(house, 90), timedelta()).schedule()
    with desk.store.read() as tx:
        assert lading_errands.count(tx) == planned
