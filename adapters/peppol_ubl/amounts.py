"""Amounts that UBL cannot do without: the total of a VAT breakdown, the discount of a price."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from adapters.engine.derived import amount, derived, set_aside
from adapters.engine.reading import Draft
from schemas.document import Term

_GROSS: Final = re.compile(r"(.+)/BT-148")
_TAX: Final = re.compile(r"BG-23(?:\[\d+\])?/BT-117")


def read(draft: Draft) -> None:
    """Set aside the amounts that nobody sent."""
    set_aside(draft, "Amount", "TaxAmount")


def missing(index: Mapping[str, Term]) -> Iterator[Term]:
    """Yield BT-147 where a gross price stands without discount, BT-110 where there is no total."""
    taxes = [term for key, term in index.items() if _TAX.fullmatch(key)]
    if taxes and "BG-22/BT-110" not in index:
        total = sum((amount(term) or Decimal(0) for term in taxes), Decimal(0))
        yield derived("BG-22/BT-110[1]", total, taxes[0])
    for key, term in index.items():
        match = _GROSS.fullmatch(key)
        if match and f"{match[1]}/BT-147" not in index:
            gross, net = amount(term), amount(index.get(f"{match[1]}/BT-146"))
            less = Decimal(0) if gross is None or net is None else max(gross - net, Decimal(0))
            yield derived(f"{match[1]}/BT-147", less, term)
