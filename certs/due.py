"""Until when something signed will verify as it is: the day by which it must be archived anew.

Found by asking the verifier itself about later times, so that it counts whatever ends first: the
certificate of the newest time-stamp's authority, that of a signer without time-stamp, an
algorithm of the policy. What is known of revocation is today's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from certs.dispatch import verify_any
from certs.trust import TrustStore

_FURTHEST: Final = timedelta(days=1 << 15)  # 89 years
_DAY: Final = timedelta(days=1)


def verifies_until(
    data: bytes, trust: TrustStore, detached: Mapping[str, bytes], now: datetime
) -> datetime | None:
    """Return the last time, to the day, at which `data` verifies; None when it does not now.

    What verifies for 89 years from `now` on is given that time. Each of the 16 verifications costs
    as much as any.
    """

    def passes(after: timedelta) -> bool:
        return verify_any(data, trust, detached, now + after).passed

    if not passes(timedelta()):
        return None
    lasting, too_late = timedelta(), _FURTHEST
    if passes(too_late):
        return now + too_late
    while too_late - lasting > _DAY:
        middle = (lasting + too_late) // 2
        if passes(middle):
            lasting = middle
        else:
            too_late = middle
    return now + lasting
