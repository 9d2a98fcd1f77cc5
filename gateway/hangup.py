"""SIGHUP, by which an operator tells a running process to look again at what it has read."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def on_hangup(act: Callable[[], None]) -> Iterator[None]:
    """Have `act` done at every SIGHUP while the block lasts, one after another in a thread.

    A signal comes in the middle of anything; a thread may take locks and wait for files. Outside
    of the main thread, where no signal arrives, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    turn = threading.Lock()

    def acted() -> None:
        with turn:
            act()

    def started(*_: object) -> None:
        threading.Thread(target=acted, name="hangup", daemon=True).start()

    before = signal.signal(signal.SIGHUP, started)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)
