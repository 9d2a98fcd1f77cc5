"""A log in a folder: made once, written by one, read by all, and durable."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.errors import LogBusy, LogDamaged, LogExists, NoLog
from ledger.folder import FolderLog
from ledger.fsck import fsck
from ledger.proof import verify_document
from ledger.signature import verifier_for
from ledger.store import ENTRIES, TileKey, TileStore
from tests.ledger.tilestore_contract import TilesIn, TileStoreContract
from tests.ledger.trees import digests, document

ORIGIN = "folder.example/log"


class TestSqliteTiles(TileStoreContract):
    """The folder's SQLite store."""

    @pytest.fixture
    def tiles_in(self, tmp_path: Path) -> Iterator[TilesIn]:
        """Return writing transactions on one log."""
        with FolderLog.init(tmp_path / "log", ORIGIN) as folder:

            @contextmanager
            def begin() -> Iterator[TileStore]:
                with folder.writing() as log:
                    yield log.tiles

            yield begin


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a log of 300 documents."""
    home = tmp_path / "log"
    with FolderLog.init(home, ORIGIN) as folder:
        assert folder.append(digests(0, 300)) == range(300)
    return home


def test_a_log_is_found_again(home: Path) -> None:
    """What was appended is proven after the folder was closed and opened again."""
    with FolderLog(home) as folder, folder.reading() as log:
        proof = log.proof(log.find(digests(77, 78)[0]))
        verify_document(proof, document(77), verifier_for(folder.key))
        assert fsck(log.tiles, verifier_for(folder.key)).sound


def test_a_log_is_never_overwritten(home: Path, tmp_path: Path) -> None:
    """Making a log where there is one is refused, and so is opening where there is none."""
    with pytest.raises(LogExists):
        FolderLog.init(home, ORIGIN)
    with pytest.raises(NoLog):
        FolderLog(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_the_key_is_for_its_owner_alone(home: Path) -> None:
    """Nobody else can read the private key."""
    assert stat.S_IMODE((home / "log.key").stat().st_mode) == 0o600


def test_a_key_under_passphrase(tmp_path: Path) -> None:
    """With a passphrase the key is encrypted; without it the log is read but not written."""
    with FolderLog.init(tmp_path, ORIGIN, passphrase=b"secret") as folder:
        folder.append(digests(0, 3))
    assert b"ENCRYPTED" in (tmp_path / "log.key").read_bytes()
    with FolderLog(tmp_path) as folder:
        with folder.reading() as log:
            assert log.size == 3
        with pytest.raises(LogDamaged):
            folder.append(digests(3, 4))


def test_a_swapped_key_is_noticed(home: Path, tmp_path: Path) -> None:
    """A private key that does not belong to the log signs nothing."""
    FolderLog.init(tmp_path / "other", ORIGIN).close()
    (home / "log.key").write_bytes((tmp_path / "other" / "log.key").read_bytes())
    with FolderLog(home) as folder, pytest.raises(LogDamaged):
        folder.append(digests(300, 301))


def test_reading_needs_no_private_key(home: Path) -> None:
    """Without its key the log is read and proven, and nothing can be written on that way."""
    (home / "log.key").unlink()
    with FolderLog(home) as folder, folder.reading() as log:
        assert log.size == 300
        assert log.checkpoint() == log.proof(0).checkpoint
        with pytest.raises(LogDamaged):
            log.proof(0, 200)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            log.append(digests(300, 301))


def test_one_writer_at_a_time(home: Path) -> None:
    """While one writes, another waits for as long as it has patience, and reading goes on."""
    with FolderLog(home) as first, FolderLog(home, patience=0.05) as second, first.writing() as log:
        log.append(digests(300, 310))
        with pytest.raises(LogBusy):
            second.append(digests(300, 301))
        with second.reading() as seen:
            assert seen.size == 300


def test_writers_take_turns(home: Path) -> None:
    """Four writers of 10 appends each: every index is given once."""
    taken: list[int] = []

    def write(number: int) -> None:
        with FolderLog(home, patience=30) as folder:
            for turn in range(10):
                taken.extend(folder.append(digests(1000 * number + turn, 1000 * number + turn + 3)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(300, 420))
    with FolderLog(home) as folder, folder.reading() as log:
        assert fsck(log.tiles, verifier_for(folder.key)).sound


def test_an_interrupted_append_leaves_nothing(home: Path) -> None:
    """An exception inside the transaction takes back the append and its checkpoint."""
    with FolderLog(home) as folder:
        with pytest.raises(RuntimeError, match="power cut"):
            _append_and_fail(folder)
        with folder.reading() as log:
            assert log.size == 300
            assert log.tiles.read([TileKey(ENTRIES, 2)]) == {}
        assert folder.append(digests(300, 301)) == range(300, 301)


def _append_and_fail(folder: FolderLog) -> None:
    with folder.writing() as log:
        log.append(digests(300, 900))
        log.checkpoint()
        message = "power cut"
        raise RuntimeError(message)


def test_digests_are_found_in_complete_and_in_open_blocks(tmp_path: Path) -> None:
    """Around and beyond 65,536 entries each digest has its lowest index, one by one or many."""
    sample = [0, 1, 255, 256, 65_535, 65_536, 66_000, 131_071, 131_072, 131_999]
    with FolderLog.init(tmp_path, ORIGIN) as folder:
        entries = digests(0, 132_000)
        for start in range(0, 132_000, 33_000):
            folder.append(entries[start : start + 33_000])
        folder.append([entries[5], entries[70_000]])
        with folder.reading() as log:
            for index in (*sample, 5, 70_000):
                assert log.find(entries[index]) == index
            assert log.tiles.find(entries[::100]) == dict(
                zip(entries[::100], range(0, 132_000, 100), strict=True)
            )
            assert log.tiles.find([bytes(32), entries[7][:31] + b"\x00"]) == {}
