from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import adapters
from gateway.lading.carrier.drafting import Draft, Order, draft
from schemas.document import Document
from tests.gateway.lading.test_carrier import instructions

GOLDEN = Path(__file__).parents[2] / "golden"
BOOKING: dict[str, Any] = {
    "carrierBookingReference": "BKG0001",
    "carrierCode": "SMPL",
    "transports": {
        "plannedDepartureDate": "2026-03-14",
        "plannedArrivalDate": "2026-03-22",
        "portOfLoading": {"UNLocationCode": "CNQDG"},
        "portOfDischarge": {"UNLocationCode": "SGSIN"},
        "vesselVoyages": [{"vesselName": "SAMPLE PIONEER", "carrierExportVoyageNumber": "601S"}],
    },
    "documentParties": {"issuingParty": {"partyName": "Sample Ocean Carrier Ltd"}},
    "partyContactDetails": [{"name": "Desk", "email": "desk@carrier.example.org"}],
    "invoicePayableAt": {"UNLocationCode": "CNQDG"},
}
ISSUED = {"issueDate": "2026-03-15", "shippedOnBoardDate": "2026-03-14"}


def _shipment(name: str) -> list[Document]:
    paths = (GOLDEN / name / "decmessage.xml", GOLDEN / "related" / name / "invoice.xml")
    return [adapters.read(path.read_bytes()).document for path in paths]


def _fatal(made: Draft) -> list[str]:
    return [found.path for found in made.findings if found.flag == "fatal"]


def _seals(made: Draft) -> dict[str, Any]:
    boxes = made.document.get("utilizedTransportEquipments", [])
    return {"utilizedTransportEquipments": [{**box, "seals": [{"number": "S1"}]} for box in boxes]}


@pytest.mark.parametrize("name", ["g01", "g06"])
@pytest.mark.parametrize("order", [Order(), Order(to_order=True, endorsee="Sample Bank")])
def test_a_shipment_and_a_booking_make_a_bill_ready_to_issue(name, order):
    """The golden shipments: with the booking, the dates and the seals nothing is missing."""
    shipment = _shipment(name)
    made = draft(shipment, BOOKING, order, ISSUED)
    ready = draft(shipment, BOOKING, order, {**ISSUED, **_seals(made)})
    assert _fatal(ready) == []
    document = ready.document
    assert document["transportDocumentStatus"] == "DRAFT"
    items = document["consignmentItems"]
    assert all(item["carrierBookingReference"] == "BKG0001" for item in items)
    assert all(cargo["cargoGrossWeight"]["value"] for item in items for cargo in item["cargoItems"])


@pytest.mark.parametrize("name", ["g02", "g03", "g04"])
def test_cargo_is_put_into_no_container_by_guess(name):
    """Of several containers nobody has said what is in which: that alone is missing."""
    shipment = _shipment(name)
    made = draft(shipment, BOOKING, Order(), ISSUED)
    ready = draft(shipment, BOOKING, Order(), {**ISSUED, **_seals(made)})
    assert _fatal(ready) == ["/consignmentItems/cargoItems/equipmentReference"]


def test_what_is_missing_is_told():
    """Without a booking the draft says what it lacks, and invents nothing."""
    made = draft(_shipment("g01"), {}, Order(), {})
    assert "/carrierCode" in _fatal(made)
    assert "/transports/plannedDepartureDate" in _fatal(made)
    assert "carrierCode" not in made.document


def test_a_bill_to_order_notifies_who_would_have_been_consignee():
    """Consignee and endorsee exclude each other; the buyer becomes the notify party."""
    parties = draft(_shipment("g01"), BOOKING, Order(to_order=True), {}).document["documentParties"]
    assert "consignee" not in parties
    assert "endorsee" not in parties
    assert parties["notifyParties"][0]["partyName"] == "Sample Lion City Distribution Pte. Ltd."


def test_the_bill_on_file_counts_before_the_declaration():
    """Where the shipment has a bill already, its own words are kept."""
    lading = adapters.read((GOLDEN / "related" / "g01" / "lading.json").read_bytes()).document
    made = draft([*_shipment("g01"), lading], {}, Order(), {})
    shipper = made.document["documentParties"]["shipper"]["partyName"]
    assert shipper == "Sample Laoshan Electronics Co., Ltd."
    assert len(made.document["consignmentItems"]) == 12


def test_a_waybill_is_drafted_as_one():
    """The type code says it, and no rule of a title is broken."""
    made = draft(_shipment("g06"), BOOKING, Order(waybill=True), ISSUED)
    assert made.document["transportDocumentTypeCode"] == "SWB"
    assert "consignee" in made.document["documentParties"]


def test_shipping_instructions_are_laid_over_a_draft_as_the_document_has_them():
    """The container that instructions name by its number is nested; customs' own words stay out."""
    items = instructions()["consignmentItems"]
    items[0]["descriptionOfGoodsForCustoms"] = ["shoes"]
    said = instructions(consignmentItems=items)
    made = draft(_shipment("g01"), said, Order(), {}).document
    (box,) = made["utilizedTransportEquipments"]
    assert box["equipment"] == {"equipmentReference": "NARU3472484"}
    assert "equipmentReference" not in box
    assert "descriptionOfGoodsForCustoms" not in made["consignmentItems"][0]
