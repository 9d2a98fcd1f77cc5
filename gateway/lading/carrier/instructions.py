"""Shipping instructions at the carrier (DCSA EBL 3.0.4): taken, updated, cancelled, completed.

    RECEIVED -> PENDING_UPDATE -> RECEIVED -> COMPLETED
                    (declined: DECLINED)

An update is kept beside what was received first, as UPDATE_RECEIVED, until the carrier confirms
or declines it or the shipper cancels it; it is gone when the carrier asks for another one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from gateway.lading.carrier import noticing
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import MessageInvalid, NotNow, UnknownThing
from gateway.lading.shapes import Fault, check, narrowed
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.papers import Paper
from schemas.text import Text

KIND: Final = "shipping-instructions"
DOCUMENT: Final = "EBL:TransportDocument"
"""The shape of a transport document at its carrier."""

_BOXES: Final = "utilizedTransportEquipments"
_BOX: Final = "equipmentReference"
_OPEN: Final = frozenset({"RECEIVED", "PENDING_UPDATE"})
_UPDATED: Final = "updatedShippingInstructionsStatus"
_CANCELLED: Final = {"shippingInstructionsStatus": "CANCELLED", _UPDATED: "UPDATE_CANCELLED"}


class ShippingInstructions:
    """Takes shipping instructions for one carrier."""

    def __init__(self, desk: Desk) -> None:
        """Take them at `desk`."""
        self._desk = desk

    def submit(self, value: object, caller: str) -> Json:
        """Take new instructions and return their reference; raises MessageInvalid."""
        said = _checked(value, "CreateShippingInstructions")
        desk, now, reference = self._desk, self._desk.clock(), new_id()
        with desk.store.begin() as tx:
            paper = new_paper(
                KIND, reference, state="RECEIVED", tenant=caller, body={"said": said}, now=now
            )
            papers.add(tx, paper)
            noticing.instructions(desk, tx, paper)
        return {"shippingInstructionsReference": reference}

    def update(self, reference: str, value: object, caller: str) -> None:
        """Take an update; raises MessageInvalid, UnknownThing, NotNow."""
        said = _checked(value, "UpdateShippingInstructions")
        with self._desk.store.begin() as tx:
            paper = self._find(tx, reference, caller)
            _require(paper.state in _OPEN, paper.state)
            self._keep(tx, paper, paper.state, {"update": said, _UPDATED: "UPDATE_RECEIVED"})

    def show(self, reference: str, caller: str, *, updated: bool = False) -> Json:
        """Return the instructions as received or, on request, as updated; raises UnknownThing."""
        with self._desk.store.read() as tx:
            paper = self._find(tx, reference, caller)
        return shown(paper, updated=updated)

    def cancel(self, reference: str, value: object, caller: str) -> None:
        """Cancel the instructions or their update; raises as `update`."""
        said = _checked(value, "CancelShippingInstructionsUpdate")
        if sum(said.get(name) == value for name, value in _CANCELLED.items()) != 1:
            raise MessageInvalid([Fault("$", "", str(said), "CANCELLED or UPDATE_CANCELLED")])
        with self._desk.store.begin() as tx:
            paper = self._find(tx, reference, caller)
            if _UPDATED in said:
                if paper.body.get(_UPDATED) != "UPDATE_RECEIVED":
                    raise UnknownThing(where=reference, what="update of shipping instructions")
                self._keep(tx, paper, paper.state, {_UPDATED: "UPDATE_CANCELLED"})
                return
            _require(paper.state in _OPEN, paper.state)
            self._keep(tx, paper, "CANCELLED", {})

    def decide(self, reference: str, status: str, reason: str = "") -> None:
        """Set the carrier's answer: PENDING_UPDATE, UPDATE_CONFIRMED, UPDATE_DECLINED, DECLINED.

        Raises UnknownThing or NotNow.
        """
        with self._desk.store.begin() as tx:
            paper = papers.get(tx, KIND, reference)
            _require(paper.state in _OPEN, paper.state)
            feedback = [{"severity": "ERROR", "code": "INFORMATION", "message": reason}]
            more: Json = {"feedbacks": feedback} if reason else {}
            if status in {"UPDATE_CONFIRMED", "UPDATE_DECLINED"}:
                _require(paper.body.get(_UPDATED) == "UPDATE_RECEIVED", paper.state)
                confirmed = status == "UPDATE_CONFIRMED"
                kept = {"said": paper.body["update"]} if confirmed else {}
                state = "RECEIVED" if confirmed else paper.state
                self._keep(tx, paper, state, {**kept, **more, _UPDATED: status})
                return
            _require(status in {"PENDING_UPDATE", "DECLINED"}, status)
            gone = ("update", _UPDATED) if status == "PENDING_UPDATE" else ()
            self._keep(tx, paper, status, more, gone)

    def complete(self, tx: Transaction, reference: str, document: str) -> None:
        """Mark instructions as done: their transport document is there."""
        paper = papers.get(tx, KIND, reference)
        _require(paper.state == "RECEIVED", paper.state)
        self._keep(tx, paper, "COMPLETED", {"document": document})

    def _find(self, tx: Transaction, reference: str, caller: str) -> Paper:
        """Return the caller's instructions, also by the reference of their transport document."""
        paper = papers.find(tx, KIND, reference)
        if paper is None:
            issued = papers.find(tx, "transport-document", reference)
            own = str(issued.body.get("instructions", "")) if issued else ""
            paper = papers.find(tx, KIND, own) if own else None
        if paper is None or paper.tenant != caller:
            raise UnknownThing(where=reference, what="shipping instructions")
        return paper

    def _keep(
        self, tx: Transaction, paper: Paper, state: str, more: Json, gone: Collection[str] = ()
    ) -> None:
        kept = {name: value for name, value in paper.body.items() if name not in gone}
        body = {**kept, **more}
        papers.change(tx, paper, state, body, now=self._desk.clock())
        noticing.instructions(self._desk, tx, papers.get(tx, KIND, paper.reference))


def shown(paper: Paper, *, updated: bool = False) -> Json:
    """Return instructions as DCSA shows them; raises UnknownThing for an update never made."""
    body = paper.body
    if updated and "update" not in body:
        raise UnknownThing(where=paper.reference, what="update of shipping instructions")
    found = {
        **(body["update"] if updated else body["said"]),
        "shippingInstructionsReference": paper.reference,
        "shippingInstructionsStatus": paper.state,
    }
    for name in (_UPDATED, "feedbacks"):
        if name in body:
            found[name] = body[name]
    if "document" in body:
        found["transportDocumentReference"] = body["document"]
    return found


def as_document(said: Json) -> Json:
    """Return what instructions, or a booking, say of a transport document, as that has it.

    A container of the carrier's is named by its number alone, and nested in the document.
    """
    boxes = [
        each if "equipment" in each else {**each, "equipment": {_BOX: each.get(_BOX)}}
        for each in said.get(_BOXES, ())
    ]
    found: Json = narrowed({**said, **({_BOXES: boxes} if boxes else {})}, DOCUMENT)
    return found


def _checked(value: object, shape: str) -> Json:
    faults = check(value, shape)
    if faults:
        raise MessageInvalid(faults)
    assert isinstance(value, dict)  # noqa: S101 - the shape says so
    return value


def _require(holds: bool, state: str) -> None:  # noqa: FBT001 - the condition reads first
    if not holds:
        raise NotNow(Text(f"they are {state}", f"其状态为 {state}"))
