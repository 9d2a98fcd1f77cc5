"""Reading exchanges for the faces: only the tenant's own; of others there is nothing to see."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.exchange import timeline as story
from gateway.exchange.timeline import Line
from gateway.store import exchanges, journal, payloads
from gateway.store.database import Store
from gateway.store.model import Attempt, Exchange, Payload, Role, State


def page(
    store: Store, tenant: str, *, before: str | None, limit: int, state: State | None
) -> Sequence[Exchange]:
    """Return the tenant's exchanges, newest first; `before` is the last id of a page."""
    with store.read() as tx:
        return exchanges.listed(tx, tenant=tenant, state=state, before=before, limit=limit)


def show(store: Store, tenant: str, exchange_id: str) -> Exchange:
    """Return one exchange of the tenant; raises NotFound."""
    with store.read() as tx:
        return exchanges.get(tx, exchange_id, tenant=tenant)


def of_clearance(store: Store, tenant: str, clearance_id: str) -> Sequence[Exchange]:
    """Return the tenant's exchanges that belong to a clearance, newest first."""
    with store.read() as tx:
        return exchanges.listed(tx, tenant=tenant, clearance_id=clearance_id)


def timeline(
    store: Store, tenant: str, exchange_id: str
) -> tuple[Sequence[Line], Sequence[Attempt]]:
    """Return what happened to it and its delivery attempts; raises NotFound."""
    with store.read() as tx:
        lines = story.timeline(tx, exchange_id, tenant=tenant)
        return lines, journal.read_attempts(tx, exchange_id)


def payload(store: Store, tenant: str, exchange_id: str, role: Role) -> Payload:
    """Return bytes it carried; raises NotFound."""
    with store.read() as tx:
        exchanges.get(tx, exchange_id, tenant=tenant)
        return payloads.read(tx, exchange_id, role)


def kept(store: Store, tenant: str, exchange_id: str) -> list[tuple[Role, str, bytes]]:
    """Return role, media type and digest of everything kept for it; raises NotFound."""
    with store.read() as tx:
        exchanges.get(tx, exchange_id, tenant=tenant)
        return payloads.kept(tx, exchange_id)
