"""Rooms that do next to nothing, so that what is seen is the pipeline's own doing.

A document is text. What it says is what happens to it: `refuse STAGE` refuses it there, `later
STAGE` asks for another try, `bug STAGE` raises what no room announces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.exchange.errors import TransientError
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import (
    Commitment,
    Delivered,
    Envelope,
    NotDelivered,
    Opened,
    Outcome,
    Parcel,
    Places,
    Rendered,
    Rooms,
    Signed,
)
from gateway.exchange.submission import Submission
from gateway.store.database import Transaction
from gateway.store.model import Exchange
from gateway.store.tiles import StoredTiles
from ledger.log import Log
from ledger.signature import Ed25519Signer
from schemas.clock import Clock, utc_now
from schemas.document import Document, Family
from schemas.errors import InputError
from schemas.finding import Finding, Flag

ORIGIN = "log.example/standin"


def obey(data: bytes, stage: str) -> None:
    """Do to a document what it says is to happen in this stage."""
    if f"refuse {stage}".encode() in data:
        raise InputError(where=stage)
    if f"later {stage}".encode() in data:
        raise TransientError(where=stage, reason="told to wait")
    if f"bug {stage}".encode() in data:
        message = f"told to fail in {stage}"
        raise ValueError(message)


@dataclass(frozen=True)
class Read:
    """A document of no terms."""

    document: Document
    findings: Sequence[Finding]
    data: bytes


class Translator:
    """Every document is `text`; rendering it writes it in brackets."""

    def __init__(self) -> None:
        """Count how often a document is read."""
        self.reads = 0

    def detect(self, data: bytes) -> str:
        """Call every document text."""
        obey(data, "detect")
        return "text"

    def read(self, exchange: Exchange, data: bytes) -> Read:  # noqa: ARG002
        """Read a document of no terms."""
        self.reads += 1
        return Read(Document("text", "1", Family.DECLARATION), (), data)

    def validate(self, reading: Any) -> Sequence[Finding]:
        """Find fault with the words "invalid" and "odd"."""
        obey(reading.data, "validate")
        if b"invalid" in reading.data:
            return [Finding(rule="word", ruleset="test", path="text/1", found="invalid")]
        if b"odd" in reading.data:
            return [Finding(rule="word", ruleset="test", flag=Flag.WARNING, found="odd")]
        return ()

    def render(self, exchange: Exchange, reading: Any, related: Sequence[bytes]) -> Rendered:  # noqa: ARG002
        """Write the document in brackets."""
        obey(reading.data, "translate")
        return Rendered(b"[" + reading.data + b"".join(related) + b"]", "text/plain", b"{}")


class Sealer:
    """Signs with a word, stamps with another; a container is its parts one after the other."""

    def sign(self, exchange: Exchange, data: bytes, media_type: str) -> Signed:  # noqa: ARG002
        """Add a word."""
        obey(data, "sign")
        return Signed(data + b" signed", media_type)

    def stamp(self, exchange: Exchange, signed: bytes, media_type: str) -> bytes:  # noqa: ARG002
        """Add another word."""
        obey(signed, "stamp")
        return signed + b" stamped"

    def pack(self, exchange: Exchange, envelope: Envelope, document: bytes) -> bytes:
        """Join message id and document."""
        obey(document, "log")
        assert exchange.message_id == envelope.message_id
        return envelope.message_id.encode() + b"|" + document


class Logbook:
    """A real log in the transaction's database."""

    def __init__(self, *, fields: bool = True) -> None:
        """Log with a key of its own; `fields` says whether to commit to fields."""
        self.signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
        self.fields = fields

    def commit(self, exchange: Exchange, document: Document) -> Commitment | None:  # noqa: ARG002
        """Commit to the id of the exchange."""
        if not self.fields:
            return None
        root = hashlib.sha256(exchange.id.encode()).digest()
        return Commitment(root, b"private")

    def append(self, tx: Transaction, digests: Sequence[bytes]) -> Places:
        """Append to the real log."""
        return Places(ORIGIN, Log(StoredTiles(tx, ORIGIN), self.signer).append(digests))


@dataclass
class Partner:
    """The other side, reached at once: takes each message once and counts what it is sent."""

    taken: dict[str, bytes] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    down: bool = False

    def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Take each parcel at once, unless the line is down."""
        if self.down:
            message = "nobody there"
            raise ConnectionError(message)
        return [self._take(parcel) for parcel in parcels]

    def _take(self, parcel: Parcel) -> Outcome:
        self.sent.append(parcel.message_id)
        if b"refuse deliver" in parcel.container:
            return NotDelivered(Problem.of(InputError(where="partner")), permanent=True)
        if b"later deliver" in parcel.container:
            wait = TransientError(where="partner", reason="busy")
            return NotDelivered(Problem.of(wait), retry_after=120.0)
        known = self.taken.setdefault(parcel.message_id, parcel.digest)
        assert known == parcel.digest, "the same message came with another container"
        return Delivered(b"receipt for " + parcel.digest)

    def check(self, exchange: Exchange, receipt: bytes, digest: bytes) -> Mapping[str, object]:  # noqa: ARG002
        """Accept only the receipt for this digest."""
        if receipt != b"receipt for " + digest:
            raise InputError(where="receipt")
        return {"signer": "partner"}


class Gatekeeper:
    """Opens containers of the form `message|document`."""

    def unwrap(self, container: bytes) -> bytes:
        """Take it as it comes; nobody encrypts here."""
        return container

    def open(self, container: bytes) -> Opened:
        """Open a container unless it says it was tampered with."""
        message_id, _, document = container.partition(b"|")
        if b"tampered" in document:
            raise InputError(where="container")
        envelope = Envelope(
            message_id=message_id.decode(),
            kind="declaration",
            sender="partner",
            receiver="us",
            format="text",
            media_type="text/plain",
            digest=hashlib.sha256(document).digest(),
        )
        return Opened("tenant", envelope, document)

    def receipt(self, envelope: Envelope, digest: bytes) -> bytes:
        """Return a receipt that names message and digest."""
        return f"receipt for {envelope.message_id} {digest.hex()}".encode()


@dataclass
class Hooks:
    """Remembers what it was told."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    received: list[tuple[str, bytes]] = field(default_factory=list)
    spoiled: str = ""

    def on_done(self, tx: Transaction, exchanges: Sequence[Exchange]) -> None:  # noqa: ARG002
        """Remember; fail for the one that is spoiled."""
        if any(exchange.id == self.spoiled for exchange in exchanges):
            message = "a hook failed"
            raise ValueError(message)
        self.done += [exchange.id for exchange in exchanges]

    def on_refused(self, tx: Transaction, exchange: Exchange, problem: Problem) -> None:  # noqa: ARG002
        """Remember who and why."""
        self.refused.append((exchange.id, problem.code))

    def on_received(self, tx: Transaction, exchange: Exchange, opened: Opened) -> None:  # noqa: ARG002
        """Remember what came."""
        self.received.append((exchange.id, opened.document))


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now: datetime = datetime(2026, 3, 14, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the time set."""
        return self.now

    def forward(self, seconds: float) -> None:
        """Move the time on."""
        self.now += timedelta(seconds=seconds)


def rooms(*, clock: Clock = utc_now, fields: bool = True, **others: Any) -> Rooms:
    """Return stand-ins for all rooms; `others` replace some."""
    partner = Partner()
    whole = Rooms(
        translator=Translator(),
        sealer=Sealer(),
        logbook=Logbook(fields=fields),
        courier=partner,
        receipts=partner,
        gatekeeper=Gatekeeper(),
        hooks=Hooks(),
        clock=clock,
    )
    return replace(whole, **others)


def submission(text: str, **others: Any) -> Submission:
    """Return a submission of one document."""
    values: dict[str, Any] = {
        "tenant": "tenant",
        "data": text.encode(),
        "kind": "declaration",
        "sender": "us",
        "receiver": "partner",
        "target_format": "brackets",
    }
    return Submission(**{**values, **others})
