"""The log as its readers and clients see it, over HTTP: entries, proofs, static files, shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from gateway.api.errors import NotCovered
from gateway.api.logports import Logged
from gateway.exchange.checkpoints import Round, Sealer
from gateway.store.errors import NotFound
from gateway.wiring.log.logbook import Logbook
from ledger import tilepath
from ledger.errors import NotFoundInLog, NotInTree


@dataclass(frozen=True, slots=True)
class LogService:
    """One gateway's log and its shards, for readers and for clients that log digests."""

    logbook: Logbook

    def shards(self) -> Mapping[str, str]:
        """Return the verifier keys of all shards by their origins, the newest first."""
        known = self.logbook.shards()
        return {origin: str(self.logbook.signer_of(origin).key) for origin in known}

    def checkpoint(self, shard: str = "") -> bytes:
        """Return the latest signed checkpoint; raises NotFound before the first."""
        origin = self._origin(shard)
        with self.logbook.reading(origin) as log:
            known = log.tiles.published()
        if known is None:
            raise NotFound(what="checkpoint", where=origin)
        return known.note

    def tile(self, path: str, shard: str = "") -> bytes:
        """Return a tile by its path below `tile/`; raises NotInTree."""
        with self.logbook.reading(self._origin(shard)) as log:
            return tilepath.static_resource(log.tiles, f"tile/{path}").body

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[Logged]:
        """Append digests that were accepted over HTTP, all of them in one commit."""
        with self.logbook.store.begin() as tx:
            given = self.logbook.append(tx, [digest for batch in batches for digest in batch])
        first = given.indices[0] if given.indices else 0
        ends = list(accumulate(map(len, batches), initial=first))
        return [Logged(given.origin, start, stop - start) for start, stop in pairwise(ends)]

    def proof_file(self, digest: bytes) -> bytes:
        """Return the proof of a digest from where it is; raises NotFound, NotCovered."""
        try:
            return bytes(self.logbook.proof(digest))
        except NotFoundInLog:
            raise NotFound(what="entry", where=digest.hex()) from None
        except NotInTree as early:
            raise NotCovered(where=digest.hex()) from early

    def _origin(self, shard: str) -> str:
        return f"{self.logbook.origin}/{shard}" if shard else self.logbook.origin


@dataclass(slots=True)
class Sealing:
    """Seals the log and every shard, one after the other."""

    logbook: Logbook
    sealers: dict[str, Sealer]

    def round(self) -> Round:
        """Do one round of each; return that of what takes entries now."""
        own = self.sealers[self.logbook.origin]
        done = own.round()
        for origin in sorted(self.logbook.shards()):
            done = self._of(origin, own).round()
        return done

    def _of(self, origin: str, own: Sealer) -> Sealer:
        if origin not in self.sealers:
            self.sealers[origin] = Sealer(
                store=own.store,
                origin=origin,
                signer=self.logbook.signer_of(origin),
                witnesses=own.witnesses,
                clock=own.clock,
            )
        return self.sealers[origin]
