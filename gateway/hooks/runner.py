"""Delivering what was put down: at least once, in order per subject, with an end.

Of a subject only the first is taken, so nothing overtakes. What fails is tried again with a
growing pause, and with it all that waits for the same hook: a receiver that is down is not asked
about each thing. What failed for too long is given up and holds what is behind it, until somebody
says to try again.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

import structlog

from gateway.hooks.message import compose
from gateway.hooks.ports import Teller
from gateway.rounds import Rounds, Waker
from gateway.store import hooks
from gateway.store.database import Store
from gateway.store.errors import NotFound
from gateway.store.hooks import Delivery, Hook
from gateway.transport.errors import TransportError
from schemas.clock import Clock
from schemas.errors import SilkgateError

_BATCH: Final = 64
_AT_ONCE: Final = 8
"""Hooks told at the same time; a slow one is left after half a lease, for the others' turn."""
_POLL: Final = 0.5
_FIRST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(minutes=15)
_DOUBLINGS: Final = 12
_LOG: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """What the runner works with; `source` is the gateway's id.

    What was taken by a process that died comes due again after `lease`; one delivery must end
    within half of it.
    """

    store: Store
    teller: Teller
    source: str
    clock: Clock
    give_up: timedelta = timedelta(hours=72)
    lease: timedelta = timedelta(seconds=40)


class HookRunner:
    """Delivers in a thread of its own; any number may run at once, in any processes."""

    def __init__(self, work: Delivering, *, seed: int | None = None) -> None:
        """Deliver for one gateway; `seed` makes the jitter of retries repeatable."""
        self._work = work
        self._random = random.Random(seed)  # noqa: S311 - jitter, not a secret
        self._rounds = Rounds("hooks", self.step, _POLL, Waker())

    def start(self) -> None:
        """Begin to deliver in a thread."""
        self._rounds.start()

    def stop(self, seconds: float) -> None:
        """Finish the deliveries at hand and end the thread."""
        self._rounds.stop(seconds)

    def step(self) -> int:
        """Deliver what is due now; return how many deliveries were taken."""
        work = self._work
        now = work.clock()
        with work.store.read() as tx:
            if not hooks.waiting(tx, now):
                return 0
        with work.store.begin() as tx:
            taken = hooks.take(tx, now=now, lease=work.lease, limit=_BATCH)
        groups: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in taken:
            groups[delivery.hook].append(delivery)
        if len(groups) == 1:
            self._tell_all(*groups.popitem())
        else:
            with ThreadPoolExecutor(_AT_ONCE, "hook") as pool:
                list(pool.map(self._tell_all, groups.keys(), groups.values()))
        return len(taken)

    def _tell_all(self, hook_id: str, group: Sequence[Delivery]) -> None:
        """Tell one hook one thing after another, until one is not taken or the lease runs out."""
        work = self._work
        until = work.clock() + work.lease / 2
        try:
            with work.store.read() as tx:
                hook = hooks.get(tx, hook_id)
        except NotFound:  # taken away meanwhile, and its deliveries with it
            return
        for n, delivery in enumerate(group):
            problem, final = self._tell(hook, delivery)
            if problem:
                self._put_off(delivery, group[n + 1 :], problem, final=final)
                return
            with work.store.begin() as tx:
                hooks.delivered(tx, delivery, now=work.clock())
            if work.clock() > until or self._rounds.stopping:
                self._leave(hook_id, group[n + 1 :])
                return

    def _tell(self, hook: Hook, delivery: Delivery) -> tuple[str, bool]:
        """Return what went wrong, empty if nothing did, and whether it is for good."""
        work = self._work
        try:
            status = work.teller.tell(hook.url, compose(work.source, delivery))
        except SilkgateError as error:
            _LOG.warning("hooks.tell", hook=hook.id, error=str(error))
            known = isinstance(error, TransportError)
            return f"{error.code} {error.message.en}" if known else error.code, False
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return "", False
        _LOG.warning("hooks.tell", hook=hook.id, status=status)
        return f"HTTP {status}", status == HTTPStatus.GONE

    def _put_off(
        self, delivery: Delivery, rest: Sequence[Delivery], problem: str, *, final: bool
    ) -> None:
        work = self._work
        now = work.clock()
        late = now - (delivery.tried_at or now) >= work.give_up
        pause = min(_FIRST * 2 ** min(delivery.attempts - 1, _DOUBLINGS), _LONGEST)
        again = now + pause * self._random.uniform(0.5, 1.0)
        with work.store.begin() as tx:
            if final or late:
                hooks.give_up(tx, delivery, problem)
            else:
                hooks.put_off(tx, delivery, again, problem, now=now)
            for each in rest:
                hooks.give_back(tx, each)
            hooks.hold(tx, delivery.hook, again)

    def _leave(self, hook_id: str, rest: Sequence[Delivery]) -> None:
        """Put back what was not told yet, behind what is due to other hooks."""
        work = self._work
        with work.store.begin() as tx:
            for each in rest:
                hooks.give_back(tx, each)
            hooks.hold(tx, hook_id, work.clock())
