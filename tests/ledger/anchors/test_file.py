"""The file anchor appends, never rewrites, and notices who did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ledger.anchors.errors import AnchorRefused
from ledger.anchors.file import FileAnchor, read_lines
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.checkpoint import Checkpoint
from ledger.errors import SplitView
from tests.ledger.trees import ORIGIN, log_of

LOG = log_of(500)


def checkpoint(size: int) -> Checkpoint:
    """Return the log's checkpoint of `size` leaves."""
    return Checkpoint(ORIGIN, size, LOG.root(size))


def consistency(old: int, new: int) -> Sequence[bytes]:
    """Return the log's consistency path."""
    return LOG.consistency(old, new).path


@pytest.fixture
def anchor(tmp_path: Path) -> FileAnchor:
    """An anchor file with two lines."""
    anchor = FileAnchor(tmp_path / "anchors.txt")
    for size in (100, 300):
        assert anchor.submit(checkpoint(size), consistency).state is State.FINAL
    return anchor


def test_lines_are_chained_and_final(anchor: FileAnchor) -> None:
    """Each line is there at once, with a record that says what it rests on."""
    status = anchor.status(checkpoint(300))
    assert status is not None
    verdict = verify_record(status.record, checkpoint(300))
    assert (verdict.kind, verdict.size) == ("file", 300)
    assert "anchors.txt" in verdict.trust.en
    assert anchor.advance() == []
    assert anchor.status(checkpoint(200)) is None


def test_again_and_earlier_add_no_line(anchor: FileAnchor) -> None:
    """The same checkpoint is known, an earlier one is covered."""
    assert anchor.submit(checkpoint(300), consistency).state is State.FINAL
    assert anchor.submit(checkpoint(200), consistency).state is State.SUPERSEDED
    assert len(anchor.path.read_text().splitlines()) == 2


def test_two_histories_are_refused(anchor: FileAnchor) -> None:
    """Another root of the same size, or one that does not extend the last line: SplitView."""
    for size in (300, 400):
        with pytest.raises(SplitView):
            anchor.submit(Checkpoint(ORIGIN, size, bytes(32)), consistency)
    assert len(anchor.path.read_text().splitlines()) == 2


@pytest.mark.parametrize("change", ["root", "line left out", "line number", "nonsense"])
def test_a_rewritten_file_is_noticed(anchor: FileAnchor, change: str) -> None:
    """Changing or dropping an earlier line breaks the chain of hashes."""
    first, second = anchor.path.read_text().splitlines()
    changed = {
        "root": [first.replace(LOG.root(100).hex(), "00" * 32), second],
        "line left out": [second],
        "line number": [f"7{first[1:]}", second],
        "nonsense": ["hello", second],
    }[change]
    with pytest.raises(AnchorRefused):
        read_lines("".join(f"{line}\n" for line in changed).encode(), "anchors.txt")
