"""Which texts are values of the types of XML Schema: `castable as` in XPath 2.0."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_BLANK: Final = " \t\r\n"
_DECIMAL: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_ZONE: Final = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?"
_DATE: Final = re.compile(r"-?(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)" + _ZONE, re.ASCII)
_CLOCK: Final = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)"
_TIME: Final = re.compile(_CLOCK + _ZONE, re.ASCII)
_CYCLE: Final = 400  # years after which the calendar repeats itself


def is_decimal(text: str) -> bool:
    """Tell whether the text is an xs:decimal."""
    return _DECIMAL.fullmatch(text.strip(_BLANK)) is not None


def is_date(text: str) -> bool:
    """Tell whether the text is an xs:date, of a day that there is."""
    found = _DATE.fullmatch(text.strip(_BLANK))
    if found is None:
        return False
    try:
        date(2000 + int(found[1]) % _CYCLE, int(found[2]), int(found[3]))
    except ValueError:
        return False
    return True


def is_time(text: str) -> bool:
    """Tell whether the text is an xs:time."""
    return _TIME.fullmatch(text.strip(_BLANK)) is not None
