"""The highest sequence number seen of each list: an older list is a roll-back and refused."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from certs.errors import BadTrustList, RolledBack
from certs.recognition.lists import TrustList


class Memory:
    """Sequence numbers and digests by list, in one JSON file."""

    def __init__(self, path: Path) -> None:
        """Read the file, if it is there; raises BadTrustList when it is damaged."""
        self._path = path
        self._seen: dict[str, tuple[int, str]] = {}
        if not path.is_file():
            return
        try:
            found = json.loads(path.read_text("utf-8"))
            self._seen = {name: (int(row[0]), str(row[1])) for name, row in found.items()}
        except (ValueError, TypeError, AttributeError, IndexError) as error:
            raise BadTrustList(
                where=path.name, reason="the memory of numbers is damaged"
            ) from error

    def check(self, found: TrustList) -> None:
        """Raise RolledBack for a list older than one seen, or another one of the same number."""
        number, digest = self._seen.get(found.id, (0, ""))
        other = found.sequence == number and found.sha256 != digest
        if found.sequence < number or other:
            raise RolledBack(where=found.id, found=found.sequence, expected=number)

    def learn(self, found: TrustList) -> None:
        """Remember the list, once it was checked."""
        self.check(found)
        self._seen[found.id] = (found.sequence, found.sha256)

    def save(self) -> None:
        """Write the file anew, if anything changed and the folder may be written to."""
        text = json.dumps(dict(sorted(self._seen.items())), indent=1) + "\n"
        if self._path.is_file() and self._path.read_text("utf-8") == text:
            return
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        # A folder that is for reading only cannot learn; it still refuses what it knows.
        with contextlib.suppress(OSError):
            beside.write_text(text, "utf-8")
            beside.replace(self._path)
