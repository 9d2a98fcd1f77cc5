"""Why something about titles is refused, in English and Chinese: `reasons.csv`."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from schemas.errors import LedgerError
from schemas.text import Text


class Reasoned(LedgerError):
    """An error whose `{reason}` is one of the table's, or a text of its own."""

    def __init__(self, *, reason: str | Text, where: str = "", **values: object) -> None:
        """Say the reason in both languages; `values` fill its placeholders."""
        told = Text(reason, _chinese().get(reason, reason)) if isinstance(reason, str) else reason
        super().__init__(where=where, reason=told.format(**values))


@cache
def _chinese() -> dict[str, str]:
    table = files("ledger.title").joinpath("reasons.csv").read_text("utf-8")
    return {row["en"]: row["zh"] for row in csv.DictReader(table.splitlines())}
