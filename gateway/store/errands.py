"""Errands: what has to be done outside the database, kept until it is done.

An errand is taken with a lease: it comes due again when the lease ends, so a crash gives it back.
Doing an errand twice must do no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, update

from gateway.store import leases
from gateway.store.database import Transaction
from gateway.store.tables.errand import ERRAND
from gateway.store.upsert import insert_into

_C: Final = ERRAND.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One thing to do for a clearance, `attempts` times tried so far."""

    id: str
    clearance_id: str
    kind: str
    body: Mapping[str, object]
    due_at: datetime
    attempts: int = 0


def add(tx: Transaction, errands: Sequence[Errand]) -> None:
    """Keep errands; one whose id is there already stays as it is."""
    rows = [
        {
            "id": errand.id,
            "clearance_id": errand.clearance_id,
            "kind": errand.kind,
            "body": {**errand.body},
            "due_at": errand.due_at,
            "attempts": errand.attempts,
        }
        for errand in errands
    ]
    if rows:
        tx.execute(insert_into(tx, ERRAND).on_conflict_do_nothing(), rows)


def waiting(tx: Transaction, now: datetime) -> bool:
    """Tell whether an errand is due; a look that no writer has to wait for."""
    return leases.waiting(tx, ERRAND, now)


def take(tx: Transaction, *, now: datetime, lease: timedelta, limit: int) -> list[Errand]:
    """Take errands that are due, longest due first; they come due again when the lease ends."""
    rows = leases.take(tx, ERRAND, now=now, lease=lease, limit=limit)
    return [Errand(**row) for row in rows]


def done(tx: Transaction, errand_ids: Collection[str]) -> None:
    """Take errands off for good."""
    tx.execute(delete(ERRAND).where(_C.id.in_(list(errand_ids))))


def postpone(tx: Transaction, errand_id: str, due_at: datetime) -> None:
    """Put an errand off until `due_at`."""
    tx.execute(update(ERRAND).where(_C.id == errand_id).values(due_at=due_at))
