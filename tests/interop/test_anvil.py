"""Anchors on another implementation of a chain: reorganisation, finality, replacement, restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gateway import setup
from gateway.settings import load
from gateway.store import open_store
from gateway.store.intents import StoredIntents
from gateway.wiring.log.chainaccount import chain_account
from gateway.wiring.log.deploying import deploy as deploy_for
from ledger.anchors.account import Account
from ledger.anchors.base import AnchorStatus
from ledger.anchors.errors import AnchorUnavailable, NotAContract, WrongChain
from ledger.anchors.evm import deploy, rpc_anchor
from ledger.anchors.intents import Intent, IntentStore, State
from ledger.anchors.offline import verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.checkpoint import Checkpoint
from tests.interop.node import Node, anvil
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN, log_of

pytestmark = [pytest.mark.interop, pytest.mark.timeout(60)]

LOG = log_of(3_000)
OWNER = Account.generate()


def checkpoint(size: int) -> Checkpoint:
    """Return the log's checkpoint at a size."""
    return Checkpoint(ORIGIN, size, LOG.root(size))


def consistency(old: int, new: int) -> Sequence[bytes]:
    """Return the log's consistency path."""
    return LOG.consistency(old, new).path


@pytest.fixture
def node() -> Iterator[Node]:
    """A node whose blocks are final two blocks later, with our account funded."""
    with anvil("--slots-in-an-epoch", "1") as running:
        running.fund(OWNER.address)
        yield running


def target(node: Node, contract: str, **more: float) -> Target:
    """Return the target on a node, final by its tag."""
    return Target(contract=contract, chain_id=node.chain.chain_id(), finality=Finality(), **more)


def anchor_on(
    node: Node,
    contract: str = "",
    intents: IntentStore | None = None,
    clock: Callable[[], float] | None = None,
) -> ChainAnchor:
    """Return an anchor on a node, on a new contract unless one is given."""
    at = contract or deploy(node.chain, OWNER)
    known = MemoryIntents() if intents is None else intents
    if clock is None:
        return rpc_anchor(node.url, OWNER, target(node, at), known)
    return ChainAnchor(node.chain, OWNER, target(node, at, stuck_seconds=60), known, clock)


def state(anchor: ChainAnchor, size: int) -> State:
    """Return how far a checkpoint is."""
    found: AnchorStatus | None = anchor.status(checkpoint(size))
    assert found is not None
    return found.state


def settle(node: Node, anchor: ChainAnchor, size: int) -> None:
    """Mine and advance until the anchor is final."""
    for _ in range(12):
        if state(anchor, size) is State.FINAL:
            return
        node.mine()
        anchor.advance()
    raise AssertionError(state(anchor, size))


def test_an_anchor_is_final_by_the_tag_and_proven_offline(node: Node) -> None:
    """Mined first, final only once the node's `finalized` tag has reached its block."""
    anchor = anchor_on(node)
    anchor.submit(checkpoint(100), consistency)
    anchor.advance()
    assert state(anchor, 100) is State.MINED
    settle(node, anchor, 100)
    done = anchor.submit(checkpoint(1_100), consistency)
    anchor.advance()
    settle(node, anchor, 1_100)
    found = anchor.status(checkpoint(1_100))
    assert found is not None
    assert found.gas_used <= 60_000
    assert verify_record(found.record, checkpoint(1_100)).placed
    assert done.size == 1_100


def test_a_reorganised_anchor_comes_back(node: Node) -> None:
    """The block is gone: the same bytes are sent again, and exactly one anchor stands."""
    anchor = anchor_on(node)
    node.mine(4)
    anchor.submit(checkpoint(100), consistency)
    anchor.advance()
    assert state(anchor, 100) is State.MINED
    before = anchor.status(checkpoint(100))
    node.tell("anvil_reorg", 1, [])
    assert anchor.anchored(ORIGIN)[0] == 0
    anchor.advance()
    settle(node, anchor, 100)
    after = anchor.status(checkpoint(100))
    assert before is not None
    assert after is not None
    assert after.tx_hash == before.tx_hash
    assert anchor.anchored(ORIGIN) == (100, LOG.root(100))
    assert verify_record(after.record, checkpoint(100)).placed


def test_a_stuck_transaction_is_replaced_for_more_fee(node: Node) -> None:
    """Unmined for longer than a minute: one more attempt with the same nonce, and one anchor."""
    now = [1_000.0]
    intents = MemoryIntents()
    anchor = anchor_on(node, intents=intents, clock=lambda: now[0])
    node.automine(on=False)
    anchor.submit(checkpoint(100), consistency)
    anchor.advance()
    now[0] += 61
    anchor.advance()
    (intent,) = intents.all(ORIGIN)
    first, second = intent.attempts
    assert second.tip * 8 >= first.tip * 9
    pool = node.tell("txpool_content")["pending"]
    ours = next(one for who, one in pool.items() if who.lower() == OWNER.address.lower())
    assert [each["hash"] for each in ours.values()] == [f"0x{second.hash.hex()}"]
    node.mine()
    anchor.advance()
    settle(node, anchor, 100)
    assert anchor.anchored(ORIGIN) == (100, LOG.root(100))
    assert node.chain.receipt(first.hash) is None


class Crash(Exception):
    """The process ended here."""


class CrashAfterSave(StoredIntents):
    """Durable intents, and a process that dies right after the signed transaction is stored."""

    def save(self, intent: Intent) -> None:
        """Store, then die."""
        super().save(intent)
        if intent.attempts and intent.state is State.SENT:
            raise Crash


def test_a_restart_sends_what_was_stored(node: Node, tmp_path: Path) -> None:
    """Killed between storing and sending: the next process sends the very same bytes."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    store.migrate()
    contract = deploy(node.chain, OWNER)
    with pytest.raises(Crash):
        anchor_on(node, contract, CrashAfterSave(store)).submit(checkpoint(100), consistency)
    (stored,) = StoredIntents(store).all(ORIGIN)
    anchor = anchor_on(node, contract, StoredIntents(store))
    assert anchor.anchored(ORIGIN)[0] == 0
    anchor.advance()
    settle(node, anchor, 100)
    (after,) = StoredIntents(store).all(ORIGIN)
    assert [each.raw for each in after.attempts] == [each.raw for each in stored.attempts]
    store.close()


def test_a_node_may_be_away_and_come_back(tmp_path: Path) -> None:
    """While it is away nothing is lost; afterwards the next checkpoint is anchored on top."""
    kept = ("--slots-in-an-epoch", "1", "--state", str(tmp_path / "chain.json"))
    with anvil(*kept) as first:
        first.fund(OWNER.address)
        contract, intents = deploy(first.chain, OWNER), MemoryIntents()
        anchor = anchor_on(first, contract, intents)
        anchor.submit(checkpoint(100), consistency)
        anchor.advance()
        port = first.port
    with pytest.raises(AnchorUnavailable):
        anchor.submit(checkpoint(200), consistency)
    with anvil(*kept, port=port) as second:
        again = anchor_on(second, contract, intents)
        again.advance()
        again.submit(checkpoint(200), consistency)
        settle(second, again, 200)
        assert again.anchored(ORIGIN) == (200, LOG.root(200))


def test_a_gateway_deploys_its_contract(node: Node, tmp_path: Path) -> None:
    """`silkgate anchor deploy`: the contract is the chain account's; wrong chains are refused."""
    setup.create(tmp_path / "g", party="g", name="g", country="SG", port=8443)
    settings = load(tmp_path / "g")
    node.fund(chain_account(settings).address)
    with pytest.raises(WrongChain):
        deploy_for(settings, node.url, 1, 20.0)
    made = deploy_for(settings, node.url, None, 20.0)
    with (tmp_path / "g" / "silkgate.toml").open("a") as file:
        file.write(f"\n{made.settings()}\n")
    ours = load(tmp_path / "g").anchor
    assert (ours.rpc_url, ours.contract, ours.chain_id) == (node.url, made.contract, made.chain_id)
    with pytest.raises(NotAContract):
        anchor_on(node, made.contract)
