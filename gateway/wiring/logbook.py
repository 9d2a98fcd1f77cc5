"""The transparency log over the gateway's database: appending, proofs, tiles, checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.exchange.rooms import Commitment
from gateway.store.database import Store, Transaction
from gateway.store.model import Exchange
from gateway.store.tiles import StoredTiles
from ledger.commitments import KEY_BYTES, commit
from ledger.log import Log
from ledger.proof import TlogProof
from ledger.signature import Ed25519Signer
from schemas.document import Document
from schemas.jcs import canonical_json

_KINDS_COMMITTED: Final = frozenset({"declaration", "import-declaration"})


@dataclass(frozen=True, slots=True)
class Logbook:
    """One gateway's log."""

    store: Store
    signer: Ed25519Signer

    def commit(self, exchange: Exchange, document: Document) -> Commitment | None:
        """Return salted commitments of a declaration's fields under a new key of its own."""
        if exchange.kind not in _KINDS_COMMITTED or not document.terms:
            return None
        key = os.urandom(KEY_BYTES)
        fields = {term.id: [term.value, *_flat(term.attrs)] for term in document}
        made = commit(fields, key)
        private = canonical_json({"key": key.hex(), "fields": fields})
        return Commitment(made.root, private)

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Sequence[int]:
        """Append SHA-256 digests in the transaction; return their indices."""
        return self.log(tx).append(digests)

    def log(self, tx: Transaction) -> Log:
        """Return the log inside a transaction."""
        return Log(StoredTiles(tx, self.signer.key.name), self.signer)

    @contextmanager
    def reading(self) -> Iterator[Log]:
        """Give the log as it is now."""
        with self.store.read() as tx:
            yield self.log(tx)

    def proof(self, digest: bytes) -> TlogProof:
        """Return the proof of a digest under the first checkpoint that covers it.

        Raises NotFoundInLog, or NotInTree while no checkpoint covers it.
        """
        with self.reading() as log:
            return log.proof(log.find(digest))


def _flat(attrs: Mapping[str, str]) -> list[str]:
    return [f"{name}={attrs[name]}" for name in sorted(attrs)]
