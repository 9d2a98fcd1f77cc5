"""Small trees and logs for the tests of this room."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger import merkle
from ledger.log import Log
from ledger.merkle import Nodes
from ledger.signature import Cosigner, Ed25519Signer
from ledger.store import MemoryTiles

ORIGIN = "log.example/one"


def document(number: int) -> bytes:
    """Return the document that stands for `number`."""
    return f'<Document n="{number}"/>'.encode()


def digests(start: int, stop: int) -> list[bytes]:
    """Return the digests of documents start <= number < stop."""
    return [hashlib.sha256(document(number)).digest() for number in range(start, stop)]


def nodes(leaves: Sequence[bytes]) -> Nodes:
    """Return the complete nodes over leaf hashes, computed by the definition."""

    def get(level: int, number: int) -> bytes:
        if level == 0:
            return leaves[number]
        return merkle.node_hash(get(level - 1, 2 * number), get(level - 1, 2 * number + 1))

    return get


def definition_root(entries: Sequence[bytes]) -> bytes:
    """Return the root hash as RFC 9162, 2.1.1 defines it, by recursion over the entries."""
    if len(entries) <= 1:
        return merkle.leaf_hash(entries[0]) if entries else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return merkle.node_hash(definition_root(entries[:split]), definition_root(entries[split:]))


def signer(name: str = ORIGIN, seed: int = 1) -> Ed25519Signer:
    """Return a log's signer with a fixed key."""
    return Ed25519Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def cosigner(name: str = "witness.example/w1", seed: int = 2) -> Cosigner:
    """Return a witness with a fixed key."""
    return Cosigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def log_of(size: int, name: str = ORIGIN, seed: int = 1) -> Log:
    """Return a log in memory of `size` documents."""
    log = Log(MemoryTiles(), signer(name, seed))
    log.append(digests(0, size))
    return log
