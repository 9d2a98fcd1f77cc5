"""References: the numbers that authorities and declarants give, and whose clearance they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select

from gateway.store.database import Transaction
from gateway.store.tables.errand import REFERENCE
from gateway.store.upsert import insert_into

_C: Final = REFERENCE.c


def refer(tx: Transaction, clearance_id: str, references: Mapping[str, str]) -> None:
    """Let references (value by kind) mean a clearance; one that is known keeps its meaning."""
    rows = [
        {"kind": kind, "value": value, "clearance_id": clearance_id}
        for kind, value in references.items()
    ]
    if rows:
        tx.execute(insert_into(tx, REFERENCE).on_conflict_do_nothing(), rows)


def find(tx: Transaction, kind: str, value: str) -> str | None:
    """Return the clearance a reference means, or None."""
    query = select(_C.clearance_id).where(_C.kind == kind, _C.value == value)
    found: str | None = tx.execute(query).scalar()
    return found
