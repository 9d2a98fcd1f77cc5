"""Values that CII writes otherwise than the model: days, and accounts by their kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.engine.conversion import Conversion
from schemas.codes import Converted
from schemas.loss import LossClass

_IBAN_SHAPE: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")


class _Account:
    """BT-84 is an IBAN or an account number of another kind; each has its own element."""

    def __init__(self, *, iban: bool) -> None:
        self.iban = iban

    def read(self, text: str) -> Converted | None:
        """Return the value as it stands."""
        return Converted(text, LossClass.EXACT)

    def write(self, value: str) -> Converted | None:
        """Return the value if it belongs in this element."""
        return Converted(value, LossClass.EXACT) if _is_iban(value) is self.iban else None

    def fault(self, text: str) -> str:
        """Return "format"."""
        del text
        return "format"


class _Day:
    """A calendar day: YYYYMMDD (format 102) here, ISO 8601 in the model; no time zone."""

    def read(self, text: str) -> Converted | None:
        """Return the ISO date."""
        if not (text.isdigit() and len(text) == len("20260314")):
            return None
        return Converted(f"{text[:4]}-{text[4:6]}-{text[6:]}", LossClass.CONVERT)

    def write(self, value: str) -> Converted | None:
        """Return the digits of an ISO date; a time zone has no place here."""
        digits = value[:10].replace("-", "")
        if not digits.isdigit():
            return None
        if value[10:]:
            return Converted(digits, LossClass.LOSSY, "time zone left out / 省略时区")
        return Converted(digits, LossClass.CONVERT)

    def fault(self, text: str) -> str:
        """Return "format"."""
        del text
        return "format"


CONVERSIONS: Final[Mapping[str, Conversion]] = {
    "day": _Day(),
    "iban": _Account(iban=True),
    "account": _Account(iban=False),
}


def _is_iban(value: str) -> bool:
    """Tell whether a value is an IBAN: its shape and its check digits (ISO 13616, mod 97)."""
    text = value.replace(" ", "")
    if not _IBAN_SHAPE.fullmatch(text):
        return False
    digits = "".join(str(int(char, 36)) for char in text[4:] + text[:4])
    return int(digits) % 97 == 1
