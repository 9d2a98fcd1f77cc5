"""What clearance still has to do outside the database, and the references authorities go by."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA, Json, Moment

ERRAND: Final = Table(
    "errand",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("clearance_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_errand_due", "due_at"),
)

REFERENCE: Final = Table(
    "clearance_reference",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("clearance_id", Text, nullable=False),
    Index("ix_clearance_reference_clearance", "clearance_id"),
)
