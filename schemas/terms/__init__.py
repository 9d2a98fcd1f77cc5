"""The names of business terms in English and Chinese, one table per family.

`name(term_id)` takes a canonical id with or without indices; `ext` terms go by their last step.
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from schemas.text import Text

_HERE: Final = Path(__file__).parent
# A term of PINT (IBT-034) has the number of the European term (BT-34) unless it is one of its own.
_PINT: Final = re.compile(r"IB([TG])-0*(\d+)(.*)")
_INDEX: Final = re.compile(r"\[\d*\]")


def name(term_id: str) -> Text:
    """Return what people call a term; the id itself for one that has no name yet."""
    return _name(_INDEX.sub("", term_id))


@lru_cache(maxsize=4096)
def _name(bare: str) -> Text:
    known = _names()
    found = known.get(bare)
    if found is not None:
        return found
    international = _PINT.fullmatch(bare)
    if international:
        return _name(f"B{international[1]}-{int(international[2])}{international[3]}")
    base, _, attribute = bare.partition("@")
    if attribute:
        of, zh = _name(base), _ATTRIBUTES.get(attribute, attribute)
        return Text(f"{of.en} ({attribute})", f"{of.zh}({zh})")
    return known.get(re.split(r"[./]", base)[-1]) or Text(bare, bare)


@cache
def wco_ids() -> dict[str, str]:
    """Return the WCO Data Model id of each declaration term that has one."""
    return {row["id"]: row["wco_id"] for row in _rows("declaration") if row["wco_id"]}


_ATTRIBUTES: Final = {"unit": "单位", "currency": "币制", "scheme": "方案", "name": "名称"}


@cache
def _names() -> dict[str, Text]:
    return {
        row["id"]: Text(row["en"], row["zh"] or row["en"])
        for family in ("declaration", "invoice", "lading", "receipt")
        for row in _rows(family)
    }


def _rows(family: str) -> list[dict[str, str]]:
    with (_HERE / f"{family}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
