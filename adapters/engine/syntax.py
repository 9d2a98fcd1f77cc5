"""The syntax of values: the `type` and `range` columns as compiled checks.

Notation of the WCO Data Model and of Chinese customs (an..70, n..16,3), plus dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

Match = Callable[[str], object]

UNBOUNDED: Final = 1 << 30

_NOTATION: Final = re.compile(r"(?P<set>an|a|n)(?P<upto>\.\.)?(?P<length>\d+)(?:,(?P<after>\d+))?")
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATETIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?"
)
_RANGE: Final = re.compile(r"(>=|<=|>|<)(-?\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class Syntax:
    """What a value must look like; `fault` names the first kind it breaks, or is empty.

    `usual` is a quick test: what passes it is faultless, what does not may still be.
    """

    spec: str
    least: int = 0
    most: int = UNBOUNDED
    form: Match | None = None
    bounds: Callable[[str], bool] | None = None
    usual: Match | None = None

    def fault(self, text: str) -> str:
        """Return "format", "length", "range" or "" for the text."""
        if self.form is not None and not self.form(text):
            return "length" if self.spec[:1] == "n" and _too_many_digits(text) else "format"
        if not self.least <= len(text) <= self.most:
            return "length"
        if self.bounds is not None and not self.bounds(text):
            return "range"
        return ""

    @property
    def expected(self) -> str:
        """The requirement in the notation of the table."""
        return self.spec


def _too_many_digits(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


@cache
def syntax(spec: str, bounds: str = "") -> Syntax:
    """Return the compiled check of a type and range; raises ValueError for an unknown notation."""
    named = _NAMED.get(spec)
    limits = _bounds(bounds) if bounds else None
    label = f"{spec} {bounds}".strip()
    if named is not None or not spec:
        return Syntax(label, form=named, bounds=limits)
    match = _NOTATION.fullmatch(spec)
    if match is None:
        message = f"unknown type {spec!r}"
        raise ValueError(message)
    length = int(match["length"])
    least = 0 if match["upto"] else length
    if match["set"] == "an":
        return Syntax(label, least=least, most=length, bounds=limits)
    if match["set"] == "a":
        return Syntax(label, least, length, re.compile(r"[^\W\d_]*").fullmatch, limits)
    usual = None if match["after"] is None else _usual(length, int(match["after"]), bounds)
    return Syntax(label, form=_number(length, least, match["after"]), bounds=limits, usual=usual)


def _usual(length: int, after: int, bounds: str) -> Match | None:
    """Return one expression for number and range together, where the range is a usual one."""
    signs = {"": r"[+-]?", ">=0": "", ">0": r"(?=[\d.]*[1-9])"}
    if bounds not in signs:
        return None
    whole = max(length - after, 1)
    return re.compile(rf"{signs[bounds]}\d{{1,{whole}}}(?:\.\d{{0,{after}}})?").fullmatch


def _number(length: int, least: int, after: str | None) -> Match:
    """Return the test for up to (exactly, if `least`) `length` digits, `after` behind the point."""
    if after is None:
        return re.compile(rf"\d{{{max(least, 1)},{length}}}").fullmatch
    whole = max(length - int(after), 1)
    usual = re.compile(rf"[+-]?\d{{1,{whole}}}(?:\.\d{{0,{after}}})?").fullmatch

    def test(text: str) -> bool:
        return usual(text) is not None or _within(text, length, int(after))

    return test


def _within(text: str, length: int, after: int) -> bool:
    """Tell whether the number has few enough significant digits, zeros at its ends aside."""
    if _NUMBER.fullmatch(text) is None:
        return False
    whole, _, fraction = text.lstrip("+-").partition(".")
    fraction = fraction.rstrip("0")
    return len(fraction) <= after and len(whole.lstrip("0")) + len(fraction) <= length


def _calendar(pattern: str) -> Match:
    form = re.compile(pattern)

    def test(text: str) -> bool:
        if form.fullmatch(text) is None:
            return False
        digits = text.replace("-", "")
        try:
            date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
        except ValueError:
            return False
        return True

    return test


def _positive(text: str) -> bool:
    return text[0] != "-" and text.strip("+0.") != ""


def _not_negative(text: str) -> bool:
    return text[0] != "-" or text.strip("-0.") == ""


def _bounds(text: str) -> Callable[[str], bool]:
    if text in _USUAL:
        return _USUAL[text]
    limits = [(sign, Decimal(number)) for sign, number in _RANGE.findall(text)]
    if not limits or _RANGE.sub("", text).strip():
        message = f"unknown range {text!r}"
        raise ValueError(message)

    def test(value: str) -> bool:
        try:
            number = Decimal(value)
        except InvalidOperation:
            return False
        return all(_COMPARE[sign](number, limit) for sign, limit in limits)

    return test


_USUAL: Final[dict[str, Callable[[str], bool]]] = {">0": _positive, ">=0": _not_negative}

_COMPARE: Final[dict[str, Callable[[Decimal, Decimal], bool]]] = {
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
}

_TIME: Final = r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
_NAMED: Final[dict[str, Match]] = {
    "date8": _calendar(r"\d{8}"),
    "time14": _calendar(r"\d{8}" + _TIME),
    "time17": _calendar(r"\d{8}" + _TIME + r"\d{3}"),
    "date": _calendar(_DATE.pattern),
    "datetime": _calendar(_DATETIME.pattern.replace("(?:T", r"(?:[T ]")),
    "bool": re.compile(r"true|false|0|1").fullmatch,
    "boolean": re.compile(r"true|false").fullmatch,
    "number": re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?").fullmatch,
    "integer": re.compile(r"-?(?:0|[1-9]\d*)").fullmatch,
}
