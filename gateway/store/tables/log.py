"""The transparency log: heads, tiles, digest index, checkpoints, witnessed logs, anchor intents."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from gateway.store.tables.base import METADATA, Bytes, Json, Moment

LOG_HEAD: Final = Table(
    "log_head",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
)

TILE: Final = Table(
    "tile",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("data", Bytes, nullable=False),
)

DIGEST_BUCKET: Final = Table(
    "digest_bucket",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("kind", Integer, primary_key=True, autoincrement=False),
    Column("bucket", Integer, primary_key=True, autoincrement=False),
    Column("run", BigInteger, primary_key=True, autoincrement=False),
    Column("data", Bytes, nullable=False),
)

CHECKPOINT: Final = Table(
    "checkpoint",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", Bytes, nullable=False),
    Column("note", Bytes, nullable=False),
    Column("published_at", Moment, nullable=False),
)

WITNESSED: Final = Table(
    "witnessed",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", Bytes, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

ANCHOR_INTENT: Final = Table(
    "anchor_intent",
    METADATA,
    Column("origin", Text, primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("anchor", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
)
