"""Conversions of values: the `conv` column, both ways.

Reading goes from the format to the canonical form (ISO codes, ISO 8601 dates), writing back. A
conversion answers with `schemas.codes.Converted` (value, loss class, reason, factor) or None when
the value has no counterpart.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol

from schemas import codes
from schemas.codes import Converted
from schemas.loss import LossClass

EXACT: Final = LossClass.EXACT
CONVERT: Final = LossClass.CONVERT
LOSSY: Final = LossClass.LOSSY
HS6_REASON: Final = (
    "digits after the sixth belong to the exporting country's tariff; "
    "the importer completes the code / 第六位以后为出口国税则,由进口方补足"
)


class Conversion(Protocol):
    """Both directions of a conversion; `fault` names the kind of a value that `read` refuses."""

    def read(self, text: str) -> Converted | None:
        """Return the canonical value of a source value, or None."""
        ...

    def write(self, value: str) -> Converted | None:
        """Return the value to write for a canonical value, or None."""
        ...

    def fault(self, text: str) -> str:
        """Return the kind of fault of a value that cannot be read: format, code or table."""
        ...


class Codes:
    """A code of one list as a code of another, by the tables of `schemas.codes`."""

    def __init__(self, ours: str, canonical: str) -> None:
        """Name the format's list and the canonical one; the tables load on first use."""
        self.ours = ours
        self.canonical = canonical

    def read(self, text: str) -> Converted | None:
        """Return the canonical code."""
        return codes.mapping(self.ours, self.canonical).get(text)

    def write(self, value: str) -> Converted | None:
        """Return the format's code."""
        return codes.mapping(self.canonical, self.ours).get(value)

    def fault(self, text: str) -> str:
        """Return "table" for a code of the other Chinese generation, else "code"."""
        return codes.fault(self.ours, text) or "code"


class Date8:
    """YYYYMMDD (14 and 17 digits with the time) as an ISO 8601 date (date-time)."""

    def read(self, text: str) -> Converted | None:
        """Return the ISO form."""
        return _iso(text)

    def write(self, value: str) -> Converted | None:
        """Return the digits of an ISO date or date-time."""
        return _digits(value)

    def fault(self, text: str) -> str:
        """Return "format"."""
        del text
        return "format"


@lru_cache(maxsize=4096)
def _iso(text: str) -> Converted | None:
    if not text.isdigit() or len(text) not in (8, 14, 17):
        return None
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    if len(text) == len("20260314"):
        return Converted(day, CONVERT)
    time = f"T{text[8:10]}:{text[10:12]}:{text[12:14]}"
    return Converted(
        day + time + ("." + text[14:] if len(text) > len("20260314080000") else ""), CONVERT
    )


@lru_cache(maxsize=4096)
def _digits(value: str) -> Converted | None:
    day, time = value[:10].replace("-", ""), value[11:].rstrip("Z")
    digits = day + time.partition("+")[0].replace(":", "").replace(".", "")
    return Converted(digits, CONVERT) if digits.isdigit() else None


class Bool01:
    """1 and 0 as true and false."""

    def read(self, text: str) -> Converted | None:
        """Return true or false."""
        return _TRUTH.get(text)

    def write(self, value: str) -> Converted | None:
        """Return 1 or 0."""
        return _FLAGS.get(value)

    def fault(self, text: str) -> str:
        """Return "format"."""
        del text
        return "format"


_TRUTH: Final[Mapping[str, Converted]] = {
    "1": Converted("true", CONVERT),
    "0": Converted("false", CONVERT),
}
_FLAGS: Final[Mapping[str, Converted]] = {
    "true": Converted("1", CONVERT),
    "false": Converted("0", CONVERT),
    "1": Converted("1", EXACT),
    "0": Converted("0", EXACT),
}


class Keep:
    """Read as it stands; subclasses narrow on the way out."""

    def read(self, text: str) -> Converted | None:
        """Return the value unchanged."""
        return Converted(text, EXACT)

    def write(self, value: str) -> Converted | None:
        """Return the value unchanged."""
        return Converted(value, EXACT)

    def fault(self, text: str) -> str:
        """Return "format"."""
        del text
        return "format"


class Hs6(Keep):
    """A commodity code of which only the six digits of the Harmonized System cross a border."""

    def write(self, value: str) -> Converted | None:
        """Return the first six digits."""
        digits = 6
        if len(value) <= digits:
            return Converted(value, EXACT)
        return Converted(value[:digits], LOSSY, HS6_REASON)


class Cut(Keep):
    """Free text that may be cut to the length the target allows."""

    def __init__(self, most: int) -> None:
        """Set the longest text that may be written."""
        self.most = most

    def write(self, value: str) -> Converted | None:
        """Return the text, cut if need be."""
        if len(value) <= self.most:
            return Converted(value, EXACT)
        return Converted(
            value[: self.most],
            LOSSY,
            f"cut to {self.most} characters / 截断为 {self.most} 个字符",
        )


def conversion(name: str, most: int, quirks: Mapping[str, Conversion]) -> Conversion | None:
    """Return the conversion that the cell names, None for an empty cell.

    Raises KeyError for a name that is unknown. `most` is the length the type allows.
    """
    if not name:
        return None
    kind, _, argument = name.partition(":")
    if kind == "codes":
        ours, _, canonical = argument.partition(">")
        return Codes(ours, canonical)
    if kind == "quirk":
        return quirks[argument]
    if kind == "cut":
        return Cut(most)
    return _PLAIN[kind]


_PLAIN: Final[Mapping[str, Conversion]] = {"date8": Date8(), "bool01": Bool01(), "hs6": Hs6()}
