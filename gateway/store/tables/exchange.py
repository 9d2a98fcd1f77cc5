"""Documents on their way: one row each, with journal, payloads, attempts and idempotency keys.

`due_at` says when somebody may next take an exchange: at once when it is ready, later when it is
to be tried again, and when the lease ends while a worker has it; NULL once it is settled. So one
index finds all work, that of dead workers included.

The tables of the hot path have no foreign keys: their rows are written in the transaction of
their exchange and never by themselves.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, column

from gateway.store.tables.base import METADATA, Bytes, Json, Moment

_DUE: Final = column("due_at").is_not(None)
_CLAIMED: Final = column("claim") != ""
_OF_CLEARANCE: Final = column("clearance_id") != ""

EXCHANGE: Final = Table(
    "exchange",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("source_format", Text, nullable=False),
    Column("target_format", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("clearance_id", Text, nullable=False),
    Column("correlation", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("log", Text, nullable=False),
    Column("leaf", BigInteger),
    Column("events", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("takeovers", Integer, nullable=False),
    Column("due_at", Moment),
    Column("claim", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_exchange_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    Index("ix_exchange_claim", "claim", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
    Index("ix_exchange_tenant", "tenant", "id"),
    Index("uq_exchange_message", "direction", "message_id", unique=True),
    Index(
        "ix_exchange_clearance",
        "clearance_id",
        sqlite_where=_OF_CLEARANCE,
        postgresql_where=_OF_CLEARANCE,
    ),
    sqlite_with_rowid=False,
    # Room on each page, so that a stage change stays on it and touches no index.
    postgresql_with={"fillfactor": "60"},
)

EVENT: Final = Table(
    "event",
    METADATA,
    Column("exchange_id", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("stage", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Json, nullable=False),
    sqlite_with_rowid=False,
)

PAYLOAD: Final = Table(
    "payload",
    METADATA,
    Column("exchange_id", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("digest", Bytes, nullable=False),
    Column("deflated", Boolean, nullable=False),
    Column("data", Bytes, nullable=False),
    Column("created_at", Moment, nullable=False),
)

ATTEMPT: Final = Table(
    "attempt",
    METADATA,
    Column("exchange_id", Text, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Json, nullable=False),
    sqlite_with_rowid=False,
)

IDEMPOTENCY: Final = Table(
    "idempotency",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Bytes, nullable=False),
    Column("exchange_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
