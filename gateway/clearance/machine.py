"""The two-sided state machine: a clearance is two sets of receipts; its state follows from them.

Nothing here reads a clock, a file or a store. The state is a function of the *set* of
observations, so receipts that come twice, late, or in another order, on either gateway, lead to
the same state; joining what two gateways know is the union of their sets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.clearance.status import Status


class Side(StrEnum):
    """Which customs speaks."""

    EXPORT = "export"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One status an authority has given, as its receipt says it.

    `code` is the authority's own code of the code list `source`; `at` the authority's time
    (aware, UTC); `reference` the authority's number of the declaration (EntryId, MRN); `digest`
    the SHA-256 of the receipt (hex). All of it comes from the receipt itself: the same receipt
    read twice, or by the other gateway, is an equal observation.
    """

    side: Side
    source: str
    code: str
    status: Status
    at: datetime
    reference: str = ""
    digest: str = ""
    note: str = ""

    @property
    def order(self) -> tuple[datetime, int, str, str, str, str, str]:
        """A total order that depends on nothing but the observation itself."""
        rank = self.status.rank
        return (self.at, rank, self.source, self.code, self.reference, self.digest, self.note)


_NOTHING: Final[frozenset[Observation]] = frozenset()


@dataclass(frozen=True, slots=True)
class OneSide:
    """What one customs has said so far."""

    observations: frozenset[Observation] = _NOTHING

    @property
    def current(self) -> Observation | None:
        """The observation that gives this side its status, or None before the first.

        The highest rank counts, whatever came last. One exception: a declaration returned for
        correction is open again, so what the authority says after the last return replaces it,
        unless it had been cleared before. Of equal ranks the earliest counts: the status stands
        since then.
        """
        progress = [seen for seen in self.observations if seen.status.progress]
        if not progress:
            return None
        top = max(seen.status.rank for seen in progress)
        candidates = [seen for seen in progress if seen.status.rank == top]
        if candidates[0].status.reopens:
            last_return = max(seen.at for seen in candidates)
            after = [s for s in progress if s.at > last_return and s.status.rank < top]
            cleared = any(s.status.clears and s.at <= last_return for s in progress)
            if after and not cleared:
                top = max(seen.status.rank for seen in after)
                candidates = [seen for seen in after if seen.status.rank == top]
        return min(candidates, key=lambda seen: seen.order)

    @property
    def status(self) -> Status | None:
        """The current status, or None before the first receipt."""
        current = self.current
        return None if current is None else current.status

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected of this customs."""
        current = self.current
        return current is not None and current.status.terminal

    @property
    def reference(self) -> str:
        """The authority's number of the declaration, from the latest receipt that names one."""
        named = [seen for seen in self.observations if seen.reference]
        return max(named, key=lambda seen: seen.order).reference if named else ""

    @property
    def timeline(self) -> list[Observation]:
        """Every observation in the authority's order of time, to the second.

        Some receipts of one authority tell fractions and some do not: within a second the way to
        release decides.
        """
        return sorted(
            self.observations,
            key=lambda seen: (seen.at.replace(microsecond=0), seen.status.rank, seen.order),
        )

    @property
    def events(self) -> list[Observation]:
        """What happened beside the way to release (amendments, certificates), in order of time."""
        return [seen for seen in self.timeline if not seen.status.progress]

    @property
    def notices(self) -> list[Observation]:
        """What the authority said later than the current status without moving it on."""
        current = self.current
        if current is None:
            return []
        return [s for s in self.timeline if s.status.progress and s.at > current.at]


@dataclass(frozen=True, slots=True)
class Trigger:
    """Which receipts of the export side open the other side's declaration.

    `codes` are the authority's codes of the list `source` (`P`, `I`, `F` in China: released);
    `guarantee_codes` mean released on guarantee and count only where the corridor says so
    (`on_guarantee`).
    """

    source: str
    codes: frozenset[str]
    guarantee_codes: frozenset[str] = frozenset()
    on_guarantee: bool = False

    def met_by(self, seen: Observation) -> bool:
        """Tell whether this receipt is the release the other side waits for."""
        if seen.side is not Side.EXPORT or seen.source != self.source:
            return False
        return seen.code in self.codes or (self.on_guarantee and seen.code in self.guarantee_codes)


@dataclass(frozen=True, slots=True)
class Clearance:
    """One declaration on its way through two customs.

    `opened` is the id of the exchange that carries the other side's declaration, empty until the
    release; it is set once and never changes.
    """

    id: str
    corridor: str
    export: OneSide = field(default_factory=OneSide)
    import_: OneSide = field(default_factory=OneSide)
    opened: str = ""

    def side(self, side: Side) -> OneSide:
        """Return the export or the import side."""
        return self.export if side is Side.EXPORT else self.import_

    def seen(self, *observations: Observation) -> Clearance:
        """Return the clearance that also knows these observations; known ones change nothing."""
        return replace(
            self,
            export=_more(self.export, observations, Side.EXPORT),
            import_=_more(self.import_, observations, Side.IMPORT),
        )

    def joined(self, other: Clearance) -> Clearance:
        """Return what two gateways know together (the union; order does not matter)."""
        known = self.seen(*other.export.observations, *other.import_.observations)
        opened = min((id_ for id_ in (self.opened, other.opened) if id_), default="")
        return replace(known, opened=opened)

    def release(self, trigger: Trigger) -> Observation | None:
        """Return the earliest receipt that opens the other side's declaration, or None.

        A declaration that was rejected or deleted after its release opens nothing.
        """
        current = self.export.status
        if current is None or current.void:
            return None
        met = [seen for seen in self.export.observations if trigger.met_by(seen)]
        return min(met, key=lambda seen: seen.order) if met else None

    def due(self, trigger: Trigger) -> bool:
        """Tell whether the other side's declaration is to be opened now: released, not opened."""
        return not self.opened and self.release(trigger) is not None

    def open(self, exchange_id: str) -> Clearance:
        """Return the clearance with the other side opened; the first opening stands."""
        return self if self.opened else replace(self, opened=exchange_id)

    @property
    def ended(self) -> bool:
        """Whether both customs have spoken their last word.

        An export that was rejected or deleted before it opened the other side ends both.
        """
        if not self.opened and not self.import_.observations:
            current = self.export.status
            return self.export.ended and current is not None and current.void
        return self.export.ended and self.import_.ended

    @property
    def cleared(self) -> bool:
        """Whether both customs have cleared and closed the declaration."""
        return all(side.ended and side.status and not side.status.void for side in self._sides())

    def _sides(self) -> tuple[OneSide, OneSide]:
        return self.export, self.import_


def _more(side: OneSide, observations: Iterable[Observation], which: Side) -> OneSide:
    new = frozenset(seen for seen in observations if seen.side is which)
    return side if new <= side.observations else OneSide(side.observations | new)
