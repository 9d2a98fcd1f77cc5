"""The watch over a time-stamp authority's clock: jumps, and whether a time server is followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol

from certs.authority.hostclock import Discipline
from certs.errors import ClockNotTrusted
from schemas.clock import Clock

_SLACK: Final = timedelta(seconds=1)
_JUMP: Final = timedelta(seconds=60)
# Kernels assume a drift of 500 ppm: an hour after the last look at a server it is 1.8 s.
_MOST_ERROR: Final = timedelta(seconds=2)


class HostClock(Protocol):
    """Tells how far the host's clock can be believed."""

    def __call__(self) -> Discipline:
        """Return what is known now."""
        ...


def elapsed() -> float:
    """Return seconds that also pass while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Watch:
    """Reads a clock and refuses times that cannot be right.

    Back by more than a second, or far from what a steady clock measured since: refused. Within
    the second the last time is held, so that issued times never go back.
    """

    def __init__(
        self, clock: Clock, steady: Callable[[], float] | None, host: HostClock | None = None
    ) -> None:
        """Watch `clock` beside `steady` (seconds), or alone when there is none.

        With `host` the host's clock must be known to follow a time server.
        """
        self._clock = clock
        self._steady = steady
        self._host = host
        self._last: datetime | None = None
        self._mark = 0.0

    def read(self, earliest: datetime, latest: datetime) -> datetime:
        """Return the time; raises ClockNotTrusted when it is implausible or went backwards."""
        if self._host:
            _followed(self._host())
        now = self._clock()
        if not earliest <= now <= latest:
            raise ClockNotTrusted(reason=f"{now.isoformat()} is outside the certificate's validity")
        if self._last is not None:
            now = self._compare(now, self._last)
        self._last = now
        self._mark = self._steady() if self._steady else 0.0
        return now

    def _compare(self, now: datetime, last: datetime) -> datetime:
        if now < last - _SLACK:
            raise ClockNotTrusted(reason=f"it went back from {last.isoformat()}")
        if self._steady:
            expected = last + timedelta(seconds=self._steady() - self._mark)
            if abs(now - expected) > _JUMP:
                raise ClockNotTrusted(reason=f"it jumped from {last.isoformat()}")
        return max(now, last)


def _followed(found: Discipline) -> None:
    """Raise ClockNotTrusted unless the clock follows a time server closely enough."""
    if not found.synchronised:
        raise ClockNotTrusted(reason=found.text.en)
    if found.error is not None and found.error > _MOST_ERROR:
        raise ClockNotTrusted(reason=f"it may be {found.error.total_seconds():g} s off")
