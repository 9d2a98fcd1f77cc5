"""A monitor follows a log and raises an alarm on whatever an operator may try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ledger.anchors.account import Account
from ledger.anchors.intents import State
from ledger.anchors.outbox import ChainAnchor, Target
from ledger.checkpoint import Checkpoint
from ledger.errors import NotInTree
from ledger.frontier import Frontier
from ledger.log import Log
from ledger.merkle import leaf_hash
from ledger.monitor import Alarm, Look, Monitor
from ledger.policy import Policy
from ledger.sighting import Sighting
from ledger.signature import verifier_for
from ledger.store import MemoryTiles
from ledger.tilepath import static_resource
from ledger.witness import AddCheckpoint, Witness
from tests.ledger.anchors.fake_chain import CHAIN_ID, CONTRACT, FakeChain
from tests.ledger.memory import MemoryIntents, MemoryWitness
from tests.ledger.trees import ORIGIN, cosigner, definition_root, digests, log_of, signer

KEY = verifier_for(signer().key)


class Shown:
    """The static endpoints of a log in memory; `lie` may change what they answer."""

    def __init__(self, log: Log) -> None:
        """Show this log."""
        self.log = log
        self.lie: Callable[[str, bytes | None], bytes | None] = lambda _, body: body
        self.asked: list[str] = []

    def get(self, path: str) -> bytes | None:
        """Return what is at `path`."""
        self.asked.append(path)
        try:
            body = static_resource(self.log.tiles, path).body
        except NotInTree:
            return self.lie(path, None)
        return self.lie(path, body)


class Watch:
    """A monitor with its memory and a clock."""

    def __init__(self, log: Log, policy: Policy | None = None) -> None:
        """Watch this log."""
        self.now = datetime(2027, 1, 1, tzinfo=UTC)
        self.shown = Shown(log)
        self.last: Sighting | None = None
        self.monitor = Monitor(self.shown, KEY, policy or Policy(), clock=lambda: self.now)

    def look(self) -> list[Alarm]:
        """Look once and return the alarms."""
        found: Look = self.monitor.look(self.last)
        self.last = found.sighting
        return [alarm for alarm, text in found.alarms if text.en and text.zh]


def _grown(log: Log, size: int) -> Log:
    log.append(digests(log.size, size))
    log.checkpoint()
    return log


def test_an_honest_log_raises_no_alarm() -> None:
    """First sight, growth over tile borders, no change: nothing, and only new entries are read."""
    log = _grown(Log(MemoryTiles(), signer()), 3)
    watch = Watch(log)
    for size in (3, 250, 256, 700, 700, 1500):
        _grown(log, size)
        watch.shown.asked.clear()
        assert watch.look() == []
        assert watch.last is not None
        assert (watch.last.edge.size, watch.last.edge.root()) == (size, log.root())
    assert "tile/entries/000" not in watch.shown.asked


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 1000])
def test_a_frontier_knows_the_root(size: int) -> None:
    """However it was extended, the edge gives the root that the definition gives."""
    leaves = [leaf_hash(digest) for digest in digests(0, size)]
    half = Frontier().extended(leaves[: size // 3]).extended(leaves[size // 3 :])
    assert half.root() == definition_root(digests(0, size))
    assert half.size == size
    assert len(half.hashes) == size.bit_count()


@pytest.mark.parametrize("size", [150, 200, 300])
def test_a_fork_is_seen(size: int) -> None:
    """Another history, smaller, of equal size, or larger: alarm, and the first one is kept."""
    watch = Watch(_grown(Log(MemoryTiles(), signer()), 200))
    watch.look()
    before = watch.last
    fork = Log(MemoryTiles(), signer())
    fork.append(digests(1000, 1000 + size))
    fork.checkpoint()
    watch.shown.log = fork
    assert watch.look() == [Alarm.FORK]
    assert watch.last == before


@pytest.mark.parametrize(
    "lie",
    [
        lambda path, body: None if "entries" in path else body,
        lambda path, body: body and body[:-1] if "entries" in path else body,
        lambda path, body: body and body[:-1] + b"\x00" if "entries" in path else body,
        lambda path, body: body and body[34:] + body[:34] if "entries" in path else body,
    ],
)
def test_hidden_or_changed_entries_are_seen(
    lie: Callable[[str, bytes | None], bytes | None],
) -> None:
    """A log whose checkpoint is sound but whose entries are not shown, or not those: alarm."""
    log = _grown(Log(MemoryTiles(), signer()), 200)
    watch = Watch(log)
    watch.look()
    _grown(log, 600)
    watch.shown.lie = lie
    assert watch.look() == [Alarm.MISSING]
    assert watch.last is not None
    assert watch.last.edge.size == 200


def test_a_log_that_shows_nothing_of_its_past_is_a_fork() -> None:
    """Neither entries nor tiles: the checkpoint cannot be shown to extend the last one."""
    log = _grown(Log(MemoryTiles(), signer()), 200)
    watch = Watch(log)
    watch.look()
    _grown(log, 600)
    watch.shown.lie = lambda path, body: body if path == "checkpoint" else None
    assert watch.look() == [Alarm.FORK]


def test_an_unsigned_or_unwitnessed_checkpoint_is_seen() -> None:
    """No checkpoint, a stranger's, or one without the cosignatures that the policy asks for."""
    watch = Watch(log_of(5))
    assert watch.look() == [Alarm.UNSIGNED]
    watch.shown.log = _grown(Log(MemoryTiles(), signer(seed=9)), 5)
    assert watch.look() == [Alarm.UNSIGNED]
    witness = cosigner()
    log = _grown(Log(MemoryTiles(), signer()), 5)
    watched = Watch(log, Policy.of(witness.key))
    assert watched.look() == [Alarm.UNWITNESSED]
    log.add_cosignatures(5, [witness.cosign(Checkpoint(ORIGIN, 5, log.root()).text(), 7)])
    assert watched.look() == []


def test_a_late_checkpoint_is_seen() -> None:
    """A log that stands still for longer than agreed raises an alarm, until it moves."""
    log = _grown(Log(MemoryTiles(), signer()), 5)
    watch = Watch(log)
    assert watch.look() == []
    watch.now += timedelta(hours=25)
    assert watch.look() == [Alarm.LATE]
    _grown(log, 6)
    assert watch.look() == []


def test_an_operator_with_two_histories_is_caught_by_all_three() -> None:
    """The drill: witness, monitor and contract each refuse the second history."""
    honest = _grown(Log(MemoryTiles(), signer()), 200)
    fork = Log(MemoryTiles(), signer())
    fork.append(digests(1000, 1300))
    note = fork.checkpoint()
    path = fork.consistency(200, 300).path

    witness = Witness(cosigner(), [KEY], MemoryWitness())
    assert witness.add_checkpoint(bytes(AddCheckpoint(0, (), honest.checkpoint()))).status == 200
    assert witness.add_checkpoint(bytes(AddCheckpoint(200, path, note))).status == 422

    watch = Watch(honest)
    assert watch.look() == []
    watch.shown.log = fork
    assert watch.look() == [Alarm.FORK]

    account = Account.generate()
    chain = FakeChain(account.address)
    target = Target(contract=CONTRACT, chain_id=CHAIN_ID)
    anchor = ChainAnchor(chain, account, target, MemoryIntents())
    first = anchor.submit(Checkpoint(ORIGIN, 200, honest.root()), lambda *_: ())
    second = anchor.submit(Checkpoint(ORIGIN, 300, fork.root()), lambda *_: path)
    assert (first.state, second.state) == (State.MINED, State.FAILED)
    assert anchor.anchored(ORIGIN) == (200, honest.root())
