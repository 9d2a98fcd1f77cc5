"""A clearance as the store keeps it: its body, its statuses, its documents and its references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gateway.clearance.corridor import Corridor, corridor
from gateway.clearance.machine import Clearance, Observation, OneSide, Side
from gateway.clearance.observe import as_dict, from_dict, status_id
from gateway.store import clearances
from gateway.store.clearances import StoredClearance, StoredStatus
from gateway.store.errors import NotFound

if TYPE_CHECKING:
    from gateway.store.database import Transaction


class Role(StrEnum):
    """Which side of a clearance this gateway declares on."""

    EXPORTER = "exporter"
    IMPORTER = "importer"

    @property
    def side(self) -> Side:
        """The side whose authority this gateway talks to."""
        return Side.EXPORT if self is Role.EXPORTER else Side.IMPORT


@dataclass(frozen=True, slots=True)
class Record:
    """One clearance with what both customs have said; `body` is this room's own JSON."""

    stored: StoredClearance
    state: Clearance
    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id, the same at both gateways."""
        return self.stored.id

    @property
    def tenant(self) -> str:
        """Whose clearance it is here."""
        return self.stored.tenant

    @property
    def corridor(self) -> Corridor:
        """The corridor's profile."""
        return corridor(self.stored.corridor)

    @property
    def role(self) -> Role:
        """Which side this gateway declares on."""
        return Role(self.body["role"])

    @property
    def partner(self) -> str:
        """The gateway on the other side."""
        return str(self.body["partner"])

    def with_body(self, **values: object) -> Record:
        """Return the record with some values of its body changed (not written yet)."""
        body = {**self.body, **values}
        state = replace(self.state, opened=str(body.get("opened", "")))
        return replace(self, body=body, state=state)


def create(
    tx: Transaction,
    clearance_id: str,
    tenant: str,
    corridor_id: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
) -> Record:
    """Write a new clearance and return it."""
    stored = StoredClearance(
        id=clearance_id,
        tenant=tenant,
        corridor=corridor_id,
        version=1,
        body=body,
        created_at=now,
        updated_at=now,
    )
    clearances.add(tx, stored)
    return Record(stored, Clearance(clearance_id, corridor_id), body)


def load(
    tx: Transaction, clearance_id: str, *, tenant: str | None = None, for_update: bool = False
) -> Record:
    """Return a clearance; raises NotFound. With `for_update` nobody else changes it meanwhile."""
    stored = clearances.get(tx, clearance_id, tenant=tenant, for_update=for_update)
    return of(stored, clearances.statuses_of(tx, clearance_id))


def page(tx: Transaction, tenant: str, *, before: str | None, limit: int) -> list[Record]:
    """Return a tenant's clearances, newest first, read with two queries."""
    rows = clearances.listed(tx, tenant=tenant, before=before, limit=limit)
    statuses = clearances.statuses_of_all(tx, [row.id for row in rows])
    return [of(row, statuses[row.id]) for row in rows]


def find(tx: Transaction, clearance_id: str) -> Record | None:
    """Return a clearance for changing, or None."""
    try:
        return load(tx, clearance_id, for_update=True)
    except NotFound:
        return None


def of(stored: StoredClearance, statuses: Sequence[StoredStatus]) -> Record:
    """Return the record of rows that were read."""
    body: Mapping[str, Any] = stored.body
    seen = [from_dict(status.body) for status in statuses]
    state = Clearance(
        stored.id,
        stored.corridor,
        OneSide(frozenset(s for s in seen if s.side is Side.EXPORT)),
        OneSide(frozenset(s for s in seen if s.side is Side.IMPORT)),
        str(body.get("opened", "")),
    )
    return Record(stored, state, body)


def save(tx: Transaction, record: Record, *, now: datetime) -> Record:
    """Write the body of a record if it changed; raises Collision if somebody else's did."""
    if record.body == record.stored.body:
        return record
    clearances.change(tx, record.stored, record.body, now=now)
    stored = replace(
        record.stored, body=record.body, version=record.stored.version + 1, updated_at=now
    )
    return replace(record, stored=stored)


def observe(
    tx: Transaction, record: Record, seen: Sequence[Observation], *, now: datetime
) -> tuple[Record, list[Observation]]:
    """Write observations and return the record that knows them, and those that are new."""
    rows = [_row(record.id, one, now) for one in seen]
    fresh = [from_dict(row.body) for row in clearances.add_statuses(tx, rows)]
    return replace(record, state=record.state.seen(*fresh)), fresh


def _row(clearance_id: str, seen: Observation, now: datetime) -> StoredStatus:
    return StoredStatus(
        clearance_id=clearance_id,
        status_id=status_id(seen),
        side=seen.side.value,
        status=seen.status.name,
        at=seen.at,
        recorded_at=now,
        body=as_dict(seen),
    )
