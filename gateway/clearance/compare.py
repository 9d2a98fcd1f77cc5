"""Whether two documents say the same, in the way the kind of value asks for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from schemas import codes
from schemas.document import Term

_NOISE: Final = re.compile(r"[\W_]+")
_KILOGRAMS: Final = {"TNE": Decimal(1000), "GRM": Decimal("0.001")}
_TOLERANCE: Final = Decimal("0.005")


def folded(text: str) -> str:
    """Return a text for comparison: width, case, punctuation and blanks do not count."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def number(term: Term) -> Decimal | None:
    """Return the number of a term, weights in kilograms, or None if it is none."""
    try:
        value = Decimal(term.value)
    except InvalidOperation:
        return None
    factor = _KILOGRAMS.get(term.attrs.get("unit", ""))
    return value if factor is None else value * factor


def latin(text: str) -> bool:
    """Tell whether a text has Latin letters and no letters of another script."""
    if text.isascii():
        return any(map(str.isalpha, text))
    letters = [unicodedata.name(char, "") for char in text if char.isalpha()]
    return bool(letters) and all(name.startswith(("LATIN", "FULLWIDTH LATIN")) for name in letters)


def _same_text(mine: Term, other: Term) -> bool:
    # A Chinese and an English name of one party cannot be compared; they are not a contradiction.
    if latin(mine.value) != latin(other.value):
        return True
    return folded(mine.value) == folded(other.value)


def _same_code(mine: Term, other: Term) -> bool:
    return mine.value == other.value


def _same_number(mine: Term, other: Term) -> bool:
    if mine.value == other.value and mine.attrs == other.attrs:
        return True
    left, right = number(mine), number(other)
    if left is None or right is None:
        return mine.value == other.value
    same_currency = mine.attrs.get("currency", "") == other.attrs.get("currency", "") or not (
        mine.attrs.get("currency") and other.attrs.get("currency")
    )
    return same_currency and abs(left - right) <= _TOLERANCE


def _same_terms(mine: Term, other: Term) -> bool:
    """Incoterms agree when customs collapses them to the same TransMode (FCA and FOB are 3)."""
    modes = codes.mapping("incoterms", "cn-transmode")
    left, right = modes.get(mine.value), modes.get(other.value)
    if left is None or right is None:
        return mine.value == other.value
    return left.value == right.value


def _anything(_mine: Term, _other: Term) -> bool:
    return True


SAME: Final[Mapping[str, Callable[[Term, Term], bool]]] = {
    "text": _same_text,
    "code": _same_code,
    "number": _same_number,
    "incoterm": _same_terms,
    "": _anything,
}
