"""Levels of reliability, in the words in which domains are compared."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """How far a signature may be relied upon; `NONE` says nothing against its cryptography."""

    NONE = "none"
    LOW = "low"
    SUBSTANTIAL = "substantial"
    HIGH = "high"
    QUALIFIED = "qualified"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for none."""
        return _ORDER[self]


_ORDER: Final = {level: rank for rank, level in enumerate(Level)}


class Kind(StrEnum):
    """What a service vouches for: seals of organisations, signatures of persons, and so on."""

    SEAL = "seal"
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"
    ACCESS_POINT = "access-point"
    ANY = "any"
