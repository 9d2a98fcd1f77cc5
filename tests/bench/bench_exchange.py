"""The bare engine: nine-stage flows per second when the stages themselves do nothing.

Everything else is real: acceptance, claims, one commit per stage with the state, the journal and
the payloads, the append to the log, on SQLite with synchronous=FULL and on a PostgreSQL that
flushes every commit.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.exchange.intake import accept_all
from gateway.exchange.policy import Policy
from gateway.exchange.runner import Runner
from gateway.exchange.worker import Worker, carry_once
from gateway.store import exchanges, open_store
from gateway.store.database import Store
from gateway.store.model import Direction, State
from tests.bench import Figure
from tests.gateway.exchange import standins
from tests.postgres import binaries, cluster

FLOWS = 4096
BATCH = 256
DOCUMENT = "x" * 2000


def run() -> Iterator[Figure]:
    """Yield acceptances and flows per second, by database and number of workers."""
    with _sqlite() as store:
        yield Figure("accept in batches of 256, SQLite", _accept(store), "documents/s")
        yield _flows("SQLite, 1 worker", _carry(store, threads=1))
    if binaries() is None:
        return
    with cluster(durable=True) as running:
        for threads in (1, 4):
            store = open_store(running.database())
            accepted = _accept(store)
            if threads == 1:
                yield Figure("accept in batches of 256, PostgreSQL", accepted, "documents/s")
            yield _flows(f"PostgreSQL, {threads} workers", _carry(store, threads=threads))
            store.close()


def _flows(where: str, rate: float) -> Figure:
    return Figure(f"nine-stage flows without work, {where}", rate, "flows/s", ">= 1000")


@contextmanager
def _sqlite() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        store.migrate()
        yield store
        store.close()


def _accept(store: Store) -> float:
    given = [standins.submission(DOCUMENT, key=f"key {n}") for n in range(FLOWS)]
    start = time.perf_counter()
    for n in range(0, FLOWS, BATCH):
        accept_all(store, given[n : n + BATCH])
    return FLOWS / (time.perf_counter() - start)


def _carry(store: Store, *, threads: int) -> float:
    rooms = standins.rooms(fields=False)
    runner = Runner(store=store, rooms=rooms, policy=Policy(), actor="bench")
    start = time.perf_counter()
    if threads == 1:
        while carry_once(runner, BATCH):
            pass
    else:
        _carry_together(runner, threads)
    elapsed = time.perf_counter() - start
    with store.read() as tx:
        assert exchanges.counts(tx) == {(Direction.OUT, State.DONE): FLOWS}
    return FLOWS / elapsed


def _carry_together(runner: Runner, threads: int) -> None:
    worker = Worker(runner, batch=BATCH, threads=threads, idle=0.01)
    worker.start()
    while True:
        with runner.store.read() as tx:
            if exchanges.counts(tx).get((Direction.OUT, State.DONE)) == FLOWS:
                break
        time.sleep(0.05)
    worker.stop()
