"""Re-derive a whole log from its entries and compare (`silkgate log fsck`).

Entries are the only thing believed; leaf hashes, every tile above, the digest index, and root
and signature of every published checkpoint are computed again. Memory is flat: entries are read
in runs of 65,536.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger import merkle
from ledger.checkpoint import open_checkpoint
from ledger.errors import NoteRefused
from ledger.note import NoteVerifier
from ledger.store import ENTRIES, TileKey, TileStore
from ledger.tiles import HEIGHT, TILE_BYTES, WIDTH, build, chunks, widths
from schemas.finding import Finding
from schemas.text import Text

_RUN_TILES: Final = 256
RULESET: Final = "ledger:fsck"


@dataclass(frozen=True, slots=True)
class FsckReport:
    """What was checked, and what does not agree; sound if there are no findings."""

    size: int
    root: bytes
    tiles: int
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Tell whether everything agrees."""
        return not self.findings


def fsck(tiles: TileStore, log: NoteVerifier) -> FsckReport:
    """Check the whole log of one store against itself and against the log's key."""
    size = tiles.size()
    shape = widths(size)
    findings: list[Finding] = []
    count = 0
    for key, width in _places(shape):
        count += 1
        findings.extend(_tile(tiles, key, width))
    if findings:  # roots over damaged tiles say nothing more
        return FsckReport(size, b"", count, 0, tuple(findings))
    checked = 0
    for found in _checkpoints(tiles, log, size):
        checked += 1
        findings.extend(found)
    findings.extend(_index(tiles, size))
    root = build(tiles, lambda get: merkle.root(get, size))
    return FsckReport(size, root, count, checked, tuple(findings))


def _places(shape: list[tuple[int, int]]) -> Iterator[tuple[TileKey, int]]:
    for level, (full, width) in enumerate(shape):
        for number in range(full):
            yield TileKey(level, number), WIDTH
        if width:
            yield TileKey(level, full), width


def _tile(tiles: TileStore, key: TileKey, width: int) -> Iterator[Finding]:
    """Compare one tile with what the level below says it is."""
    found = tiles.read([key]).get(key, b"")[: width * merkle.HASH_SIZE]
    expected = (
        _from_entries(tiles, key, width) if key.level == 0 else _from_below(tiles, key, width)
    )
    if found != expected:
        yield _finding("tile", f"tile/{key.level}/{key.number}", found, expected)


def _from_entries(tiles: TileStore, key: TileKey, width: int) -> bytes:
    below = TileKey(ENTRIES, key.number)
    entries = tiles.read([below]).get(below, b"")[: width * merkle.HASH_SIZE]
    return b"".join(merkle.leaf_hash(entry) for entry in chunks(entries))


def _from_below(tiles: TileStore, key: TileKey, width: int) -> bytes:
    first = key.number * WIDTH
    keys = [TileKey(key.level - 1, first + at) for at in range(width)]
    stored = tiles.read(keys)
    full = [stored.get(below, b"") for below in keys]
    return b"".join(merkle.top(tile) for tile in full if len(tile) == TILE_BYTES)


def _checkpoints(tiles: TileStore, log: NoteVerifier, size: int) -> Iterator[list[Finding]]:
    """Check signature and root of each published checkpoint."""
    known = tiles.published(at_least=0)
    while known is not None:
        place = f"checkpoint/{known.size}"
        if known.size > size:
            yield [_finding("size", place, str(known.size), f"at most {size}")]
            return
        at = known.size
        root = build(tiles, lambda get, at=at: merkle.root(get, at))  # type: ignore[misc]
        findings = []
        try:
            signed = open_checkpoint(known.note, log).checkpoint
        except NoteRefused as refused:
            findings.append(_finding("signature", place, str(refused), "the log's signature"))
        else:
            if (signed.size, signed.root, known.root) != (known.size, root, root):
                findings.append(_finding("root", place, signed.root, root))
        yield findings
        known = tiles.published(at_least=known.size + 1)


def _index(tiles: TileStore, size: int) -> Iterator[Finding]:
    """Check that each entry is found by its digest, at its place or at an earlier equal one."""
    full = -(-size // WIDTH)
    for start in range(0, full, _RUN_TILES):
        keys = [TileKey(ENTRIES, n) for n in range(start, min(start + _RUN_TILES, full))]
        stored = tiles.read(keys)
        joined = b"".join(stored.get(key, b"") for key in keys)
        entries = list(chunks(joined))[: size - start * WIDTH]
        found = tiles.find(entries)
        for index, entry in enumerate(entries, start << HEIGHT):
            if found.get(entry, size) > index:
                yield _finding("index", f"leaf/{index}", str(found.get(entry)), str(index))


def _finding(rule: str, path: str, found: bytes | str, expected: bytes | str) -> Finding:
    return Finding(
        rule=rule,
        ruleset=RULESET,
        path=path,
        found=_short(found),
        expected=_short(expected),
        message=Text(f"{path} is not what the log's entries say.", f"{path} 与日志条目不符。"),
        hint=Text(
            "Stop the writer and restore the log from a copy.", "请停止写入并从备份恢复日志。"
        ),
    )


def _short(value: bytes | str) -> str:
    if isinstance(value, str):
        return value
    if len(value) <= merkle.HASH_SIZE:
        return value.hex()
    return f"{len(value) // merkle.HASH_SIZE} hashes, SHA-256 {sha256(value).hexdigest()}"
