"""Accepting documents: a committed row before the caller is told anything.

A submission is known by its tenant's idempotency key or, without one, by its content. Handed in
again, it gets the exchange it had; a key that comes back with something else is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime

from gateway.exchange.errors import KeyReused
from gateway.exchange.flow import FLOW
from gateway.exchange.group import together
from gateway.exchange.handling import JSON
from gateway.exchange.submission import Accepted, Submission
from gateway.store import exchanges, idempotency, journal, payloads
from gateway.store.database import Store, Transaction
from gateway.store.idempotency import Remembered
from gateway.store.ids import new_id
from gateway.store.model import Direction, Event, Exchange, Payload, Role
from schemas.clock import Clock, utc_now


def accept(store: Store, submission: Submission, *, clock: Clock = utc_now) -> Accepted:
    """Accept one submission; raises KeyReused."""
    outcome = accept_all(store, [submission], clock=clock)[0]
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def accept_all(
    store: Store, submissions: Sequence[Submission], *, clock: Clock = utc_now
) -> Sequence[Accepted | Exception]:
    """Accept a batch in one commit; each its exchange, or the error that refuses it, in order."""
    return together(store, lambda tx, given: accept_in(tx, given, clock()), submissions)


def accept_in(
    tx: Transaction, submissions: Sequence[Submission], now: datetime
) -> list[Accepted | Exception]:
    """Accept submissions in a transaction of the caller; one outcome each, in order."""
    keyed = [_Keyed(submission) for submission in submissions]
    known = idempotency.recall(tx, {one.place for one in keyed})
    fresh: list[_Keyed] = []
    outcomes: list[Accepted | Exception] = []
    for one in keyed:
        before = known.get(one.place)
        if before is None:
            known[one.place] = one.remembered
            fresh.append(one)
            outcomes.append(Accepted(one.remembered.exchange_id))
        elif before.digest == one.remembered.digest:
            outcomes.append(Accepted(before.exchange_id, duplicate=True))
        else:
            outcomes.append(KeyReused(key=one.remembered.key, exchange=before.exchange_id))
    if fresh:
        _write(tx, fresh, now)
    return outcomes


class _Keyed:
    """A submission with the key it goes by and the exchange it would become."""

    __slots__ = ("place", "remembered", "source", "submission")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.source = Payload(Role.SOURCE, submission.media_type, submission.data)
        digest = submission.fingerprint(self.source.digest)
        key = submission.key or f"sha256:{digest.hex()}"
        self.place = (submission.tenant, key)
        self.remembered = Remembered(
            tenant=submission.tenant, key=key, digest=digest, exchange_id=new_id()
        )


def _write(tx: Transaction, fresh: Sequence[_Keyed], now: datetime) -> None:
    exchanges.insert(tx, [_exchange(one, now) for one in fresh])
    payloads.write(tx, [pair for one in fresh for pair in _payloads(one)], now=now)
    journal.write(tx, [_event(one, now) for one in fresh])
    idempotency.remember(tx, [one.remembered for one in fresh], now=now)


def _exchange(one: _Keyed, now: datetime) -> Exchange:
    submission = one.submission
    return Exchange(
        id=one.remembered.exchange_id,
        tenant=submission.tenant,
        direction=Direction.OUT,
        kind=submission.kind,
        sender=submission.sender,
        receiver=submission.receiver,
        message_id=one.remembered.exchange_id,
        source_format=submission.source_format,
        target_format=submission.target_format,
        profile=submission.profile,
        clearance_id=submission.clearance_id,
        correlation=submission.correlation,
        stage=FLOW[0].name,
        digest=one.source.digest,
        events=1,
        due_at=now,
        created_at=now,
        updated_at=now,
    )


def _payloads(one: _Keyed) -> list[tuple[str, Payload]]:
    made = [one.source]
    if one.submission.related:
        texts = [base64.b64encode(item).decode() for item in one.submission.related]
        made.append(Payload(Role.RELATED, JSON, json.dumps(texts).encode()))
    return [(one.remembered.exchange_id, payload) for payload in made]


def _event(one: _Keyed, now: datetime) -> Event:
    return Event(
        exchange_id=one.remembered.exchange_id,
        n=1,
        stage="accept",
        at=now,
        actor=one.submission.tenant,
        code="accepted",
        detail={"sha256": one.source.digest.hex()},
    )
