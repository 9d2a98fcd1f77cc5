"""Waking whoever waits for work: at once when told, else after a while."""

from __future__ import annotations

import threading


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
