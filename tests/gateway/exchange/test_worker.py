"""Workers: threads that find work, share it, and stop."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from gateway.exchange.intake import accept_all
from gateway.exchange.policy import Policy
from gateway.exchange.runner import Runner
from gateway.exchange.worker import Worker, free_dead, name
from gateway.store import claims, exchanges, journal
from gateway.store.database import Store
from gateway.store.model import Direction, State
from schemas.clock import utc_now
from tests.gateway.exchange import standins
from tests.gateway.exchange.standins import submission


def runner(store: Store) -> Runner:
    """Return a runner with stand-in rooms and the system's clock."""
    return Runner(store=store, rooms=standins.rooms(), policy=Policy(), actor=name())


def done(store: Store) -> int:
    """Return how many exchanges are done."""
    with store.read() as tx:
        return exchanges.counts(tx).get((Direction.OUT, State.DONE), 0)


def wait(until: Callable[[], bool]) -> bool:
    """Wait up to ten seconds for something to become true."""
    deadline = time.monotonic() + 10
    while not until() and time.monotonic() < deadline:
        time.sleep(0.01)
    return until()


@pytest.mark.parametrize("threads", [1, 4])
def test_workers_share_what_there_is(store: Store, threads: int) -> None:
    """Any number of threads carries every document through, each stage once."""
    worker = Worker(runner(store), batch=7, threads=threads, idle=0.02)
    worker.start()
    accept_all(store, [submission(f"document {n}") for n in range(60)])
    worker.wake()
    assert wait(lambda: done(store) == 60)
    worker.stop()
    with store.read() as tx:
        for exchange in exchanges.listed(tx, limit=100):
            assert len(journal.read(tx, exchange.id)) == 10


def test_a_woken_worker_does_not_wait_for_its_next_look(store: Store) -> None:
    """A worker that looks every hour has an accepted document done at once when it is woken."""
    worker = Worker(runner(store), idle=3600)
    worker.start()
    time.sleep(0.1)
    accept_all(store, [submission("one")])
    worker.wake()
    assert wait(lambda: done(store) == 1)
    worker.stop(timeout=5)


def test_stopping_holds_nothing_back(store: Store) -> None:
    """After a stop nobody holds a claim, and whoever comes next can go on at once."""
    accept_all(store, [submission(f"document {n}") for n in range(300)])
    worker = Worker(runner(store), batch=50, idle=0.02)
    worker.start()
    wait(lambda: done(store) > 0)
    worker.stop(timeout=10)
    with store.read() as tx:
        assert claims.owners(tx) == set()
        states = {state for _, state in exchanges.counts(tx)}
    assert states <= {State.READY, State.DONE}


def test_claims_of_dead_processes_are_freed_at_the_start(store: Store) -> None:
    """What a process of this host held that is no more is due at once; the living keep theirs."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    host = socket.gethostname()
    owners = [f"{host}/{gone.pid}/0", f"{host}/{os.getpid()}/0", f"elsewhere/{gone.pid}/0"]
    for n, owner in enumerate(owners):
        accept_all(store, [submission(f"document {n}")])
        with store.begin() as tx:
            claims.claim(
                tx, worker=owner, now=utc_now(), lease=timedelta(hours=1), most=1, suspicious=2
            )
    assert free_dead(store) == 1
    claim = runner(store).claim(10)
    assert claim is not None
    assert len(claim.exchanges) == 1


def test_a_store_that_fails_does_not_end_the_worker(store: Store) -> None:
    """A worker outlives an outage of its database."""
    worker = Worker(runner(store), idle=0.02)
    real, outage = store.begin, []

    def broken() -> object:
        outage.append(1)
        message = "database is gone"
        raise ConnectionError(message)

    worker.start()
    store.begin = broken  # type: ignore[method-assign,assignment]
    assert wait(lambda: bool(outage))
    store.begin = real  # type: ignore[method-assign]
    accept_all(store, [submission("one")])
    assert wait(lambda: done(store) == 1)
    worker.stop()
