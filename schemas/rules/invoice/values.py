"""Values as XPath 2.0 reads them: decimals, booleans, rounding, lexical digits."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_DOWN, Context, Decimal
from functools import lru_cache
from typing import Final

from schemas.rules.invoice.tree import Node, Undecidable

_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_DOUBLE: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,9})?", re.ASCII)
_SPECIAL: Final = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf}
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_PLACES: Final = 18
_DIVISION: Final = Context(prec=900)
_BLANK: Final = " \t\r\n"
_LONGEST: Final = 400  # more digits than any amount has; longer ones only cost time
_DOUBLE_RANGE: Final = 308
ZERO: Final = Decimal(0)
CENT: Final = Decimal(100)
HALF: Final = Decimal("0.5")


@lru_cache(maxsize=4096)
def decimal(text: str) -> Decimal:
    """Return `xs:decimal(text)`; raises Undecidable for what is none (`1E+2`, empty)."""
    text = text.strip(_BLANK)
    if len(text) > _LONGEST or not _DECIMAL.fullmatch(text):
        raise Undecidable(text)
    return Decimal(text)


@lru_cache(maxsize=4096)
def number(text: str) -> Decimal:
    """Return the text as XPath compares it with a number; raises Undecidable for no number."""
    text = text.strip(_BLANK)
    if len(text) > _LONGEST or not _DOUBLE.fullmatch(text):
        raise Undecidable(text)
    found = Decimal(text)
    if abs(found.adjusted()) > _DOUBLE_RANGE:
        raise Undecidable(text)
    return found


def double(text: str) -> float:
    """Return `number(text)`: not a number for what is none; `INF` and `1e3` are numbers."""
    text = text.strip(_BLANK)
    if _DOUBLE.fullmatch(text):
        return float(text)
    return _SPECIAL.get(text, math.nan)


@lru_cache(maxsize=4096)
def compared(text: str) -> float:
    """Return the text as it is compared with a number; raises Undecidable for no number."""
    found = double(text)
    if math.isnan(found) and text.strip(_BLANK) != "NaN":
        raise Undecidable(text)
    return found


def amount(node: Node, path: str) -> Decimal | None:
    """Return the decimal of the one element at a path, None if there is none."""
    found = node.only(path)
    return None if found is None else decimal(found)


def total(nodes: Iterable[Node], path: str) -> Decimal:
    """Return the sum of the decimals at a path below each node."""
    found = ZERO
    for node in nodes:
        value = amount(node, path)
        if value is not None:
            found += value
    return found


def quotient(value: Decimal, by: Decimal) -> Decimal:
    """Return `value div by` of two decimals, with the 18 places and more of the official engine."""
    places = max(_PLACES, -_exponent(value), -_exponent(by))
    return _DIVISION.divide(value, by).quantize(Decimal(1).scaleb(-places), ROUND_HALF_DOWN)


def near(stated: Decimal, expected: Decimal, slack: Decimal) -> bool:
    """Tell whether a value is what is expected, give or take the slack itself."""
    return stated + slack >= expected and stated - slack <= expected


def rounded(value: Decimal) -> Decimal:
    """Return `round(value * 100) div 100`: half goes up, toward positive infinity."""
    return whole(value * CENT) / CENT


def whole(value: Decimal) -> Decimal:
    """Return XPath's `round(value)`."""
    return (value + HALF).__floor__() + ZERO


def _exponent(value: Decimal) -> int:
    found = value.as_tuple().exponent
    return found if isinstance(found, int) else 0


def says(node: Node, path: str, *, truth: bool) -> bool:
    """Tell whether some indicator at the path is true (false); raises Undecidable for neither."""
    found = [_TRUTH.get(each.text.strip(_BLANK)) for each in node.all(path)]
    if None in found:
        raise Undecidable(path)
    return truth in found


def fits(text: str, digits: int = 2) -> bool:
    """Tell whether at most so many characters follow the first point."""
    return len(text.partition(".")[2]) <= digits


def day(text: str) -> date:
    """Return `xs:date(text)`, its zone left out; raises Undecidable for what is no date."""
    match = _DAY.fullmatch(text.strip(_BLANK))
    if match is None:
        raise Undecidable(text)
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise Undecidable(text) from error


def is_day(text: str) -> bool:
    """Tell whether a text is a date."""
    try:
        day(text)
    except Undecidable:
        return False
    return True
