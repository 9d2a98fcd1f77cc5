"""The journal: what happened to each exchange, append only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select

from gateway.store import outbox
from gateway.store.database import Transaction
from gateway.store.model import Attempt, Event
from gateway.store.tables.exchange import ATTEMPT, EVENT

_WRITE: Final = EVENT.insert()
_WRITE_ATTEMPT: Final = ATTEMPT.insert()
_READ: Final = select(EVENT).order_by(EVENT.c.n)
_READ_ATTEMPTS: Final = select(ATTEMPT).order_by(ATTEMPT.c.n)


def write(tx: Transaction, events: Sequence[Event]) -> None:
    """Append events, and put them down for the hooks that ask for them.

    An event number that is taken fails the transaction: no stage counts twice.
    """
    if events:
        tx.execute(
            _WRITE,
            [
                {
                    "exchange_id": event.exchange_id,
                    "n": event.n,
                    "stage": event.stage,
                    "at": event.at,
                    "actor": event.actor,
                    "code": event.code,
                    "detail": event.detail if isinstance(event.detail, dict) else {**event.detail},
                }
                for event in events
            ],
        )
        outbox.of_exchanges(tx, events)


def read(tx: Transaction, exchange_id: str) -> list[Event]:
    """Return the events of an exchange, first to last."""
    rows = tx.execute(_READ.where(EVENT.c.exchange_id == exchange_id))
    return [Event(**row._mapping) for row in rows]  # noqa: SLF001 - the documented way


def write_attempts(tx: Transaction, attempts: Sequence[Attempt]) -> None:
    """Append delivery attempts."""
    if attempts:
        tx.execute(
            _WRITE_ATTEMPT,
            [
                {
                    "exchange_id": attempt.exchange_id,
                    "n": attempt.n,
                    "at": attempt.at,
                    "outcome": attempt.outcome,
                    "code": attempt.code,
                    "detail": {**attempt.detail},
                }
                for attempt in attempts
            ],
        )


def read_attempts(tx: Transaction, exchange_id: str) -> list[Attempt]:
    """Return the delivery attempts of an exchange, first to last."""
    rows = tx.execute(_READ_ATTEMPTS.where(ATTEMPT.c.exchange_id == exchange_id))
    return [Attempt(**row._mapping) for row in rows]  # noqa: SLF001 - the documented way
