"""Two-side proof: both customs hold the same common fields, and neither shows a private one.

The fields that both sides must see alike are committed to with a salt key that the two gateways
share for one clearance (`derive_salt_key`; it travels only inside the encrypted delivery). Each
gateway computes the commitment from ITS OWN data and appends the root to ITS OWN log. The proof
is the one root under two checkpoints, each signed by its log and cosigned by the other side as
witness. Private fields are in no tree that is exported.

Form: deterministic CBOR. The checkpoint's root is not carried, it follows from the audit path.

    [1, common root, side, side]
    side = [origin, size, index, audit path joined, [[name, key id and signature], ...]]
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from ledger import merkle
from ledger.checkpoint import MAX_SIZE, Checkpoint, open_checkpoint
from ledger.commitments import KEY_BYTES, Commitment, Value, commit
from ledger.errors import ProofRefused
from ledger.log import Log
from ledger.note import Note, Signature
from ledger.signature import cosigned_at, verifier_for
from ledger.vkey import VerifierKey

_VERSION: Final = 1
_MAX_BYTES: Final = 16_384
_LABEL: Final = b"silkgate two-side salt key v1\x00"
_ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Side:
    """The common root in one gateway's log: place, audit path, signatures of the checkpoint."""

    origin: str
    size: int
    index: int
    path: tuple[bytes, ...]
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class SideKeys:
    """Who must have signed one side: its log, and as witness the other side's operator."""

    log: VerifierKey
    witness: VerifierKey


@dataclass(frozen=True, slots=True)
class SideVerdict:
    """One side, verified: log, tree size, leaf index, time of the cosignature (seconds, Unix)."""

    origin: str
    size: int
    index: int
    cosigned_at: int


@dataclass(frozen=True, slots=True)
class TwoSideProof:
    """The common root in the logs of both sides; nothing is verified yet."""

    root: bytes
    sides: tuple[Side, Side]

    def __bytes__(self) -> bytes:
        """Return the CBOR form."""
        import cbor2

        sides = [_packed(side) for side in self.sides]
        return cbor2.dumps([_VERSION, self.root, *sides], canonical=True)

    @classmethod
    def parse(cls, data: bytes) -> TwoSideProof:
        """Read the CBOR form; raises ProofRefused unless it is the one form of this proof."""
        import cbor2

        try:
            value = cbor2.loads(data) if len(data) <= _MAX_BYTES else None
        except (cbor2.CBORError, ValueError, RecursionError):
            value = None
        match value:
            case [1, bytes(root), list(first), list(second)]:
                proof = cls(root, (_unpacked(first), _unpacked(second)))
                if bytes(proof) == data:
                    return proof
        raise ProofRefused(reason="it is not a two-side proof")


def derive_salt_key(secret: bytes, clearance: str) -> bytes:
    """Return the salt key of one clearance (32 bytes) from a gateway's secret of 32 bytes.

    The gateway that opens the clearance derives it and sends it to the other inside the
    encrypted delivery; it is never logged, never part of a proof.
    """
    if len(secret) < KEY_BYTES:
        raise ProofRefused(reason=f"the secret has fewer than {KEY_BYTES} bytes")
    return hmac.digest(secret, _LABEL + clearance.encode(), "sha256")


def common_tree(fields: Mapping[str, Value], names: Collection[str], salt_key: bytes) -> Commitment:
    """Commit to the common fields of a document: those of `names` that it has.

    `fields` is the whole document of one side; what is not in `names` is not touched.
    """
    return commit({name: fields[name] for name in names if name in fields}, salt_key)


def side_of(log: Log, root: bytes) -> Side:
    """Return one side's part: the common root in its log under the first checkpoint over it.

    Raises NotFoundInLog if the root was never appended, NotInTree if no checkpoint covers it yet.
    """
    proof = log.proof(log.find(root))
    note = Note.parse(proof.checkpoint)
    checkpoint = Checkpoint.parse(note.text)
    return Side(checkpoint.origin, checkpoint.size, proof.index, proof.path, note.signatures)


def verify_two_sides(
    proof: TwoSideProof | bytes, keys: tuple[SideKeys, SideKeys]
) -> tuple[SideVerdict, SideVerdict]:
    """Return both sides, verified against their keys; raises ProofRefused or NoteRefused.

    The two logs must be different keys, and each witness must be neither its own log's key.
    """
    known = TwoSideProof.parse(proof) if isinstance(proof, bytes) else proof
    public = {side.log.key for side in keys} | {side.witness.key for side in keys}
    if len(public) != len(keys) * 2:
        raise ProofRefused(reason="two logs and two witnesses with keys of their own are needed")
    first, second = (_verify(known.root, *pair) for pair in zip(known.sides, keys, strict=True))
    return first, second


def _verify(root: bytes, side: Side, keys: SideKeys) -> SideVerdict:
    leaf = merkle.leaf_hash(root)
    found = merkle.root_from_inclusion(leaf, side.index, side.size, side.path)
    if found is None:
        raise ProofRefused(reason=f"the audit path in {side.origin} is no path of its tree")
    note = Note(Checkpoint(side.origin, side.size, found).text(), side.signatures)
    log, witness = verifier_for(keys.log), verifier_for(keys.witness)
    signed = open_checkpoint(bytes(note), log, [witness])
    if keys.witness not in signed.signed_by:
        raise ProofRefused(reason=f"{keys.witness.name} did not cosign {side.origin}")
    return SideVerdict(side.origin, side.size, side.index, cosigned_at(note, keys.witness) or 0)


def _packed(side: Side) -> list[object]:
    signatures = [[line.name, line.key_id + line.value] for line in side.signatures]
    return [side.origin, side.size, side.index, b"".join(side.path), signatures]


def _unpacked(value: list[object]) -> Side:
    match value:
        case [str(origin), int(size), int(index), bytes(path), list(lines)] if (
            len(path) % merkle.HASH_SIZE == 0 and 0 <= index < size <= MAX_SIZE
        ):
            nodes = tuple(path[at : at + 32] for at in range(0, len(path), merkle.HASH_SIZE))
            return Side(origin, size, index, nodes, tuple(map(_line, lines)))
    raise ProofRefused(reason="a side is malformed")


def _line(value: object) -> Signature:
    match value:
        case [str(name), bytes(blob)] if len(blob) > _ID_BYTES:
            return Signature(name, blob[:_ID_BYTES], blob[_ID_BYTES:])
    raise ProofRefused(reason="a signature is malformed")
