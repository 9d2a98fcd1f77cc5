"""Identifiers that sort by the time they were made (UUID version 7, RFC 9562 section 5.7)."""

from __future__ import annotations

import os
import threading
import time
from typing import Final

_LOCK: Final = threading.Lock()
_COUNTER_MASK: Final = 0xFFF
_last = 0


def new_id() -> str:
    """Return a new identifier as 36 characters of text; within a process they strictly ascend.

    48 bits of milliseconds, then a 12-bit counter (RFC 9562, section 6.2, method 1) and 62
    random bits. When a millisecond has no counter left, the next one is borrowed.
    """
    tick = _tick()
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    number = (tick >> 12) << 80 | 0x7 << 76 | (tick & _COUNTER_MASK) << 64 | 0x2 << 62 | tail
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _tick() -> int:
    global _last  # noqa: PLW0603 - the counter is the process's
    now = time.time_ns() // 1_000_000 << 12
    with _LOCK:
        _last = max(now, _last + 1)
        return _last
