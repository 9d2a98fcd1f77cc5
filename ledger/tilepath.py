"""Paths of the static endpoints of a log (C2SP tlog-tiles).

    checkpoint
    tile/L/N[.p/W]          W hashes of the tile (L, N); without .p/W all 256
    tile/entries/N[.p/W]    W entries, each a u16 length and the entry

N is written in groups of three digits, all but the last with an x before it: x001/x234/067.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from struct import pack
from typing import Final

from ledger.errors import NotInTree
from ledger.merkle import HASH_SIZE
from ledger.store import ENTRIES, TileKey, TileStore
from ledger.tiles import HEIGHT, WIDTH, chunks

_PATH: Final = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
_MAX_GROUPS: Final = 7
FOREVER: Final = "public, max-age=31536000, immutable"
SHORTLY: Final = "public, max-age=5"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a static endpoint answers: body, media type, and how long it may be cached."""

    body: bytes
    content_type: str
    cache_control: str


def tile_path(key: TileKey, width: int = WIDTH) -> str:
    """Return the path of a tile that holds `width` hashes, e.g. `tile/0/x001/234.p/5`."""
    level = "entries" if key.level == ENTRIES else str(key.level)
    groups = [f"{key.number % 1000:03d}"]
    number = key.number // 1000
    while number:
        groups.insert(0, f"x{number % 1000:03d}")
        number //= 1000
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> tuple[TileKey, int] | None:
    """Return tile and width of a path, or None if it is not the one way to write a tile's path."""
    found = _PATH.fullmatch(path)
    if found is None or found["number"].count("/") >= _MAX_GROUPS:
        return None
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    key = TileKey(level, int(found["number"].replace("x", "").replace("/", "")))
    width = int(found["width"] or WIDTH)
    return (key, width) if tile_path(key, width) == path else None


def static_resource(tiles: TileStore, path: str) -> Resource:
    """Return what a monitor reads at `path` (no leading slash); raises NotInTree (404)."""
    size = tiles.size()
    if path == "checkpoint":
        published = tiles.published()
        if published is None:
            raise NotInTree(asked=path, size=size)
        return Resource(published.note, "text/plain; charset=utf-8", SHORTLY)
    place = parse_tile_path(path)
    if place is None:
        raise NotInTree(asked=path, size=size)
    key, width = place
    held = size >> (HEIGHT * max(key.level, 0))
    if key.number * WIDTH + width > held:
        raise NotInTree(asked=path, size=size)
    tile = tiles.read([key]).get(key, b"")[: width * HASH_SIZE]
    body = tile
    if key.level == ENTRIES:
        body = b"".join(pack(">H", len(entry)) + entry for entry in chunks(tile))
    return Resource(body, "application/octet-stream", FOREVER)
