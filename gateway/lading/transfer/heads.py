"""How a chain that is offered stands to the chain that is known: the heart of single control."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto


class Outcome(Enum):
    """What an offered chain is."""

    FRESH = auto()
    """It goes on from what is known, and may be accepted."""
    DUPLICATE = auto()
    """It ends where the known chain once did: accepted before, or never."""
    CONFLICT = auto()
    """It goes another way than the known chain: accepting both would make two holders."""


def compare(known: Sequence[str], offered: Sequence[str], *, ours: bool) -> Outcome:
    """Compare two chains by their contents, entry by entry, signatures apart.

    `ours` says that the bill is here: nobody else can have gone on with it.
    """
    common = min(len(known), len(offered))
    if list(known[:common]) != list(offered[:common]):
        return Outcome.CONFLICT
    if len(offered) <= len(known):
        return Outcome.DUPLICATE
    return Outcome.CONFLICT if ours and known else Outcome.FRESH
