"""Notifications to shippers (DCSA EBL NTF), and those that carriers send us."""

from __future__ import annotations

from typing import Any, Final

from gateway.lading import tasks
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.refusals import MessageInvalid
from gateway.lading.shapes import check
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.ids import new_id
from gateway.store.papers import Paper
from schemas.clock import iso

KIND: Final = "notice"
INSTRUCTIONS: Final = "shipping-instructions"
DOCUMENT: Final = "transport-document"
_SHAPES: Final = {
    INSTRUCTIONS: "ShippingInstructionsNotification",
    DOCUMENT: "TransportDocumentNotification",
}


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


def take(desk: Desk, about: str, value: Any, caller: str) -> None:  # noqa: ANN401
    """Keep a carrier's notification; the same one again is taken once. Raises MessageInvalid."""
    faults = check(value, _SHAPES[about])
    if faults:
        raise MessageInvalid(faults)
    now, data = desk.clock(), value["data"]
    paper = Paper(
        kind=KIND,
        reference=f"{caller}/{value['id']}",
        bill=str(data.get("transportDocumentReference", "")),
        tenant=caller,
        state=about,
        body=value,
        created_at=now,
        updated_at=now,
    )
    try:
        with desk.store.begin() as tx:
            papers.add(tx, paper)
    except Collision:
        return


def _plan(desk: Desk, tx: Transaction, about: str, shipper: str, data: Json) -> None:
    """Plan a notification (CloudEvents 1.0), where the shipper has an address of its own."""
    if not desk.peers.knows(shipper):
        return
    said: Json = {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"urn:silkgate:carrier:{desk.carrier}",
        "type": f"org.dcsa.{about}-notification.v3",
        "time": iso(desk.clock()),
        "datacontenttype": "application/json",
        "subscriptionReference": shipper,
        "data": data,
    }
    tasks.message(desk, tx, to=shipper, path=f"/v3/{about}-notifications", said=said)
