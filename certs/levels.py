"""The baseline levels of signatures (EN 319 132-1, EN 319 122-1, TS 119 182-1)."""

from __future__ import annotations

from enum import IntEnum


class Level(IntEnum):
    """How long a signature can be relied on; each level holds what the one before it does."""

    B = 1
    T = 2
    LT = 3
    LTA = 4

    @classmethod
    def named(cls, name: str) -> Level:
        """Return the level of this name in any case."""
        return cls[name.upper()]
