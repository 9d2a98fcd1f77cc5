"""What bills of lading still need done with other parties, kept until it is done.

An errand is taken with a lease and comes due again when that ends: a crash gives it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from gateway.store import leases
from gateway.store.database import Transaction
from gateway.store.tables.lading import ERRAND
from gateway.store.upsert import insert_into

_C: Final = ERRAND.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing to do, `attempts` times tried so far."""

    id: str
    kind: str
    body: Mapping[str, Any]
    due_at: datetime
    attempts: int = 0


def add(tx: Transaction, errand: Errand) -> None:
    """Keep an errand; one whose id is there already stays as it is."""
    values = {name: getattr(errand, name) for name in errand.__slots__}
    tx.execute(insert_into(tx, ERRAND).on_conflict_do_nothing(), values)


def waiting(tx: Transaction, now: datetime) -> bool:
    """Tell whether an errand is due; a look that no writer has to wait for."""
    return leases.waiting(tx, ERRAND, now)


def count(tx: Transaction) -> int:
    """Return how many errands are kept."""
    return int(tx.execute(select(func.count()).select_from(ERRAND)).scalar_one())


def take(tx: Transaction, *, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
    """Take errands that are due; they come due again when the lease ends."""
    rows = leases.take(tx, ERRAND, now=now, lease=lease, limit=limit)
    return [Errand(**row) for row in rows]


def done(tx: Transaction, errand_id: str) -> None:
    """Take an errand off for good."""
    tx.execute(delete(ERRAND).where(_C.id == errand_id))


def postpone(tx: Transaction, errand_id: str, due_at: datetime) -> None:
    """Put an errand off until `due_at`."""
    tx.execute(update(ERRAND).where(_C.id == errand_id).values(due_at=due_at))
