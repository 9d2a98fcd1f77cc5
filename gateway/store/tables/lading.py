"""Bills of lading that pass through this platform, their transfers, papers and errands.

`live` is the reference of a bill for as long as it has not ended and NULL afterwards, so that no
two bills stand under one reference at the same time. An entry of a control tracking registry
names the one before it, and one record has one successor: that is what makes control single.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA, Bytes, Json, Moment

BILL: Final = Table(
    "lading_bill",
    METADATA,
    Column("checksum", Text, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("live", Text),
    Column("tenant", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_lading_bill_live", "live", unique=True),
    Index("ix_lading_bill_reference", "reference"),
)

ENTRY: Final = Table(
    "lading_entry",
    METADATA,
    Column("bill", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("checksum", Text, nullable=False),
    Column("content", Text, nullable=False),
)

TRANSFER: Final = Table(
    "lading_transfer",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("bill", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("peer", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_lading_transfer_content", "bill", "direction", "content", unique=True),
    Index("ix_lading_transfer_state", "state", "updated_at"),
)

DOCUMENT: Final = Table(
    "lading_document",
    METADATA,
    Column("bill", Text, primary_key=True),
    Column("checksum", Text, primary_key=True),
    Column("data", Bytes, nullable=False),
)

PAPER: Final = Table(
    "lading_paper",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("bill", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_lading_paper_bill", "bill", "kind"),
)

CONTROL: Final = Table(
    "lading_control",
    METADATA,
    Column("bill", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("checksum", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Index("uq_lading_control_previous", "bill", "previous", unique=True),
)

ERRAND: Final = Table(
    "lading_errand",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_lading_errand_due", "due_at"),
)
