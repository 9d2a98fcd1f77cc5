"""Papers around bills of lading: requests, answers, drafts, notices, delivery orders.

One row each, by kind and reference. A change names the version that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update

from gateway.store.database import Transaction
from gateway.store.errors import Collision, NotFound
from gateway.store.tables.lading import PAPER

Json = Mapping[str, Any]

_P: Final = PAPER.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper; `bill` is the transport document reference it is about."""

    kind: str
    reference: str
    bill: str
    tenant: str
    state: str
    version: int = 1
    body: Json
    created_at: datetime
    updated_at: datetime


def add(tx: Transaction, paper: Paper) -> None:
    """Write a new paper; raises Collision where its reference was used."""
    values = {name: getattr(paper, name) for name in paper.__slots__}
    tx.execute(PAPER.insert(), {**values, "version": 1})


def find(tx: Transaction, kind: str, reference: str) -> Paper | None:
    """Return a paper, or None."""
    query = select(PAPER).where(_P.kind == kind, _P.reference == reference)
    row = tx.execute(query).one_or_none()
    return None if row is None else Paper(**row._mapping)  # noqa: SLF001


def get(tx: Transaction, kind: str, reference: str) -> Paper:
    """Return a paper; raises NotFound."""
    found = find(tx, kind, reference)
    if found is None:
        raise NotFound(what=kind, where=reference)
    return found


def listed(
    tx: Transaction, kind: str, *, bill: str | None = None, state: str = "", limit: int = 200
) -> list[Paper]:
    """Return papers of a kind, the newest first."""
    query = select(PAPER).where(_P.kind == kind).order_by(_P.created_at.desc()).limit(limit)
    if bill is not None:
        query = query.where(_P.bill == bill)
    if state:
        query = query.where(_P.state == state)
    return [Paper(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def change(tx: Transaction, paper: Paper, state: str, body: Json, *, now: datetime) -> None:
    """Write over the version that was read; raises Collision if it has moved on."""
    statement = (
        update(PAPER)
        .where(
            _P.kind == paper.kind,
            _P.reference == paper.reference,
            _P.version == paper.version,
        )
        .values(state=state, body={**body}, version=_P.version + 1, updated_at=now)
    )
    if tx.execute(statement).rowcount != 1:
        raise Collision(where=paper.reference)
