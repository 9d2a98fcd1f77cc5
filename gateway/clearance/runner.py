"""Doing what clearance has planned: declare, take up arrivals, mirror statuses, take held receipts.

Every errand is a committed row until it is done; a crash gives it back after its lease. What
fails is tried again with a growing, jittered pause.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from gateway.clearance import arrival, records, release, requests, twoside
from gateway.clearance.desk import ARRIVED, CHANGE, DECLARE, MIRROR, RECEIPT, TWO_SIDE, Desk
from gateway.clearance.errors import NotYet
from gateway.clearance.opening import documents_of
from gateway.clearance.records import Role
from gateway.rounds import Rounds
from gateway.store import errands
from gateway.store.errands import Errand
from schemas.errors import SilkgateError

if TYPE_CHECKING:
    from gateway.store.database import Transaction

POLL: Final = 0.2
_LAST_STEP: Final = 10.0
_LEASE: Final = timedelta(seconds=30)
_BATCH: Final = 64
# What comes by itself mostly comes soon; what does not is looked for less often.
_SOON: Final = 20
_LONGEST_WAIT: Final = timedelta(seconds=2)
_LOG: Final = structlog.get_logger(__name__)
_DOUBLINGS: Final = 10
# A status that is late by a moment is no problem worth telling.
_TOLD_AFTER: Final = {MIRROR: 4}


class Runner:
    """Runs the errands of one desk in a thread of its own; any number may run at once."""

    def __init__(self, desk: Desk, *, seed: int | None = None) -> None:
        """Work for `desk`; `seed` makes the jitter of retries repeatable."""
        self._desk = desk
        self._random = random.Random(seed)  # noqa: S311 - jitter, not a secret
        self._rounds = Rounds("clearance", self.step, POLL, desk.waker)

    def start(self) -> None:
        """Begin to work in a thread."""
        self._rounds.start()

    def stop(self) -> None:
        """Finish the errand at hand and end the thread."""
        self._rounds.stop(_LAST_STEP)

    def step(self) -> int:
        """Do what is due now; return how many errands were taken."""
        now = self._desk.now()
        with self._desk.store.read() as tx:
            if not errands.waiting(tx, now):
                return 0
        with self._desk.store.begin() as tx:
            taken = errands.take(tx, now=now, lease=_LEASE, limit=_BATCH)
        for partner, group in _by_partner(taken).items():
            self._mirror_all(partner, group)
        for errand in taken:
            if errand.kind != MIRROR:
                self._do([errand], partial(self._one, errand))
        return len(taken)

    def _mirror_all(self, partner: str, group: Sequence[Errand]) -> None:
        """Send all that is new at once; what failed before goes alone and holds up no other."""
        fresh = [errand for errand in group if errand.attempts == 1]
        again = [[errand] for errand in group if errand.attempts > 1]
        reached = True
        for some in ([fresh] if fresh else []) + again:
            if reached:
                reached = self._do(some, partial(self._mirror, partner, some))
            else:
                self._wait(some)

    def _do(self, group: Sequence[Errand], work: Callable[[], None]) -> bool:
        """Do the work of some errands; take them off, or put them off when it failed."""
        try:
            work()
        except NotYet:
            self._wait(group)
            return True
        except Exception as error:  # noqa: BLE001 - tried again; the clearance shows why
            self._put_off(group, error)
            return False
        with self._desk.store.begin() as tx:
            errands.done(tx, [errand.id for errand in group])
            for clearance_id in {errand.clearance_id for errand in group if errand.attempts > 1}:
                self._mended(tx, clearance_id)
        return True

    def _wait(self, group: Sequence[Errand]) -> None:
        with self._desk.store.begin() as tx:
            for errand in group:
                soon = errand.attempts < _SOON
                pause = self._desk.retry if soon else min(self._pause(_SOON), _LONGEST_WAIT)
                errands.postpone(tx, errand.id, self._desk.now() + pause)

    def _put_off(self, group: Sequence[Errand], error: Exception) -> None:
        known = isinstance(error, SilkgateError)
        _LOG.warning("clearance.errand", errands=[e.id for e in group], error=str(error),
                     exc_info=not known)  # fmt: skip
        problem = error.as_dict() if isinstance(error, SilkgateError) else {"code": repr(error)}
        now = self._desk.now()
        with self._desk.store.begin() as tx:
            for errand in group:
                errands.postpone(tx, errand.id, now + self._pause(errand.attempts))
                if errand.clearance_id and errand.attempts >= _TOLD_AFTER.get(errand.kind, 1):
                    self._say(tx, errand.clearance_id, problem)

    def _say(self, tx: Transaction, clearance_id: str, problem: Mapping[str, object]) -> None:
        record = records.find(tx, clearance_id)
        if record is not None:
            records.save(tx, record.with_body(problem=problem), now=self._desk.now())

    def _mended(self, tx: Transaction, clearance_id: str) -> None:
        """Take back the problem of an errand; a refused exchange stays a problem."""
        record = records.find(tx, clearance_id) if clearance_id else None
        if (
            record is not None
            and record.body.get("problem", {})
            and ("exchange" not in record.body["problem"])
        ):
            records.save(tx, record.with_body(problem=None), now=self._desk.now())

    def _pause(self, attempts: int) -> timedelta:
        """Return the pause before the next attempt: doubling, bounded, jittered by half."""
        pause = self._desk.retry * 2 ** min(attempts, _DOUBLINGS)
        pause = min(pause, self._desk.longest)
        return timedelta(seconds=pause.total_seconds() * self._random.uniform(0.5, 1.0))

    def _one(self, errand: Errand) -> None:
        body: Mapping[str, Any] = errand.body
        if errand.kind == DECLARE:
            self._declare(errand)
        elif errand.kind == ARRIVED:
            arrival.arrive(self._desk, errand.clearance_id, body)
        elif errand.kind == TWO_SIDE:
            twoside.advance(self._desk, errand.clearance_id)
        elif errand.kind == CHANGE:
            self._change(errand)
        elif errand.kind == RECEIPT:
            data = base64.b64decode(body["data"])
            release.take_receipt(self._desk, body["authority"], data)

    def _mirror(self, partner: str, group: Sequence[Errand]) -> None:
        messages: list[Mapping[str, Any]] = [dict[str, Any](e.body)["message"] for e in group]
        self._desk.mirror.send(partner, messages)

    def _change(self, errand: Errand) -> None:
        """Send an amendment or cancellation to the customs of this side and take its answer."""
        number = int(str(errand.body["number"]))
        answer = requests.send(self._desk, errand.clearance_id, number, errand.id)
        if answer:
            self._answered(errand.clearance_id, answer)

    def _answered(self, clearance_id: str, answer: bytes) -> None:
        with self._desk.store.read() as tx:
            authority = str(records.load(tx, clearance_id).body["authority"])
        release.take_receipt(self._desk, authority, answer, clearance_id=clearance_id)

    def _declare(self, errand: Errand) -> None:
        """Send the declaration to the authority of this side and take its answer."""
        desk = self._desk
        with desk.store.read() as tx:
            record = records.load(tx, errand.clearance_id)
            exporting = record.role is Role.EXPORTER
            message = documents_of(tx, record)[0] if exporting else b""
        if record.body.get("cancelled"):
            return
        if not exporting:
            record, message = arrival.import_message(desk, record.id)
        profile = record.corridor.export if exporting else record.corridor.import_
        answer = desk.authority.send(
            str(record.body["authority"]),
            message,
            message_id=errand.id,
            media_type=desk.documents.media_type(profile.format),
        )
        if answer.body:
            self._answered(record.id, answer.body)


def _by_partner(taken: Sequence[Errand]) -> dict[str, list[Errand]]:
    groups: dict[str, list[Errand]] = {}
    for errand in taken:
        if errand.kind == MIRROR:
            groups.setdefault(str(errand.body["partner"]), []).append(errand)
    return groups
