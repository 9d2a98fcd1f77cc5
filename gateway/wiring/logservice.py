"""The log as its readers and clients see it, over HTTP: entries, proofs, static files, shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from gateway.api.errors import NotCovered
from gateway.api.ports import Logged
from gateway.exchange.checkpoints import Round, Sealer
from gateway.store.database import Store, Transaction
from gateway.store.errors import NotFound
from gateway.store.tiles import StoredTiles, origins_below
from ledger import shards, tilepath
from ledger.errors import NotFoundInLog, NotInTree
from ledger.log import Log
from ledger.shards import Period
from ledger.signature import Ed25519Signer
from schemas.clock import Clock, utc_now


@dataclass(frozen=True, slots=True)
class LogService:
    """One gateway's log and, with a `period`, the shards that take what clients log.

    The documents of the gateway's own exchanges stay in the log itself.
    """

    store: Store
    signer: Ed25519Signer
    period: Period | None = None
    clock: Clock = utc_now

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.signer.name

    def log(self, tx: Transaction, origin: str) -> Log:
        """Return the log or one of its shards in a transaction."""
        signer = shards.signer_for(self.signer, origin)
        return Log(StoredTiles(tx, origin, clock=self.clock), signer)

    def shards(self) -> Mapping[str, str]:
        """Return the verifier keys of all shards by their origins, the newest first."""
        return {each: str(shards.signer_for(self.signer, each).key) for each in self.origins()}

    def origins(self) -> Sequence[str]:
        """Return the origins of all shards that there are, the newest first."""
        with self.store.read() as tx:
            known = origins_below(tx, self.origin)
        return sorted((o for o in known if shards.base_of(o) == self.origin), reverse=True)

    def checkpoint(self, shard: str = "") -> bytes:
        """Return the latest signed checkpoint; raises NotFound before the first."""
        origin = self._origin(shard)
        with self.store.read() as tx:
            known = self.log(tx, origin).tiles.published()
        if known is None:
            raise NotFound(what="checkpoint", where=origin)
        return known.note

    def tile(self, path: str, shard: str = "") -> bytes:
        """Return a tile by its path below `tile/`; raises NotInTree."""
        with self.store.read() as tx:
            tiles = self.log(tx, self._origin(shard)).tiles
            return tilepath.static_resource(tiles, f"tile/{path}").body

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[Logged]:
        """Append digests that were accepted over HTTP, all of them in one commit."""
        origin = self.period.shard(self.origin, self.clock()) if self.period else self.origin
        with self.store.begin() as tx:
            given = self.log(tx, origin).append([digest for batch in batches for digest in batch])
        ends = list(accumulate(map(len, batches), initial=given.start))
        return [Logged(origin, start, stop - start) for start, stop in pairwise(ends)]

    def proof_file(self, digest: bytes) -> bytes:
        """Return the proof of a digest from where it is; raises NotFound, NotCovered."""
        for origin in (self.origin, *self.origins()):
            with self.store.read() as tx:
                log = self.log(tx, origin)
                try:
                    return bytes(log.proof(log.find(digest)))
                except NotFoundInLog:
                    continue
                except NotInTree as early:
                    raise NotCovered(where=digest.hex()) from early
        raise NotFound(what="entry", where=digest.hex())

    def _origin(self, shard: str) -> str:
        return f"{self.origin}/{shard}" if shard else self.origin


@dataclass(slots=True)
class Sealing:
    """Seals the log and every shard, one after the other."""

    service: LogService
    sealers: dict[str, Sealer]

    def round(self) -> Round:
        """Do one round of each; return the log's own."""
        own = self.sealers[self.service.origin]
        done = own.round()
        for origin in self.service.origins():
            self._of(origin, own).round()
        return done

    def _of(self, origin: str, own: Sealer) -> Sealer:
        if origin not in self.sealers:
            self.sealers[origin] = Sealer(
                store=own.store,
                origin=origin,
                signer=shards.signer_for(self.service.signer, origin),
                witnesses=own.witnesses,
                clock=own.clock,
            )
        return self.sealers[origin]
