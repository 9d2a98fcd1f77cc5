"""INSERT ... ON CONFLICT, which both databases have and the neutral dialect has not."""

from __future__ import annotations

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.database import Transaction


def insert_into(tx: Transaction, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an insert for the transaction's database that can say ON CONFLICT."""
    return sqlite.insert(table) if tx.dialect == "sqlite" else postgresql.insert(table)
