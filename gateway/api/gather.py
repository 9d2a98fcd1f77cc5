"""Group commit: calls that arrive together are answered by one call of the store.

A durable commit costs one flush of the disk, whatever it holds. While one is under way the next
requests gather, and share the following one; an idle gateway adds no waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Sequence[Item]], Sequence[Result | Exception]]


class Gatherer(Generic[Item, Result]):
    """Gives items one by one to a function over batches, in a thread of its own."""

    def __init__(self, name: str, work: Work[Item, Result], *, most: int = 64) -> None:
        """Call `work` with at most `most` items; it answers each with a result or an exception."""
        self._work = work
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def ask(self, item: Item) -> Result:
        """Return the result for one item, or raise its exception."""
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await answer

    def close(self) -> None:
        """Finish what is under way and end the thread."""
        self._thread.shutdown()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            items = [item for item, _ in batch]
            results = await loop.run_in_executor(self._thread, self._attempt, items)
            for (_, answer), result in zip(batch, results, strict=True):
                if answer.done():  # the caller is gone; its item is done all the same
                    continue
                if isinstance(result, Exception):
                    answer.set_exception(result)
                else:
                    answer.set_result(result)

    def _attempt(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return self._work(items)
        except Exception as error:  # noqa: BLE001 - whatever it is, each caller has to be told
            return [error] * len(items)
