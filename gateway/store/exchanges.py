"""Exchanges: made, read and listed. Taking them and moving them on is in `claims`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Row, func, select

from gateway.store.database import Transaction
from gateway.store.errors import NotFound
from gateway.store.model import Direction, Exchange, State
from gateway.store.tables.exchange import EXCHANGE

COLUMNS: Final = [EXCHANGE.c[field.name] for field in fields(Exchange)]
_SELECT: Final = select(*COLUMNS)
_NAMES: Final = tuple(field.name for field in fields(Exchange))
_INSERT: Final = EXCHANGE.insert()


def insert(tx: Transaction, exchanges: Sequence[Exchange]) -> None:
    """Write new exchanges."""
    tx.execute(_INSERT, [_row(exchange) for exchange in exchanges])


def _row(exchange: Exchange) -> dict[str, object]:
    """Return the columns; `dataclasses.asdict` would copy every value deeply."""
    return {name: getattr(exchange, name) for name in _NAMES}


def get(tx: Transaction, exchange_id: str, *, tenant: str | None = None) -> Exchange:
    """Return one exchange; raises NotFound, also when it is another tenant's."""
    row = tx.execute(_SELECT.where(EXCHANGE.c.id == exchange_id)).one_or_none()
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFound(what="exchange", where=exchange_id)
    return from_row(row)


def by_messages(
    tx: Transaction, direction: Direction, message_ids: Iterable[str]
) -> dict[str, Exchange]:
    """Return by message id those exchanges that there are."""
    wanted = EXCHANGE.c.message_id.in_(list(message_ids))
    rows = tx.execute(_SELECT.where(EXCHANGE.c.direction == direction.value, wanted))
    return {row.message_id: from_row(row) for row in rows}


def listed(
    tx: Transaction,
    *,
    tenant: str | None = None,
    direction: Direction | None = None,
    state: State | None = None,
    clearance_id: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Exchange]:
    """Return exchanges, newest first; `before` is the last id of the page before."""
    query = _SELECT.order_by(EXCHANGE.c.id.desc()).limit(limit)
    filters = {
        EXCHANGE.c.tenant: tenant,
        EXCHANGE.c.direction: direction,
        EXCHANGE.c.state: state,
        EXCHANGE.c.clearance_id: clearance_id,
    }
    for column, value in filters.items():
        if value is not None:
            query = query.where(column == str(value))
    if before is not None:
        query = query.where(EXCHANGE.c.id < before)
    return [from_row(row) for row in tx.execute(query)]


def counts(tx: Transaction) -> dict[tuple[Direction, State], int]:
    """Return how many exchanges there are by direction and state."""
    columns = (EXCHANGE.c.direction, EXCHANGE.c.state)
    rows = tx.execute(select(*columns, func.count().label("many")).group_by(*columns))
    return {(Direction(row.direction), State(row.state)): row.many for row in rows}


def from_row(row: Row[Any]) -> Exchange:
    """Return the exchange of a row with all `COLUMNS`."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to the names
    values["direction"] = Direction(values["direction"])
    values["state"] = State(values["state"])
    return Exchange(**values)
