"""Clearances as they are kept: a body that only its owner reads, every status, form, profile.

The bodies are plain JSON values of `gateway.clearance`; the store knows their place, not their
meaning. A status is written once under an id made of its content, so the same receipt read
twice is one row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from gateway.store import outbox
from gateway.store.database import Transaction
from gateway.store.errors import Collision, NotFound
from gateway.store.tables.clearance import CLEARANCE, CLEARANCE_STATUS, FORM, IMPORTER_PROFILE
from gateway.store.upsert import insert_into

_C: Final = CLEARANCE.c
_S: Final = CLEARANCE_STATUS.c
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClearance:
    """One clearance; `version` counts its changes, for writers that must not pass each other."""

    id: str
    tenant: str
    corridor: str
    version: int
    body: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStatus:
    """One status of one side: `at` the authority's time; `n` counts from 1 as they came."""

    clearance_id: str
    status_id: str
    side: str
    status: str
    at: datetime
    recorded_at: datetime
    body: Json
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredForm:
    """What the importer was asked, and the answer once it came."""

    clearance_id: str
    body: Json
    answer: Json | None = None
    asked_at: datetime
    answered_at: datetime | None = None


def add(tx: Transaction, clearance: StoredClearance) -> None:
    """Write a new clearance; raises Collision where the id is taken."""
    tx.execute(
        CLEARANCE.insert(),
        {
            "id": clearance.id,
            "tenant": clearance.tenant,
            "corridor": clearance.corridor,
            "version": clearance.version,
            "body": {**clearance.body},
            "created_at": clearance.created_at,
            "updated_at": clearance.updated_at,
        },
    )


def get(
    tx: Transaction, clearance_id: str, *, tenant: str | None = None, for_update: bool = False
) -> StoredClearance:
    """Return a clearance; raises NotFound, also when it is another tenant's.

    With `for_update` nobody else changes it until the transaction ends.
    """
    query = select(CLEARANCE).where(_C.id == clearance_id)
    row = tx.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFound(what="clearance", where=clearance_id)
    return StoredClearance(**row._mapping)  # noqa: SLF001 - the documented way to the names


def change(tx: Transaction, clearance: StoredClearance, body: Json, *, now: datetime) -> None:
    """Write a new body over the version that was read; raises Collision if it has moved on."""
    statement = (
        update(CLEARANCE)
        .where(_C.id == clearance.id, _C.version == clearance.version)
        .values(body={**body}, version=_C.version + 1, updated_at=now)
    )
    if tx.execute(statement).rowcount != 1:
        raise Collision(where=clearance.id)


def listed(
    tx: Transaction, *, tenant: str | None = None, before: str | None = None, limit: int = 50
) -> list[StoredClearance]:
    """Return clearances, newest id first; `before` is the last id of the page before."""
    query = select(CLEARANCE).order_by(_C.id.desc()).limit(limit)
    if tenant is not None:
        query = query.where(_C.tenant == tenant)
    if before is not None:
        query = query.where(_C.id < before)
    return [StoredClearance(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def add_statuses(tx: Transaction, statuses: Sequence[StoredStatus]) -> list[StoredStatus]:
    """Append the statuses that are new and return them; all are of one clearance."""
    if not statuses:
        return []
    of_clearance = _S.clearance_id == statuses[0].clearance_id
    known = set(tx.execute(select(_S.status_id).where(of_clearance)).scalars())
    last = tx.execute(select(func.max(_S.n)).where(of_clearance)).scalar() or 0
    fresh = list({s.status_id: s for s in statuses if s.status_id not in known}.values())
    rows = [
        {
            "clearance_id": status.clearance_id,
            "status_id": status.status_id,
            "n": n,
            "side": status.side,
            "status": status.status,
            "at": status.at,
            "recorded_at": status.recorded_at,
            "body": {**status.body},
        }
        for n, status in enumerate(fresh, last + 1)
    ]
    if rows:
        tx.execute(CLEARANCE_STATUS.insert(), rows)
        outbox.of_statuses(tx, statuses[0].clearance_id, rows)
    return fresh


def statuses_of(tx: Transaction, clearance_id: str) -> list[StoredStatus]:
    """Return every status of a clearance in the order they came."""
    query = select(CLEARANCE_STATUS).where(_S.clearance_id == clearance_id).order_by(_S.n)
    return [StoredStatus(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def statuses_of_all(
    tx: Transaction, clearance_ids: Collection[str]
) -> dict[str, list[StoredStatus]]:
    """Return every status of some clearances by clearance, each in the order they came."""
    found: dict[str, list[StoredStatus]] = {clearance_id: [] for clearance_id in clearance_ids}
    query = select(CLEARANCE_STATUS).where(_S.clearance_id.in_(list(clearance_ids)))
    for row in tx.execute(query.order_by(_S.clearance_id, _S.n)):
        found[row.clearance_id].append(StoredStatus(**row._mapping))  # noqa: SLF001
    return found


def ask(tx: Transaction, clearance_id: str, body: Json, *, now: datetime) -> None:
    """Keep the form of a clearance; a newer one replaces it until it is answered."""
    insert = insert_into(tx, FORM)
    statement = insert.on_conflict_do_update(
        index_elements=["clearance_id"],
        set_={"body": insert.excluded.body, "asked_at": insert.excluded.asked_at},
        where=FORM.c.answered_at.is_(None),
    )
    tx.execute(statement, {"clearance_id": clearance_id, "body": {**body}, "asked_at": now})


def form(tx: Transaction, clearance_id: str) -> StoredForm:
    """Return the form of a clearance; raises NotFound."""
    row = tx.execute(select(FORM).where(FORM.c.clearance_id == clearance_id)).one_or_none()
    if row is None:
        raise NotFound(what="form of clearance", where=clearance_id)
    return StoredForm(**row._mapping)  # noqa: SLF001 - the documented way to the names


def answer(tx: Transaction, clearance_id: str, values: Json, *, now: datetime) -> None:
    """Keep the answer to a form; raises NotFound."""
    statement = update(FORM).where(FORM.c.clearance_id == clearance_id)
    if tx.execute(statement.values(answer={**values}, answered_at=now)).rowcount != 1:
        raise NotFound(what="form of clearance", where=clearance_id)


def keep_profile(
    tx: Transaction, tenant: str, importer: str, corridor: str, body: Json, *, now: datetime
) -> None:
    """Keep what an importer answered, for the next shipment on the corridor."""
    insert = insert_into(tx, IMPORTER_PROFILE)
    statement = insert.on_conflict_do_update(
        index_elements=["tenant", "importer", "corridor"],
        set_={"body": insert.excluded.body, "updated_at": insert.excluded.updated_at},
    )
    place = {"tenant": tenant, "importer": importer, "corridor": corridor}
    tx.execute(statement, {**place, "body": {**body}, "updated_at": now})


def profile(tx: Transaction, tenant: str, importer: str, corridor: str) -> Json | None:
    """Return what an importer is known to answer on a corridor, or None."""
    columns = IMPORTER_PROFILE.c
    query = select(columns.body).where(
        columns.tenant == tenant, columns.importer == importer, columns.corridor == corridor
    )
    found: Json | None = tx.execute(query).scalar()
    return found
