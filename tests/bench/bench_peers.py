"""Side by side: TradeTrust's document store in gas, pymerkle in leaves and proofs.

`make interop` installs both, the document store's code from its npm package, pymerkle into an
environment of its own (another one: `SILKGATE_PEERS_PYTHON`); what is not installed is left out.
Both sides are measured in the same run on the same machine, and gas on the same chain.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ledger.anchors import calls
from ledger.anchors.account import Account
from ledger.anchors.evm import InProcessChain, deploy, in_process
from ledger.anchors.transaction import Transaction, transaction_hash
from ledger.folder import FolderLog
from tests.bench import Figure
from tests.ledger.trees import log_of

PEERS = Path(__file__).parents[2] / ".venv" / "peers" / "bin" / "python"
INTEROP = Path(__file__).parents[1] / "interop"
_BULK = 100
_LEAVES = 20_000
_WORD = 32


def run() -> Iterator[Figure]:
    """Yield the figures of both, ours beside theirs."""
    yield from _gas()
    yield from _merkle()


@dataclass
class _Sender:
    """An account on a chain in this process, and what its transactions cost."""

    chain: InProcessChain
    account: Account

    def gas(self, to: str, data: bytes, limit: int = 8_000_000) -> int:
        """Send a transaction and return the gas it used; it must succeed."""
        return self._receipt(to, data, limit)[0]

    def deployed(self, code: bytes) -> tuple[int, str]:
        """Deploy code; return the gas it used and the contract's address."""
        return self._receipt("", code, 8_000_000)

    def _receipt(self, to: str, data: bytes, limit: int) -> tuple[int, str]:
        fees = self.chain.fees()
        raw = Transaction(
            chain_id=self.chain.chain_id(),
            nonce=self.chain.nonce(self.account.address),
            tip=fees.tip,
            max_fee=2 * fees.base + fees.tip,
            gas=limit,
            to=to,
            data=data,
        ).signed(self.account)
        self.chain.send(raw)
        found = self.chain.receipt(transaction_hash(raw))
        if found is None or not found.succeeded:
            raise RuntimeError(f"the call of {to or 'a deployment'} failed")
        return found.gas_used, found.contract


def _gas() -> Iterator[Figure]:
    code = _document_store()
    if not code:
        return
    account = Account.generate()
    sender = _Sender(in_process(account), account)
    named = b"Silkgate bench".ljust(_WORD, b"\0")
    owner = bytes.fromhex(account.address[2:]).rjust(_WORD, b"\0")
    arguments = _number(2 * _WORD) + owner + _number(14) + named
    cost, store = sender.deployed(code + arguments)
    yield Figure("TradeTrust document store: deployment", cost, "gas")
    issue = [_issue(b"%d" % n) for n in range(1 + _BULK)]
    yield Figure("TradeTrust document store: issue", sender.gas(store, issue[0]), "gas/document")
    bulk = sender.gas(store, _multicall(issue[1:])) / _BULK
    yield Figure(f"TradeTrust document store: {_BULK} issues in one call", bulk, "gas/document")
    for step, target in ((1_000, "<= 60"), (10_000, "<= 6")):
        yield Figure(
            f"anchor: {step:,} per checkpoint", _ours(sender, step), "gas/document", target
        )


def _ours(sender: _Sender, step: int) -> float:
    """Return the gas per document of a checkpoint that is `step` documents after the last."""
    contract = deploy(sender.chain, sender.account)
    log = log_of(step)
    name = calls.log_id(log.origin)
    sender.gas(contract, calls.AnchorCall(name, log.size, log.root(), ()).encode())
    log.append(_digests(step, step))
    path = log.consistency(step, log.size).path
    return sender.gas(contract, calls.AnchorCall(name, log.size, log.root(), path).encode()) / step


def _document_store() -> bytes:
    """Return the deployment code of the document store, nothing where it is not installed."""
    if shutil.which("node") is None or not (INTEROP / "node_modules" / "@trustvc").exists():
        return b""
    command = ["node", str(INTEROP / "document_store.cjs")]
    code = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return bytes.fromhex(code.removeprefix("0x"))


def _issue(document: bytes) -> bytes:
    return calls.selector("issue(bytes32)") + hashlib.sha256(document).digest()


def _multicall(made: list[bytes]) -> bytes:
    """Return the call of `multicall(bytes[])`, by which the store issues many at once."""
    width = -(-len(made[0]) // _WORD) * _WORD
    offsets = b"".join(_number(len(made) * _WORD + n * (_WORD + width)) for n in range(len(made)))
    items = b"".join(_number(len(each)) + each.ljust(width, b"\0") for each in made)
    head = _number(_WORD) + _number(len(made))
    return calls.selector("multicall(bytes[])") + head + offsets + items


def _number(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


def _digests(start: int, count: int) -> list[bytes]:
    return [hashlib.sha256(b"document %d" % n).digest() for n in range(start, start + count)]


_PEER = """
import hashlib, json, sys, tempfile, time
from pathlib import Path
from pymerkle import SqliteTree
count, folder = int(sys.argv[1]), sys.argv[2]
entries = [hashlib.sha256(b"document %d" % n).digest() for n in range(count)]
with SqliteTree(str(Path(folder) / "peer.db"), algorithm="sha256") as tree:
    start = time.perf_counter()
    for at in range(0, count, 1000):
        tree.append_entries(entries[at : at + 1000], chunksize=1000)
    rate = count / (time.perf_counter() - start)
    took = []
    for n in range(20):
        start = time.perf_counter()
        tree.prove_inclusion((n * 7919 + 13) % count + 1, count)
        took.append(time.perf_counter() - start)
print(json.dumps([rate, sorted(took)[10] * 1e3]))
"""


def _merkle() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        python = os.environ.get("SILKGATE_PEERS_PYTHON", str(PEERS if PEERS.exists() else ""))
        command = [python or sys.executable, "-c", _PEER, str(_LEAVES), folder]
        peer = subprocess.run(command, check=False, capture_output=True, text=True)
        if peer.returncode:
            return
        rate, proof = json.loads(peer.stdout)
        at = f"{_LEAVES:,} leaves"
        yield Figure("pymerkle (SQLite): append, commits of 1,000", rate, "leaves/s")
        yield Figure(f"pymerkle (SQLite): inclusion proof at {at}", proof, "ms")
        ours, took = _folder_log(Path(folder) / "ours")
        yield Figure("silkgate log: append, index and signed checkpoint", ours, "leaves/s")
        yield Figure(f"silkgate log: inclusion proof at {at}", took, "ms")


def _folder_log(home: Path) -> tuple[float, float]:
    """Return leaves per second and the median milliseconds of a proof, under the same load."""
    entries = _digests(0, _LEAVES)
    with FolderLog.init(home, "bench.example/log") as log:
        start = time.perf_counter()
        for at in range(0, _LEAVES, 1_000):
            log.append(entries[at : at + 1_000])
        rate = _LEAVES / (time.perf_counter() - start)
        took = []
        for number in range(20):
            start = time.perf_counter()
            log.proof((number * 7919 + 13) % _LEAVES)
            took.append(time.perf_counter() - start)
    return rate, sorted(took)[10] * 1e3
