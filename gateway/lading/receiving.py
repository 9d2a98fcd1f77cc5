"""The receiving platform of PINT: envelopes taken, documents collected, control accepted once.

Everything is answered from the store, so that a sender who starts again after a crash, on either
side, gets the answer that stands. Control is accepted in one transaction: the entries take their
places in the chain, which no second transfer can take.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.lading import checksums, tasks
from gateway.lading.admission import Admission
from gateway.lading.answers import Answer, Code
from gateway.lading.chain import NOTICES, SURRENDERS, Action, Json
from gateway.lading.desk import Desk, Registries, as_json
from gateway.lading.envelope import Envelope, last_checksum, open_envelope
from gateway.lading.heads import Outcome, compare
from gateway.lading.parties import Member
from gateway.lading.refusals import (
    EnvelopeRefused,
    MessageInvalid,
    SignatureRefused,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import Fault, check
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.errors import Collision, NotFound
from gateway.store.ladings import Bill, Entry, Transfer
from schemas.jcs import NotCanonical
from schemas.text import Text

_IN: Final = "in"
_OUT: Final = "out"
_WAYBILL: Final = "SWB"
_RETRIES: Final = 3


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
        self._registries = registries
        self._admission = Admission(desk, registries)

    def start(self, value: object) -> Started | Answer:
        """Take an envelope: what is missing still, or the answer that ends the transfer.

        Raises MessageInvalid for what is no envelope at all.
        """
        faults = check(value, "EblEnvelope")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        last = last_checksum(value)
        try:
            envelope = open_envelope(value, self._desk.book, self._desk.clock())
            member = self._admission.admit(envelope)
            return self._started(envelope, value, member)
        except SignatureRefused as error:
            return Answer(Code.BSIG, last, error.reason.en)
        except EnvelopeRefused as error:
            return Answer(Code.BENV, last, error.reason.en)
        except TransferDisputed as error:
            return Answer(Code.DISE, last, error.reason.en)
        except NotCanonical as error:
            fault = Fault("$.transportDocument", "transportDocument", "", "numbers of a double")
            raise MessageInvalid([fault]) from error

    def document(self, reference: str, checksum: str, content: bytes | None) -> Answer | None:
        """Take an additional document; None when it is the one announced, else INCD.

        `content` is None where it could not even be decoded. Raises UnknownThing.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            transfer = self._transfer(tx, reference)
            listed = transfer.body["documents"].get(checksum)
            wrong = _wrong(listed, checksum, content)
            if not wrong and content is not None:
                held = ladings.documents_size(tx, transfer.bill)
                if held + len(content) > desk.bounds.bill_bytes:
                    wrong = "the documents of this bill are too large together"
                else:
                    ladings.keep_document(tx, transfer.bill, checksum, content)
        return Answer(Code.INCD, str(transfer.body["last"]), wrong) if wrong else None

    def finish(self, reference: str) -> Answer:
        """Accept the transfer if nothing is missing; raises UnknownThing."""
        desk = self._desk
        with desk.store.read() as tx:
            transfer = self._transfer(tx, reference)
            missing = _missing(transfer, ladings.kept(tx, transfer.bill))
        last = str(transfer.body["last"])
        if transfer.state == "open" and missing:
            return Answer(Code.MDOC, last, "documents are missing", missing=missing)
        value = transfer.body["envelope"]
        try:
            envelope = open_envelope(value, desk.book, desk.clock())
            return self._accept(envelope, transfer.id, self._admission.admit(envelope))
        except SignatureRefused as error:
            return Answer(Code.BSIG, last, error.reason.en)
        except EnvelopeRefused as error:
            return Answer(Code.BENV, last, error.reason.en)
        except TransferDisputed as error:
            return Answer(Code.DISE, last, error.reason.en)

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

    def _transfer(self, tx: Transaction, reference: str) -> Transfer:
        try:
            found = ladings.transfer(tx, reference)
        except NotFound:
            raise UnknownThing(where=reference, what="envelope") from None
        if found.direction != _IN:
            raise UnknownThing(where=reference, what="envelope")
        return found

    def _started(self, envelope: Envelope, value: Json, member: Member | None) -> Started | Answer:
        now = self._desk.clock()
        transfer = Transfer(
            id=secrets.token_urlsafe(30),
            bill=envelope.document_checksum,
            direction=_IN,
            peer=envelope.last.platform,
            content=envelope.last.content,
            state="open",
            body={
                "last": envelope.last.checksum,
                "documents": envelope.documents,
                "envelope": value,
            },
            created_at=now,
            updated_at=now,
        )
        if not envelope.documents:
            return self._accept(envelope, transfer.id, member, transfer)
        with self._desk.store.begin() as tx:
            outcome = _standing(tx, envelope).outcome
            if outcome is Outcome.CONFLICT:
                raise _disputed()
            if outcome is Outcome.DUPLICATE:
                return self._duplicate(tx, envelope)
            transfer = ladings.start(tx, transfer)
            missing = _missing(transfer, ladings.kept(tx, transfer.bill))
        if not missing:
            return self._accept(envelope, transfer.id, member)
        return Started(transfer.id, transfer.bill, envelope.last.checksum, missing)

    def _accept(
        self,
        envelope: Envelope,
        transfer_id: str,
        member: Member | None,
        fresh: Transfer | None = None,
    ) -> Answer:
        """Take control, or answer what stands: RECE, DUPE; raises TransferDisputed."""
        self._claim(envelope)
        for _ in range(_RETRIES):
            try:
                with self._desk.store.begin() as tx:
                    return self._decide(tx, envelope, transfer_id, member, fresh)
            except Collision:  # somebody else was first: look again
                continue
        raise _disputed()

    def _claim(self, envelope: Envelope) -> None:
        """Have the control tracking registry of the bill say that control comes to us."""
        registry = self._registries(envelope.registry) if envelope.registry else None
        if registry is None or envelope.action in NOTICES:
            return
        with self._desk.store.read() as tx:
            if _standing(tx, envelope).outcome is not Outcome.FRESH:
                return
        registry.accept(envelope.document_checksum, envelope.last.checksum)

    def _decide(
        self,
        tx: Transaction,
        envelope: Envelope,
        transfer_id: str,
        member: Member | None,
        fresh: Transfer | None,
    ) -> Answer:
        standing = _standing(tx, envelope)
        if standing.outcome is Outcome.DUPLICATE:
            return self._duplicate(tx, envelope)
        if standing.outcome is Outcome.CONFLICT:
            raise _disputed()
        if fresh is not None:
            transfer_id = ladings.start(tx, fresh).id
        transfer = ladings.transfer(tx, transfer_id)
        self._take(tx, envelope, member, standing)
        if envelope.action in SURRENDERS:
            tasks.plan(self._desk, tx, tasks.SURRENDER, {"bill": envelope.document_checksum})
        answer = Answer(Code.RECE, envelope.last.checksum, received=list(envelope.documents))
        body = {**transfer.body, "accepted": envelope.last.text, "answer": answer.payload()}
        ladings.conclude(tx, transfer, "accepted", body, now=self._desk.clock())
        self._desk.say(tx, envelope.last.checksum)
        return answer

    def _take(
        self, tx: Transaction, envelope: Envelope, member: Member | None, standing: _Standing
    ) -> None:
        """Write the new entries and where the bill stands now.

        Places and version are those of the one look that said it may be accepted: what somebody
        wrote since then makes this a Collision.
        """
        now = self._desk.clock()
        added = [
            Entry(
                bill=envelope.document_checksum,
                n=n,
                text=entry.text,
                checksum=entry.checksum,
                content=entry.content,
            )
            for n, entry in enumerate(envelope.entries)
            if n >= standing.length
        ]
        ladings.extend(tx, added)
        _settle_offers(tx, envelope, now)
        state = state_after(envelope)
        tenant = member.tenant if member else ""
        body = {
            "document": envelope.document,
            "registry": envelope.registry,
            "possessor": envelope.control().possessor,
            "issuance": envelope.entries[0].payload["issuanceManifestSignedContent"],
        }
        bill = standing.bill
        live = None if state == "ended" else envelope.reference
        if bill is None:
            new = Bill(
                checksum=envelope.document_checksum,
                reference=envelope.reference,
                live=live,
                tenant=tenant,
                state=state,
                body=body,
                created_at=now,
                updated_at=now,
            )
            ladings.add(tx, new)
            return
        values = {"state": state, "live": live, "tenant": tenant or bill.tenant}
        ladings.change(tx, bill, now=now, body={**as_json(bill.body), **body}, **values)

    def _duplicate(self, tx: Transaction, envelope: Envelope) -> Answer:
        """Answer with the version that was accepted, and the documents received with it."""
        found = ladings.transferred(tx, envelope.document_checksum, _IN, envelope.last.content)
        if found is None or found.state != "accepted":
            raise _disputed()
        return Answer(
            Code.DUPE,
            envelope.last.checksum,
            "this transfer was accepted before",
            accepted_entry=str(found.body["accepted"]),
            received=list(found.body["answer"]["receivedAdditionalDocumentChecksums"]),
        )


def state_after(envelope: Envelope) -> str:
    """Return where a bill is for the platform that accepts an envelope."""
    action = envelope.action
    if action is Action.SACC:
        return "ended"
    if action in SURRENDERS:
        return "surrendered"
    return "away" if action in NOTICES else "held"


@dataclass(frozen=True, slots=True)
class _Standing:
    """How an envelope stands to what was known when we looked: the bill and its chain's length."""

    outcome: Outcome
    bill: Bill | None = None
    length: int = 0


def _standing(tx: Transaction, envelope: Envelope) -> _Standing:
    """Return how an envelope stands to what is known here of the same bill."""
    bill = ladings.find(tx, envelope.document_checksum)
    if bill is None:
        other = ladings.live(tx, envelope.reference)
        return _Standing(Outcome.FRESH if other is None else Outcome.CONFLICT)
    known = [each.content for each in ladings.entries(tx, bill.checksum)]
    offered = [each.content for each in envelope.entries]
    ours = bill.state in {"held", "surrendered", "ended"}
    return _Standing(compare(known, offered, ours=ours), bill, len(known))


def _settle_offers(tx: Transaction, envelope: Envelope, now: datetime) -> None:
    """A chain that comes back shows what became of the transfers that we never got answered."""
    contents = {entry.content for entry in envelope.entries}
    for offer in ladings.transfers(tx, bill=envelope.document_checksum, state="open"):
        if offer.direction == _OUT:
            state = "accepted" if offer.content in contents else "rejected"
            ladings.conclude(tx, offer, state, offer.body, now=now)


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


def _disputed() -> TransferDisputed:
    return TransferDisputed(
        Text("another transfer of this bill was accepted", "该提单的另一次转让已被接受")
    )
