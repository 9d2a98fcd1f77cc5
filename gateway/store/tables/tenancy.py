"""Who uses the gateway: tenants and their API keys."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from gateway.store.tables.base import METADATA, Bytes, Json, Moment

TENANT: Final = Table(
    "tenant",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

API_KEY: Final = Table(
    "api_key",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenant.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hash", Bytes, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Index("uq_api_key_hash", "hash", unique=True),
)
