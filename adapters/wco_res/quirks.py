"""What the table of the notification cannot say: format 304 times, and the canonical status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from adapters.engine.reading import Draft
from schemas import codes
from schemas.codes import Converted
from schemas.loss import LossClass

_FORMAT_304: Final = re.compile(r"([0-9]{14})(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?")


class Format304:
    """A time CCYYMMDDHHMMSSZZZ (UNTDID 2379 code 304) as ISO 8601."""

    def read(self, text: str) -> Converted | None:
        """Return 20241114134945Z as 2024-11-14T13:49:45Z; None for anything else."""
        match = _FORMAT_304.fullmatch(text)
        if match is None:
            return None
        try:
            moment = datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
        return Converted(f"{moment:%Y-%m-%dT%H:%M:%S}{_offset(match[2] or '')}", LossClass.CONVERT)

    def write(self, value: str) -> Converted | None:
        """Return an ISO 8601 time in format 304, in UTC."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        utc = moment.astimezone(UTC) if moment.tzinfo else moment
        return Converted(f"{utc:%Y%m%d%H%M%S}Z", LossClass.CONVERT)

    def fault(self, text: str) -> str:
        """Return the kind of fault of a text that is no such time."""
        del text
        return "format"


def _offset(zone: str) -> str:
    if zone in ("", "Z"):
        return zone
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


CONVERSIONS: Final[Mapping[str, Format304]] = {"format304": Format304()}


def after_read(draft: Draft) -> None:
    """Add the canonical status of the function code, and a text that says what happened."""
    code = draft.term("Status.SourceCode")
    if code is None:
        return
    found = codes.mapping("cds-notification", "canonical-status").get(code.value)
    if found is not None:
        draft.add("Status.Code", found.value, source=code, cls=found.cls)
    text = draft.term("Error[1].Text") or draft.term(
        "AdditionalInformation[1].StatementDescription"
    )
    if text is not None:
        draft.add("Status.Text", text.value, source=text)
