"""What the lading room works with: who we are, what we know, and the Protocols it needs filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from certs.jose.compact import CompactSigner
from certs.jose.keybook import KeyBook
from gateway.lading.chain import Json
from gateway.lading.parties import PartyBook
from gateway.lading.titlebook import TitleBook
from gateway.store.database import Store, Transaction
from schemas.clock import Clock


@dataclass(frozen=True, slots=True)
class Reply:
    """What another platform or carrier answered: the HTTP status and the body."""

    status: int
    body: bytes


class Peers(Protocol):
    """The other platforms and carriers, by their codes."""

    def call(self, peer: str, method: str, path: str, message: object) -> Reply:
        """Send JSON to a peer and return the answer, whatever its status.

        Raises a TransportError when there is none.
        """
        ...

    def knows(self, peer: str) -> bool:
        """Tell whether a code is one of a peer."""
        ...

    def carriers(self) -> Mapping[str, str]:
        """Return the peers by the carrier codes that they answer for."""
        ...


class Log(Protocol):
    """The transparency log."""

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> object:
        """Append SHA-256 digests in the transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a bill may cost us."""

    document_bytes: int = 32 * 1024 * 1024
    documents: int = 64
    bill_bytes: int = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One operator's part in bills of lading.

    `platform` is our code as a title platform and `carrier` our code as a carrier, '' for what we
    are not. `registry` is the URI of the registry of control that bills issued here name,
    `registry_peers` who runs the control tracking registries we use, by URI ('' for ourselves),
    `books` the title registers we use, by URI.
    """

    store: Store
    book: KeyBook
    signer: CompactSigner
    clock: Clock
    log: Log
    peers: Peers
    platform: str = ""
    carrier: str = ""
    parties: PartyBook = field(default_factory=PartyBook)
    registry_peers: Mapping[str, str] = field(default_factory=dict)
    registry: str = ""
    books: Mapping[str, TitleBook] = field(default_factory=dict)
    bounds: Bounds = Bounds()
    wake: Callable[[], None] = lambda: None

    @property
    def own(self) -> str:
        """The code our key is known by: that of the platform, else that of the carrier."""
        return self.platform or self.carrier

    def signers(self) -> Mapping[str, str]:
        """Return who signs for each carrier code: peers, and we for our own."""
        return {**self.peers.carriers(), **({self.carrier: self.own} if self.carrier else {})}

    def say(self, tx: Transaction, *checksums: str) -> None:
        """Enter checksums in the log, in the transaction of what they stand for."""
        self.log.append(tx, [bytes.fromhex(each) for each in checksums])


def as_json(value: Any) -> Json:  # noqa: ANN401 - what the store gives back
    """Return a stored body as an object that may be changed."""
    return dict(value)
