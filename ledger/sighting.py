"""What a monitor remembers of a log between two looks, as a file.

    {"size": 300, "hashes": [hex, ...], "note": TEXT, "since": RFC 3339}

The file is not believed: the note must be signed by the log's key, and the hashes must give the
root that the note names. Whoever changes the file can at most make the monitor forget.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ledger.checkpoint import open_checkpoint
from ledger.errors import NoteRefused, SightingDamaged
from ledger.frontier import Frontier
from ledger.note import NoteVerifier
from schemas.clock import iso


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen last and holds: the tree's edge, signed note, since when it is the latest."""

    edge: Frontier
    note: bytes
    since: datetime


def save(sighting: Sighting, path: Path) -> None:
    """Write the file whole or not at all, synced."""
    said = {
        "size": sighting.edge.size,
        "hashes": [node.hex() for node in sighting.edge.hashes],
        "note": sighting.note.decode(),
        "since": iso(sighting.since),
    }
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(said, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def load(path: Path, log: NoteVerifier) -> Sighting | None:
    """Return what the file remembers of this log, None without a file; raises SightingDamaged."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        said = json.loads(text)
        edge = Frontier(int(said["size"]), tuple(map(bytes.fromhex, said["hashes"])))
        note = str(said["note"]).encode()
        since = datetime.fromisoformat(str(said["since"]))
        found = open_checkpoint(note, log).checkpoint
    except (KeyError, TypeError, ValueError, NoteRefused) as wrong:
        raise SightingDamaged(where=str(path), reason=str(wrong)[:200]) from wrong
    whole = len(edge.hashes) == edge.size.bit_count() and since.tzinfo is not None
    if not whole or (found.size, found.root) != (edge.size, edge.root()):
        raise SightingDamaged(where=str(path), reason="the hashes do not give the signed root")
    return Sighting(edge, note, since)
