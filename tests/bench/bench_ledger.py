"""Figures of the ledger: appending, proving, looking up, committing, anchoring."""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ledger import merkle
from ledger.anchors.evm import in_process_anchor
from ledger.anchors.offline import verify_record
from ledger.checkpoint import Checkpoint
from ledger.commitments import commit
from ledger.folder import FolderLog
from ledger.log import Log
from ledger.proof import verify_document
from ledger.signature import verifier_for
from tests.bench import Figure
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import log_of

_COMMITS = 300
_COMMIT = 1_000
_LARGE = 10_000_000
_ORIGIN = "cn-port/log"
"""As a gateway names its log. A proof file has 1,267 bytes and twice the origin at 10 million."""


def run(large: int = 1_000_000) -> Iterator[Figure]:
    """Yield the figures; `large` is the size of the log that is proven from.

    `python -m tests.bench.bench_ledger` takes the full 10 million leaves.
    """
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        yield from _append(Path(folder) / "append")
        yield from _prove(Path(folder) / "prove", large)
    yield from _commitments()
    yield from _anchor()


def _append(home: Path) -> Iterator[Figure]:
    with FolderLog.init(home, "bench.example/log") as log:
        took = []
        for number in range(_COMMITS):
            batch = _digests(number * _COMMIT, _COMMIT)
            took.append(_seconds(partial(log.append, batch)))
    rate = _COMMITS * _COMMIT / sum(took)
    name = "durable leaves, index and checkpoint, commits of 1,000"
    yield Figure(name, rate, "leaves/s", ">= 50,000")
    yield Figure("the same, slowest commit", max(took) * 1e3, "ms")


def _prove(home: Path, size: int) -> Iterator[Figure]:
    with FolderLog.init(home, _ORIGIN) as folder:
        for start in range(0, size, 50_000):
            folder.append(_digests(start, min(50_000, size - start)))
        sample = [(number * 7919 + 13) % size for number in range(300)]
        key = verifier_for(folder.key)
        with folder.reading() as log:
            at = f"at {size:,} leaves"
            yield _median(f"inclusion proof {at}", sample, lambda n: log.proof(n, size), "<= 1.5")
            digests = [_digests(index, 1)[0] for index in sample]
            yield _median(f"look-up by digest {at}", digests, log.find, "<= 5")
            proof = bytes(log.proof(sample[0], size))
            yield Figure(f"proof file {at}", len(proof), "bytes", "<= 1,300")
            found = [log.prove(index) for index in sample]
            leaves = [merkle.leaf_hash(digest) for digest in digests]
            pairs = list(zip(leaves, found, strict=True))
            yield _median(
                f"inclusion check {at}",
                pairs,
                lambda pair: merkle.verify_inclusion(
                    pair[0], pair[1].index, pair[1].size, pair[1].path, pair[1].root
                ),
                "<= 0.1",
            )
            document = b"document %d" % sample[0]
            whole = statistics.median(
                _seconds(lambda: verify_document(proof, document, key)) for _ in range(100)
            )
            yield Figure("proof file check with signature", whole * 1e3, "ms")


def _commitments() -> Iterator[Figure]:
    fields = {f"Field{number:03d}": f"value {number}" for number in range(120)}
    took = statistics.median(_seconds(lambda: commit(fields, bytes(32)).root) for _ in range(100))
    yield Figure("salted commitment of 120 fields", took * 1e3, "ms", "<= 2")


def _anchor() -> Iterator[Figure]:
    log = log_of(1_000)
    started = time.perf_counter()
    anchor = in_process_anchor(MemoryIntents())
    status = anchor.submit(_checkpoint(log), lambda *_: ())
    yield Figure("web3, chain, contract, first anchor", time.perf_counter() - started, "s", "<= 6")
    took = _seconds(lambda: verify_record(status.record, _checkpoint(log)))
    yield Figure("anchor record checked offline", took * 1e3, "ms")
    for step, rounds in ((1_000, 8), (10_000, 4)):
        gas = []
        for _ in range(rounds):
            log.append(_digests(log.size, step))
            done = anchor.submit(_checkpoint(log), lambda old, new: log.consistency(old, new).path)
            gas.append(done.gas_used / step)
        target = "<= 60" if step == _COMMIT else "<= 6"
        name = f"gas per document at {step:,} per checkpoint, worst of {rounds}"
        yield Figure(name, max(gas), "gas", target)


def _checkpoint(log: Log) -> Checkpoint:
    return Checkpoint(log.origin, log.size, log.root())


def _digests(start: int, count: int) -> list[bytes]:
    return [hashlib.sha256(b"document %d" % n).digest() for n in range(start, start + count)]


def _median(
    name: str, given: Sequence[Any], action: Callable[[Any], object], target: str
) -> Figure:
    """Return the median time of `action` over what it is given, in milliseconds."""
    took = statistics.median(_seconds(partial(action, each)) for each in given)
    return Figure(f"{name}, median", took * 1e3, "ms", target)


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


if __name__ == "__main__":
    for figure in run(int(sys.argv[1]) if len(sys.argv) > 1 else _LARGE):
        sys.stdout.write(
            f"{figure.name:60} {figure.value:14,.3f} {figure.unit:9} {figure.target}\n"
        )
