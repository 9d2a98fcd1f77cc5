"""What customs say: canonical statuses, and the authorities' codes that mean them.

The statuses, their ranks and the mappings of the codes are tables of `schemas.codes`; this
module gives them the shape the state machine works with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from schemas import codes
from schemas.errors import ExchangeError
from schemas.text import Text

STATUSES: Final = "canonical-status"
CN_CHANNEL: Final = "cn-channel"
CDS_NOTIFICATION: Final = "cds-notification"
SG_RESPONSE: Final = "sg-response-status"
SOURCES: Final = (CN_CHANNEL, CDS_NOTIFICATION, SG_RESPONSE)

_VOID: Final = frozenset({"REJECTED", "DELETED", "FAILED", "LOCAL_CANCELLED"})
_REOPENS: Final = frozenset({"RETURNED_FOR_CORRECTION"})


class UnknownStatusCode(ExchangeError):
    """An authority sent a status code that is in no table; the receipt is kept, nothing moves."""

    code = "SG-5301"
    title = Text("{value} is not a status code of {list}.", "{value} 不是 {list} 的状态代码。")
    hint = Text(
        "Codes are case-sensitive. Add a new code to the status table of schemas/codes.",
        "代码区分大小写。新代码请加入 schemas/codes 的状态表。",
    )
    status = 422


@dataclass(frozen=True, slots=True)
class Status:
    """One canonical status.

    `rank` orders progress (higher is further on); `progress` is false for side events, which
    never change the state; after a `terminal` one nothing more is expected; `void` means the
    declaration has no effect (rejected, deleted); `reopens` that the declarant has to send it
    again.
    """

    name: str
    rank: int
    terminal: bool
    progress: bool
    title: Text

    @property
    def void(self) -> bool:
        """Whether the declaration has no effect any more."""
        return self.name in _VOID

    @property
    def clears(self) -> bool:
        """Whether the declaration is done with for good."""
        return self.terminal and not self.void

    @property
    def reopens(self) -> bool:
        """Whether the declaration goes back to the declarant and may come again."""
        return self.name in _REOPENS


@cache
def statuses() -> dict[str, Status]:
    """Return the canonical statuses by name. The dict is shared: do not change it."""
    return {name: _status(name, row) for name, row in codes.table(STATUSES).rows.items()}


def named(name: str) -> Status:
    """Return the canonical status of this name; raises UnknownStatusCode."""
    found = statuses().get(name)
    if found is None:
        raise UnknownStatusCode(value=name, list=STATUSES)
    return found


def meaning(source: str, code: str) -> Status:
    """Return what an authority's code means.

    `source` is one of SOURCES; `code` the CHANNEL code of a Chinese receipt (case-sensitive:
    `a`, `A`, `b` and `B` differ), the two-digit function code of a WCO notification, or the
    status text of a Singapore response. Raises UnknownStatusCode.
    """
    found = codes.mapping(source, STATUSES).get(code)
    if found is None or not found.value:
        raise UnknownStatusCode(value=code, list=source)
    return named(found.value)


def _status(name: str, row: Mapping[str, str]) -> Status:
    return Status(
        name=name,
        rank=int(row["rank"] or 0),
        terminal=row["terminal"] == "yes",
        progress=row["kind"] == "progress",
        title=Text(row["en"], row["zh"]),
    )
