"""What happens, put down for whoever asked to be told, in the transaction in which it happens.

Nothing is put down for a tenant without a hook. What happens to a subject is numbered as in its own
journal, so that it can be told in order; putting it down twice is once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.model import Direction, Event, State
from gateway.store.tables.clearance import CLEARANCE
from gateway.store.tables.exchange import EXCHANGE
from gateway.store.tables.hook import DELIVERY, HOOK
from gateway.store.upsert import insert_into

_BY_CODE: Final = {
    "accepted": "exchange.accepted",
    "retry": "exchange.delayed",
    "refused": "exchange.refused",
    "failed": "exchange.failed",
    "requeued": "exchange.resumed",
}
"""What is told of an exchange, by the code in its journal."""
EXCHANGE_RECEIVED: Final = "exchange.received"
EXCHANGE_DONE: Final = "exchange.done"
CLEARANCE_STATUS: Final = "clearance.status"
LADING_STATE: Final = "lading.state"
TITLE_ENTRY: Final = "title.entry"
EVENTS: Final = (
    *_BY_CODE.values(),
    *(EXCHANGE_RECEIVED, EXCHANGE_DONE, CLEARANCE_STATUS, LADING_STATE, TITLE_ENTRY),
)

_X: Final = EXCHANGE.c
_A_HOOK: Final = select(HOOK.c.id).limit(1)
_OF_EXCHANGE: Final = select(
    *(_X.id, _X.tenant, _X.direction, _X.kind, _X.state, _X.clearance_id),
    *(HOOK.c.id.label("hook"), HOOK.c.events),
).join(HOOK, HOOK.c.tenant == _X.tenant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to a subject of a tenant: names and times, never content."""

    tenant: str
    subject: str
    n: int
    event: str
    at: datetime
    data: Mapping[str, object] = field(default_factory=dict)


def wanted(event: str, asked: Iterable[str]) -> bool:
    """Tell whether an event is among those asked for: by name, `family.*`, or `*` for all."""
    family = event.partition(".")[0] + ".*"
    return any(each in {event, family, "*"} for each in asked)


def put(tx: Transaction, happenings: Sequence[Happening]) -> None:
    """Put down what happened for the hooks of its tenants."""
    if not happenings:
        return
    tenants = {each.tenant for each in happenings}
    query = select(HOOK.c.id, HOOK.c.tenant, HOOK.c.events).where(HOOK.c.tenant.in_(tenants))
    hooks = tx.execute(query).all()
    _write(
        tx,
        [
            _row(hook.id, each)
            for each in happenings
            for hook in hooks
            if hook.tenant == each.tenant and wanted(each.event, hook.events)
        ],
    )


def of_exchanges(tx: Transaction, events: Sequence[Event]) -> None:
    """Put down what the journal says of exchanges, whose rows say how they are now.

    On the hot path: where nobody has a hook it costs one look.
    """
    if tx.execute(_A_HOOK).first() is None:
        return
    by_id = {event.exchange_id: event for event in events}
    rows = []
    for row in tx.execute(_OF_EXCHANGE.where(_X.id.in_(list(by_id)))):
        told = _of_exchange(by_id[row.id], row)
        if told is not None and wanted(told.event, row.events):
            rows.append(_row(row.hook, told))
    _write(tx, rows)


def of_statuses(tx: Transaction, clearance_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put down new statuses of one clearance."""
    tenant = tx.execute(select(CLEARANCE.c.tenant).where(CLEARANCE.c.id == clearance_id)).scalar()
    put(
        tx,
        [
            Happening(
                tenant=str(tenant),
                subject=f"clearance/{clearance_id}",
                n=row["n"],
                event=CLEARANCE_STATUS,
                at=row["recorded_at"],
                data={
                    "clearance": clearance_id,
                    "side": row["side"],
                    "status": row["status"],
                },
            )
            for row in rows
        ],
    )


def tenants_asking(tx: Transaction, event: str) -> set[str]:
    """Return the tenants that have a hook for an event."""
    found = tx.execute(select(HOOK.c.tenant, HOOK.c.events))
    return {row.tenant for row in found if wanted(event, row.events)}


def _of_exchange(event: Event, row: Any) -> Happening | None:  # noqa: ANN401 - a row
    name = _name(event, row)
    if not name:
        return None
    problem = event.detail.get("problem")
    data = {
        "exchange": row.id,
        "direction": row.direction,
        "kind": row.kind,
        "stage": event.stage,
        "state": row.state,
        "clearance": row.clearance_id,
        "problem": str(problem.get("code", "")) if isinstance(problem, dict) else "",
    }
    return Happening(
        tenant=row.tenant,
        subject=f"exchange/{row.id}",
        n=event.n,
        event=name,
        at=event.at,
        data={key: value for key, value in data.items() if value},
    )


def _name(event: Event, row: Any) -> str:  # noqa: ANN401 - a row
    """Return the event's name, empty for a step on the way."""
    if event.code == "passed":
        return EXCHANGE_DONE if row.state == State.DONE.value else ""
    if event.code == "accepted" and row.direction == Direction.IN.value:
        return EXCHANGE_RECEIVED
    return _BY_CODE.get(event.code, "")


def _row(hook: str, told: Happening) -> dict[str, object]:
    return {
        "id": new_id(),
        "hook": hook,
        "subject": told.subject,
        "n": told.n,
        "event": told.event,
        "body": {**told.data},
        "at": told.at,
        "due_at": told.at,
        "tried_at": None,
        "attempts": 0,
        "problem": "",
    }


def _write(tx: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        tx.execute(insert_into(tx, DELIVERY).on_conflict_do_nothing(), rows)
