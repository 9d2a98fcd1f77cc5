"""Clearances: one shipment seen from both sides, with every status, form and importer profile."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA, Json, Moment

CLEARANCE: Final = Table(
    "clearance",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("corridor", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("ix_clearance_tenant", "tenant", "id"),
)

CLEARANCE_STATUS: Final = Table(
    "clearance_status",
    METADATA,
    Column("clearance_id", Text, primary_key=True),
    Column("status_id", Text, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("side", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("body", Json, nullable=False),
    Index("uq_clearance_status_n", "clearance_id", "n", unique=True),
)

IMPORTER_PROFILE: Final = Table(
    "importer_profile",
    METADATA,
    Column("tenant", Text, primary_key=True),
    Column("importer", Text, primary_key=True),
    Column("corridor", Text, primary_key=True),
    Column("body", Json, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

FORM: Final = Table(
    "form",
    METADATA,
    Column("clearance_id", Text, primary_key=True),
    Column("body", Json, nullable=False),
    Column("answer", Json),
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment),
)
