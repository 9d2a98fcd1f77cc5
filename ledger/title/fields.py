"""Fields of signed payloads, read strictly: each has one form, or the payload is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from ledger.title.errors import EntryRefused
from schemas.clock import iso

NAME: Final = re.compile(r"[!-~]{1,100}")


def text(said: Mapping[str, object], field_name: str) -> str:
    """Return a text of a payload; raises EntryRefused."""
    found = said.get(field_name)
    if not isinstance(found, str):
        raise EntryRefused(reason="{field} is no text", field=field_name)
    return found


def name(said: Mapping[str, object], field_name: str) -> str:
    """Return a name of 1 to 100 printable characters of a payload; raises EntryRefused."""
    found = text(said, field_name)
    if not NAME.fullmatch(found):
        raise EntryRefused(reason="{field} is no name", field=field_name)
    return found


def moment(said: Mapping[str, object], field_name: str) -> datetime:
    """Return a time of a payload, in its only form; raises EntryRefused."""
    found = text(said, field_name)
    try:
        read_back = datetime.fromisoformat(found).astimezone(UTC)
        same = iso(read_back) == found
    except (ValueError, OverflowError) as error:
        raise EntryRefused(reason="{field} is no time", field=field_name) from error
    if not same:
        raise EntryRefused(reason="{field} is no time in UTC with milliseconds", field=field_name)
    return read_back
