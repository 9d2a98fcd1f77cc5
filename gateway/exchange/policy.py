"""How often, and after which pause, something is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Exponential back-off with jitter.

    Try n (from 1) is followed by a pause between half and all of `base * 2^(n-1)` seconds, at
    most `cap`; after `tries` the document is given up. `takeovers` is how many workers may die
    in a row with one document in hand: from `suspicious` on, it is worked on alone.
    """

    tries: int = 12
    base: float = 1.0
    cap: float = 600.0
    suspicious: int = 2
    takeovers: int = 8
    random: random.Random = field(default_factory=random.Random)

    def again(self, tried: int, now: datetime, after: float | None = None) -> datetime | None:
        """Return when to try again after `tried` tries, or None to give up.

        `after` is the least pause in seconds that the other side asked for.
        """
        if tried >= self.tries:
            return None
        pause = min(self.cap, self.base * 2.0 ** min(tried - 1, 62))
        pause *= self.random.uniform(0.5, 1.0)
        return now + timedelta(seconds=max(pause, after or 0.0))
