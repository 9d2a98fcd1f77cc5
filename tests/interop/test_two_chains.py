"""One gateway anchors on two chains; one of them goes away and comes back."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from gateway import setup
from gateway.settings import load
from gateway.wiring.assembly import Gateway
from gateway.wiring.log.chainaccount import chain_account
from gateway.wiring.log.deploying import deploy
from ledger.anchors.base import Anchor
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.checkpoint import Checkpoint
from tests.interop.node import Node, anvil

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

FIRST = ("--slots-in-an-epoch", "1", "--chain-id", "1001")
SECOND = ("--slots-in-an-epoch", "1", "--chain-id", "1002")


def gateway_on(home: Path, *nodes: Node) -> Gateway:
    """Make a gateway with a contract of its own on each chain, all of one account."""
    settings = setup.create(home, party="g", name="g", country="SG", port=8443)
    parts = []
    for node in nodes:
        node.fund(chain_account(settings).address)
        parts.append(deploy(settings, node.url, None, 20.0).settings())
    first, *rest = parts
    also = [part.replace("[anchor]", "[[anchor.also]]") for part in rest]
    with (home / "silkgate.toml").open("a") as file:
        file.write("\n" + "\n".join([first, *also]) + "\n")
    return Gateway(load(home))


def grow(gateway: Gateway, document: bytes) -> Checkpoint:
    """Log a document and return the checkpoint over it."""
    with gateway.store.begin() as tx:
        gateway.logbook.append(tx, [sha256(document).digest()])
    gateway.sealing.round()
    with gateway.logbook.reading(gateway.logbook.origin) as log:
        return Checkpoint(log.origin, log.size, log.root())


def settle(gateway: Gateway, node: Node, anchor: Anchor, wanted: Checkpoint) -> bytes:
    """Anchor until it is final; return the record."""
    for _ in range(50):
        gateway.anchoring.step(anchor)
        node.mine(3)
        found = anchor.status(wanted)
        if found is not None and found.state is State.FINAL:
            return found.record
    raise AssertionError("never final")


def test_both_chains_hold_what_one_missed(tmp_path: Path) -> None:
    """The second chain is away for a checkpoint; back again, it goes on from where it was."""
    kept = ("--state", str(tmp_path / "chain.json"))
    with anvil(*FIRST) as one:
        with anvil(*SECOND, *kept) as two:
            gateway = gateway_on(tmp_path / "g", one, two)
            first, second = map(gateway.anchoring.open, gateway.settings.anchor.targets)
            start = grow(gateway, b"first")
            records = [settle(gateway, one, first, start), settle(gateway, two, second, start)]
            chains = [verify_record(record, start).chain_id for record in records]
            assert chains == [1001, 1002]
            port = two.port
        missed = grow(gateway, b"second")
        assert verify_record(settle(gateway, one, first, missed), missed).size == 2
        with pytest.raises(AnchorUnavailable):
            gateway.anchoring.step(second)
        latest = grow(gateway, b"third")
        with anvil(*SECOND, *kept, port=port) as two:
            assert verify_record(settle(gateway, two, second, latest), latest).size == 3
        sizes = [(intent.size, intent.state) for intent in gateway.anchoring.listed()]
        assert sorted(sizes) == [(1, State.FINAL), (1, State.FINAL), (2, State.FINAL),
                                 (3, State.FINAL)]  # fmt: skip
        gateway.close()
