"""The join table: which document gives which value, and which documents must agree on it.

One row of `join.csv` per source: `target` (canonical id; `[n]` a goods line, `[c]` a container,
`[k]` any further index), `document`, `source` (term id there, the same variables; `[+]` sums,
`[*]` takes the value all agree on), `rule` (Rule), `compare` (a kind of `compare.SAME`),
`flag` of a contradiction, and `why` (English) and `why_zh`, the reason that stays with the value.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from gateway.clearance.compare import SAME
from gateway.clearance.view import Pattern, pattern
from schemas.document import Term
from schemas.finding import Flag
from schemas.text import Text

RULESET: Final = "silkgate:join"
_TABLE: Final = Path(__file__).with_name("join.csv")


class Source(StrEnum):
    """The documents of one shipment."""

    DECLARATION = "declaration"
    INVOICE = "invoice"
    LADING = "bill-of-lading"
    PACKING_LIST = "packing-list"
    PARTY_MASTER = "party-master"
    RECEIPT = "receipt"


NAMES: Final[Mapping[Source, Text]] = {
    Source.DECLARATION: Text("declaration", "报关单"),
    Source.INVOICE: Text("invoice", "发票"),
    Source.LADING: Text("bill of lading", "提单"),
    Source.PACKING_LIST: Text("packing list", "装箱单"),
    Source.PARTY_MASTER: Text("party master", "企业资料"),
    Source.RECEIPT: Text("receipt", "海关回执"),
}


class Rule(StrEnum):
    """What a row does with its value."""

    WINS = "wins"
    FILLS = "fills"
    LATIN = "latin"
    CHECKS = "checks"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRule:
    """One row of the join table."""

    target: Pattern
    document: Source
    source: Pattern
    rule: Rule
    same: Callable[[Term, Term], bool]
    flag: Flag
    reason: Text


@cache
def rules() -> tuple[JoinRule, ...]:
    """Return the join table in its order."""
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            JoinRule(
                target=pattern(row["target"]),
                document=Source(row["document"]),
                source=pattern(row["source"]),
                rule=Rule(row["rule"]),
                same=SAME[row["compare"]],
                flag=Flag(row["flag"] or Flag.WARNING),
                reason=_reason(NAMES[Source(row["document"])], row),
            )
            for row in csv.DictReader(stream)
        )


def _reason(document: Text, row: Mapping[str, str]) -> Text:
    return Text(f"{document.en}: {row['why']}", f"{document.zh}:{row['why_zh']}")
