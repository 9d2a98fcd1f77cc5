"""Hooks, and what is still to be delivered to them: taken with a lease, in order per subject."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from gateway.store import leases
from gateway.store.database import Transaction
from gateway.store.errors import NotFound
from gateway.store.tables.hook import DELIVERY, HOOK

_H: Final = HOOK.c
_D: Final = DELIVERY.c
_EARLIER: Final = DELIVERY.alias("earlier")
_FIRST: Final = ~(
    select(_EARLIER.c.id)
    .where(_EARLIER.c.hook == _D.hook, _EARLIER.c.subject == _D.subject, _EARLIER.c.n < _D.n)
    .exists()
)
"""Nothing that happened to the subject before is still to be delivered to this hook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """An address that a tenant is told at, and of what; `reached_at` is when it last was."""

    id: str
    tenant: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    reached_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing to tell one hook; `due_at` is None once it was given up, or held behind such.

    `tried_at` is when it was first tried, `problem` what went wrong last.
    """

    id: str
    hook: str
    subject: str
    n: int
    event: str
    body: Mapping[str, Any]
    at: datetime
    due_at: datetime | None
    tried_at: datetime | None = None
    attempts: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much waits for a hook, and how much was given up or is held behind that."""

    waiting: int = 0
    given_up: int = 0


def add(tx: Transaction, hook: Hook) -> None:
    """Write a new hook."""
    values = {name: getattr(hook, name) for name in hook.__slots__}
    tx.execute(HOOK.insert(), {**values, "events": list(hook.events)})


def get(tx: Transaction, hook_id: str, *, tenant: str | None = None) -> Hook:
    """Return a hook; raises NotFound, also when it is another tenant's."""
    row = tx.execute(select(HOOK).where(_H.id == hook_id)).one_or_none()
    if row is None or (tenant is not None and row.tenant != tenant):
        raise NotFound(what="hook", where=hook_id)
    return _hook(row)


def listed(tx: Transaction, tenant: str | None = None) -> list[Hook]:
    """Return the hooks of a tenant, or of all, oldest first."""
    query = select(HOOK).order_by(_H.created_at, _H.id)
    if tenant is not None:
        query = query.where(_H.tenant == tenant)
    return [_hook(row) for row in tx.execute(query)]


def remove(tx: Transaction, hook_id: str) -> None:
    """Take a hook away, with all that is still to be delivered to it."""
    tx.execute(delete(DELIVERY).where(_D.hook == hook_id))
    tx.execute(delete(HOOK).where(_H.id == hook_id))


def backlog(tx: Transaction, hook_ids: Collection[str]) -> dict[str, Backlog]:
    """Return by hook how much is still to be delivered."""
    columns = (_D.hook, func.count().label("all"), func.count(_D.due_at).label("due"))
    query = select(*columns).where(_D.hook.in_(list(hook_ids))).group_by(_D.hook)
    found = {row.hook: Backlog(row.due, row.all - row.due) for row in tx.execute(query)}
    return {hook_id: found.get(hook_id, Backlog()) for hook_id in hook_ids}


def counts(tx: Transaction) -> Backlog:
    """Return how much waits for all hooks, and how much was given up."""
    query = select(func.count().label("all"), func.count(_D.due_at).label("due"))
    row = tx.execute(query.select_from(DELIVERY)).one()
    return Backlog(row.due, row.all - row.due)


def deliveries(tx: Transaction, hook_id: str, *, limit: int = 100) -> list[Delivery]:
    """Return what is still to be delivered to a hook, first what was given up, then the oldest."""
    query = select(DELIVERY).where(_D.hook == hook_id)
    query = query.order_by(_D.due_at.is_not(None), _D.at, _D.id).limit(limit)
    return [Delivery(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def waiting(tx: Transaction, now: datetime) -> bool:
    """Tell whether a delivery is due; a look that no writer has to wait for."""
    return leases.waiting(tx, DELIVERY, now, _FIRST)


def take(tx: Transaction, *, now: datetime, lease: timedelta, limit: int) -> list[Delivery]:
    """Take deliveries that are due and the first of their subject, the longest due first."""
    rows = leases.take(tx, DELIVERY, now=now, lease=lease, limit=limit, only=_FIRST)
    return [Delivery(**row) for row in rows]


def delivered(tx: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """Take a delivery off, and note that its hook was reached."""
    tx.execute(delete(DELIVERY).where(_D.id == delivery.id))
    tx.execute(update(HOOK).where(_H.id == delivery.hook).values(reached_at=now))


def put_off(
    tx: Transaction, delivery: Delivery, due_at: datetime, problem: str, *, now: datetime
) -> None:
    """Note what went wrong, and when to try again."""
    values = {"due_at": due_at, "problem": problem, "tried_at": delivery.tried_at or now}
    tx.execute(update(DELIVERY).where(_D.id == delivery.id).values(**values))


def give_up(tx: Transaction, delivery: Delivery, problem: str) -> None:
    """Give a delivery up, and hold what waits behind it: nobody looks at them any more."""
    tx.execute(update(DELIVERY).where(_D.id == delivery.id).values(problem=problem))
    of_subject = (_D.hook == delivery.hook, _D.subject == delivery.subject)
    tx.execute(update(DELIVERY).where(*of_subject).values(due_at=None))


def give_back(tx: Transaction, delivery: Delivery) -> None:
    """Put a delivery back that was taken and not tried."""
    values = {"due_at": delivery.at, "attempts": delivery.attempts - 1}
    tx.execute(update(DELIVERY).where(_D.id == delivery.id).values(**values))


def hold(tx: Transaction, hook_id: str, until: datetime) -> None:
    """Have nothing delivered to a hook before a moment."""
    due = update(DELIVERY).where(_D.hook == hook_id, _D.due_at < until)
    tx.execute(due.values(due_at=until))


def retry(tx: Transaction, hook_id: str, *, now: datetime) -> int:
    """Have everything delivered anew that waits for a hook or was given up; return how many."""
    statement = update(DELIVERY).where(_D.hook == hook_id)
    values = {"due_at": now, "tried_at": None, "attempts": 0, "problem": ""}
    return tx.execute(statement.values(**values)).rowcount


def _hook(row: Any) -> Hook:  # noqa: ANN401 - a row
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to the names
    return Hook(**{**values, "events": tuple(values["events"])})
