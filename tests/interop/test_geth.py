"""Anchors on go-ethereum itself: one node alone (`geth --dev`), with the `finalized` tag."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable, SendRefused
from ledger.anchors.evm import deploy, rpc_anchor
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.transaction import Transaction
from tests.interop.gethnet import program, until
from tests.interop.node import Node
from tests.interop.test_anvil import LOG, checkpoint, consistency
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN

pytestmark = [pytest.mark.interop, pytest.mark.timeout(120)]

EPOCH = 32
OWNER = Account.generate()


class Geth(Node):
    """The node; it mines a block for each transaction of its own account."""

    def fund(self, address: str) -> None:
        """Give an account an ether of the node's."""
        self._send(address, 10**18)

    def mine(self, blocks: int = 1) -> None:
        """Make blocks by sending dust."""
        for _ in range(blocks):
            before = self.chain.head().latest
            self._send("0x" + "11" * 20, 1)
            until(lambda before=before: self.chain.head().latest > before)  # type: ignore[misc]

    def _send(self, to: str, value: int) -> None:
        (ours, *_) = self.tell("eth_accounts")
        self.tell("eth_sendTransaction", {"from": ours, "to": to, "value": hex(value)})


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Geth]:
    """A running geth with our account funded."""
    yield from _running(program(), tmp_path_factory.mktemp("geth"))


def _running(program: str, home: Path) -> Iterator[Geth]:
    from ledger.anchors.evm import connect

    port, engine = _free_ports()
    command = [program, "--dev", "--datadir", str(home), "--ipcdisable", "--port", "0"]
    command += ["--http", "--http.port", str(port), "--authrpc.port", str(engine)]
    command += ["--http.api", "eth,net,web3,debug,txpool", "--verbosity", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            found = Geth(port, connect(f"http://127.0.0.1:{port}"))
            until(lambda: _answers(found, process))
            found.fund(OWNER.address)
            until(lambda: found.chain.head().latest == 1)
            yield found
        finally:
            process.terminate()


def _answers(node: Geth, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "geth ended"
    try:
        return node.chain.chain_id() > 0
    except AnchorUnavailable:
        return False


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        for probe in (one, two):
            probe.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(two.getsockname()[1])


def _anchor(node: Geth, **more: Any) -> ChainAnchor:
    contract = deploy(node.chain, OWNER)
    target = Target(contract=contract, chain_id=node.chain.chain_id(), finality=Finality(**more))
    return rpc_anchor(node.url, OWNER, target, MemoryIntents())


def _is(anchor: ChainAnchor, size: int, state: State) -> bool:
    anchor.advance()
    found = anchor.status(checkpoint(size))
    return found is not None and found.state is state


def test_an_anchor_is_final_by_the_tag_and_proven_offline(node: Geth) -> None:
    """Mined at once, final when geth's own `finalized` tag has passed it; the record holds."""
    anchor = _anchor(node)
    for size in (100, 1_100):
        anchor.submit(checkpoint(size), consistency)
        until(lambda size=size: _is(anchor, size, State.MINED))  # type: ignore[misc]
    node.mine(2 * EPOCH)
    for size in (100, 1_100):
        until(lambda size=size: _is(anchor, size, State.FINAL))  # type: ignore[misc]
    found = anchor.status(checkpoint(1_100))
    assert found is not None
    assert found.gas_used <= 60_000
    assert verify_record(found.record, checkpoint(1_100)).placed
    assert anchor.anchored(ORIGIN) == (1_100, LOG.root(1_100))


def test_a_fork_is_refused(node: Geth) -> None:
    """The contract reverts what is not an extension, and the intent says so."""
    anchor = _anchor(node, confirmations=1, use_tag=False)
    anchor.submit(checkpoint(100), consistency)
    until(lambda: _is(anchor, 100, State.FINAL))
    anchor.submit(checkpoint(300), lambda *_: (bytes(32),) * 9)
    until(lambda: _is(anchor, 300, State.FAILED))
    assert anchor.anchored(ORIGIN) == (100, LOG.root(100))
    anchor.submit(checkpoint(300), consistency)
    until(lambda: _is(anchor, 300, State.FINAL))


def test_what_geth_says_to_known_and_poor_transactions(node: Geth) -> None:
    """Sent twice, or after its nonce is used: no error. Without funds: SendRefused."""
    intents = MemoryIntents()
    contract = deploy(node.chain, OWNER)
    target = Target(contract=contract, chain_id=node.chain.chain_id())
    anchor = rpc_anchor(node.url, OWNER, target, intents)
    anchor.submit(checkpoint(100), consistency)
    (intent,) = intents.all(ORIGIN)
    node.chain.send(intent.attempts[0].raw)
    until(lambda: _is(anchor, 100, State.MINED))
    node.chain.send(intent.attempts[0].raw)
    fees = node.chain.fees()
    poor = Transaction(
        chain_id=node.chain.chain_id(),
        nonce=0,
        tip=fees.tip,
        max_fee=2 * fees.base + fees.tip,
        gas=21_000,
        to=contract,
        data=b"",
    )
    with pytest.raises(SendRefused):
        node.chain.send(poor.signed(Account.generate()))


def test_a_chain_that_is_set_back_gets_the_anchor_again(node: Geth) -> None:
    """Three blocks are taken back, the anchor's among them: the same bytes are mined again."""
    anchor = _anchor(node, confirmations=64, use_tag=False)
    before = node.chain.head().latest
    anchor.submit(checkpoint(100), consistency)
    until(lambda: _is(anchor, 100, State.MINED))
    first = anchor.status(checkpoint(100))
    node.tell("debug_setHead", hex(before))
    until(lambda: anchor.anchored(ORIGIN)[0] == 0)
    anchor.advance()
    until(lambda: _is(anchor, 100, State.MINED))
    again = anchor.status(checkpoint(100))
    assert first is not None
    assert again is not None
    assert again.tx_hash == first.tx_hash
    assert anchor.anchored(ORIGIN) == (100, LOG.root(100))
