"""Who is told what happens: the addresses that tenants register, and what is still to be told.

A delivery is there until its receiver has taken it. `n` counts what happens to a subject as its
own journal does, so of two deliveries to one hook about one subject the lower goes first. One
that was given up has no `due_at`, and those behind it wait.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from gateway.store.tables.base import METADATA, Json, Moment

HOOK: Final = Table(
    "hook",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("reached_at", Moment),
    Index("ix_hook_tenant", "tenant"),
)

DELIVERY: Final = Table(
    "hook_delivery",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("hook", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("tried_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index("uq_hook_delivery_place", "hook", "subject", "n", unique=True),
    Index("ix_hook_delivery_due", "due_at"),
)
