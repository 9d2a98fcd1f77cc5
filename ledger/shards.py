"""Temporal shards: one origin per period, so that no tree grows for ever (as C2SP logs do).

    cn-port/log  ->  cn-port/log/2026, /2026h2, /2026q4 or /2026-11

All shards of a log are signed with its one key under their own names. A verifier key names the
log it is of, so the key of a shard follows from the key of the log, and who trusts the one can
check the other. When its period is over a shard gets no more entries, and its proofs keep holding.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ledger.signature import Ed25519Signer
from ledger.vkey import VerifierKey

_SHARD: Final = re.compile(r"(?P<base>.+)/[0-9]{4}(?:h[12]|q[1-4]|-(?:0[1-9]|1[0-2]))?")
_MONTHS: Final = {"half": 6, "quarter": 3}


class Period(StrEnum):
    """How long one shard takes entries."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"

    def shard(self, base: str, at: datetime) -> str:
        """Return the origin of the shard of `base` that takes entries at a moment (UTC)."""
        match self:
            case Period.YEAR:
                part = ""
            case Period.MONTH:
                part = f"-{at.month:02d}"
            case _:
                part = f"{self.value[0]}{(at.month - 1) // _MONTHS[self.value] + 1}"
        return f"{base}/{at.year:04d}{part}"


def base_of(origin: str) -> str | None:
    """Return the log that a shard is of, None for an origin that is no shard's."""
    found = _SHARD.fullmatch(origin)
    return found["base"] if found else None


def key_for(key: VerifierKey, origin: str) -> VerifierKey:
    """Return the key for a shard of the key's log, the key itself for any other origin."""
    return replace(key, name=origin) if base_of(origin) == key.name else key


def signer_for(signer: Ed25519Signer, origin: str) -> Ed25519Signer:
    """Return the log's signer under the name of one of its shards."""
    return replace(signer, name=origin)
