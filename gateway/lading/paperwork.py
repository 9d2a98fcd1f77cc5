"""Papers written: a new one, and the one that takes the place of another of the same reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.papers import Paper


def new_paper(
    kind: str,
    reference: str,
    *,
    state: str,
    now: datetime,
    bill: str = "",
    tenant: str = "",
    body: Mapping[str, Any] | None = None,
) -> Paper:
    """Return a paper as it begins; `bill` is the transport document reference it is about."""
    return Paper(
        kind=kind,
        reference=reference,
        bill=bill,
        tenant=tenant,
        state=state,
        body=body or {},
        created_at=now,
        updated_at=now,
    )


def put(tx: Transaction, paper: Paper, before: Paper | None) -> None:
    """Write a paper: a new one, or over the one `before` that was read in its place.

    Raises Collision where somebody else wrote first.
    """
    if before is None:
        papers.add(tx, paper)
    else:
        papers.change(tx, before, paper.state, paper.body, now=paper.updated_at)
