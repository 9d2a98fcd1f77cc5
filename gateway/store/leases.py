"""Taking rows that are due, with a lease: they come due again when it ends.

A crash thus gives back what was taken, and two who take at once get different rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select, true, update

from gateway.store.database import Transaction

_ANY: Final = true()


def waiting(tx: Transaction, table: Table, now: datetime, only: ColumnElement[bool] = _ANY) -> bool:
    """Tell whether a row is due; a look that no writer has to wait for."""
    query = select(table.c.id).where(table.c.due_at <= now, only).limit(1)
    return tx.execute(query).first() is not None


def take(
    tx: Transaction,
    table: Table,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    only: ColumnElement[bool] = _ANY,
) -> list[Mapping[str, Any]]:
    """Take rows that are due, longest due first, and count the attempt; return them by id.

    `only` is a condition on the rows beside being due.
    """
    due = (
        select(table.c.id)
        .where(table.c.due_at <= now, only)
        .order_by(table.c.due_at, table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(table)
        .where(table.c.id.in_(select(due.c.id)))
        .values(due_at=now + lease, attempts=table.c.attempts + 1)
        .returning(table)
    )
    taken = [row._mapping for row in tx.execute(statement)]  # noqa: SLF001 - the documented way to the names
    return sorted(({str(name): row[name] for name in row} for row in taken), key=_id)


def _id(row: Mapping[str, Any]) -> str:
    return str(row["id"])
