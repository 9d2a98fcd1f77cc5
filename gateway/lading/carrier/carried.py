"""Transport documents at the carrier (DCSA EBL 3.0.4): drafted, approved, amended, issued.

The status while a bill is out is what the surrender requests say: nobody sets it by hand.
"""

from __future__ import annotations

from typing import Final

from gateway.lading.carrier import instructions, noticing
from gateway.lading.carrier.instructions import ShippingInstructions, as_document
from gateway.lading.carrier.overlay import laid_over
from gateway.lading.chain import Json
from gateway.lading.desk import Desk, as_json
from gateway.lading.machine import Action, Life, Role, Status, kind_of
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import MessageInvalid, NotNow, UnknownThing
from gateway.lading.shapes import Fault, check
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.papers import Paper
from schemas.text import Text

KIND: Final = "transport-document"
_SHAPE: Final = instructions.DOCUMENT
_REFERENCE: Final = "transportDocumentReference"
_AMENDED: Final = "amendedTransportDocumentStatus"
_AMENDMENT_RECEIVED: Final = "AMENDMENT_RECEIVED"
_AMENDABLE: Final = frozenset({Status.DRAFT, Status.ISSUED, Status.PENDING_SURRENDER_FOR_AMENDMENT})
_ISSUANCE: Final = "issuance-request"
_SURRENDER: Final = "surrender-request"
_WAITING: Final = {
    "SREQ": Status.PENDING_SURRENDER_FOR_DELIVERY,
    "AREQ": Status.PENDING_SURRENDER_FOR_AMENDMENT,
}
_DONE: Final = {
    "SREQ": Status.SURRENDERED_FOR_DELIVERY,
    "AREQ": Status.SURRENDERED_FOR_AMENDMENT,
}


class TransportDocuments:
    """Keeps the transport documents of one carrier."""

    def __init__(self, desk: Desk, instructed: ShippingInstructions) -> None:
        """Keep them at `desk`."""
        self._desk = desk
        self._instructed = instructed

    def draft(self, instructions_reference: str, added: Json) -> str:
        """Make the draft of a document from instructions and what the carrier adds to them.

        Returns its reference. Raises MessageInvalid, NotFound or NotNow.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            told = papers.get(tx, instructions.KIND, instructions_reference)
            document: Json = {
                **laid_over(as_document(told.body["said"]), added),
                "shippingInstructionsReference": instructions_reference,
                "transportDocumentStatus": Status.DRAFT.value,
            }
            faults = check(document, _SHAPE)
            if faults:
                raise MessageInvalid(faults)
            reference = str(document[_REFERENCE])
            paper = new_paper(
                KIND,
                reference,
                state=Status.DRAFT.value,
                bill=reference,
                tenant=told.tenant,
                body={"document": document, "instructions": instructions_reference},
                now=now,
            )
            papers.add(tx, paper)
            self._instructed.complete(tx, instructions_reference, reference)
            noticing.document(desk, tx, paper, Status.DRAFT.value)
        return reference

    def show(self, reference: str, caller: str) -> Json:
        """Return a document as it stands; raises UnknownThing."""
        with self._desk.store.read() as tx:
            paper = self._find(tx, reference, caller)
            status = self.status(tx, paper)
        return {**paper.body["document"], "transportDocumentStatus": status}

    def approve(self, reference: str, value: object, caller: str) -> None:
        """Take the shipper's approval of a draft; raises MessageInvalid, UnknownThing, NotNow."""
        faults = check(value, "ApproveTransportDocument")
        if not faults and as_json(value)["transportDocumentStatus"] != Status.APPROVED:
            faults = [Fault("$.transportDocumentStatus", "transportDocumentStatus", "", "APPROVED")]
        if faults:
            raise MessageInvalid(faults)
        desk = self._desk
        with desk.store.begin() as tx:
            paper = self._find(tx, reference, caller)
            after = _life(paper).after(Action.APPROVE, Role.SHIPPER)
            papers.change(tx, paper, after.status.value, paper.body, now=desk.clock())
            noticing.document(desk, tx, paper, after.status.value)

    def amend(self, reference: str, value: object, caller: str) -> None:
        """Take a request to amend a document, in place of any before; raises as `approve`."""
        faults = check(value, _SHAPE)
        if not faults and as_json(value)[_REFERENCE] != reference:
            faults = [Fault(f"$.{_REFERENCE}", _REFERENCE, as_json(value)[_REFERENCE], reference)]
        if faults:
            raise MessageInvalid(faults)
        desk = self._desk
        with desk.store.begin() as tx:
            paper = self._find(tx, reference, caller)
            status = self.status(tx, paper)
            if status not in _AMENDABLE:
                raise NotNow(Text(f"the document is {status}", f"单证状态为 {status}"))
            self._keep(tx, paper, {"amendment": value, _AMENDED: _AMENDMENT_RECEIVED})

    def amendment(self, reference: str, caller: str) -> Json:
        """Return the amended document that was asked for; raises UnknownThing."""
        with self._desk.store.read() as tx:
            paper = self._find(tx, reference, caller)
            status = self.status(tx, paper)
        if "amendment" not in paper.body:
            raise UnknownThing(where=reference, what="amendment of transport document")
        said = {**paper.body["amendment"], "transportDocumentStatus": status}
        return {_AMENDED: paper.body[_AMENDED], "amendedTransportDocument": said}

    def withdraw(self, reference: str, caller: str) -> None:
        """Take back a request to amend; raises UnknownThing.

        Raises MessageInvalid for one that was decided or taken back: DCSA's status for it is 400.
        """
        with self._desk.store.begin() as tx:
            paper = self._find(tx, reference, caller)
            found = self._amended(paper)
            if found != _AMENDMENT_RECEIVED:
                raise MessageInvalid([Fault("$", _AMENDED, found, _AMENDMENT_RECEIVED)])
            self._keep(tx, paper, {_AMENDED: "AMENDMENT_CANCELLED"})

    def decide(self, reference: str, status: str, reason: str = "") -> None:
        """Answer a request to amend: AMENDMENT_CONFIRMED or AMENDMENT_DECLINED."""
        if status not in {"AMENDMENT_CONFIRMED", "AMENDMENT_DECLINED"}:
            raise NotNow(Text("confirm or decline", "请确认或拒绝"))
        with self._desk.store.begin() as tx:
            paper = papers.get(tx, KIND, reference)
            found = self._amended(paper)
            if found != _AMENDMENT_RECEIVED:
                raise NotNow(Text(f"it is {found}", f"其状态为 {found}"))
            confirmed = status == "AMENDMENT_CONFIRMED"
            kept = {"document": paper.body["amendment"]} if confirmed else {}
            self._keep(tx, paper, {**kept, _AMENDED: status, "reason": reason})

    def status(self, tx: Transaction, paper: Paper) -> str:
        """Return where a document stands: by its issuance and the surrenders of it."""
        for each in papers.listed(tx, _SURRENDER, bill=paper.reference):
            code = each.body["request"]["surrenderRequestCode"]
            if each.state in {"pending", "surr"}:
                return str((_WAITING if each.state == "pending" else _DONE)[code].value)
        issued = papers.find(tx, _ISSUANCE, paper.reference)
        if issued is not None and issued.state == "issued":
            return Status.ISSUED.value
        return paper.state

    def _amended(self, paper: Paper) -> str:
        """Return where the latest request to amend stands; raises UnknownThing without one."""
        if "amendment" not in paper.body:
            raise UnknownThing(where=paper.reference, what="amendment of transport document")
        return str(paper.body[_AMENDED])

    def _keep(self, tx: Transaction, paper: Paper, more: Json) -> None:
        body = {**as_json(paper.body), **more}
        papers.change(tx, paper, paper.state, body, now=self._desk.clock())
        kept = papers.get(tx, KIND, paper.reference)
        noticing.document(self._desk, tx, kept, self.status(tx, kept))

    def _find(self, tx: Transaction, reference: str, caller: str) -> Paper:
        paper = papers.find(tx, KIND, reference)
        if paper is None or paper.tenant != caller:
            raise UnknownThing(where=reference, what="transport document")
        return paper


def _life(paper: Paper) -> Life:
    document = paper.body["document"]
    kind = kind_of(
        type_code=document["transportDocumentTypeCode"],
        to_order=document["isToOrder"],
        endorsee="endorsee" in document["documentParties"],
    )
    return Life(reference=paper.reference, kind=kind, status=Status(paper.state))
