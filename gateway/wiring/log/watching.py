"""Watching another operator's log: the monitor with its line, its memory and its evidence.

    STATE                what was seen last (`ledger.sighting`)
    STATE.alarms         one JSON object per alarm: when, what, and both signed notes in full

Two notes signed by one key that cannot both be true are evidence which needs nobody's word.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.transport.errors import TransportError
from gateway.transport.line import Address, Line
from gateway.transport.logsource import LogSource
from ledger import sighting
from ledger.monitor import Alarm, Look, Monitor
from ledger.note import NoteVerifier
from schemas.clock import iso, utc_now
from schemas.text import Text


def line_to(url: str, authority: Path | None) -> Line:
    """Return the line to the one address that the user named; raises NotAllowed."""
    return Line(Address(party=url, url=url, authority=authority, timeout=30.0))


def source_of(line: Line) -> LogSource:
    """Return the log's static endpoints as the monitor reads them."""
    return LogSource(line)


@dataclass(frozen=True, slots=True)
class Seen:
    """The outcome of one look, for people and programs."""

    look: Look
    away: str = ""

    @property
    def size(self) -> int:
        """The leaves of the last tree that holds."""
        return self.look.sighting.edge.size if self.look.sighting else 0

    def as_dict(self) -> dict[str, object]:
        """Return the row that `--json` prints."""
        last = self.look.sighting
        return {
            "size": self.size,
            "root": last.edge.root().hex() if last else "",
            "since": iso(last.since) if last else "",
            "away": self.away,
            "alarms": [
                {"alarm": alarm.value, "message": text.as_dict()}
                for alarm, text in self.look.alarms
            ],
        }


class Watch:
    """Looks at one log and remembers."""

    def __init__(self, monitor: Monitor, log: NoteVerifier, state: Path) -> None:
        """Remember in the file `state`; raises SightingDamaged for one that is not of this log."""
        self._monitor = monitor
        self._state = state
        self._last = sighting.load(state, log)
        self._alarmed: tuple[tuple[Alarm, Text], ...] = ()

    def look(self) -> Seen:
        """Look once; what holds is remembered, what does not is kept as evidence."""
        away = ""
        try:
            found = self._monitor.look(self._last)
        except TransportError as lost:
            found, away = self._monitor.nothing_seen(self._last), str(lost)
        if found.sighting is not None and found.sighting != self._last:
            sighting.save(found.sighting, self._state)
            self._last = found.sighting
        if found.alarms and found.alarms != self._alarmed:
            self._keep(found)
        self._alarmed = found.alarms
        return Seen(found, away)

    def _keep(self, found: Look) -> None:
        said = {
            "at": iso(utc_now()),
            "alarms": [alarm.value for alarm, _ in found.alarms],
            "seen": found.sighting.note.decode() if found.sighting else "",
            "shown": found.note.decode("utf-8", "replace"),
        }
        with self._state.with_name(f"{self._state.name}.alarms").open("a", encoding="utf-8") as out:
            out.write(json.dumps(said, ensure_ascii=False) + "\n")
            out.flush()
            os.fsync(out.fileno())
