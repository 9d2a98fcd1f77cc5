"""The console's own words, in English and Chinese."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from schemas.text import Text


def word(word_id: str) -> Text:
    """Return a text of the table `words.csv`; raises KeyError for one that is not in it."""
    return _words()[word_id]


def word_or(word_id: str, otherwise: str) -> Text:
    """Return a text of the table, or `otherwise` in both languages."""
    return _words().get(word_id) or Text(otherwise, otherwise)


@cache
def _words() -> dict[str, Text]:
    table = files("gateway.console").joinpath("words.csv").read_text("utf-8")
    return {row["id"]: Text(row["en"], row["zh"]) for row in csv.DictReader(table.splitlines())}
