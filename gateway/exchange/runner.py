"""Carrying a claim through its flow: work on the batch, commit, next stage.

Whoever stands at a later stage joins the batch when it gets there, so one pass over the flow
serves a claim whatever stages its documents are at.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.exchange.batch import Batch, Item, Stop, Stopped, stop
from gateway.exchange.errors import WorkersDied
from gateway.exchange.flow import FLOW, INBOUND, Stage
from gateway.exchange.policy import Policy
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import Rooms
from gateway.store import claims, journal, payloads
from gateway.store.claims import Claim, Ending
from gateway.store.database import Store, Transaction
from gateway.store.errors import PayloadDamaged, StoreUnavailable
from gateway.store.model import Attempt, Direction, Event, Payload, State

_LOG = logging.getLogger(__name__)
_ONWARD = "passed"
_OUTSIDE = "deliver"  # the stage whose tries are kept as delivery attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Carries claims; `actor` is how the journal names who did it."""

    store: Store
    rooms: Rooms
    policy: Policy
    actor: str
    lease: timedelta = timedelta(seconds=60)

    def claim(self, most: int) -> Claim | None:
        """Take up to `most` documents that are due, or None when nothing is."""
        with self.store.begin() as tx:
            claim = claims.claim(
                tx,
                worker=self.actor,
                now=self.rooms.clock(),
                lease=self.lease,
                most=most,
                suspicious=self.policy.suspicious,
            )
        return claim if claim.exchanges else None

    def run(self, claim: Claim, stopping: Callable[[], bool] = lambda: False) -> None:
        """Carry every document of a claim as far as it gets, or to the next commit if stopping."""
        _Pass(self, claim, stopping).run()


class _Pass:
    """One claim on its way through the flows."""

    def __init__(self, runner: Runner, claim: Claim, stopping: Callable[[], bool]) -> None:
        self.runner = runner
        self.stopping = stopping
        self.token = claim.token
        self.until = claim.until
        self.items = [Item(exchange, exchange.events) for exchange in claim.exchanges]

    def run(self) -> None:
        self._give_up_poison()
        for direction, flow in ((Direction.OUT, FLOW), (Direction.IN, INBOUND)):
            waiting = [i for i in self.items if i.exchange.direction is direction]
            if waiting:
                self._carry(flow, waiting)
        if self.stopping():
            with self.runner.store.begin() as tx:
                claims.release(tx, self.token, now=self.runner.rooms.clock())

    def _give_up_poison(self) -> None:
        limit = self.runner.policy.takeovers
        for item in [i for i in self.items if i.exchange.takeovers >= limit]:
            self.items.remove(item)
            problem = Problem.of(WorkersDied(count=item.exchange.takeovers))
            with self.runner.store.begin() as tx:
                stopped = Stopped(item, Stop.RETRY, problem)
                self._end(tx, item.exchange.stage, [stopped], give_up=True)

    def _carry(self, flow: Sequence[Stage], waiting: Sequence[Item]) -> None:
        going: tuple[Item, ...] = ()
        for stage, after in zip(flow, [*flow[1:], None], strict=True):
            joining = [i for i in waiting if i.exchange.stage == stage.name]
            going += self._fetched(stage, joining)
            if self.stopping():
                return
            if going:
                batch = self._worked(stage, Batch(stage.name, going))
                going = self._committed(stage, batch, after.name if after else None)

    def _fetched(self, stage: Stage, items: Sequence[Item]) -> tuple[Item, ...]:
        """Read what the stage needs of those who come to it from the store."""
        if not items:
            return ()
        ids = [item.exchange.id for item in items]
        try:
            with self.runner.store.read() as tx:
                found = payloads.read_many(tx, ids, stage.needs)
        except PayloadDamaged as error:
            if len(items) > 1:
                return tuple(one for item in items for one in self._fetched(stage, [item]))
            self._commit(stage, Batch(stage.name, (), (stop(stage.name, items[0], error),)), None)
            return ()
        for item in items:
            item.payloads = found[item.exchange.id]
        return tuple(items)

    def _worked(self, stage: Stage, batch: Batch) -> Batch:
        try:
            return stage.work(batch, self.runner.rooms)
        except Exception as error:  # noqa: BLE001 - a room failed for the whole batch at once
            stopped = tuple(stop(stage.name, item, error) for item in batch.items)
            return Batch(stage.name, (), stopped)

    def _committed(self, stage: Stage, batch: Batch, onward: str | None) -> tuple[Item, ...]:
        try:
            return self._commit(stage, batch, onward)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - told by who is at fault, below
            _LOG.warning("batch commit failed", extra={"stage": stage.name, "reason": str(error)})
        # Something in the batch cannot be committed: each by itself, so that it alone is held up.
        alone = [replace(batch, items=(item,), stopped=()) for item in batch.items]
        alone += [replace(batch, items=(), stopped=(one,)) for one in batch.stopped]
        return tuple(item for one in alone for item in self._isolated(stage, one, onward))

    def _isolated(self, stage: Stage, batch: Batch, onward: str | None) -> tuple[Item, ...]:
        try:
            return self._commit(stage, batch, onward, alone=True)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - it is put off with the reason
            item = (batch.items or tuple(s.item for s in batch.stopped))[0]
            item.made = []
            with self.runner.store.begin() as tx:
                self._end(tx, stage.name, [stop(stage.name, item, error)])
            return ()

    def _commit(
        self, stage: Stage, batch: Batch, onward: str | None, *, alone: bool = False
    ) -> tuple[Item, ...]:
        now = self.runner.rooms.clock()
        with self.runner.store.begin() as tx:
            self._end(tx, stage.name, batch.stopped)
            if not batch.items:
                return ()
            only = [item.exchange.id for item in batch.items] if alone else None
            mine = claims.advance(
                tx, self.token, stage=stage.name, onward=onward, now=now, only=only
            )
            batch = replace(batch, items=tuple(i for i in batch.items if i.exchange.id in mine))
            if stage.record is not None and batch.items:
                batch = stage.record(batch, self.runner.rooms, tx)
            self._write(tx, stage, batch.items, now)
            self._renew(tx, now)
        return tuple(item.written() for item in batch.items)

    def _write(self, tx: Transaction, stage: Stage, items: Sequence[Item], now: datetime) -> None:
        payloads.write(tx, _made(items), now=now)
        if stage.drops:
            payloads.drop(tx, [item.exchange.id for item in items], stage.drops)
        claims.note(tx, {i.exchange.id: i.learned for i in items if i.learned})
        events = [self._event(item, stage.name, _ONWARD, now) for item in items]
        journal.write(tx, events)
        if stage.name == _OUTSIDE:
            journal.write_attempts(tx, [_attempt(event, "delivered") for event in events])

    def _renew(self, tx: Transaction, now: datetime) -> None:
        # The lease is an indexed column: it is touched only when half of it is gone.
        if self.until - now < self.runner.lease / 2:
            self.until = now + self.runner.lease
            claims.renew(tx, self.token, self.until)

    def _end(
        self, tx: Transaction, stage: str, stopped: Sequence[Stopped], *, give_up: bool = False
    ) -> None:
        """Take stopped documents out of the claim, with one event each and the reason."""
        if not stopped:
            return
        now = self.runner.rooms.clock()
        endings = {s.item.exchange.id: self._ending(s, now, give_up=give_up) for s in stopped}
        mine = claims.end(tx, self.token, list(endings.values()), now=now)
        ours = [s for s in stopped if s.item.exchange.id in mine]
        events = []
        for one in ours:
            ending = endings[one.item.exchange.id]
            due = {"again_at": ending.due_at.isoformat()} if ending.due_at else {}
            item = one.item.say(problem=one.problem.as_dict(), tried=ending.attempts, **due)
            events.append(self._event(item, stage, ending.state.value, now))
        journal.write(tx, events)
        payloads.write(tx, _made(s.item for s in ours if s.stop is Stop.REFUSE), now=now)
        if stage == _OUTSIDE:
            journal.write_attempts(tx, [_attempt(event, event.code) for event in events])
        for one in ours:
            if endings[one.item.exchange.id].state.settled:
                self.runner.rooms.hooks.on_refused(tx, one.item.exchange, one.problem)

    def _ending(self, stopped: Stopped, now: datetime, *, give_up: bool) -> Ending:
        exchange = stopped.item.exchange
        if stopped.stop is Stop.REFUSE:
            return Ending(exchange.id, State.REFUSED, exchange.attempts)
        tried = exchange.attempts + 1
        due = None if give_up else self.runner.policy.again(tried, now, stopped.after)
        state = State.FAILED if due is None else State.RETRY
        return Ending(exchange.id, state, tried, due)

    def _event(self, item: Item, stage: str, code: str, now: datetime) -> Event:
        return Event(
            exchange_id=item.exchange.id,
            n=item.events + 1,
            stage=stage,
            at=now,
            actor=self.runner.actor,
            code=code,
            detail=item.detail,
        )


def _made(items: Iterable[Item]) -> Iterable[tuple[str, Payload]]:
    return ((item.exchange.id, payload) for item in items for payload in item.made)


def _attempt(event: Event, outcome: str) -> Attempt:
    problem = event.detail.get("problem")
    return Attempt(
        exchange_id=event.exchange_id,
        n=event.n,
        at=event.at,
        outcome=outcome,
        code=str(problem["code"]) if isinstance(problem, dict) else "",
        detail=event.detail,
    )
