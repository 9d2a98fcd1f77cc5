"""The contract and the in-process chain, through web3."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ledger import merkle
from ledger.anchors import calls
from ledger.anchors.account import Account
from ledger.anchors.chain import Chain
from ledger.anchors.errors import AnchorRefused, AnchorUnavailable, SendRefused
from ledger.anchors.evm import Web3Chain, connect, deploy, in_process, in_process_anchor, warm_up
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.transaction import Transaction, transaction_hash
from ledger.checkpoint import Checkpoint
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN, log_of

CONTRACT = Path(__file__).resolve().parents[3] / "ledger" / "anchors" / "contract"
LOG = log_of(3000)
LOG_ID = calls.log_id(ORIGIN)
OWNER, STRANGER = Account.generate(), Account.generate()
SIZES = (1, 2, 3, 7, 8, 9, 64, 65, 127, 300, 1000, 1024, 1500, 3000)


def checkpoint(size: int) -> Checkpoint:
    """Return the log's checkpoint of `size` leaves."""
    return Checkpoint(ORIGIN, size, LOG.root(size))


def consistency(old: int, new: int) -> Sequence[bytes]:
    """Return the log's consistency path."""
    return LOG.consistency(old, new).path


@pytest.fixture(scope="module")
def chain() -> Web3Chain:
    """One chain in this process for all tests of the module."""
    return in_process(OWNER)


def _anchor(chain: Web3Chain, *, account: Account = OWNER) -> ChainAnchor:
    target = Target(
        contract=deploy(chain, account),
        chain_id=chain.chain_id(),
        finality=Finality(confirmations=1, use_tag=False),
    )
    return ChainAnchor(chain, account, target, MemoryIntents())


def _send(chain: Web3Chain, to: str, call: calls.AnchorCall, account: Account = OWNER) -> bool:
    """Call `anchor` from outside the outbox; tell whether the contract accepted it."""
    fees = chain.fees()
    raw = Transaction(
        chain_id=chain.chain_id(),
        nonce=chain.nonce(account.address),
        tip=fees.tip,
        max_fee=2 * fees.base + fees.tip,
        gas=300_000,
        to=to,
        data=call.encode(),
    ).signed(account)
    chain.send(raw)
    receipt = chain.receipt(transaction_hash(raw))
    assert receipt is not None
    return receipt.succeeded


def test_the_first_anchor_and_its_record() -> None:
    """Start a chain, deploy, anchor: final at once, and the record verifies offline."""
    anchor = in_process_anchor(MemoryIntents())
    status = anchor.submit(checkpoint(300), consistency)
    assert status.state is State.FINAL
    verdict = verify_record(status.record, checkpoint(300))
    assert verdict.placed
    assert f"0x{verdict.tx_hash.hex()}" == status.tx_hash
    assert anchor.anchored(ORIGIN) == (300, LOG.root(300))


def test_growth_is_accepted_and_cheap(chain: Web3Chain) -> None:
    """Every step of growth passes the contract's check; 1,000 leaves cost at most 60 gas each."""
    anchor = _anchor(chain)
    for size in SIZES:
        status = anchor.submit(checkpoint(size), consistency)
        assert status.state is State.FINAL
        assert verify_record(status.record, checkpoint(size)).placed
        assert size == SIZES[0] or status.gas_used <= 60_000
    assert anchor.anchored(ORIGIN) == (3000, LOG.root())


def test_the_contract_refuses_what_is_not_append_only(chain: Web3Chain) -> None:
    """A fork, a flipped, cut, longer or borrowed proof, a size that does not grow: reverted."""
    contract = deploy(chain, OWNER)
    old, new = 300, 1000
    path = consistency(old, new)
    assert _send(chain, contract, calls.AnchorCall(LOG_ID, old, LOG.root(old), ()))
    root = LOG.root(new)
    refused = {
        "fork": calls.AnchorCall(LOG_ID, new, bytes(32), path),
        "no proof": calls.AnchorCall(LOG_ID, new, root, ()),
        "flipped": calls.AnchorCall(LOG_ID, new, root, (bytes(32), *path[1:])),
        "cut": calls.AnchorCall(LOG_ID, new, root, path[:-1]),
        "longer": calls.AnchorCall(LOG_ID, new, root, (*path, path[-1])),
        "swapped": calls.AnchorCall(LOG_ID, new, root, (path[1], path[0], *path[2:])),
        "of other sizes": calls.AnchorCall(LOG_ID, new, root, consistency(301, new)),
        "size of another shape": calls.AnchorCall(LOG_ID, 5000, root, path),
        "same size": calls.AnchorCall(LOG_ID, old, LOG.root(old), ()),
        "smaller": calls.AnchorCall(LOG_ID, 200, LOG.root(200), ()),
        "64 nodes": calls.AnchorCall(LOG_ID, new, root, (bytes(32),) * 64),
    }
    assert [name for name, call in refused.items() if _send(chain, contract, call)] == []
    assert _send(chain, contract, calls.AnchorCall(LOG_ID, new, root, path))


def test_one_contract_keeps_many_logs(chain: Web3Chain) -> None:
    """Shards of a log are anchored side by side: each grows by itself, none stands for another."""
    anchor = _anchor(chain)
    shard = replace(checkpoint(300), origin=f"{ORIGIN}/2026q4")
    assert anchor.submit(checkpoint(1000), consistency).state is State.FINAL
    status = anchor.submit(shard, consistency)
    assert status.state is State.FINAL
    assert anchor.anchored(ORIGIN) == (1000, LOG.root(1000))
    assert anchor.anchored(shard.origin) == (300, LOG.root(300))
    assert verify_record(status.record, shard).placed
    with pytest.raises(AnchorRefused):
        verify_record(status.record, checkpoint(300))


def test_the_first_anchor_takes_no_proof(chain: Web3Chain) -> None:
    """A contract without anchor refuses nodes it cannot check."""
    contract = deploy(chain, OWNER)
    assert not _send(chain, contract, calls.AnchorCall(LOG_ID, 8, LOG.root(8), (bytes(32),)))


def test_only_the_owner_anchors(chain: Web3Chain) -> None:
    """Another account's call is reverted."""
    contract = deploy(chain, OWNER)
    fees = chain.fees()
    chain.send(
        Transaction(
            chain_id=chain.chain_id(),
            nonce=chain.nonce(OWNER.address),
            tip=fees.tip,
            max_fee=2 * fees.base + fees.tip,
            gas=21_000,
            to=STRANGER.address,
            data=b"",
            value=10**18,
        ).signed(OWNER)
    )
    assert not _send(chain, contract, calls.AnchorCall(LOG_ID, 8, LOG.root(8), ()), STRANGER)
    assert _send(chain, contract, calls.AnchorCall(LOG_ID, 8, LOG.root(8), ()), OWNER)


def test_the_contract_agrees_with_the_verifier(chain: Web3Chain) -> None:
    """For all sizes to 12, contract and `verify_consistency` accept and refuse the same paths."""
    pairs = [(old, new) for new in range(2, 13) for old in range(1, new)]
    for old, new in pairs[::9]:
        contract = deploy(chain, OWNER)
        assert _send(chain, contract, calls.AnchorCall(LOG_ID, old, LOG.root(old), ()))
        for path in (consistency(old - 1, new), (), consistency(old, new)):
            holds = merkle.verify_consistency(old, new, LOG.root(old), LOG.root(new), path)
            assert (
                _send(chain, contract, calls.AnchorCall(LOG_ID, new, LOG.root(new), path)) is holds
            )
            if holds:
                break


def test_sending_twice_is_no_error(chain: Web3Chain) -> None:
    """A transaction that the node had already is taken as such; one without funds is refused."""
    anchor = _anchor(chain)
    anchor.submit(checkpoint(5), consistency)
    (intent,) = anchor._intents.all(ORIGIN)
    chain.send(intent.attempts[0].raw)
    with pytest.raises(SendRefused):
        _send(
            chain,
            STRANGER.address,
            calls.AnchorCall(LOG_ID, 8, LOG.root(8), ()),
            Account.generate(),
        )


def test_a_node_that_is_away_is_said_to_be() -> None:
    """Nobody listens at the address: AnchorUnavailable, not a traceback of a library."""
    with pytest.raises(AnchorUnavailable):
        connect("http://127.0.0.1:9").chain_id()


def test_web3_fulfils_the_protocol(chain: Web3Chain) -> None:
    """What the outbox asks of a chain is what web3's node gives."""
    node: Chain = chain
    assert node.head().latest >= 1
    assert node.receipt(bytes(32)) is None
    assert node.block(bytes(32)) is None
    assert node.call(STRANGER.address, calls.selector(calls.SIZE)) == b""
    warm_up().join()


def test_the_artefact_is_the_source() -> None:
    """Compiling the contract again gives the ABI and the bytecode of the repository."""
    vyper = pytest.importorskip("vyper", reason="the compiler is a development dependency")
    source = (CONTRACT / "Anchor.vy").read_text()
    artefact = json.loads((CONTRACT / "Anchor.json").read_text())
    compiled = vyper.compile_code(source, output_formats=["abi", "bytecode"])
    assert compiled["bytecode"] == artefact["bytecode"]
    assert compiled["abi"] == artefact["abi"]


def test_the_ledger_loads_no_chain_library() -> None:
    """Log, proofs, offline check and even the module for chains import without web3."""
    code = (
        "import sys, ledger.log, ledger.folder, ledger.fsck, ledger.twoside, ledger.witness,"
        " ledger.anchors.offline, ledger.anchors.evm;"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('web3', 'eth', 'eth_tester', 'eth_utils', 'aiohttp', 'cbor2', 'Crypto')])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"
