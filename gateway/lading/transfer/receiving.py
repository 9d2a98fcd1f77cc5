"""The receiving platform of PINT: envelopes taken, documents collected, control accepted once.

Everything is answered from the store, so that a sender who starts again after a crash, on either
side, gets the answer that stands.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from gateway.lading import checksums
from gateway.lading.chain import Json
from gateway.lading.control.registry import Registries
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope, last_checksum, open_envelope
from gateway.lading.parties import Member
from gateway.lading.refusals import (
    EnvelopeRefused,
    MessageInvalid,
    SignatureRefused,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import Fault, check
from gateway.lading.transfer.admission import Admission
from gateway.lading.transfer.answers import Answer, Code
from gateway.lading.transfer.heads import Outcome
from gateway.lading.transfer.taking import IN, Taking, disputed, require_not_returned, standing
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.errors import NotFound
from gateway.store.ladings import Transfer
from schemas.jcs import NotCanonical

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Started:
    """A transfer under way: documents are still missing."""

    reference: str
    document: str
    last: str
    missing: Sequence[str]

    def as_dict(self) -> Json:
        """Return EnvelopeTransferStartedResponse."""
        return {
            "envelopeReference": self.reference,
            "transportDocumentChecksum": self.document,
            "lastEnvelopeTransferChainEntrySignedContentChecksum": self.last,
            "missingAdditionalDocumentChecksums": list(self.missing),
        }


class Receiver:
    """Takes envelopes for one platform."""

    def __init__(self, desk: Desk, registries: Registries) -> None:
        """Receive at `desk`, with the control tracking registries by their URIs."""
        self._desk = desk
        self._admission = Admission(desk, registries)
        self._taking = Taking(desk, registries)

    def start(self, value: object, caller: str = "") -> Started | Answer:
        """Take an envelope: what is missing still, or the answer that ends the transfer.

        `caller` alone may go on with it. Raises MessageInvalid for what is no envelope at all.
        """
        faults = check(value, "EblEnvelope")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        return self._judged(
            value, lambda envelope, member: self._started(envelope, value, member, caller)
        )

    def document(
        self, reference: str, checksum: str, content: bytes | None, caller: str = ""
    ) -> Answer | None:
        """Take an additional document; None when it is the one announced, else INCD.

        `content` is None where it could not even be decoded. Raises UnknownThing, also where
        another than the caller began the transfer.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            transfer = self._transfer(tx, reference, caller)
            listed = transfer.body["documents"].get(checksum)
            wrong = _wrong(listed, checksum, content)
            if not wrong and content is not None:
                held = ladings.documents_size(tx, transfer.bill)
                if held + len(content) > desk.bounds.bill_bytes:
                    wrong = "the documents of this bill are too large together"
                else:
                    ladings.keep_document(tx, transfer.bill, checksum, content)
                    ladings.touch(tx, transfer.id, desk.clock())
        return Answer(Code.INCD, str(transfer.body["last"]), wrong) if wrong else None

    def finish(self, reference: str, caller: str = "") -> Answer:
        """Accept the transfer if nothing is missing; raises UnknownThing as `document`."""
        desk = self._desk
        with desk.store.read() as tx:
            transfer = self._transfer(tx, reference, caller)
            missing = _missing(transfer, ladings.kept(tx, transfer.bill))
        last = str(transfer.body["last"])
        if transfer.state == "open" and missing:
            return Answer(Code.MDOC, last, "documents are missing", missing=missing)
        return self._judged(
            transfer.body["envelope"],
            lambda envelope, member: self._taking.accept(envelope, transfer.id, member),
        )

    def give_back(self, transfer_id: str) -> None:
        """Give back on its register the title of a transfer that was returned; else do nothing."""
        with self._desk.store.read() as tx:
            transfer = ladings.transfer(tx, transfer_id)
        if transfer.state == ladings.RETURNED:
            value, then = transfer.body["envelope"], transfer.created_at
            self._taking.decline(open_envelope(value, self._desk.book, then))

    def validate(self, code: object) -> str:
        """Return the name of the party with an identifying code (receiver validation).

        Raises MessageInvalid, or UnknownThing for a party that receives nothing here.
        """
        faults = check(code, "IdentifyingCode")
        if faults:
            raise MessageInvalid(faults)
        member = self._desk.parties.find({"identifyingCodes": [code]})
        if member is None:
            raise UnknownThing(where="", what="party")
        return member.name

    def _judged(self, value: Json, go_on: Callable[[Envelope, Member | None], T]) -> T | Answer:
        """Go on with an envelope that may be taken here, or return the answer that refuses it."""
        last = last_checksum(value)
        try:
            envelope = open_envelope(value, self._desk.book, self._desk.clock())
            return go_on(envelope, self._admitted(envelope))
        except SignatureRefused as error:
            return Answer(Code.BSIG, last, error.reason.en)
        except EnvelopeRefused as error:
            return Answer(Code.BENV, last, error.reason.en)
        except TransferDisputed as error:
            return Answer(Code.DISE, last, error.reason.en)
        except NotCanonical as error:
            fault = Fault("$.transportDocument", "transportDocument", "", "numbers of a double")
            raise MessageInvalid([fault]) from error

    def _admitted(self, envelope: Envelope) -> Member | None:
        """Return whom an envelope is for; of one that is refused the title goes back."""
        try:
            return self._admission.admit(envelope)
        except EnvelopeRefused:
            self._taking.decline(envelope)
            raise

    def _transfer(self, tx: Transaction, reference: str, caller: str) -> Transfer:
        try:
            found = ladings.transfer(tx, reference)
        except NotFound:
            raise UnknownThing(where=reference, what="envelope") from None
        if found.direction != IN or found.body.get("by", caller) != caller:
            raise UnknownThing(where=reference, what="envelope")
        return found

    def _started(
        self, envelope: Envelope, value: Json, member: Member | None, caller: str
    ) -> Started | Answer:
        now = self._desk.clock()
        transfer = Transfer(
            id=secrets.token_urlsafe(30),
            bill=envelope.document_checksum,
            direction=IN,
            peer=envelope.last.platform,
            content=envelope.last.content,
            state="open",
            body={
                "last": envelope.last.checksum,
                "documents": envelope.documents,
                "envelope": value,
                "by": caller,
            },
            created_at=now,
            updated_at=now,
        )
        if not envelope.documents:
            return self._taking.accept(envelope, transfer.id, member, transfer)
        with self._desk.store.begin() as tx:
            outcome = standing(tx, envelope).outcome
            if outcome is Outcome.CONFLICT:
                raise disputed()
            if outcome is Outcome.DUPLICATE:
                return self._taking.duplicate(tx, envelope)
            transfer = ladings.start(tx, transfer)
            require_not_returned(transfer)
            missing = _missing(transfer, ladings.kept(tx, transfer.bill))
        if not missing:
            return self._taking.accept(envelope, transfer.id, member)
        return Started(transfer.id, transfer.bill, envelope.last.checksum, missing)


def _missing(transfer: Transfer, kept: set[str]) -> list[str]:
    return [each for each in transfer.body["documents"] if each not in kept]


def _wrong(listed: Json | None, checksum: str, content: bytes | None) -> str:
    """Return why a document is not the one announced, '' when it is."""
    if listed is None:
        return "this document was not announced"
    if content is None:
        return "the document is not Base64"
    if len(content) != listed["size"]:
        return "the document has another size than announced"
    if checksums.of_octets(content) != checksum:
        return "the document has another checksum than announced"
    return ""
