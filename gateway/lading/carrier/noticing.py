"""Notifications of DCSA (EBL NTF, AN NTF) to shippers and platforms, and those that we are sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from gateway.lading import tasks
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import MessageInvalid
from gateway.lading.shapes import check
from gateway.store import ladings, papers
from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.ids import new_id
from gateway.store.papers import Paper
from schemas.clock import iso

KIND: Final = "notice"
INSTRUCTIONS: Final = "shipping-instructions"
DOCUMENT: Final = "transport-document"
ARRIVAL: Final = "arrival-notice"


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a notification is like: its shape, and the version of DCSA's API that it is of."""

    shape: str
    version: str


_KINDS: Final = {
    INSTRUCTIONS: _Kind("ShippingInstructionsNotification", "v3"),
    DOCUMENT: _Kind("TransportDocumentNotification", "v3"),
    ARRIVAL: _Kind("ArrivalNoticeNotification", "v1"),
}
_ARRIVING: Final = (
    "portOfDischarge",
    "etaAtPortOfDischargeDate",
    "placeOfDelivery",
    "etaAtPlaceOfDeliveryDate",
)


def instructions(desk: Desk, tx: Transaction, paper: Paper) -> None:
    """Plan to tell the shipper where its instructions stand."""
    data: Json = {
        "shippingInstructionsStatus": paper.state,
        "shippingInstructionsReference": paper.reference,
    }
    for name in ("updatedShippingInstructionsStatus", "feedbacks"):
        data.update({name: paper.body[name]} if name in paper.body else {})
    if "document" in paper.body:
        data["transportDocumentReference"] = paper.body["document"]
    _plan(desk, tx, INSTRUCTIONS, paper.tenant, data)


def document(desk: Desk, tx: Transaction, paper: Paper, status: str) -> None:
    """Plan to tell the shipper where its transport document stands."""
    data: Json = {
        "transportDocumentStatus": status,
        "transportDocumentReference": paper.reference,
        "shippingInstructionsReference": paper.body["instructions"],
    }
    name = "amendedTransportDocumentStatus"
    data.update({name: paper.body[name]} if name in paper.body else {})
    _plan(desk, tx, DOCUMENT, paper.tenant, data)


def arrival(desk: Desk, tx: Transaction, notice: Json, to: Iterable[str]) -> None:
    """Plan to tell others that an arrival notice was given, which they then ask for."""
    said = notice["transports"]
    data = {name: said[name] for name in _ARRIVING if name in said}
    data["transportDocumentReference"] = notice["transportDocumentReference"]
    for each in to:
        _plan(desk, tx, ARRIVAL, each, data)


def take(desk: Desk, about: str, value: Any, caller: str) -> None:  # noqa: ANN401
    """Keep a carrier's notification; the same one again is taken once. Raises MessageInvalid.

    An arrival notice of a bill of that carrier held here is asked for.
    """
    faults = check(value, _KINDS[about].shape)
    if faults:
        raise MessageInvalid(faults)
    now, data = desk.clock(), value["data"]
    paper = new_paper(
        KIND,
        f"{caller}/{value['id']}",
        state=about,
        bill=str(data.get("transportDocumentReference", "")),
        tenant=caller,
        body=value,
        now=now,
    )
    try:
        with desk.store.begin() as tx:
            papers.add(tx, paper)
            if about == ARRIVAL and _carried_by(desk, tx, paper.bill, caller):
                tasks.plan(desk, tx, tasks.ARRIVAL, {"reference": paper.bill})
    except Collision:
        return


def _carried_by(desk: Desk, tx: Transaction, reference: str, caller: str) -> bool:
    """Tell whether a bill here is one of this carrier's."""
    bill = ladings.live(tx, reference)
    code = "" if bill is None else str(bill.body["document"]["carrierCode"])
    return desk.peers.carriers().get(code) == caller


def _plan(desk: Desk, tx: Transaction, about: str, to: str, data: Json) -> None:
    """Plan a notification (CloudEvents 1.0), where its reader has an address of its own."""
    if not desk.peers.knows(to):
        return
    version = _KINDS[about].version
    said: Json = {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"urn:silkgate:carrier:{desk.carrier}",
        "type": f"org.dcsa.{about}-notification.{version}",
        "time": iso(desk.clock()),
        "datacontenttype": "application/json",
        "subscriptionReference": to,
        "data": data,
    }
    tasks.message(desk, tx, to=to, path=f"/{version}/{about}-notifications", said=said)
