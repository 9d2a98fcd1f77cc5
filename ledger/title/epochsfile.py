"""The epochs of a title as a file beside its history: `{"epochs": [...]}`, signed one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ledger.title.epochs import MOST
from ledger.title.errors import EntryRefused
from ledger.title.token import LONGEST
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

_MAX_BYTES: Final = MOST * (LONGEST + 8)
_NAME: Final = "epochs"


def pack(signed: Sequence[str]) -> bytes:
    """Return the file, in the form in which a register's API gives it."""
    return canonical_json({_NAME: list(signed)})


def unpack(data: bytes) -> list[str]:
    """Return the signed epochs in a file, nothing of them verified; raises EntryRefused."""
    found = _read(data)
    if found is None:
        raise EntryRefused(reason="the file does not hold the epochs of a title")
    return found


def among(files: Iterable[bytes]) -> list[str]:
    """Return the signed epochs in those of the files that hold some."""
    return [each for data in files for each in _read(data) or ()]


def _read(data: bytes) -> list[str] | None:
    if len(data) > _MAX_BYTES or not data.lstrip().startswith(b"{"):
        return None
    try:
        said = loads(data)
    except ValueError:
        return None
    found = said.get(_NAME) if isinstance(said, dict) and len(said) == 1 else None
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return None
    return [str(each) for each in found]
