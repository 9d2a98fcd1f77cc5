"""The records of a control tracking registry: one chain per bill, one successor per record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gateway.store.database import Transaction
from gateway.store.tables.lading import CONTROL

_C: Final = CONTROL.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record, `n` from 0; `previous` is the checksum of the one before, '' for the first."""

    bill: str
    n: int
    checksum: str
    previous: str
    text: str
    body: Mapping[str, Any]
    recorded_at: datetime


def add(tx: Transaction, record: Record) -> None:
    """Write a record; raises Collision where another one follows the same record."""
    tx.execute(CONTROL.insert(), {name: getattr(record, name) for name in record.__slots__})


def of(tx: Transaction, bill: str) -> list[Record]:
    """Return the records of a bill in order."""
    query = select(CONTROL).where(_C.bill == bill).order_by(_C.n)
    return [Record(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001
