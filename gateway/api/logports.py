"""What the faces need of the transparency log and of its witness; see `gateway.api.ports`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Served:
    """An answer that a protocol of its own prescribes (C2SP): status, media type and body."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a batch of entries is: the origin of the log or shard, first index, count."""

    origin: str
    first: int
    count: int


class LogFiles(Protocol):
    """The log as static files (C2SP tlog-tiles), and what clients append to it.

    `shard` is the part of a shard's origin behind the log's own, empty for the log itself.
    """

    def shards(self) -> Mapping[str, str]:
        """Return the verifier keys of the log's shards by their origins, the newest first."""
        ...

    def checkpoint(self, shard: str = "") -> bytes:
        """Return the latest signed checkpoint; raises NotFound before the first."""
        ...

    def tile(self, path: str, shard: str = "") -> bytes:
        """Return a tile by its path below `tile/`, such as `0/x001/234` or `entries/000`."""
        ...

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[Logged]:
        """Append SHA-256 digests, all of them in one commit; where each batch is."""
        ...

    def proof_file(self, digest: bytes) -> bytes:
        """Return the proof (C2SP tlog-proof) of a digest under a checkpoint that covers it.

        Raises NotFound for a digest that is not in the log, NotCovered until a checkpoint is.
        """
        ...


class Witness(Protocol):
    """Cosigns the checkpoints of the logs on the other side."""

    def add_checkpoint(self, request: bytes) -> Served:
        """Answer an add-checkpoint request (C2SP tlog-witness)."""
        ...
