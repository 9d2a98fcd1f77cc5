"""What the pipeline needs of the other rooms; `gateway.wiring` fills it in.

A room refuses one document by raising a `SilkgateError`: it becomes a finding or problem of that
document alone. It asks for another try with `TransientError` or `OSError`. Anything else is an
error of ours: that document is tried again a few times, then given up, and the rest go on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gateway.exchange.problem import Problem
from gateway.store.model import Exchange
from schemas.clock import Clock
from schemas.document import Document
from schemas.finding import Finding

if TYPE_CHECKING:
    from gateway.store.database import Transaction


class Reading(Protocol):
    """A document that was read (as `adapters.Reading`)."""

    @property
    def document(self) -> Document:
        """The canonical document."""
        ...

    @property
    def findings(self) -> Sequence[Finding]:
        """What its structure gave rise to."""
        ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document in its target format, with its loss report (JSON) and the target's findings."""

    data: bytes
    media_type: str
    loss: bytes
    findings: Sequence[Finding] = ()


class Translator(Protocol):
    """Reads, checks and writes documents of any format."""

    def detect(self, data: bytes) -> str:
        """Return the format id; raises when no format fits."""
        ...

    def read(self, exchange: Exchange, data: bytes) -> Reading:
        """Read `data` as `exchange.source_format`."""
        ...

    def validate(self, reading: Reading) -> Sequence[Finding]:
        """Return all findings, those of the structure included; a fatal one refuses."""
        ...

    def render(self, exchange: Exchange, reading: Reading, related: Sequence[bytes]) -> Rendered:
        """Write as `exchange.target_format` under `exchange.profile`."""
        ...


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a container says of its content: kept in it, under its signature."""

    message_id: str
    kind: str
    sender: str
    receiver: str
    format: str
    media_type: str
    digest: bytes  # SHA-256 of the sealed document
    clearance_id: str = ""
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed document: XML with its XAdES inside, or a JWS."""

    data: bytes
    media_type: str


class Sealer(Protocol):
    """Signs and stamps for the tenant that sends."""

    def sign(self, exchange: Exchange, data: bytes, media_type: str) -> Signed:
        """Return the signed document."""
        ...

    def stamp(self, exchange: Exchange, signed: bytes, media_type: str) -> bytes:
        """Return the signed document with its signature time-stamp."""
        ...

    def pack(self, exchange: Exchange, envelope: Envelope, document: bytes) -> bytes:
        """Return the signed ASiC-E container of the document and its envelope."""
        ...


@dataclass(frozen=True, slots=True)
class Commitment:
    """Salted field commitments of one document.

    `root` (32 bytes) is logged beside the document; `private` keeps salts and values and stays.
    """

    root: bytes
    private: bytes


@dataclass(frozen=True, slots=True)
class Places:
    """Where digests are: the origin of the log, or of its shard, and their indices, in order."""

    origin: str
    indices: Sequence[int]


class Logbook(Protocol):
    """The transparency log as the pipeline uses it."""

    def commit(self, exchange: Exchange, document: Document) -> Commitment | None:
        """Return the salted commitments of a document, or None where none are needed."""
        ...

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Places:
        """Append SHA-256 digests in the transaction; return their places, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """One container on its way to a partner; `message_id` is the idempotency key there."""

    exchange: Exchange
    message_id: str
    digest: bytes  # SHA-256 of `container`
    container: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """The partner took the parcel; `receipt` is its signed receipt, not yet checked."""

    receipt: bytes


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """The parcel did not arrive, or was refused; `permanent` says that trying again is no use."""

    problem: Problem
    permanent: bool = False
    retry_after: float | None = None  # seconds, as the partner asked


Outcome = Delivered | NotDelivered


class Courier(Protocol):
    """Takes parcels to partners, many at a time."""

    def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Return one outcome per parcel, in order, within the lease of a claim (30 s)."""
        ...


class ReceiptChecker(Protocol):
    """Checks receipts that partners sign."""

    def check(self, exchange: Exchange, receipt: bytes, digest: bytes) -> Mapping[str, object]:
        """Return what the receipt says (signer, time, digest as text); raises if not in order."""
        ...


@dataclass(frozen=True, slots=True)
class Opened:
    """A container whose signature and digests were verified, and only what was verified.

    `tenant` is who it is for here, `verdict` (JSON) what was found and by which data.
    """

    tenant: str
    envelope: Envelope
    document: bytes
    verdict: bytes = b""


class Gatekeeper(Protocol):
    """Verifies what partners deliver and signs for it."""

    def unwrap(self, container: bytes) -> bytes:
        """Return a container in the clear; raises when it was encrypted to somebody else."""
        ...

    def open(self, container: bytes) -> Opened:
        """Verify a container and return its content; raises when it is not in order or not ours."""
        ...

    def receipt(self, envelope: Envelope, digest: bytes) -> bytes:
        """Return our signed receipt naming the SHA-256 of the container received."""
        ...


class Hooks(Protocol):
    """Told, inside the transaction that settles them, what became of documents."""

    def on_done(self, tx: Transaction, exchanges: Sequence[Exchange]) -> None:
        """Outgoing documents were delivered and acknowledged."""
        ...

    def on_refused(self, tx: Transaction, exchange: Exchange, problem: Problem) -> None:
        """An exchange was refused or given up."""
        ...

    def on_received(self, tx: Transaction, exchange: Exchange, opened: Opened) -> None:
        """A partner's document was verified and logged."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """All that a stage may use."""

    translator: Translator
    sealer: Sealer
    logbook: Logbook
    courier: Courier
    receipts: ReceiptChecker
    gatekeeper: Gatekeeper
    hooks: Hooks
    clock: Clock
