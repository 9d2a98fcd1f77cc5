"""Tiles are laid out as C2SP tlog-tiles says, however the log grew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import NotInTree
from ledger.log import Log
from ledger.store import ENTRIES, MemoryTiles, TileKey
from ledger.tilepath import parse_tile_path, static_resource, tile_path
from ledger.tiles import edge, widths
from tests.ledger.trees import definition_root, digests, log_of, signer


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, []),
        (256, [(1, 0), (0, 1)]),
        (300, [(1, 44), (0, 1)]),
        (70_000, [(273, 112), (1, 17), (0, 1)]),
    ],
)
def test_widths_of_known_sizes(size: int, expected: list[tuple[int, int]]) -> None:
    """Full tiles and partial widths per level are those of the specification's examples."""
    assert widths(size) == expected


def test_a_full_tree_has_no_edge_at_its_level() -> None:
    """256 leaves: the next append touches no tile of level 0, and the one of level 1."""
    assert edge(256) == [TileKey(1, 0)]
    assert edge(300) == [TileKey(ENTRIES, 1), TileKey(0, 1), TileKey(1, 0)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8))
def test_the_way_of_growing_leaves_no_trace(steps: list[int]) -> None:
    """However a log grew, tiles and root are those of a log that grew in one step."""
    total = sum(steps)
    whole, grown = log_of(total), Log(MemoryTiles(), signer())
    for step in steps:
        assert grown.append(digests(grown.size, grown.size + step)) == range(
            grown.size - step, grown.size
        )
    assert grown.root() == whole.root() == definition_root(digests(0, total))
    assert isinstance(whole.tiles, MemoryTiles)
    assert isinstance(grown.tiles, MemoryTiles)
    assert grown.tiles.tiles == whole.tiles.tiles


def test_a_log_of_three_levels() -> None:
    """Beyond 65,536 leaves the third level appears, and proofs reach through it."""
    log = log_of(66_000)
    assert log.root() == definition_root(digests(0, 66_000))
    assert len(log.prove(70).path) == 17
    assert static_resource(log.tiles, "tile/2/000.p/1").body == log.root(65_536)


@pytest.mark.parametrize(
    ("key", "width", "path"),
    [
        (TileKey(0, 0), 256, "tile/0/000"),
        (TileKey(0, 1), 44, "tile/0/001.p/44"),
        (TileKey(ENTRIES, 1_234_067), 256, "tile/entries/x001/x234/067"),
        (TileKey(12, 1_000), 1, "tile/12/x001/000.p/1"),
    ],
)
def test_paths(key: TileKey, width: int, path: str) -> None:
    """A tile has exactly one path, in groups of three digits."""
    assert tile_path(key, width) == path
    assert parse_tile_path(path) == (key, width)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/00/000",
        "tile/0/x000/000",
        "tile/0/1000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/044",
        "tile/-1/000",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/../checkpoint",
        "tile/0/" + "x999/" * 40 + "999",
    ],
)
def test_other_spellings_are_not_found(path: str) -> None:
    """A path that is not written the one way is unknown, and reads nothing."""
    with pytest.raises(NotInTree):
        static_resource(log_of(600).tiles, path)


def test_published_tiles(shared: Path) -> None:
    """The 300-leaf log of the vectors has the published tiles and entry bundles."""
    log, folder = log_of(300), shared / "data/ledger/example"
    found = [path for path in (folder / "tile").rglob("*") if path.is_file()]
    assert len(found) == 5
    for path in found:
        resource = static_resource(log.tiles, path.relative_to(folder).as_posix())
        assert resource.body == path.read_bytes()
        assert "immutable" in resource.cache_control


def test_a_narrower_partial_tile_stays_available() -> None:
    """The partial tile of an earlier checkpoint is served when the tile has grown since."""
    log = log_of(300)
    assert (
        static_resource(log.tiles, "tile/0/001.p/3").body
        == (static_resource(log.tiles, "tile/0/001.p/44").body[: 3 * 32])
    )
    with pytest.raises(NotInTree):
        static_resource(log.tiles, "tile/0/001.p/45")


def test_the_checkpoint_is_served_once_there_is_one() -> None:
    """GET checkpoint is the latest signed note, to be cached for seconds only."""
    log = log_of(3)
    with pytest.raises(NotInTree):
        static_resource(log.tiles, "checkpoint")
    note = log.checkpoint()
    resource = static_resource(log.tiles, "checkpoint")
    assert resource.body == note
    assert resource.content_type.startswith("text/plain")
