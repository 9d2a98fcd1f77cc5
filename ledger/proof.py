"""Proof files: one leaf, its audit path and a signed checkpoint (C2SP tlog-proof).

    c2sp.org/tlog-proof@v1
    extra BASE64            optional, not authenticated
    index N
    BASE64 of a node        0 to 63 lines, leaf side first
    (blank line)
    CHECKPOINT with its signatures, byte for byte

The entry is the SHA-256 digest of the document, so the leaf hash is SHA-256(00 || digest).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger import merkle
from ledger.checkpoint import Checkpoint, SignedCheckpoint, open_checkpoint, parse_size
from ledger.errors import ProofRefused
from ledger.note import Note, NoteVerifier
from ledger.policy import Policy
from ledger.vkey import decode_base64

_HEADER: Final = "c2sp.org/tlog-proof@v1"
MEDIA_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """Index, audit path (32-byte nodes) and checkpoint of a proof file; nothing verified yet."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        """Return the file."""
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        nodes = [b64encode(node).decode() for node in self.path]
        lines = [_HEADER, *extra, f"index {self.index}", *nodes, ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read a proof file strictly; raises ProofRefused or NoteRefused."""
        head, blank, checkpoint = data.partition(b"\n\n")
        lines = head.decode("utf-8", "replace").split("\n")
        if not blank or lines.pop(0) != _HEADER:
            raise ProofRefused(reason=f"it is not a {_HEADER} file")
        extra = _extra(lines)
        if not lines or not lines[0].startswith("index "):
            raise ProofRefused(reason="the index line is missing")
        index = parse_size(lines.pop(0).removeprefix("index "))
        Note.parse(checkpoint)
        return cls(index, tuple(map(_node, lines)), checkpoint, extra)

    @property
    def origin(self) -> str:
        """The origin that the checkpoint claims."""
        return Checkpoint.parse(Note.parse(self.checkpoint).text).origin

    @property
    def size(self) -> int:
        """The tree size that the checkpoint claims."""
        return Checkpoint.parse(Note.parse(self.checkpoint).text).size


def verify_proof(
    proof: TlogProof | bytes, digest: bytes, log: NoteVerifier, policy: Policy | None = None
) -> SignedCheckpoint:
    """Return the verified checkpoint that contains the entry `digest`.

    Checks origin and signature of the log, the cosignatures that `policy` asks for, and the
    audit path. Raises ProofRefused or NoteRefused.
    """
    known = TlogProof.parse(proof) if isinstance(proof, bytes) else proof
    witnesses = policy.witnesses if policy else ()
    signed = open_checkpoint(known.checkpoint, log, witnesses)
    if policy is not None and not policy.satisfied_by(signed.signed_by):
        raise ProofRefused(reason="too few witnesses cosigned the checkpoint")
    found = signed.checkpoint
    leaf = merkle.leaf_hash(digest)
    if not merkle.verify_inclusion(leaf, known.index, found.size, known.path, found.root):
        raise ProofRefused(reason="the audit path does not lead from the entry to the signed root")
    return signed


def verify_document(
    proof: TlogProof | bytes, document: bytes, log: NoteVerifier, policy: Policy | None = None
) -> SignedCheckpoint:
    """Return the verified checkpoint that contains the document; see `verify_proof`."""
    return verify_proof(proof, sha256(document).digest(), log, policy)


def _extra(lines: list[str]) -> bytes | None:
    if not lines or not lines[0].startswith("extra "):
        return None
    extra = decode_base64(lines.pop(0).removeprefix("extra "))
    if extra is None:
        raise ProofRefused(reason="the extra line is not base64")
    return extra


def _node(line: str) -> bytes:
    node = decode_base64(line)
    if node is None or len(node) != merkle.HASH_SIZE:
        raise ProofRefused(reason="a node is not base64 of 32 bytes")
    return node
