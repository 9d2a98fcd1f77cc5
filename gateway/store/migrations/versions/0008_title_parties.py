"""Titles by the parties that their entries name: who may read them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ENTRY = sa.table("title_entry", sa.column("title", sa.Text()), sa.column("entry", sa.Text()))
_THUMBPRINT = 43
_BATCH = 1000


def upgrade() -> None:
    """Make the table, and fill it from the entries that there are."""
    table = op.create_table(
        "title_party",
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("party", "title", name="pk_title_party"),
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(_ENTRY), execution_options={"yield_per": _BATCH})
    named = sorted({(party, row.title) for row in rows for party in _named(row.entry)})
    for at in range(0, len(named), _BATCH):
        batch = [{"party": party, "title": title} for party, title in named[at : at + _BATCH]]
        connection.execute(table.insert(), batch)


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("title_party")


def _named(entry: str) -> Iterator[str]:
    """Yield the parties (key thumbprints) that a signed entry names."""
    header, payload = (_read(part) for part in entry.split(".")[:2])
    yield _thumbprint(header["jwk"])
    said = [payload["actor"], *payload["args"], *payload.get("issue", {}).values()]
    yield from (each for each in said if isinstance(each, str) and len(each) == _THUMBPRINT)


def _read(part: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def _thumbprint(jwk: dict[str, Any]) -> str:
    """Return the thumbprint of a key of one of the two kinds (RFC 7638)."""
    needed = {name: jwk[name] for name in sorted(jwk) if name in {"crv", "kty", "x", "y"}}
    digest = sha256(json.dumps(needed, separators=(",", ":")).encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
