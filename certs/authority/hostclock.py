"""Whether the host's clock follows a time server, as its kernel tells it.

Linux keeps what time services report to it (adjtimex(2); RFC 5905, 11.3), and containers see that
of their host. Elsewhere nothing is known.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Final

from schemas.text import Text

_UNSYNCHRONISED: Final = 0x0040  # STA_UNSYNC
_ERROR: Final = 5  # TIME_ERROR
# What follows the fields that are read differs by system; no struct timex is longer than this.
_REST: Final = 512


@dataclass(frozen=True, slots=True)
class Discipline:
    """What the kernel says: None where it says nothing. `error` is the most it may be off."""

    synchronised: bool | None
    error: timedelta | None = None

    @property
    def text(self) -> Text:
        """The same for people."""
        if self.synchronised is None:
            return Text(
                "whether it follows a time server is not known here", "无法得知是否与时间服务器同步"
            )
        if not self.synchronised:
            return Text("it follows no time server", "未与时间服务器同步")
        most = f"{(self.error or timedelta()).total_seconds():.3f}"
        return Text(f"synchronised, at most {most} s off", f"已同步,误差不超过 {most} 秒")


UNKNOWN: Final = Discipline(None)


class _Timex(ctypes.Structure):
    """The head of struct timex; modes 0 changes nothing. Errors are in microseconds."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * _REST),
    )


def discipline() -> Discipline:
    """Return what the kernel says of its clock now."""
    ask = _asker()
    if ask is None:
        return UNKNOWN
    found = _Timex()
    state = ask(ctypes.byref(found))
    if state < 0:  # the system, or the container's filter, does not answer
        return UNKNOWN
    if state == _ERROR or found.status & _UNSYNCHRONISED:
        return Discipline(synchronised=False)
    return Discipline(synchronised=True, error=timedelta(microseconds=found.maxerror))


@cache
def _asker() -> Callable[[Any], int] | None:
    """Return the function of the C library; None where there is none, or nobody feeds it."""
    if not sys.platform.startswith("linux"):
        return None
    found: Callable[[Any], int] | None = getattr(ctypes.CDLL(None), "adjtimex", None)
    return found
