"""Business terms of the valid documents of the corpus, as the reference reads them."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import adapters
from schemas.model.business_terms import business_terms

_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d|T.*)?")
_NUMBER = re.compile(r"(?!0\d)[+-]?\d{1,18}(\.\d+)?")
_LONGEST = 400
_FREE = ("BT-23", "BT-24")

Bag = Counter[tuple[str, str]]


def rows(folder: Path) -> list[tuple[dict[str, Any], bytes]]:
    """Return the rows of the semantic oracle with their documents."""
    with gzip.open(folder / "semantic-oracle.jsonl.gz", "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [(row, (folder / row["file"]).read_bytes()) for row in found]


def kept(row: dict[str, Any], data: bytes, *, converted: bool = False) -> bool:
    """Tell whether a document has exactly the terms of its row (if converted, profiles apart)."""
    have = business_terms(adapters.read(data).document)
    return _bag(row["terms"], converted) == _bag(have, converted)


def _bag(terms: Iterable[Any], converted: bool) -> Bag:  # noqa: FBT001 - as in `kept`
    found: Bag = Counter()
    for path, value, *_ in terms:
        text = _normal(value)
        if text and not (converted and path.endswith(_FREE)):
            found[path, text] += 1
    return found


def _normal(value: str) -> str:
    text = " ".join(value.split())[:_LONGEST]
    day = _DAY.fullmatch(text)
    if day:
        return day[1]
    return str(Decimal(text).normalize() + 0) if _NUMBER.fullmatch(text) else text
