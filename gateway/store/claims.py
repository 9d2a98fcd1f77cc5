"""Taking exchanges and moving them on: the hot path, a constant number of statements per batch.

A claim is a random token with a lease. Whoever moves an exchange names its token: a worker that
was given up for dead finds its token gone and changes nothing (fencing).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Update, and_, bindparam, case, select, update

from gateway.store.database import Transaction
from gateway.store.exchanges import COLUMNS, from_row
from gateway.store.model import Exchange, State
from gateway.store.tables.exchange import EXCHANGE

_C: Final = EXCHANGE.c
_TAKEN: Final = State.CLAIMED.value


@dataclass(frozen=True, slots=True)
class Claim:
    """Exchanges one worker has until `until`."""

    token: str
    until: datetime
    exchanges: Sequence[Exchange]


@dataclass(frozen=True, slots=True)
class Ending:
    """Where one exchange goes instead of on: to `state`, due again at `due_at` if ever."""

    id: str
    state: State
    attempts: int
    due_at: datetime | None = None


def _claim_statement(*, suspects: bool) -> Update:
    seen = _C.takeovers >= bindparam("suspicious")
    due = (
        select(_C.id)
        .where(_C.due_at <= bindparam("now"), seen if suspects else ~seen)
        .order_by(_C.due_at)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return (
        update(EXCHANGE)
        .where(_C.id.in_(select(due.c.id)))
        .values(
            claim=bindparam("token"),
            owner=bindparam("worker"),
            state=_TAKEN,
            due_at=bindparam("until"),
            # Whoever had it died with it.
            takeovers=_C.takeovers + case((_C.state == _TAKEN, 1), else_=0),
        )
        .returning(*COLUMNS)
    )


_CLAIM: Final = _claim_statement(suspects=False)
_CLAIM_SUSPECT: Final = _claim_statement(suspects=True)
_MINE: Final = and_(_C.claim == bindparam("token"), _C.stage == bindparam("at_stage"))
_PASS: Final = (
    update(EXCHANGE)
    .where(_MINE)
    .values(
        stage=bindparam("next_stage"),
        updated_at=bindparam("now"),
        events=_C.events + 1,
        attempts=0,
        takeovers=0,
    )
    .returning(_C.id)
)
_FINISH: Final = (
    update(EXCHANGE)
    .where(_MINE)
    .values(
        state=State.DONE.value,
        updated_at=bindparam("now"),
        events=_C.events + 1,
        attempts=0,
        takeovers=0,
        due_at=None,
        claim="",
        owner="",
    )
    .returning(_C.id)
)
_END: Final = (
    update(EXCHANGE)
    .where(_C.id == bindparam("the_id"), _C.claim == bindparam("token"))
    .values(
        state=bindparam("to_state"),
        attempts=bindparam("tries"),
        due_at=bindparam("due"),
        updated_at=bindparam("now"),
        events=_C.events + 1,
        takeovers=0,
        claim="",
        owner="",
    )
)
_RENEW: Final = (
    update(EXCHANGE).where(_C.claim == bindparam("token")).values(due_at=bindparam("until"))
)
_RELEASE: Final = (
    update(EXCHANGE)
    .where(_C.claim == bindparam("token"))
    .values(state=State.READY.value, claim="", owner="", due_at=bindparam("now"))
)


def claim(
    tx: Transaction,
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    most: int,
    suspicious: int,
) -> Claim:
    """Take up to `most` exchanges that are due, the longest waiting first.

    Exchanges that `suspicious` or more workers died with are left out; if there is nothing else,
    one of them is taken, alone, so that it can take nobody with it.
    """
    token = secrets.token_hex(8)
    until = now + lease
    values = {"now": now, "until": until, "token": token, "worker": worker}
    values["suspicious"] = suspicious
    rows = tx.execute(_CLAIM, {**values, "most": most}).all()
    if not rows:
        rows = tx.execute(_CLAIM_SUSPECT, {**values, "most": 1}).all()
    return Claim(token, until, [from_row(row) for row in rows])


def advance(
    tx: Transaction,
    token: str,
    *,
    stage: str,
    onward: str | None,
    now: datetime,
    only: Collection[str] | None = None,
) -> set[str]:
    """Move the exchanges of a claim that are at `stage` to `onward`, or to done when None.

    All of them, or `only` some. Returns the ids moved; one that is missing belongs to somebody
    else by now.
    """
    statement = _FINISH if onward is None else _PASS
    values: dict[str, Any] = {"token": token, "at_stage": stage, "now": now}
    if onward is not None:
        values["next_stage"] = onward
    if only is not None:
        statement = statement.where(_C.id.in_(list(only)))
    return set(tx.execute(statement, values).scalars())


def end(tx: Transaction, token: str, endings: Sequence[Ending], *, now: datetime) -> set[str]:
    """Take exchanges out of a claim: put off, refused or given up. Returns those that were in."""
    mine = still_mine(tx, token, [ending.id for ending in endings])
    values = [
        {
            "the_id": ending.id,
            "token": token,
            "to_state": ending.state.value,
            "tries": ending.attempts,
            "due": ending.due_at,
            "now": now,
        }
        for ending in endings
        if ending.id in mine
    ]
    if values:
        tx.execute(_END, values)
    return mine


def still_mine(tx: Transaction, token: str, ids: Collection[str]) -> set[str]:
    """Return which of `ids` the claim still holds; PostgreSQL locks them."""
    query = select(_C.id).where(_C.claim == token, _C.id.in_(list(ids))).with_for_update()
    return set(tx.execute(query).scalars())


def note(tx: Transaction, changes: Mapping[str, Mapping[str, object]]) -> None:
    """Write what a stage learned (`source_format`, `log`, `leaf`), by exchange id."""
    for names in {tuple(sorted(change)) for change in changes.values()}:
        statement = (
            update(EXCHANGE)
            .where(_C.id == bindparam("the_id"))
            .values({name: bindparam(f"new_{name}") for name in names})
        )
        rows = [
            {"the_id": key, **{f"new_{name}": change[name] for name in names}}
            for key, change in changes.items()
            if tuple(sorted(change)) == names
        ]
        tx.execute(statement, rows)


def renew(tx: Transaction, token: str, until: datetime) -> None:
    """Make the lease of a claim longer."""
    tx.execute(_RENEW, {"token": token, "until": until})


def release(tx: Transaction, token: str, *, now: datetime) -> None:
    """Give back what a claim still holds, at the stage it is at."""
    tx.execute(_RELEASE, {"token": token, "now": now})


def requeue(tx: Transaction, exchange_id: str, *, now: datetime) -> bool:
    """Take a failed exchange up again at the stage where it was given up; False if it is not."""
    statement = (
        update(EXCHANGE)
        .where(_C.id == exchange_id, _C.state == State.FAILED.value)
        .values(
            state=State.READY.value,
            due_at=now,
            attempts=0,
            takeovers=0,
            events=_C.events + 1,
            updated_at=now,
        )
    )
    return tx.execute(statement).rowcount == 1


def owners(tx: Transaction) -> set[str]:
    """Return the workers that hold claims."""
    query = select(_C.owner).where(_C.claim != "").distinct()
    return set(tx.execute(query).scalars())


def expire(tx: Transaction, worker: str, *, now: datetime) -> int:
    """End the leases of a worker known to be dead; returns how many exchanges it held."""
    statement = update(EXCHANGE).where(_C.owner == worker, _C.claim != "").values(due_at=now)
    return tx.execute(statement).rowcount
