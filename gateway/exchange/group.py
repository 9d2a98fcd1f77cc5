"""Group commit: whoever comes while one commit is on its way to the disk shares the next.

A commit costs the disk some milliseconds whatever it holds. Callers from any number of threads
and event loops hand in one thing each; a single thread commits all that have come in one
transaction and tells each caller only then.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from gateway.exchange.errors import TransientError
from gateway.store.database import Store, Transaction

In = TypeVar("In")
Out = TypeVar("Out")


class GroupCommitter(Generic[In, Out]):
    """Commits what callers hand in, many at a time.

    `work(tx, given)` returns for each thing given its result or the error that its caller gets.
    If it fails for all, each is tried by itself, so that one cannot spoil it for the others.
    """

    def __init__(
        self,
        store: Store,
        work: Callable[[Transaction, Sequence[In]], Sequence[Out | Exception]],
        *,
        most: int = 256,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Start the thread; `most` bounds one transaction, `done` is called after each."""
        self._store = store
        self._work = work
        self._most = most
        self._done = done
        self._queue: deque[tuple[In, Future[Out]]] = deque()
        self._wake = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._loop, name="group-commit", daemon=True)
        self._thread.start()

    async def submit(self, given: In) -> Out:
        """Hand in one thing and wait until it is durable; raises what refuses it."""
        return await asyncio.wrap_future(self._put(given))

    def submit_and_wait(self, given: In) -> Out:
        """Hand in one thing from a thread that may block."""
        return self._put(given).result()

    def close(self) -> None:
        """Commit what was handed in and end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()

    def _put(self, given: In) -> Future[Out]:
        future: Future[Out] = Future()
        with self._wake:
            if self._closed:
                raise TransientError(where="gateway", reason="shutting down")
            self._queue.append((given, future))
            self._wake.notify()
        return future

    def _loop(self) -> None:
        while taken := self._take():
            given = [one for one, _ in taken]
            for (_, future), outcome in zip(taken, self._commit(given), strict=True):
                if not future.set_running_or_notify_cancel():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
            self._done()

    def _take(self) -> list[tuple[In, Future[Out]]]:
        with self._wake:
            while not self._queue and not self._closed:
                self._wake.wait()
            return [self._queue.popleft() for _ in range(min(len(self._queue), self._most))]

    def _commit(self, given: Sequence[In]) -> Sequence[Out | Exception]:
        try:
            with self._store.begin() as tx:
                return self._work(tx, given)
        except Exception as error:  # noqa: BLE001 - each caller is told what refuses it
            if len(given) == 1:
                return [error]
        return [outcome for one in given for outcome in self._commit([one])]
