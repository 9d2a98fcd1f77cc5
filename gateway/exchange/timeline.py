"""The journal of one exchange as a person reads it, in English and Chinese."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from gateway.store import exchanges, journal, tiles
from gateway.store.database import Transaction
from gateway.store.model import Event, Exchange
from schemas.clock import iso
from schemas.text import Text

_ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline: when, where, what came of it, and the sentence."""

    at: datetime
    stage: str
    code: str
    text: Text
    detail: Mapping[str, object]

    def as_dict(self) -> dict[str, object]:
        """Return the line as plain JSON values."""
        return {
            "at": iso(self.at),
            "stage": self.stage,
            "code": self.code,
            "text": self.text.as_dict(),
            "detail": dict(self.detail),
        }


def timeline(tx: Transaction, exchange_id: str, *, tenant: str | None = None) -> list[Line]:
    """Return what happened to an exchange, in order of time; raises NotFound.

    The first checkpoint that covers the document is a line too.
    """
    exchange = exchanges.get(tx, exchange_id, tenant=tenant)
    lines = [line(exchange, event) for event in journal.read(tx, exchange_id)]
    if exchange.leaf is not None:
        sealed = tiles.covering(tx, exchange.log, exchange.leaf)
        if sealed is not None:
            size, at = sealed
            text = sentence("checkpoint", "passed").format(size=size)
            lines.append(Line(at, "checkpoint", "passed", text, {"size": size}))
    return sorted(lines, key=lambda each: each.at)


def line(exchange: Exchange, event: Event) -> Line:
    """Return one event as a line."""
    text = sentence(event.stage, event.code)
    en, zh = (_fill(text, exchange, event, language) for language in ("en", "zh"))
    return Line(event.at, event.stage, event.code, Text(en.en, zh.zh), event.detail)


def sentence(stage: str, code: str) -> Text:
    """Return the sentence for an outcome of a stage, its placeholders not yet filled."""
    known = _sentences()
    return known.get((stage, code)) or known.get((_ANY, code)) or Text(code, code)


def _fill(text: Text, exchange: Exchange, event: Event, language: str) -> Text:
    values = {
        "stage": event.stage,
        "actor": event.actor,
        "receiver": exchange.receiver,
        "reason": _reason(event, language),
    }
    return text.format(**{**values, **event.detail})


def _reason(event: Event, language: str) -> str:
    problem = event.detail.get("problem")
    message = problem.get("message") if isinstance(problem, Mapping) else None
    return str(message.get(language, "")) if isinstance(message, Mapping) else ""


@cache
def _sentences() -> dict[tuple[str, str], Text]:
    table = files("gateway.exchange").joinpath("timeline.csv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines())
    return {(row["stage"], row["code"]): Text(row["en"], row["zh"]) for row in rows}
