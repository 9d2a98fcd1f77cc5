"""Where the entries of titles are logged: what a register asks of its log, and one log as that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ledger.log import Log
from ledger.note import NoteSigner
from ledger.proof import TlogProof


class EntryLog(Protocol):
    """Where entries are logged, in the same transaction as the titles."""

    @property
    def origin(self) -> str:
        """The name of the log, by default the register's."""
        ...

    def signer_of(self, origin: str) -> NoteSigner:
        """Return the signer of the log, or of the shard that a proof is from."""
        ...

    def enter(self, digest: bytes) -> int:
        """Append the digest of an entry; return its index."""
        ...

    def find(self, digest: bytes) -> int:
        """Return the index of a digest; raises NotFoundInLog."""
        ...

    def proof(self, digest: bytes) -> TlogProof:
        """Return the proof of a digest; raises NotFoundInLog, or NotInTree before a checkpoint."""
        ...


@dataclass(frozen=True, slots=True)
class OneLog:
    """One log, as a place for entries."""

    log: Log

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.log.origin

    def signer_of(self, origin: str) -> NoteSigner:  # noqa: ARG002 - there is but one
        """Return the log's signer."""
        return self.log.signer

    def enter(self, digest: bytes) -> int:
        """Append the digest of an entry."""
        return self.log.append([digest])[0]

    def find(self, digest: bytes) -> int:
        """Return the index of a digest."""
        return self.log.find(digest)

    def proof(self, digest: bytes) -> TlogProof:
        """Return the proof of a digest."""
        return self.log.proof(self.log.find(digest))
