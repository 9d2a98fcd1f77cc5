"""Doing what is planned with other parties; what fails is tried again with a growing pause."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import structlog

from gateway.lading.desk import Desk
from gateway.lading.refusals import LadingError, PeerRefused, PeerSilent
from gateway.rounds import Rounds, Waker
from gateway.store import lading_errands
from gateway.store.lading_errands import Errand
from schemas.errors import SilkgateError
from schemas.text import Text

Handlers = Mapping[str, Callable[[Mapping[str, Any]], object]]
"""What does each kind of errand."""

_LEASE: Final = timedelta(seconds=60)
_POLL: Final = 0.5
_BATCH: Final = 16
_FIRST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(minutes=10)
_DOUBLINGS: Final = 10
_FINAL: Final = range(400, 500)
_TRY_AGAIN: Final = frozenset({401, 403, 408, 425, 429})
_LOG: Final = structlog.get_logger(__name__)


class LadingRunner:
    """Runs the errands of one desk in a thread of its own; any number may run at once."""

    def __init__(self, desk: Desk, handlers: Handlers, *, seed: int | None = None) -> None:
        """Work for `desk` with a handler by kind; `seed` makes the jitter repeatable."""
        self._desk = desk
        self._handlers = handlers
        self._random = random.Random(seed)  # noqa: S311 - jitter, not a secret
        self._waker = Waker()
        self._rounds = Rounds("lading", self.step, _POLL, self._waker)

    def start(self) -> None:
        """Begin to work in a thread."""
        self._rounds.start()

    def wake(self) -> None:
        """Look for work at once."""
        self._waker.wake()

    def stop(self, seconds: float) -> None:
        """Finish the errand at hand and end the thread."""
        self._rounds.stop(seconds)

    def step(self) -> int:
        """Do what is due now; return how many errands were taken."""
        desk = self._desk
        now = desk.clock()
        with desk.store.read() as tx:
            if not lading_errands.waiting(tx, now):
                return 0
        with desk.store.begin() as tx:
            taken = lading_errands.take(tx, now=now, lease=_LEASE, limit=_BATCH)
        for errand in taken:
            self._do(errand)
        return len(taken)

    def _do(self, errand: Errand) -> None:
        desk = self._desk
        try:
            self._handlers[errand.kind](errand.body)
        except LadingError as error:
            again = isinstance(error, PeerSilent)
            _LOG.warning("lading.errand", errand=errand.kind, error=str(error), again=again)
            if again:
                self._put_off(errand)
                return
        except Exception as error:  # noqa: BLE001 - tried again
            known = isinstance(error, SilkgateError)
            _LOG.warning("lading.errand", errand=errand.kind, error=str(error), exc_info=not known)
            self._put_off(errand)
            return
        with desk.store.begin() as tx:
            lading_errands.done(tx, errand.id)

    def _put_off(self, errand: Errand) -> None:
        desk = self._desk
        pause = min(_FIRST * 2 ** min(errand.attempts - 1, _DOUBLINGS), _LONGEST)
        jittered = pause * self._random.uniform(0.5, 1.0)
        with desk.store.begin() as tx:
            lading_errands.postpone(tx, errand.id, desk.clock() + jittered)


def post(desk: Desk, body: Mapping[str, Any]) -> None:
    """Send what was planned; raises PeerRefused when it is refused for good, else PeerSilent."""
    reply = desk.peers.call(body["peer"], body["method"], body["path"], body["message"])
    said = Text(f"HTTP {reply.status}", f"HTTP {reply.status}")
    if reply.status in _FINAL and reply.status not in _TRY_AGAIN:
        raise PeerRefused(said, where=str(body["peer"]))
    if reply.status // 100 != 2:  # noqa: PLR2004 - any 2xx
        raise PeerSilent(said, where=str(body["peer"]))
