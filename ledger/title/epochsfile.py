"""The keys of a title's private remarks as a file that parties hand to one another.

    epochs    the signed epochs, in order, as a register's API gives them
    remarks   sealed remarks (base64url) of which a chain keeps the digest alone, if there are any

Beside a history, and for a title on a chain, whose contract keeps no epochs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ledger.title.epochs import MOST
from ledger.title.errors import EntryRefused
from ledger.title.party import decode, encode
from ledger.title.token import LONGEST
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

_MAX_BYTES: Final = MOST * (LONGEST + 8)
_EPOCHS: Final = "epochs"
_REMARKS: Final = "remarks"


@dataclass(frozen=True, slots=True)
class EpochsFile:
    """What such a file holds; nothing of it is verified yet."""

    epochs: tuple[str, ...] = ()
    remarks: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Return the file; raises EntryRefused for more than a reader takes."""
        said: dict[str, object] = {_EPOCHS: list(self.epochs)}
        if self.remarks:
            said[_REMARKS] = [encode(each) for each in self.remarks]
        made = canonical_json(said)
        if len(made) > _MAX_BYTES:
            raise EntryRefused(reason="the file of epochs has no room for more")
        return made

    @classmethod
    def decode(cls, data: bytes) -> EpochsFile:
        """Read a file; raises EntryRefused."""
        found = _read(data)
        if found is None:
            raise EntryRefused(reason="the file does not hold the epochs of a title")
        return found


def among(files: Iterable[bytes]) -> list[str]:
    """Return the signed epochs in those of the files that hold some."""
    return [each for data in files if (found := _read(data)) for each in found.epochs]


def _read(data: bytes) -> EpochsFile | None:
    if len(data) > _MAX_BYTES or not data.lstrip().startswith(b"{"):
        return None
    try:
        said = loads(data)
    except ValueError:
        return None
    if not isinstance(said, dict) or not {_EPOCHS} <= said.keys() <= {_EPOCHS, _REMARKS}:
        return None
    epochs, remarks = _texts(said[_EPOCHS]), _texts(said.get(_REMARKS, []))
    if epochs is None or remarks is None:
        return None
    try:
        return EpochsFile(epochs, tuple(map(decode, remarks)))
    except EntryRefused:
        return None


def _texts(found: object) -> tuple[str, ...] | None:
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        return None
    return tuple(found)
