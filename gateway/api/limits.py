"""Rate limits: one token bucket per caller, held in memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gateway.api.errors import TooManyRequests

_MOST_CALLERS: Final = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller after this request, and the seconds until its bucket is full."""

    remaining: int
    reset: int


class RateLimit:
    """Lets each caller make `rate` requests a second on average and `burst` at once."""

    def __init__(
        self, rate: float, burst: int, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with full buckets; `monotonic` tells seconds."""
        self._rate = rate
        self._burst = burst
        self._now = monotonic
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self.policy = f'"default";q={burst};w={max(1, math.ceil(burst / rate))}'

    def take(self, caller: str) -> Allowance:
        """Count one request of `caller`, or raise TooManyRequests with the seconds to wait."""
        with self._lock:
            return self._take(caller)

    def _take(self, caller: str) -> Allowance:
        now = self._now()
        bucket = self._buckets.get(caller)
        if bucket is None:
            bucket = self._buckets[caller] = _Bucket(float(self._burst), now)
            if len(self._buckets) > _MOST_CALLERS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(caller)
            gained = (now - bucket.at) * self._rate
            bucket.tokens = min(float(self._burst), bucket.tokens + gained)
            bucket.at = now
        if bucket.tokens < 1.0:
            wait = max(1, math.ceil((1.0 - bucket.tokens) / self._rate))
            raise TooManyRequests(where="header/Authorization", rate=f"{self._rate:g}", wait=wait)
        bucket.tokens -= 1.0
        reset = math.ceil((self._burst - bucket.tokens) / self._rate)
        return Allowance(int(bucket.tokens), reset)
