"""The transparency log over the gateway's database: appending, proofs, tiles, checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.exchange.rooms import Commitment, Places
from gateway.store.database import Store, Transaction
from gateway.store.model import Exchange
from gateway.store.tiles import StoredTiles, origins_below
from ledger import shards
from ledger.commitments import KEY_BYTES, commit
from ledger.errors import NotFoundInLog
from ledger.log import Log
from ledger.proof import TlogProof
from ledger.shards import Period
from ledger.signature import Ed25519Signer
from schemas.clock import Clock, utc_now
from schemas.document import Document
from schemas.jcs import canonical_json

_KINDS_COMMITTED: Final = frozenset({"declaration", "import-declaration"})


@dataclass(frozen=True, slots=True)
class Logbook:
    """One gateway's log and, with a `period`, its shards: entries go to the shard of the time."""

    store: Store
    signer: Ed25519Signer
    period: Period | None = None
    clock: Clock = utc_now

    @property
    def origin(self) -> str:
        """The log's origin; those of its shards begin with it."""
        return self.signer.name

    def current(self) -> str:
        """Return the origin of what takes entries now."""
        return self.period.shard(self.origin, self.clock()) if self.period else self.origin

    def shards(self) -> Sequence[str]:
        """Return the origins of all shards that there are, the newest first."""
        with self.store.read() as tx:
            return self._shards(tx)

    def signer_of(self, origin: str) -> Ed25519Signer:
        """Return the signer of the log or of one of its shards."""
        return shards.signer_for(self.signer, origin)

    def commit(self, exchange: Exchange, document: Document) -> Commitment | None:
        """Return salted commitments of a declaration's fields under a new key of its own."""
        if exchange.kind not in _KINDS_COMMITTED or not document.terms:
            return None
        key = os.urandom(KEY_BYTES)
        fields = {term.id: [term.value, *_flat(term.attrs)] for term in document}
        made = commit(fields, key)
        private = canonical_json({"key": key.hex(), "fields": fields})
        return Commitment(made.root, private)

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Places:
        """Append SHA-256 digests in the transaction; return their places."""
        origin = self.current()
        return Places(origin, self.log(tx, origin).append(digests))

    def log(self, tx: Transaction, origin: str) -> Log:
        """Return the log or one of its shards inside a transaction."""
        return Log(StoredTiles(tx, origin, clock=self.clock), self.signer_of(origin))

    @contextmanager
    def reading(self, origin: str) -> Iterator[Log]:
        """Give the log, or one of its shards, as it is now."""
        with self.store.read() as tx:
            yield self.log(tx, origin)

    @contextmanager
    def finding(self, digest: bytes) -> Iterator[tuple[Log, int]]:
        """Give the log or shard that holds a digest, and its index; raises NotFoundInLog."""
        with self.store.read() as tx:
            yield self.find(tx, digest)

    def proof(self, digest: bytes) -> TlogProof:
        """Return the proof of a digest under the first checkpoint that covers it.

        Raises NotFoundInLog, or NotInTree while no checkpoint covers it.
        """
        with self.finding(digest) as (log, index):
            return log.proof(index)

    def find(self, tx: Transaction, digest: bytes) -> tuple[Log, int]:
        """Return the log or shard that holds a digest, and its index; raises NotFoundInLog."""
        for origin in self._shards(tx):
            log = self.log(tx, origin)
            try:
                return log, log.find(digest)
            except NotFoundInLog:
                continue
        log = self.log(tx, self.origin)
        return log, log.find(digest)

    def _shards(self, tx: Transaction) -> Sequence[str]:
        known = origins_below(tx, self.origin)
        return sorted((o for o in known if shards.base_of(o) == self.origin), reverse=True)


def _flat(attrs: Mapping[str, str]) -> list[str]:
    return [f"{name}={attrs[name]}" for name in sorted(attrs)]
