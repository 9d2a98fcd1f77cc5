"""COSE receipts of inclusion (RFC 9942, as used by SCITT, RFC 9943).

    COSE_Sign1 (tag 18): protected {1 algorithm: -8 EdDSA, 395 tree: 1 RFC9162_SHA256},
    unprotected {396 proofs: {-1 inclusion: [bstr of [size, index, [node, ...]]]}},
    payload nil: the root is not carried, the verifier computes it from entry and path.

The log's key signs both checkpoints and receipts: a checkpoint's text never begins like the
Sig_structure of a receipt (84 6A).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ledger import merkle
from ledger.checkpoint import MAX_SIZE
from ledger.errors import ProofRefused
from ledger.log import Inclusion
from ledger.note import NoteSigner, NoteVerifier
from ledger.vkey import KeyType

MEDIA_TYPE: Final = "application/cose"
_SIGN1: Final = 18
_ALGORITHM: Final = 1
_EDDSA: Final = -8
_TREE: Final = 395
_RFC9162_SHA256: Final = 1
_PROOFS: Final = 396
_INCLUSION: Final = -1
_PROTECTED: Final = {_ALGORITHM: _EDDSA, _TREE: _RFC9162_SHA256}
_MAX_BYTES: Final = 8_192


@dataclass(frozen=True, slots=True)
class Received:
    """What a verified receipt says: leaf index, tree size, root.

    The signature covers the root alone: a size that gives the path the same shape would verify
    as well. Where the size matters, use the checkpoint.
    """

    index: int
    size: int
    root: bytes


def write_receipt(inclusion: Inclusion, signer: NoteSigner) -> bytes:
    """Return the receipt for a leaf, signed with the log's key."""
    import cbor2

    protected = cbor2.dumps(_PROTECTED, canonical=True)
    path = cbor2.dumps([inclusion.size, inclusion.index, list(inclusion.path)], canonical=True)
    signature = signer.sign(_signed(protected, inclusion.root))
    message = [protected, {_PROOFS: {_INCLUSION: [path]}}, None, signature]
    return cbor2.dumps(cbor2.CBORTag(_SIGN1, message), canonical=True)


def verify_receipt(data: bytes, digest: bytes, log: NoteVerifier) -> Received:
    """Return what a receipt proves about the entry `digest`; raises ProofRefused.

    The log's key must be an Ed25519 log key.
    """
    protected, unprotected, signature = _parts(data)
    if _loads(protected) != _PROTECTED:
        raise ProofRefused(reason="algorithm or tree of the receipt are not known here")
    match unprotected:
        case {396: {-1: [bytes(encoded)], **more}} if not more:
            size, index, path = _proof(_loads(encoded))
        case _:
            raise ProofRefused(reason="the receipt has not one inclusion proof")
    root = merkle.root_from_inclusion(merkle.leaf_hash(digest), index, size, path)
    if root is None:
        raise ProofRefused(reason="the receipt's path is no path of its tree")
    known = log.key.kind is KeyType.ED25519
    if not known or not log.verify(_signed(protected, root), signature):
        raise ProofRefused(reason="the receipt is not signed by the log over this entry")
    return Received(index, size, root)


def _parts(data: bytes) -> tuple[bytes, Any, bytes]:
    import cbor2

    value = _loads(data) if len(data) <= _MAX_BYTES else None
    if isinstance(value, cbor2.CBORTag) and value.tag == _SIGN1:
        match value.value:
            case [bytes(protected), dict(unprotected), None, bytes(signature)]:
                return protected, unprotected, signature
    raise ProofRefused(reason="it is not a COSE receipt with detached payload")


def _proof(value: object) -> tuple[int, int, tuple[bytes, ...]]:
    match value:
        case [int(size), int(index), [*path]] if 0 <= index < size <= MAX_SIZE:
            nodes = tuple(node for node in path if isinstance(node, bytes))
            if len(nodes) == len(path):
                return size, index, nodes
    raise ProofRefused(reason="the receipt's inclusion proof is malformed")


def _loads(data: bytes) -> Any:  # noqa: ANN401 - CBOR holds anything
    """Read one CBOR item that fills `data`; raises ProofRefused."""
    import cbor2

    try:
        value = cbor2.loads(data)
        if cbor2.dumps(value) == data:
            return value
    except (cbor2.CBORError, ValueError, TypeError, RecursionError):
        pass
    raise ProofRefused(reason="the receipt is not well-formed CBOR")


def _signed(protected: bytes, root: bytes) -> bytes:
    import cbor2

    return cbor2.dumps(["Signature1", protected, b"", root], canonical=True)
