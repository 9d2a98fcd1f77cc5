"""The transparency log over the gateway's database: appending, proofs, tiles, checkpoints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from gateway.api.errors import NotCovered
from gateway.exchange.rooms import Commitment
from gateway.store.database import Store, Transaction
from gateway.store.errors import NotFound
from gateway.store.model import Exchange
from gateway.store.tiles import StoredTiles
from ledger import tilepath
from ledger.commitments import KEY_BYTES, commit
from ledger.errors import NotFoundInLog, NotInTree
from ledger.log import Log
from ledger.note import NoteSigner
from ledger.proof import TlogProof
from schemas.document import Document
from schemas.jcs import canonical_json

_KINDS_COMMITTED: Final = frozenset({"declaration", "import-declaration"})


@dataclass(frozen=True, slots=True)
class Logbook:
    """One gateway's log."""

    store: Store
    signer: NoteSigner

    def commit(self, exchange: Exchange, document: Document) -> Commitment | None:
        """Return salted commitments of a declaration's fields under a new key of its own."""
        if exchange.kind not in _KINDS_COMMITTED or not document.terms:
            return None
        key = os.urandom(KEY_BYTES)
        fields = {term.id: [term.value, *_flat(term.attrs)] for term in document}
        made = commit(fields, key)
        private = canonical_json({"key": key.hex(), "fields": fields})
        return Commitment(made.root, private, b"")

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

    def checkpoint(self) -> bytes:
        """Return the latest signed checkpoint; raises NotFound before the first."""
        with self.reading() as log:
            known = log.tiles.published()
        if known is None:
            raise NotFound(what="checkpoint", where=self.signer.key.name)
        return known.note

    def tile(self, path: str) -> bytes:
        """Return a tile by its path below `tile/`; raises NotFound."""
        with self.reading() as log:
            return tilepath.static_resource(log.tiles, f"tile/{path}").body

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[range]:
        """Append digests that were accepted over HTTP, all of them in one commit."""
        with self.store.begin() as tx:
            start = self.append(tx, [digest for batch in batches for digest in batch])[0]
        ends = list(accumulate(map(len, batches), initial=start))
        return [range(*pair) for pair in pairwise(ends)]

    def proof_file(self, digest: bytes) -> bytes:
        """Return the proof of a digest as a file; raises NotFound, NotCovered."""
        try:
            return bytes(self.proof(digest))
        except NotFoundInLog as unknown:
            raise NotFound(what="entry", where=digest.hex()) from unknown
        except NotInTree as early:
            raise NotCovered(where=digest.hex()) from early

    def proof(self, digest: bytes) -> TlogProof:
        """Return the proof of a digest under the first checkpoint that covers it.

        Raises NotFoundInLog, or NotInTree while no checkpoint covers it.
        """
        with self.reading() as log:
            return log.proof(log.find(digest))


def _flat(attrs: Mapping[str, str]) -> list[str]:
    return [f"{name}={attrs[name]}" for name in sorted(attrs)]
