"""Workers: claim, carry, sleep until there is more.

Any number of threads; on PostgreSQL any number of processes on any number of hosts as well.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from gateway.exchange.runner import Runner
from gateway.store import claims
from gateway.store.database import Store
from schemas.clock import Clock, utc_now

_LOG = logging.getLogger(__name__)
_AFTER_ERROR: Final = 1.0


class Worker:
    """Threads that carry claims until they are told to stop."""

    def __init__(
        self,
        runner: Runner,
        *,
        batch: int = 64,
        threads: int = 1,
        idle: float = 0.5,
        linger: float = 0.01,
    ) -> None:
        """Carry up to `batch` documents at a time per thread; look every `idle` seconds.

        `wake` makes a worker in this process look at once, but for `linger` seconds in which
        others may come that share its commits.
        """
        self._runner = runner
        self._batch = batch
        self._idle = idle
        self._linger = linger
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(n,), name=f"worker-{n}", daemon=True)
            for n in range(threads)
        ]

    def start(self) -> None:
        """Free what dead workers of this host held, then start the threads."""
        free_dead(self._runner.store, self._runner.rooms.clock)
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Tell the threads that there is work."""
        self._work.set()

    def stop(self, timeout: float | None = None) -> None:
        """Let every batch reach its next commit, give the rest back, and end the threads."""
        self._stopping.set()
        self._work.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout)

    def _loop(self, number: int) -> None:
        runner = replace(self._runner, actor=name(number))
        while not self._stopping.is_set():
            self._work.clear()
            carried = self._turn(runner)
            if carried == 0 and not self._stopping.is_set():
                self._work.wait(self._idle)
            if carried < self._batch:
                self._stopping.wait(self._linger)

    def _turn(self, runner: Runner) -> int:
        """Carry one claim; tells how many documents it had."""
        try:
            return carry_once(runner, self._batch, self._stopping.is_set)
        except Exception:  # noqa: BLE001 - the thread outlives whatever happens to one claim
            # Mostly the store itself: what was in hand comes back when its lease ends.
            _LOG.exception("worker could not carry its claim")
            self._stopping.wait(_AFTER_ERROR)
            return 0


def carry_once(runner: Runner, batch: int, stopping: Callable[[], bool] = lambda: False) -> int:
    """Claim up to `batch` documents and carry them; tells how many there were."""
    claim = runner.claim(batch)
    if claim is None:
        return 0
    runner.run(claim, stopping)
    return len(claim.exchanges)


def name(number: int = 0) -> str:
    """Return how claims name a thread of this process: host, process and number."""
    return f"{socket.gethostname()}/{os.getpid()}/{number}"


def free_dead(store: Store, clock: Clock = utc_now) -> int:
    """End the leases of processes of this host that are no more; returns how many documents."""
    host = socket.gethostname()
    freed = 0
    with store.begin() as tx:
        for owner in claims.owners(tx):
            where, _, rest = owner.rpartition("/")[0].rpartition("/")
            if where == host and rest.isdigit() and not _alive(int(rest)):
                freed += claims.expire(tx, owner, now=clock())
    return freed


def _alive(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
