"""Anchors on a network of go-ethereum nodes: parted, joined again, and one of them killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.evm import deploy, rpc_anchor
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from tests.interop.gethnet import CHAIN_ID, Network, Peer, network, until
from tests.interop.test_anvil import LOG, checkpoint, consistency
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN

pytestmark = [pytest.mark.interop, pytest.mark.timeout(240)]

OWNER = Account.generate()
CONFIRMATIONS = 5


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Three nodes that seal in turn."""
    with network(tmp_path_factory.mktemp("net"), OWNER.address) as made:
        yield made


def _anchor(peer: Peer, contract: str, intents: MemoryIntents) -> ChainAnchor:
    # The chain has no `finalized` tag, and says so with an error: depth counts.
    finality = Finality(confirmations=CONFIRMATIONS)
    target = Target(contract=contract, chain_id=CHAIN_ID, finality=finality, stuck_seconds=5)
    return rpc_anchor(peer.node.url, OWNER, target, intents)


def _final(anchor: ChainAnchor, size: int) -> bool:
    anchor.advance()
    found = anchor.status(checkpoint(size))
    return found is not None and found.state is State.FINAL


def test_every_node_holds_what_one_was_told(net: Network) -> None:
    """Anchored through one node, final by depth, and read alike from the others."""
    first, *others = net.peers
    contract = deploy(first.node.chain, OWNER)
    anchor = _anchor(first, contract, MemoryIntents())
    anchor.submit(checkpoint(100), consistency)
    until(lambda: _final(anchor, 100))
    for peer in others:
        there = _anchor(peer, contract, MemoryIntents())
        until(lambda there=there: there.anchored(ORIGIN) == (100, LOG.root(100)))  # type: ignore[misc]


def test_what_a_parted_node_was_told_ends_final_once_it_is_back(net: Network) -> None:
    """A minority cannot finish an anchor; joined again, the same intent ends final, once."""
    alone, *others = net.peers
    contract = deploy(alone.node.chain, OWNER)
    intents = MemoryIntents()
    anchor = _anchor(alone, contract, intents)
    net.part(alone)
    anchor.submit(checkpoint(100), consistency)
    start = others[0].height()
    until(lambda: others[0].height() >= start + CONFIRMATIONS)
    anchor.advance()
    assert not _final(anchor, 100)
    assert _anchor(others[0], contract, MemoryIntents()).anchored(ORIGIN)[0] == 0
    net.join()
    until(lambda: _final(anchor, 100))
    found = anchor.status(checkpoint(100))
    assert found is not None
    assert verify_record(found.record, checkpoint(100)).placed
    until(
        lambda: (
            _anchor(others[1], contract, MemoryIntents()).anchored(ORIGIN) == (100, LOG.root(100))
        )
    )


def test_the_anchor_goes_on_through_another_node(net: Network) -> None:
    """The node dies with an anchor under way: the intents finish it through another one."""
    first, second, _ = net.peers
    contract = deploy(first.node.chain, OWNER)
    intents = MemoryIntents()
    anchor = _anchor(first, contract, intents)
    anchor.submit(checkpoint(100), consistency)
    first.stop()
    with pytest.raises(AnchorUnavailable):
        anchor.advance()
    elsewhere = _anchor(second, contract, intents)
    until(lambda: _final(elsewhere, 100))
    elsewhere.submit(checkpoint(1_100), consistency)
    until(lambda: _final(elsewhere, 1_100))
    first.start()
    net.join()
    until(lambda: anchor.anchored(ORIGIN) == (1_100, LOG.root(1_100)))
