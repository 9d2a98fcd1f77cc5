"""The way of a document through the stages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.exchange.flow import FLOW
from gateway.exchange.intake import accept, accept_all
from gateway.exchange.policy import Policy
from gateway.exchange.rooms import Rooms
from gateway.exchange.runner import Runner
from gateway.exchange.worker import carry_once
from gateway.store import exchanges, journal, payloads
from gateway.store.database import Store
from gateway.store.model import Direction, Exchange, Role, State
from gateway.store.tables.exchange import PAYLOAD
from gateway.store.tiles import StoredTiles
from tests.gateway.exchange import standins
from tests.gateway.exchange.standins import ORIGIN, Hand, Hooks, Partner, submission

STAGES = [stage.name for stage in FLOW]


class House:
    """A store, stand-in rooms and a clock moved by hand."""

    def __init__(self, store: Store, **others: Any) -> None:
        """Furnish the house; `others` replace some rooms."""
        self.store = store
        self.clock = Hand()
        self.partner = Partner()
        self.hooks = Hooks()
        self.policy = Policy(tries=3)
        self.rooms: Rooms = standins.rooms(
            clock=self.clock,
            courier=self.partner,
            receipts=self.partner,
            hooks=self.hooks,
            **others,
        )

    def runner(self, actor: str = "worker") -> Runner:
        """Return a runner of this name."""
        return Runner(store=self.store, rooms=self.rooms, policy=self.policy, actor=actor)

    def accept(self, *texts: str) -> list[str]:
        """Accept documents and return their ids."""
        given = [submission(text) for text in texts]
        outcomes = accept_all(self.store, given, clock=self.clock)
        return [one.id for one in outcomes if not isinstance(one, Exception)]

    def work(self, batch: int = 100) -> None:
        """Carry whatever is due."""
        while carry_once(self.runner(), batch):
            pass

    def get(self, exchange_id: str) -> Exchange:
        """Return an exchange as it is stored."""
        with self.store.read() as tx:
            return exchanges.get(tx, exchange_id)

    def journal(self, exchange_id: str) -> list[tuple[str, str]]:
        """Return stage and code of each event."""
        with self.store.read() as tx:
            return [(event.stage, event.code) for event in journal.read(tx, exchange_id)]


@pytest.fixture
def house(store: Store) -> House:
    """A house on either database."""
    return House(store)


def test_a_document_goes_all_the_way(house: House) -> None:
    """An accepted document passes all nine stages, each once, and arrives signed and logged."""
    (one,) = house.accept("a document")
    house.work()
    exchange = house.get(one)
    assert (exchange.state, exchange.stage, exchange.leaf) == (State.DONE, "acknowledge", 0)
    assert house.journal(one) == [("accept", "accepted")] + [(name, "passed") for name in STAGES]
    assert list(house.partner.taken) == [one]
    assert house.hooks.done == [one]
    with house.store.read() as tx:
        assert payloads.read(tx, one, Role.SEALED).data == b"[a document] signed stamped"
        assert StoredTiles(tx, ORIGIN).size() == 2  # the document and the root of its fields


def test_a_document_is_read_once(house: House) -> None:
    """A worker keeps what it has in hand: one parse serves validation, translation and log."""
    house.accept("one", "two")
    house.work()
    assert house.rooms.translator.reads == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("stage", ["detect", "validate", "translate", "sign", "stamp", "log"])
def test_a_refused_document_stops_alone(house: House, stage: str) -> None:
    """What one stage refuses ends there with its reason; its neighbours arrive."""
    before, bad, after = house.accept("one", f"refuse {stage}", "three")
    house.work()
    refused = house.get(bad)
    assert (refused.state, refused.stage, refused.due_at) == (State.REFUSED, stage, None)
    assert house.hooks.refused == [(bad, "SG-1100")]
    assert house.journal(bad)[-1] == (stage, "refused")
    assert set(house.partner.taken) == {before, after}
    with house.store.read() as tx:
        problem = journal.read(tx, bad)[-1].detail["problem"]
    assert problem["code"] == "SG-1100"  # type: ignore[index]
    assert problem["message"].keys() == {"en", "zh"}  # type: ignore[index]


def test_a_fatal_finding_refuses_and_is_kept(house: House) -> None:
    """An invalid document is refused with its findings; a warning lets it pass and is kept."""
    bad, odd = house.accept("invalid", "odd")
    house.work()
    assert house.get(bad).state is State.REFUSED
    assert house.get(odd).state is State.DONE
    with house.store.read() as tx:
        assert b'"found": "invalid"' in payloads.read(tx, bad, Role.FINDINGS).data
        assert b'"found": "odd"' in payloads.read(tx, odd, Role.FINDINGS).data


@pytest.mark.parametrize("word", ["later", "bug"])
@pytest.mark.parametrize("stage", ["detect", "validate", "translate", "sign", "stamp", "log"])
def test_what_may_pass_is_tried_again_and_then_given_up(
    house: House, stage: str, word: str
) -> None:
    """A transient error or a bug is tried again with growing pauses, then the document fails."""
    good, bad = house.accept("fine", f"{word} {stage}")
    pauses = []
    for _ in range(3):
        house.work()
        waiting = house.get(bad)
        if waiting.due_at is not None:
            pauses.append((waiting.due_at - house.clock.now).total_seconds())
        house.clock.forward(3600)
    assert house.get(bad).state is State.FAILED
    assert house.get(good).state is State.DONE
    assert [code for _, code in house.journal(bad)][-3:] == ["retry", "retry", "failed"]
    assert 0.5 <= pauses[0] <= 1.0 <= pauses[1] <= 2.0
    assert len(house.hooks.refused) == 1


def test_an_outage_of_the_partner_loses_nothing(house: House) -> None:
    """While the partner is away deliveries wait; when it is back they arrive, once each."""
    ids = house.accept("one", "two", "three")
    house.partner.down = True
    house.work()
    assert {house.get(one).state for one in ids} == {State.RETRY}
    house.partner.down = False
    house.clock.forward(2)
    house.work()
    assert {house.get(one).state for one in ids} == {State.DONE}
    assert sorted(house.partner.sent) == sorted(ids)
    with house.store.read() as tx:
        attempts = journal.read_attempts(tx, ids[0])
    assert [attempt.outcome for attempt in attempts] == ["retry", "delivered"]
    assert attempts[0].code == "SG-5010"


def test_the_partner_says_how_long_to_wait(house: House) -> None:
    """A Retry-After longer than the pause is honoured."""
    (one,) = house.accept("later deliver")
    house.work()
    due = house.get(one).due_at
    assert due == house.clock.now + timedelta(seconds=120)


def test_the_partner_refuses_for_good(house: House) -> None:
    """A permanent refusal by the partner ends the exchange at once, with the partner's reason."""
    (one,) = house.accept("refuse deliver")
    house.work()
    assert house.get(one).state is State.REFUSED
    assert house.hooks.refused == [(one, "SG-1100")]


def test_a_hook_that_fails_holds_up_one_document_only(house: House) -> None:
    """What cannot be committed for one document is put off; the rest of its batch commits."""
    first, bad, last = house.accept("one", "two", "three")
    house.hooks.spoiled = bad
    house.work()
    assert [house.get(one).state for one in (first, bad, last)] == [
        State.DONE,
        State.RETRY,
        State.DONE,
    ]
    house.hooks.spoiled = ""
    house.clock.forward(2)
    house.work()
    assert house.get(bad).state is State.DONE
    assert house.journal(bad)[-2:] == [("acknowledge", "retry"), ("acknowledge", "passed")]


@pytest.mark.parametrize("stopped_at", range(len(FLOW)))
def test_a_stopped_worker_is_continued_where_it_committed(house: House, stopped_at: int) -> None:
    """Whatever stage a worker stops at, another one goes on from the last commit."""
    ids = house.accept("one", "two")
    runner = house.runner()
    claim = runner.claim(10)
    assert claim is not None
    runner.run(claim, _after(stopped_at))
    assert {house.get(one).stage for one in ids} == {STAGES[stopped_at]}
    assert {house.get(one).claim for one in ids} == {""}
    house.work()
    for one in ids:
        assert house.get(one).state is State.DONE
        assert house.journal(one)[1:] == [(name, "passed") for name in STAGES]


def _after(checks: int) -> Callable[[], bool]:
    left = iter([False] * checks)
    return lambda: next(left, True)


def test_a_dead_workers_documents_come_back(house: House) -> None:
    """When a lease ends another worker takes over; the first one can change nothing any more."""
    (one,) = house.accept("one")
    dead = house.runner("dead")
    claim = dead.claim(10)
    assert claim is not None
    assert house.runner().claim(10) is None
    house.clock.forward(61)
    house.work()
    assert house.get(one).state is State.DONE
    dead.run(claim)
    assert house.get(one).state is State.DONE
    assert house.journal(one)[1:] == [(name, "passed") for name in STAGES]
    with house.store.read() as tx:
        assert StoredTiles(tx, ORIGIN).size() == 2


def test_a_document_that_kills_workers_takes_nobody_with_it(house: House) -> None:
    """After two dead workers each document in hand is taken alone; the killer is given up."""
    killer, *others = house.accept("killer", "one", "two")
    deaths = 0
    while claim := house.runner().claim(10):
        taken = {exchange.id for exchange in claim.exchanges}
        assert len(taken) == (3 if deaths < 3 else 1)
        if killer in taken and claim.exchanges[0].takeovers < 8:
            deaths += 1
            house.clock.forward(61)
        else:
            house.runner().run(claim)
    assert deaths == 8
    assert {house.get(one).state for one in others} == {State.DONE}
    assert house.get(killer).state is State.FAILED
    assert house.hooks.refused == [(killer, "SG-5012")]


def test_two_workers_never_have_the_same_document(house: House) -> None:
    """Claims do not overlap, and none takes more than it asked for."""
    house.accept(*(f"document {n}" for n in range(10)))
    claims = [house.runner(f"worker {n}").claim(4) for n in range(3)]
    taken = [exchange.id for claim in claims if claim for exchange in claim.exchanges]
    assert sorted(len(claim.exchanges) for claim in claims if claim) == [2, 4, 4]
    assert len(set(taken)) == 10


def test_related_documents_reach_the_translator(house: House) -> None:
    """What was handed in with the source is there when it is rendered."""
    given = submission("main", related=(b" and", b" more"))
    one = accept(house.store, given, clock=house.clock).id
    house.work()
    with house.store.read() as tx:
        assert payloads.read(tx, one, Role.RENDERED).data == b"[main and more]"


def test_a_damaged_payload_is_never_used(house: House) -> None:
    """Bytes that lost their digest in the database stop their document, and it alone."""
    bad, good = house.accept("to be damaged", "whole")
    with house.store.begin() as tx:
        tx.execute(PAYLOAD.update().where(PAYLOAD.c.exchange_id == bad).values(data=b"other"))
    house.work()
    assert house.get(good).state is State.DONE
    assert house.get(bad).state is State.REFUSED
    assert house.hooks.refused == [(bad, "SG-5030")]


def test_the_counts_add_up(house: House) -> None:
    """The counts by direction and state are those of the exchanges."""
    house.accept("one", "two", "invalid")
    house.work()
    with house.store.read() as tx:
        assert exchanges.counts(tx) == {
            (Direction.OUT, State.DONE): 2,
            (Direction.OUT, State.REFUSED): 1,
        }
