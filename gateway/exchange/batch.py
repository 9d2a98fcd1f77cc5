"""Documents in hand: what a stage gets and gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from gateway.exchange.errors import TransientError, UnexpectedError
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import Commitment, Reading
from gateway.store.errors import NotFound
from gateway.store.model import Exchange, Payload, Role
from schemas.errors import SilkgateError


@dataclass(slots=True)
class Item:
    """One document in hand, between two commits; the stage that works on it changes it in place.

    `payloads` is all that is in memory; of the rest, `made`, `learned` (columns of the exchange)
    and `detail` (for the journal) are written with the commit of the stage, then emptied.
    """

    exchange: Exchange
    events: int
    payloads: dict[Role, Payload] = field(default_factory=dict)
    reading: Reading | None = None
    commitment: Commitment | None = None
    made: list[Payload] = field(default_factory=list)
    learned: dict[str, object] = field(default_factory=dict)
    detail: dict[str, object] = field(default_factory=dict)

    def __getitem__(self, role: Role) -> Payload:
        """Return a payload that is in hand; raises NotFound."""
        try:
            return self.payloads[role]
        except KeyError:
            where = self.exchange.id
            raise NotFound(what=f"{role.value} of exchange", where=where) from None

    def make(self, role: Role, media_type: str, data: bytes) -> Item:
        """Add a new payload."""
        payload = Payload(role, media_type, data)
        self.made.append(payload)
        self.payloads[role] = payload
        return self

    def learn(self, **columns: object) -> Item:
        """Set values of its exchange (`source_format`, `log`, `leaf`)."""
        self.exchange = replace(self.exchange, **columns)  # type: ignore[arg-type]
        self.learned.update(columns)
        return self

    def say(self, **detail: object) -> Item:
        """Add to what the journal will say; plain JSON values."""
        self.detail.update(detail)
        return self

    def written(self) -> Item:
        """Note a commit: one event more, nothing left to write."""
        if self.exchange.attempts or self.exchange.takeovers:
            self.exchange = replace(self.exchange, attempts=0, takeovers=0)
        self.events += 1
        self.made, self.learned, self.detail = [], {}, {}
        return self


class Stop(StrEnum):
    """Why a document does not go on with its batch."""

    REFUSE = "refused"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A document taken out of its batch; what it made so far is kept."""

    item: Item
    stop: Stop
    problem: Problem
    after: float | None = None  # seconds to wait at least, as the other side asked


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents that go through a stage together; each may stop by itself."""

    stage: str
    items: tuple[Item, ...]
    stopped: tuple[Stopped, ...] = ()

    def each(self, work: Callable[[Item], Item | Stopped]) -> Batch:
        """Return the batch after `work` on every item; an item that raises stops, alone."""
        going: list[Item] = []
        stopped = list(self.stopped)
        for item in self.items:
            outcome = _attempt(self.stage, work, item)
            if isinstance(outcome, Item):
                going.append(outcome)
            else:
                stopped.append(outcome)
        return Batch(self.stage, tuple(going), tuple(stopped))


def stop(stage: str, item: Item, error: Exception) -> Stopped:
    """Return how an error stops an item: ours refuse, what may pass and bugs are tried again."""
    match error:
        case TransientError():
            return Stopped(item, Stop.RETRY, Problem.of(error))
        case SilkgateError():
            return Stopped(item, Stop.REFUSE, Problem.of(error))
        case OSError():
            known = TransientError(where=stage, reason=str(error) or type(error).__name__)
            return Stopped(item, Stop.RETRY, Problem.of(known))
        case _:
            reason = f"{type(error).__name__}: {error}"
            return Stopped(
                item, Stop.RETRY, Problem.of(UnexpectedError(where=stage, reason=reason))
            )


def _attempt(stage: str, work: Callable[[Item], Item | Stopped], item: Item) -> Item | Stopped:
    try:
        return work(item)
    except Exception as error:  # noqa: BLE001 - whatever one document does, the rest go on
        return stop(stage, item, error)
