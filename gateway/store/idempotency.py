"""Idempotency keys: what a tenant handed in under a key, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, tuple_

from gateway.store.database import Transaction
from gateway.store.tables.exchange import IDEMPOTENCY

_C: Final = IDEMPOTENCY.c
_WRITE: Final = IDEMPOTENCY.insert()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One key: the digest of what came with it, and the exchange it became."""

    tenant: str
    key: str
    digest: bytes
    exchange_id: str


def recall(tx: Transaction, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Remembered]:
    """Return what is remembered of these (tenant, key) pairs."""
    query = select(_C.tenant, _C.key, _C.digest, _C.exchange_id).where(
        tuple_(_C.tenant, _C.key).in_(list(keys))
    )
    found = [Remembered(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001
    return {(one.tenant, one.key): one for one in found}


def remember(tx: Transaction, entries: Sequence[Remembered], *, now: datetime) -> None:
    """Write new keys; one that is there already fails the transaction."""
    rows = [
        {
            "tenant": entry.tenant,
            "key": entry.key,
            "digest": entry.digest,
            "exchange_id": entry.exchange_id,
            "created_at": now,
        }
        for entry in entries
    ]
    if rows:
        tx.execute(_WRITE, rows)
