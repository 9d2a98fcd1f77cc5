"""Follows another operator's log through its static endpoints (`silkgate log watch`).

Each look reads the checkpoint, checks its signatures, reads the new entries, and computes from
them and from what was seen before what the root must be. That proves at once that the log only
appended and that it shows everything its checkpoint covers. Where the root differs, the log's
tiles tell which of the two it was.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

from ledger import merkle
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import LogDamaged, NoteRefused
from ledger.frontier import Frontier
from ledger.note import NoteVerifier
from ledger.policy import Policy
from ledger.sighting import Sighting
from ledger.store import ENTRIES, TileKey
from ledger.tilepath import tile_path
from ledger.tiles import HEIGHT, WIDTH, build
from schemas.clock import Clock, utc_now
from schemas.text import Text

_PREFIX: Final = b"\x00\x20"
_ENTRY_BYTES: Final = len(_PREFIX) + merkle.HASH_SIZE
NO_POLICY: Final = Policy()


class Source(Protocol):
    """The static endpoints of a log."""

    def get(self, path: str) -> bytes | None:
        """Return what is at `path` (no leading slash), None if nothing is; raises if it is away."""
        ...


class Alarm(StrEnum):
    """What a monitor can find wrong."""

    FORK = "fork"
    UNSIGNED = "unsigned"
    UNWITNESSED = "unwitnessed"
    MISSING = "missing"
    LATE = "late"


_TEXTS: Final = {
    Alarm.FORK: Text(
        "The checkpoint of {size} leaves does not extend the one of {old}: two histories.",
        "含 {size} 个叶子的检查点不是 {old} 个叶子的检查点的延伸:存在两份历史。",
    ),
    Alarm.UNSIGNED: Text(
        "The log shows no checkpoint that its key signed.", "日志未给出由其密钥签名的检查点。"
    ),
    Alarm.UNWITNESSED: Text(
        "Too few witnesses cosigned the checkpoint of {size} leaves.",
        "含 {size} 个叶子的检查点联署见证不足。",
    ),
    Alarm.MISSING: Text(
        "The log does not show what its checkpoint of {size} leaves covers.",
        "日志未能给出其 {size} 个叶子的检查点所覆盖的内容。",
    ),
    Alarm.LATE: Text(
        "There has been no new checkpoint since {since}.", "自 {since} 起没有新的检查点。"
    ),
}


@dataclass(frozen=True, slots=True)
class Look:
    """The outcome of one look: the last good sighting, and alarms with the note they are about.

    After an alarm the sighting stays what it was: both notes together are the evidence.
    """

    sighting: Sighting | None
    alarms: tuple[tuple[Alarm, Text], ...] = ()
    note: bytes = b""


class Monitor:
    """Watches one log."""

    def __init__(
        self,
        source: Source,
        log: NoteVerifier,
        policy: Policy = NO_POLICY,
        *,
        late_after: timedelta = timedelta(hours=24),
        clock: Clock = utc_now,
    ) -> None:
        """Watch the log with this key; `policy` says which witnesses must have cosigned."""
        self._source = source
        self._log = log
        self._policy = policy
        self._late_after = late_after
        self._clock = clock

    def look(self, last: Sighting | None) -> Look:
        """Look once; give the sighting of the last look, None at first."""
        note = self._source.get("checkpoint") or b""
        try:
            signed = open_checkpoint(note, self._log, self._policy.witnesses)
        except NoteRefused:
            return _alarm(Alarm.UNSIGNED, last, note)
        found = signed.checkpoint
        if not self._policy.satisfied_by(signed.signed_by):
            return _alarm(Alarm.UNWITNESSED, last, note, size=found.size)
        if last is not None and (found.size, found.root) == (last.edge.size, last.edge.root()):
            return self._unchanged(last)
        edge = last.edge if last else Frontier()
        values = {"size": found.size, "old": edge.size}
        if last is not None and found.size <= edge.size:
            return _alarm(Alarm.FORK, last, note, **values)
        grown = self._extended(found, edge)
        if grown is not None and grown.root() == found.root:
            return Look(Sighting(grown, note, self._clock()))
        missing = self._is_extension(found, edge)
        return _alarm(Alarm.MISSING if missing else Alarm.FORK, last, note, **values)

    def nothing_seen(self, last: Sighting | None) -> Look:
        """Return the outcome of a look that found nobody there: an alarm once it lasts."""
        return Look(None) if last is None else self._unchanged(last)

    def _unchanged(self, last: Sighting) -> Look:
        if self._clock() - last.since <= self._late_after:
            return Look(last)
        return _alarm(Alarm.LATE, last, last.note, since=last.since.isoformat())

    def _extended(self, found: Checkpoint, edge: Frontier) -> Frontier | None:
        """Return the edge after the new entries, None if the log does not show them."""
        for number in range(edge.size // WIDTH, -(-found.size // WIDTH)):
            width = min(WIDTH, found.size - number * WIDTH)
            entries = self._entries(TileKey(ENTRIES, number), width)
            if entries is None:
                return None
            edge = edge.extended(map(merkle.leaf_hash, entries[edge.size - number * WIDTH :]))
        return edge

    def _entries(self, key: TileKey, width: int) -> list[bytes] | None:
        bundle = self._source.get(tile_path(key, width)) or b""
        framed = [bundle[at : at + _ENTRY_BYTES] for at in range(0, len(bundle), _ENTRY_BYTES)]
        sound = all(len(each) == _ENTRY_BYTES and each.startswith(_PREFIX) for each in framed)
        return [each[len(_PREFIX) :] for each in framed] if sound and len(framed) == width else None

    def _is_extension(self, found: Checkpoint, edge: Frontier) -> bool:
        """Tell whether the log's tiles prove that the checkpoint extends what was seen."""
        try:
            path = build(
                _RemoteTiles(self._source, found.size),
                lambda get: merkle.consistency_path(get, edge.size, found.size),
            )
        except LogDamaged:
            return False
        return merkle.verify_consistency(edge.size, found.size, edge.root(), found.root, path)


class _RemoteTiles:
    """The tiles of a log at one size, as far as it shows them."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self._size = size

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return the tiles as the log shows them; nothing of them is believed unproven."""
        return {key: self._source.get(tile_path(key, self._width(key))) or b"" for key in keys}

    def _width(self, key: TileKey) -> int:
        return min(WIDTH, (self._size >> (HEIGHT * key.level)) - key.number * WIDTH)


def _alarm(alarm: Alarm, last: Sighting | None, note: bytes, **values: object) -> Look:
    return Look(last, ((alarm, _TEXTS[alarm].format(**values)),), note)
