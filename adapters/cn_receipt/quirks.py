"""What the table of the business receipt cannot say: Beijing time, and the canonical status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Final

from adapters.engine.reading import Draft
from schemas import codes
from schemas.codes import Converted
from schemas.loss import LossClass

BEIJING: Final = timezone(timedelta(hours=8))
_STAMP: Final = re.compile(r"[0-9]{14}(?:[0-9]{3})?")


class Beijing:
    """A local time of fourteen (or seventeen) digits as ISO 8601 with its offset."""

    def read(self, text: str) -> Converted | None:
        """Return 20260310093000 as 2026-03-10T09:30:00+08:00; None for anything else."""
        if _STAMP.fullmatch(text) is None:
            return None
        try:
            moment = datetime.strptime(text[:14], "%Y%m%d%H%M%S").replace(tzinfo=BEIJING)
        except ValueError:
            return None
        fraction = f".{text[14:]}" if text[14:] else ""
        return Converted(f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}+08:00", LossClass.CONVERT)

    def write(self, value: str) -> Converted | None:
        """Return an ISO 8601 time as fourteen digits of Beijing time (seventeen with fraction)."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        local = moment.astimezone(BEIJING) if moment.tzinfo else moment
        thousandths = f"{local.microsecond // 1000:03d}" if local.microsecond else ""
        return Converted(f"{local:%Y%m%d%H%M%S}{thousandths}", LossClass.CONVERT)

    def fault(self, text: str) -> str:
        """Return the kind of fault of a text that is no such time."""
        del text
        return "format"


CONVERSIONS: Final[Mapping[str, Beijing]] = {"beijing": Beijing()}


def after_read(draft: Draft) -> None:
    """Add the canonical status that the channel stands for."""
    channel = draft.term("Status.SourceCode")
    if channel is None:
        return
    found = codes.mapping("cn-channel", "canonical-status").get(channel.value)
    if found is not None:
        draft.add("Status.Code", found.value, source=channel, cls=found.cls)
