"""Anchors survive a hostile chain: every checkpoint ends final, and none is anchored twice."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable, NotAContract, WrongChain
from ledger.anchors.intents import Intent, State
from ledger.anchors.offline import verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.transaction import Transaction, read
from ledger.checkpoint import Checkpoint
from ledger.errors import SplitView
from tests.ledger.anchors.fake_chain import CHAIN_ID, CONTRACT, FakeChain
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN, log_of

ACCOUNT = Account.generate()
LOG = log_of(2000)


def checkpoint(size: int) -> Checkpoint:
    """Return the log's checkpoint of `size` leaves."""
    return Checkpoint(ORIGIN, size, LOG.root(size))


def consistency(old: int, new: int) -> Sequence[bytes]:
    """Return the log's consistency path."""
    return LOG.consistency(old, new).path


class Harness:
    """A chain, an intent store that outlives crashes, a clock, and an anchor over them."""

    def __init__(
        self, *, automine: bool = True, confirmations: int = 3, stuck_seconds: float = 60
    ) -> None:
        """Start with an empty chain."""
        self.now = 1_000.0
        self.chain = FakeChain(ACCOUNT.address, automine=automine)
        self.intents = MemoryIntents()
        self.confirmations = confirmations
        self.stuck_seconds = stuck_seconds
        self.anchor = self.restarted()

    def restarted(self) -> ChainAnchor:
        """Return an anchor as after a restart: all it knows is in the intents."""
        target = Target(
            contract=CONTRACT,
            chain_id=CHAIN_ID,
            finality=Finality(confirmations=self.confirmations),
            stuck_seconds=self.stuck_seconds,
        )
        self.anchor = ChainAnchor(self.chain, ACCOUNT, target, self.intents, lambda: self.now)
        return self.anchor

    def submit(self, size: int) -> State:
        """Submit a checkpoint and return its state."""
        return self.anchor.submit(checkpoint(size), consistency).state

    def settle(self, rounds: int = 40) -> dict[int, State]:
        """Mine and advance for a while; return the states by size."""
        for _ in range(rounds):
            self.now += 61
            self.chain.mine()
            self.anchor.advance()
        return {intent.size: intent.state for intent in self.intents.all(ORIGIN)}


def test_a_checkpoint_becomes_final() -> None:
    """Mined after one block, final after the confirmations, with a record that verifies."""
    harness = Harness()
    assert harness.submit(100) is State.MINED
    assert harness.anchor.advance() == []
    harness.chain.mine(2)
    (moved,) = harness.anchor.advance()
    assert (moved.state, moved.block_number) == (State.FINAL, 1)
    verdict = verify_record(moved.record, checkpoint(100))
    assert verdict.placed
    assert verdict.sender == ACCOUNT.address
    assert harness.anchor.anchored(ORIGIN) == (100, LOG.root(100))


def test_two_logs_share_one_account() -> None:
    """Checkpoints of two logs under way at once take nonces in turn, and both end final."""
    harness = Harness(automine=False)
    shard = f"{ORIGIN}/2026q4"
    for size in (100, 200):
        harness.anchor.submit(checkpoint(size), consistency)
        harness.anchor.submit(Checkpoint(shard, size, LOG.root(size)), consistency)
    harness.settle()
    states = [i.state for log in (ORIGIN, shard) for i in harness.intents.all(log)]
    assert states == [State.FINAL] * 4
    assert [harness.anchor.anchored(log)[0] for log in (ORIGIN, shard)] == [200, 200]


def test_the_finalized_tag_counts_where_there_is_one() -> None:
    """With the tag, depth alone is not final."""
    harness = Harness(confirmations=1)
    harness.chain.finalized = 0
    assert harness.submit(100) is State.MINED
    harness.chain.mine(50)
    assert harness.anchor.advance() == []
    harness.chain.finalized = 1
    assert [status.state for status in harness.anchor.advance()] == [State.FINAL]


def test_submitting_again_changes_nothing() -> None:
    """One transaction, whatever the number of calls; a smaller checkpoint is covered already."""
    harness = Harness()
    for _ in range(3):
        assert harness.submit(100) is State.MINED
    assert harness.submit(50) is State.SUPERSEDED
    assert len(harness.chain.sent) == 1


def test_two_histories_cannot_be_anchored() -> None:
    """The drill: another root of the same size is refused here, a fork by the contract."""
    harness = Harness()
    harness.submit(100)
    with pytest.raises(SplitView):
        harness.anchor.submit(Checkpoint(ORIGIN, 100, bytes(32)), consistency)
    fork = harness.anchor.submit(Checkpoint(ORIGIN, 200, bytes(32)), consistency)
    assert fork.state is State.FAILED
    assert harness.anchor.anchored(ORIGIN) == (100, LOG.root(100))


def test_the_raw_transaction_is_stored_before_it_is_sent() -> None:
    """When the node sees a transaction for the first time, its bytes are in the store."""
    seen: list[bool] = []

    class Watching(FakeChain):
        def send(self, raw: bytes) -> None:
            rows = harness.intents.all(ORIGIN)
            seen.append(any(raw == a.raw for row in rows for a in row.attempts))
            super().send(raw)

    harness = Harness()
    harness.chain = Watching(ACCOUNT.address)
    harness.restarted()
    harness.submit(100)
    harness.submit(200)
    assert seen == [True, True]


@pytest.mark.parametrize("depth", [1, 2, 7, 64])
@pytest.mark.parametrize("forget", [False, True])
def test_reorganisations(depth: int, *, forget: bool) -> None:
    """A block that goes takes the anchor back; the same transactions are mined again."""
    harness = Harness(confirmations=70, stuck_seconds=10**6)
    for size in (100, 300, 700):
        harness.submit(size)
    harness.chain.mine(62)
    before = [raw for block in harness.chain.blocks for raw in block]
    harness.chain.automine = False
    harness.chain.reorg(depth, forget=forget)
    states = harness.settle(rounds=140)
    assert set(states.values()) == {State.FINAL}
    assert harness.chain.effective() == [100, 300, 700]
    assert [raw for block in harness.chain.blocks for raw in block] == before


def test_a_stuck_transaction_is_replaced_for_more_fee() -> None:
    """Too cheap for the miners: replaced with 12.5 % more until it goes in, once."""
    harness = Harness(automine=False)
    harness.chain.min_tip = 15 * 10**8
    assert harness.submit(100) is State.SENT
    states = harness.settle()
    (intent,) = harness.intents.all(ORIGIN)
    assert states == {100: State.FINAL}
    assert harness.chain.effective() == [100]
    tips = [attempt.tip for attempt in intent.attempts]
    assert len(tips) == 5
    assert all(after >= before * 1.125 for before, after in pairwise(tips))
    assert len({read(attempt.raw).transaction.nonce for attempt in intent.attempts}) == 1


def test_an_earlier_attempt_may_win() -> None:
    """When the first transaction is mined after it was replaced, its receipt is found."""
    harness = Harness(automine=False)
    harness.submit(100)
    first = harness.chain.pool[0]
    harness.now += 61
    harness.anchor.advance()
    assert harness.chain.pool[0] != first
    harness.chain.pool[0] = first
    assert harness.settle() == {100: State.FINAL}
    assert harness.chain.effective() == [100]


def test_several_checkpoints_under_way() -> None:
    """Each proof starts from the one before; all end final in order."""
    harness = Harness(automine=False)
    for size in (10, 20, 500):
        assert harness.submit(size) is State.SENT
    harness.chain.pool.clear()  # the node forgot them all: a gap without end, if nobody cared
    assert set(harness.settle().values()) == {State.FINAL}
    assert harness.chain.effective() == [10, 20, 500]


def test_a_nonce_taken_by_somebody_else() -> None:
    """When another program used the account's nonce, the anchor is planned anew."""
    harness = Harness(automine=False)
    harness.submit(100)
    harness.chain.pool[0] = Transaction(
        chain_id=CHAIN_ID, nonce=0, tip=10**10, max_fee=10**11, gas=21_000, to="", data=b""
    ).signed(ACCOUNT)
    assert harness.settle() == {100: State.FINAL}
    assert harness.chain.effective() == [100]


def test_an_outage_of_hours() -> None:
    """While the node is away nothing is lost; afterwards everything is anchored without a hand."""
    harness = Harness(automine=False)
    harness.submit(100)
    harness.chain.down = True
    for _ in range(20):
        harness.now += 600
        with pytest.raises(AnchorUnavailable):
            harness.anchor.advance()
        with pytest.raises(AnchorUnavailable):
            harness.submit(200)
    harness.chain.down = False
    harness.submit(200)
    assert harness.settle() == {100: State.FINAL, 200: State.FINAL}
    assert harness.chain.effective() == [100, 200]


class _Crash(BaseException):
    """A process dies here."""


class _Dying(MemoryIntents):
    """A store after whose n-th write the process dies; what was written stays."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 10**9

    def save(self, intent: Intent) -> None:
        super().save(intent)
        self.left -= 1
        if self.left == 0:
            raise _Crash


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_crashes_outages_and_reorgs_together(seed: int) -> None:
    """Whatever happens in whatever order, all checkpoints settle, each anchored at most once."""
    misfortunes(seed)


def misfortunes(seed: int) -> None:
    """Submit five checkpoints amid crashes, outages and reorganisations; check how it ends."""
    chance = random.Random(seed)
    harness = Harness(automine=False, confirmations=10)
    store = harness.intents = _Dying()
    harness.restarted()
    sizes = sorted(chance.sample(range(1, 2000), 5))
    waiting = list(sizes)
    for _ in range(40):
        store.left = chance.choice([1, 2, 3, 10**9])
        harness.chain.down = chance.random() < 0.15
        if chance.random() < 0.15 and len(harness.chain.blocks) > 4:
            harness.chain.down = False
            harness.chain.reorg(chance.randint(1, 4), forget=chance.random() < 0.5)
        harness.now += chance.choice([1, 61])
        try:
            if waiting and chance.random() < 0.5:
                harness.submit(waiting[0])
                waiting.pop(0)
            harness.anchor.advance()
        except _Crash:
            harness.chain.down = False
            harness.restarted()
        except AnchorUnavailable:
            harness.chain.down = False
        if chance.random() < 0.6:
            harness.chain.mine()
    store.left, harness.chain.down = 10**9, False
    for size in waiting:
        harness.submit(size)
    states = harness.settle(rounds=60)
    assert set(states) == set(sizes)
    assert set(states.values()) <= {State.FINAL, State.SUPERSEDED}
    anchored = harness.chain.effective()
    assert anchored == sorted(set(anchored))
    assert harness.anchor.anchored(ORIGIN) == (sizes[-1], LOG.root(sizes[-1]))


def test_wrong_chain_and_wrong_contract_are_noticed_at_start() -> None:
    """A node of another chain, or a contract of others, is refused before anything is sent."""
    chain, intents = FakeChain(ACCOUNT.address), MemoryIntents()
    with pytest.raises(WrongChain):
        ChainAnchor(chain, ACCOUNT, Target(contract=CONTRACT, chain_id=1), intents)
    elsewhere = Target(contract="0x" + "ff" * 20, chain_id=CHAIN_ID)
    with pytest.raises(NotAContract):
        ChainAnchor(chain, ACCOUNT, elsewhere, intents)
    ours = Target(contract=CONTRACT, chain_id=CHAIN_ID)
    with pytest.raises(NotAContract):
        ChainAnchor(FakeChain(Account.generate().address), ACCOUNT, ours, intents)


def test_intents_survive_a_database_row() -> None:
    """Body and key give the same intent again, through JSON."""
    import json

    harness = Harness()
    harness.submit(100)
    harness.submit(300)
    for intent in harness.intents.all(ORIGIN):
        body = json.loads(json.dumps(intent.body()))
        row = (intent.origin, intent.size, intent.anchor, intent.state.value, body)
        assert Intent.from_row(*row) == intent
