"""Exchanges and clearances as the pages show them: rows ready for a template."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.api import reading
from gateway.exchange.flow import FLOW, INBOUND
from gateway.exchange.timeline import Line
from gateway.store.database import Store
from gateway.store.errors import NotFound
from gateway.store.model import Attempt, Direction, Exchange, Role, State
from schemas import terms
from schemas.loss import LossClass
from schemas.text import Text

_TELLING: Final = {
    State.DONE: "good",
    State.REFUSED: "bad",
    State.FAILED: "bad",
    State.RETRY: "warn",
}
_VOID: Final = frozenset({"REJECTED", "DELETED", "FAILED", "LOCAL_CANCELLED"})
_HALTED: Final = frozenset(
    {
        "RETURNED_FOR_CORRECTION",
        "INSPECTION_ORDERED",
        "INSPECTION_IN_PROGRESS",
        "DUTY_PAYMENT_DUE",
        "SUSPENDED",
        "EXCEPTION",
        "RESEND_DOCUMENTS",
        "UNDER_RE-REVIEW",
    }
)
_RELEASED: Final = 49  # the rank from which on goods are released (canonical statuses)


@dataclass(frozen=True, slots=True)
class Compared:
    """One value of the source: its meaning, and where it went."""

    path: str
    value: str
    term: str
    name: Text
    target: str
    target_value: str
    cls: str
    reason: Text

    @property
    def lost(self) -> bool:
        """Whether the target says less than the source did."""
        return self.cls in (LossClass.LOSSY, LossClass.DROPPED)


@dataclass(frozen=True, slots=True)
class ExchangeShown:
    """All that the page of one exchange shows."""

    exchange: Exchange
    lines: Sequence[Line]
    attempts: Sequence[Attempt]
    kept: Sequence[tuple[Role, str, bytes]]
    compared: Sequence[Compared]
    missing: Sequence[Mapping[str, Any]]
    findings: Sequence[Mapping[str, Any]]

    @property
    def classes(self) -> Mapping[str, int]:
        """How many values there are of each class."""
        counted = Counter(one.cls for one in self.compared)
        return {cls.value: counted[cls.value] for cls in LossClass if counted[cls.value]}

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The stages of its flow, each `done`, `now`, `stopped` or `ahead`."""
        return steps(self.exchange)


def steps(exchange: Exchange) -> list[tuple[str, str]]:
    """Return the stages of the exchange's flow with how far it has come."""
    flow = FLOW if exchange.direction is Direction.OUT else INBOUND
    names = [stage.name for stage in flow]
    if exchange.state is State.DONE:
        return [(name, "done") for name in names]
    here = names.index(exchange.stage) if exchange.stage in names else 0
    current = "stopped" if exchange.state in (State.REFUSED, State.FAILED) else "now"
    past = [(name, "done") for name in names[:here]]
    return [*past, (names[here], current), *((name, "ahead") for name in names[here + 1 :])]


def tone(state: State) -> str:
    """Return how a state is coloured: good, bad, warn or plain."""
    return _TELLING.get(state, "plain")


def status_tone(status: Mapping[str, Any] | None) -> str:
    """Return how a canonical status is coloured."""
    if status is None:
        return "none"
    if status["name"] in _VOID:
        return "bad"
    if status["name"] in _HALTED:
        return "warn"
    return "good" if int(status.get("rank") or 0) >= _RELEASED else "plain"


def exchange(store: Store, tenant: str, exchange_id: str) -> ExchangeShown:
    """Return what the page of an exchange shows; raises NotFound."""
    found = reading.show(store, tenant, exchange_id)
    lines, attempts = reading.timeline(store, tenant, exchange_id)
    kept = reading.kept(store, tenant, exchange_id)
    loss = _json(store, tenant, exchange_id, Role.LOSS) or {}
    findings = _json(store, tenant, exchange_id, Role.FINDINGS) or []
    target = _json(store, tenant, exchange_id, Role.TARGET_FINDINGS) or []
    return ExchangeShown(
        exchange=found,
        lines=lines,
        attempts=attempts,
        kept=[one for one in kept if one[0] is not Role.COMMITMENTS],
        compared=[_compared(entry) for entry in loss.get("entries", [])],
        missing=[{**gap, "reason": Text.of(gap["reason"])} for gap in loss.get("missing", [])],
        findings=[*findings, *target],
    )


def _compared(entry: Mapping[str, str]) -> Compared:
    return Compared(
        path=entry["path"],
        value=entry["value"],
        term=entry["term"],
        name=terms.name(entry["term"]) if entry["term"] else Text("", ""),
        target=entry["target"],
        target_value=entry["target_value"],
        cls=entry["class"],
        reason=Text.of(entry["reason"]),
    )


def _json(store: Store, tenant: str, exchange_id: str, role: Role) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(reading.payload(store, tenant, exchange_id, role).data)
    except NotFound:
        return None
