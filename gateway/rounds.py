"""Threads that do what is due, round after round, and what wakes them before their time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import structlog

_LOG: Final = structlog.get_logger(__name__)


class Waker:
    """A flag that one thread waits for and any thread raises."""

    def __init__(self) -> None:
        """Start with the flag down."""
        self._event = threading.Event()

    def wake(self) -> None:
        """Raise the flag."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Wait until the flag is raised, at most so long; take it down."""
        self._event.wait(seconds)
        self._event.clear()


class Rounds:
    """A thread that takes step after step, and waits where a step found nothing to do."""

    def __init__(self, name: str, step: Callable[[], int], poll: float, waker: Waker) -> None:
        """Take steps, each of which returns how much it did; wait `poll` seconds or for `waker`."""
        self._name = name
        self._step = step
        self._poll = poll
        self._waker = waker
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def stopping(self) -> bool:
        """Whether the thread was told to end."""
        return self._stop.is_set()

    def start(self) -> None:
        """Begin in a thread."""
        self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Finish the step at hand and end the thread, waiting at most so long."""
        self._stop.set()
        self._waker.wake()
        if self._thread is not None:
            self._thread.join(timeout=seconds)

    def _run(self) -> None:
        while not self.stopping:
            try:
                busy = self._step()
            except Exception:  # noqa: BLE001 - the thread outlives a broken database
                _LOG.exception(f"{self._name}.step")
                busy = 0
            if not busy:
                self._waker.wait(self._poll)
