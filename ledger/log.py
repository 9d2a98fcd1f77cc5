"""The log: append digests, sign checkpoints, prove inclusion and consistency.

A `Log` works inside one transaction of its caller (see `ledger.store`). An acknowledged append
is a committed append, and a signed checkpoint is published in the same transaction: the log
never signs two trees of which one does not extend the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger import merkle
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.errors import (
    LogDamaged,
    NotADigest,
    NoteRefused,
    NotFoundInLog,
    NotInTree,
    SplitView,
)
from ledger.note import Note, NoteSigner, Signature
from ledger.proof import TlogProof
from ledger.signature import verifier_for
from ledger.store import Growth, Published, TileStore
from ledger.tiles import build, edge, entries_between, grow


@dataclass(frozen=True, slots=True)
class Inclusion:
    """Audit path of one leaf in the tree of `size` leaves with root hash `root`."""

    index: int
    size: int
    path: tuple[bytes, ...]
    root: bytes


@dataclass(frozen=True, slots=True)
class Consistency:
    """Proof that the tree of `new` leaves extends the tree of `old` leaves."""

    old: int
    new: int
    path: tuple[bytes, ...]
    old_root: bytes
    new_root: bytes


class Log:
    """One transparency log over a tile store."""

    def __init__(self, tiles: TileStore, signer: NoteSigner, origin: str = "") -> None:
        """Speak for the log named `origin`, by default (and in C2SP always) the signer's name."""
        self.tiles = tiles
        self.signer = signer
        self.origin = origin or signer.key.name

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self.tiles.size()

    def append(self, digests: Sequence[bytes]) -> range:
        """Append entries, SHA-256 digests of 32 bytes; return their indices.

        Raises NotADigest before anything is written, LogMoved if another writer was faster.
        """
        for digest in digests:
            if len(digest) != merkle.HASH_SIZE:
                raise NotADigest(length=len(digest))
        old = self.tiles.size(for_update=True)
        if digests:
            grown = grow(old, self.tiles.read(edge(old)), digests)
            self.tiles.extend(Growth(old, old + len(digests), grown, digests))
        return range(old, old + len(digests))

    def root(self, size: int | None = None) -> bytes:
        """Return the root hash of the first `size` leaves, by default of all."""
        wanted = self._within(size)
        return build(self.tiles, lambda get: merkle.root(get, wanted))

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint of the tree as it is, publishing it if it is new.

        Raises SplitView, having signed nothing, if the tree is smaller than the last published
        one or does not extend it, and LogDamaged if that one is not signed by this log.
        """
        size = self.tiles.size(for_update=True)
        last = self.tiles.published()
        if last is not None:
            self._must_extend(last, size)
            if last.size == size:
                return last.note
        root = self.root(size)
        note = self._signed(size, root)
        self.tiles.publish(Published(size, root, note))
        return note

    def add_cosignatures(self, size: int, lines: Sequence[Signature]) -> bytes:
        """Join witnesses' signature lines to the published checkpoint of `size`; return it."""
        known = self.tiles.published(at_least=size)
        if known is None or known.size != size:
            raise NotInTree(asked=size, size=self.size)
        note = bytes(Note.parse(known.note).joined(lines))
        self.tiles.publish(Published(size, known.root, note))
        return note

    def prove(self, index: int, size: int | None = None) -> Inclusion:
        """Return the audit path of leaf `index` in the tree of `size` leaves (default: all).

        Raises NotInTree. RFC 9162, 2.1.3.
        """
        within = self._within(size)
        path, root = build(
            self.tiles,
            lambda get: (merkle.inclusion_path(get, index, within), merkle.root(get, within)),
        )
        return Inclusion(index, within, tuple(path), root)

    def consistency(self, old: int, new: int | None = None) -> Consistency:
        """Return the proof that the first `new` leaves (default: all) extend the first `old`.

        Raises NotInTree. RFC 9162, 2.1.4.
        """
        within = self._within(new)
        path, old_root, new_root = build(
            self.tiles,
            lambda get: (
                merkle.consistency_path(get, old, within),
                merkle.root(get, old),
                merkle.root(get, within),
            ),
        )
        return Consistency(old, within, tuple(path), old_root, new_root)

    def find(self, digest: bytes) -> int:
        """Return the lowest index at which a digest was appended; raises NotFoundInLog."""
        index = self.tiles.find([digest]).get(digest)
        if index is None:
            raise NotFoundInLog(digest=digest.hex())
        return index

    def entries(self, start: int, stop: int) -> list[bytes]:
        """Return the entries start <= index < stop; raises NotInTree beyond the end."""
        return entries_between(self.tiles, start, stop)

    def proof(self, index: int, size: int | None = None) -> TlogProof:
        """Return the proof file of leaf `index` under a signed checkpoint.

        By default the smallest published one that covers the leaf. For another `size` that is
        covered by a published checkpoint, the checkpoint of that size is signed now: the two
        agree. Raises NotInTree if no published checkpoint covers leaf and size.
        """
        known = self.tiles.published(at_least=index + 1 if size is None else size)
        if known is None or not 0 <= index < (size or known.size):
            raise NotInTree(asked=index if size is None else size, size=self.size)
        if size is None or known.size == size:
            return TlogProof(index, self.prove(index, known.size).path, known.note)
        found = self.prove(index, size)
        return TlogProof(index, found.path, self._signed(size, found.root))

    def _signed(self, size: int, root: bytes) -> bytes:
        return bytes(Note(Checkpoint(self.origin, size, root).text()).signed(self.signer))

    def _within(self, size: int | None) -> int:
        total = self.tiles.size()
        if size is None:
            return total
        if not 0 <= size <= total:
            raise NotInTree(asked=size, size=total)
        return size

    def _must_extend(self, last: Published, size: int) -> None:
        try:
            signed = open_checkpoint(last.note, verifier_for(self.signer.key)).checkpoint
        except NoteRefused as refused:
            raise LogDamaged(where="checkpoint", what=str(refused)) from refused
        if (signed.size, signed.root) != (last.size, last.root):
            raise LogDamaged(where="checkpoint", what="it is not what was signed")
        if last.size > size or self.root(last.size) != last.root:
            raise SplitView(old=last.size, new=size)
