"""A log appends, signs, proves, and never signs two histories."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger import merkle
from ledger.checkpoint import open_checkpoint
from ledger.errors import LogDamaged, NotADigest, NotFoundInLog, NotInTree, SplitView
from ledger.fsck import fsck
from ledger.log import Log
from ledger.proof import verify_document
from ledger.signature import verifier_for
from ledger.store import ENTRIES, MemoryTiles, Published, TileKey
from tests.ledger.trees import cosigner, digests, document, log_of, signer

VERIFIER = verifier_for(signer().key)


def test_a_document_is_proven_under_a_signed_checkpoint() -> None:
    """Append, sign, prove: the proof file convinces somebody who has only the log's key."""
    log = log_of(1000)
    log.checkpoint()
    for number in (0, 77, 255, 256, 999):
        proof = bytes(log.proof(log.find(digests(number, number + 1)[0])))
        assert verify_document(proof, document(number), VERIFIER).checkpoint.size == 1000


def test_a_proof_stands_under_the_first_checkpoint_that_covers_it() -> None:
    """Later growth does not change the proof of an earlier leaf."""
    log = log_of(10)
    log.checkpoint()
    before = bytes(log.proof(4))
    log.append(digests(10, 500))
    log.checkpoint()
    assert bytes(log.proof(4)) == before
    assert log.proof(4, 500).size == 500


def test_a_proof_under_any_earlier_size() -> None:
    """A size between published checkpoints is signed when asked for, a later one is not."""
    log = log_of(500)
    log.checkpoint()
    log.append(digests(500, 600))
    assert verify_document(log.proof(4, 200), document(4), VERIFIER).checkpoint.size == 200
    assert log.tiles.published(at_least=0) == log.tiles.published()
    for index, size in ((4, 501), (4, 601), (200, 200), (-1, 200), (0, 0)):
        with pytest.raises(NotInTree):
            log.proof(index, size)


def test_a_leaf_without_checkpoint_has_no_proof_file_yet() -> None:
    """Until a checkpoint covers the leaf there is nothing signed to prove it by."""
    log = log_of(3)
    with pytest.raises(NotInTree):
        log.proof(0)


def test_consistency_between_any_two_sizes() -> None:
    """Every earlier tree is proven to be the beginning of the later one."""
    log = log_of(700)
    for old, new in ((0, 700), (1, 2), (256, 700), (300, 300), (299, 512)):
        found = log.consistency(old, new)
        assert merkle.verify_consistency(old, new, found.old_root, found.new_root, found.path)
    with pytest.raises(NotInTree):
        log.consistency(5, 701)


def test_what_is_no_digest_is_not_appended() -> None:
    """An entry of another length is refused before anything is written."""
    log = log_of(3)
    with pytest.raises(NotADigest):
        log.append([*digests(3, 5), b"short"])
    assert log.size == 3


def test_an_unknown_digest_is_not_found() -> None:
    """The look-up by digest says so when a document was never logged."""
    with pytest.raises(NotFoundInLog):
        log_of(3).find(bytes(32))


def test_entries_come_back_in_order() -> None:
    """Entries are read back over tile borders; beyond the end is an error."""
    log = log_of(600)
    assert log.entries(250, 520) == digests(250, 520)
    assert log.entries(5, 5) == []
    with pytest.raises(NotInTree):
        log.entries(599, 601)


def test_an_unchanged_tree_is_signed_once() -> None:
    """Asking again returns the same note; growth makes a new one."""
    log = log_of(3)
    first = log.checkpoint()
    assert log.checkpoint() == first
    log.append(digests(3, 4))
    assert open_checkpoint(log.checkpoint(), VERIFIER).checkpoint.size == 4


def test_an_empty_log_signs_the_empty_root() -> None:
    """The checkpoint of a new log is that of the empty tree."""
    checkpoint = open_checkpoint(log_of(0).checkpoint(), VERIFIER).checkpoint
    assert (checkpoint.size, checkpoint.root) == (0, merkle.EMPTY_ROOT)


def test_a_smaller_tree_is_never_signed() -> None:
    """A store that was set back to an older copy is refused."""
    log, older = log_of(9), log_of(5)
    log.checkpoint()
    assert isinstance(log.tiles, MemoryTiles)
    assert isinstance(older.tiles, MemoryTiles)
    older.tiles.checkpoints = log.tiles.checkpoints
    with pytest.raises(SplitView):
        older.checkpoint()


def test_another_history_is_never_signed() -> None:
    """A larger tree that does not extend the published one is refused."""
    log = log_of(9)
    log.checkpoint()
    assert isinstance(log.tiles, MemoryTiles)
    fork = Log(MemoryTiles(checkpoints=log.tiles.checkpoints), signer())
    fork.append(digests(50, 70))
    with pytest.raises(SplitView):
        fork.checkpoint()


@pytest.mark.parametrize("change", ["root", "note", "signer"])
def test_a_tampered_checkpoint_row_stops_the_log(change: str) -> None:
    """Who can write the store but lacks the key cannot make the log go on from a false past."""
    log = log_of(9)
    log.checkpoint()
    assert isinstance(log.tiles, MemoryTiles)
    known = log.tiles.checkpoints[9]
    stranger = log_of(9, seed=7)
    false = {
        "root": replace(known, root=bytes(32)),
        "note": replace(known, note=known.note[:-5] + b"AAA=\n"),
        "signer": Published(9, known.root, stranger.checkpoint()),
    }
    log.tiles.checkpoints[9] = false[change]
    log.append(digests(9, 10))
    with pytest.raises(LogDamaged):
        log.checkpoint()


def test_cosignatures_are_kept_with_the_checkpoint() -> None:
    """A witness's line joins the note and is part of every later proof."""
    log, witness = log_of(5), cosigner()
    text = open_checkpoint(log.checkpoint(), VERIFIER).note.text
    log.add_cosignatures(5, [witness.cosign(text, 1_800_000_000)])
    opened = open_checkpoint(log.proof(2).checkpoint, VERIFIER, [verifier_for(witness.key)])
    assert opened.signed_by == (signer().key, witness.key)
    with pytest.raises(NotInTree):
        log.add_cosignatures(4, [])


def test_fsck_finds_nothing_in_a_sound_log() -> None:
    """Everything is derived again and agrees."""
    log = log_of(300)
    log.checkpoint()
    log.append(digests(300, 1100) + digests(0, 5))
    log.checkpoint()
    report = fsck(log.tiles, VERIFIER)
    assert report.sound
    assert (report.size, report.root, report.checkpoints) == (1105, log.root(), 2)
    assert fsck(MemoryTiles(), VERIFIER).sound


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        (TileKey(ENTRIES, 1), "tile"),
        (TileKey(0, 2), "tile"),
        (TileKey(1, 0), "tile"),
        (TileKey(0, 4), "tile"),
    ],
)
def test_fsck_finds_a_changed_tile(where: TileKey, rule: str) -> None:
    """One flipped bit in any tile, full or partial, entries or hashes, is found."""
    log = log_of(1100)
    log.checkpoint()
    assert isinstance(log.tiles, MemoryTiles)
    tile = log.tiles.tiles[where]
    log.tiles.tiles[where] = bytes([tile[0] ^ 1]) + tile[1:]
    report = fsck(log.tiles, VERIFIER)
    assert not report.sound
    assert {finding.rule for finding in report.findings} == {rule}


def test_fsck_finds_a_lost_tile_and_a_false_index() -> None:
    """A missing tile, a digest that is not found, a checkpoint of another tree: all found."""
    log = log_of(600)
    log.checkpoint()
    assert isinstance(log.tiles, MemoryTiles)
    lost = log.tiles.tiles.pop(TileKey(0, 1))
    assert not fsck(log.tiles, VERIFIER).sound
    log.tiles.tiles[TileKey(0, 1)] = lost
    del log.tiles.index[digests(3, 4)[0]]
    assert [f.path for f in fsck(log.tiles, VERIFIER).findings] == ["leaf/3"]
    other = log_of(601)
    other.checkpoint()
    assert isinstance(other.tiles, MemoryTiles)
    log.tiles.checkpoints.update(other.tiles.checkpoints)
    assert [f.path for f in fsck(log.tiles, VERIFIER).findings] == ["checkpoint/601", "leaf/3"]
