"""Checkpoints: what a log says about itself, as the text of a signed note (C2SP tlog-checkpoint).

ORIGIN
SIZE            decimal, no leading zeros
ROOT            base64 of 32 bytes
extension lines, which we keep and never write
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.errors import NoteRefused
from ledger.merkle import HASH_SIZE
from ledger.note import Note, NoteVerifier
from ledger.vkey import VerifierKey, decode_base64

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LINES: Final = 3
MAX_SIZE: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin (name of the log), number of leaves, root hash (32 bytes), extension lines."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> bytes:
        """Return the body that is signed, with its last newline."""
        lines = (self.origin, str(self.size), b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read the text of a note as checkpoint; raises NoteRefused."""
        lines = text.decode("utf-8", "replace").split("\n")
        if len(lines) <= _LINES or lines[-1] or not all(lines[:-1]):
            raise NoteRefused(reason="a checkpoint has origin, size and root, and no blank line")
        origin, size, encoded, *extensions = lines[:-1]
        root = decode_base64(encoded)
        if root is None or len(root) != HASH_SIZE:
            raise NoteRefused(reason="the root hash is not base64 of 32 bytes")
        return cls(origin, parse_size(size), root, tuple(extensions))


def parse_size(text: str) -> int:
    """Read a tree size or index: decimal, no sign, no leading zero, below 2**63."""
    if not _SIZE.fullmatch(text) or int(text) > MAX_SIZE:
        raise NoteRefused(reason=f"{text[:24]!r} is not a size")
    return int(text)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose signatures were verified: the keys that signed it."""

    checkpoint: Checkpoint
    note: Note
    signed_by: tuple[VerifierKey, ...]


def open_checkpoint(
    data: bytes, log: NoteVerifier, witnesses: Sequence[NoteVerifier] = ()
) -> SignedCheckpoint:
    """Return the checkpoint of a signed note, verified.

    The log's key must have signed and its name must be the origin; of the witnesses those that
    signed are named in `signed_by`. Raises NoteRefused.
    """
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log.key.name:
        raise NoteRefused(reason=f"the origin is not {log.key.name}")
    signed_by = note.verified((log, *witnesses))
    if log.key not in signed_by:
        raise NoteRefused(reason=f"{log.key.name} did not sign it")
    return SignedCheckpoint(checkpoint, note, tuple(signed_by))
