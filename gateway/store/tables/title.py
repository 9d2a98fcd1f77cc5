"""Titles: signed entries, their time-stamps, whom they name, the papers they met, keys of remarks.

The key (title, n) is what makes control single: of two entries for one place one is written.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Integer, Table, Text

from gateway.store.tables.base import METADATA, Bytes

TITLE_ENTRY: Final = Table(
    "title_entry",
    METADATA,
    Column("title", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("stamp", Bytes),
)

TITLE_PARTY: Final = Table(
    "title_party",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("title", Text, primary_key=True),
)

TITLE_PAPER: Final = Table(
    "title_paper",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("live", Boolean, nullable=False),
)

TITLE_EPOCH: Final = Table(
    "title_epoch",
    METADATA,
    Column("title", Text, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("signed", Text, nullable=False),
)
