"""What clearance needs of the other rooms; `gateway.wiring` fills it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from gateway.transport.line import Answer
from schemas.document import Document

if TYPE_CHECKING:
    from gateway.store.database import Transaction
    from ledger.twoside import Side

Json = Mapping[str, object]


class Documents(Protocol):
    """Reads and writes documents (adapters)."""

    def read(self, data: bytes, format_id: str = "") -> Document:
        """Return the canonical document; of a signed one, what its verified signature covers.

        Raises for bytes that cannot be read, and for documents with fatal findings.
        """
        ...

    def render(self, document: Document, format_id: str) -> bytes:
        """Write a document in a format; raises when the result would not be valid."""
        ...

    def media_type(self, format_id: str) -> str:
        """Return the media type of a format."""
        ...


class Authority(Protocol):
    """Sends declarations to customs authorities (as `gateway.transport.AuthorityClient`)."""

    def send(
        self, authority: str, message: bytes, *, message_id: str, media_type: str, path: str = ""
    ) -> Answer:
        """Send one message and return the answer, or raise a TransportError.

        The message id stays the same over all attempts.
        """
        ...


class Mirror(Protocol):
    """Sends statuses and changes to partner gateways, signed."""

    def send(self, partner: str, messages: Sequence[Json]) -> None:
        """Sign and send a batch, or raise a TransportError; repeats are harmless."""
        ...


class Notary(Protocol):
    """Signs what this gateway states, and verifies what partners state."""

    def sign(self, statement: Json) -> bytes:
        """Return the statement signed and time-stamped (ASCII)."""
        ...

    def open(self, partner: str, signed: bytes) -> Mapping[str, Any]:
        """Return a partner's statement; raises when the signature is not that partner's."""
        ...


class CommonLog(Protocol):
    """This gateway's log as the two-side proof uses it."""

    def secret(self) -> bytes:
        """Return 32 bytes or more that only this gateway knows."""
        ...

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Sequence[int]:
        """Append in the transaction and return the indices."""
        ...

    def part(self, root: bytes) -> Side | None:
        """Return the root's place under a checkpoint that the other side cosigned, or None yet."""
        ...
