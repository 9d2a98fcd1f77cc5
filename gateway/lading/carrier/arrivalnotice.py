"""The arrival notice (DCSA AN 1.0.0-Beta-1) that a transport document gives.

What the document says is carried over by the names of the notice; what only the carrier knows at
arrival (the import voyage, free time, where to pick up) is laid over it. Nothing is guessed: what
the notice needs and neither has is a fault of the shape.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from gateway.lading.carrier.overlay import laid_over
from gateway.lading.chain import Json
from gateway.lading.shapes import narrowed

SHAPE: Final = "ArrivalNotice"
_SAME: Final = (
    "carrierCode",
    "carrierCodeListProvider",
    "transportDocumentReference",
    "transportDocumentTypeCode",
    "isElectronic",
    "deliveryTypeAtDestination",
    "cargoMovementTypeAtDestination",
    "termsAndConditions",
    "carrierClauses",
    "invoicePayableAt",
    "references",
)
_COLLECT: Final = "COL"
_NOTIFIED: Final = ("firstNotifyParty", "secondNotifyParty", "otherNotifyParty")
_VOYAGE: Final = "vesselVoyageAtPOD"
_DANGEROUS: Final = {"UNNumber": "unNumber", "NANumber": "naNumber", "netVolume": "volume"}


def derive(document: Json, known: Json, issued: date) -> Json:
    """Return the notice of a transport document (3.0), with what the carrier knows laid over it.

    `known` has properties of a notice, in part. Whether the result is complete is for the shape
    to say. A charge is carried over when it is collected at destination.
    """
    equipments = document.get("utilizedTransportEquipments") or ()
    notice: Json = {
        "issueDate": issued.isoformat(),
        **{name: document[name] for name in _SAME if name in document},
        "carrierContactInformation": document.get("partyContactDetails"),
        "documentParties": _parties(document.get("documentParties") or {}),
        "transports": _transports(document),
        "charges": [each for each in document.get("charges") or () if _collected(each)],
        "utilizedTransportEquipments": [_equipment(each) for each in equipments],
        "consignmentItems": [_goods(each) for each in document.get("consignmentItems") or ()],
    }
    if _VOYAGE in known:
        notice[_VOYAGE] = _last_voyage(document)
    found: Json = _without_empty(narrowed(laid_over(notice, known), SHAPE))
    return found


def _parties(parties: Json) -> Json:
    """Shipper and consignee, and who is to be notified: in the order of the document."""
    flagged = (parties.get(name) for name in ("consignee", "endorsee"))
    notified = [
        *(parties.get("notifyParties") or ()),
        *(each for each in flagged if each and each.get("isNotifyParty")),
    ]
    named = {"shipper": parties.get("shipper"), "consignee": parties.get("consignee")}
    named.update(zip(_NOTIFIED, notified, strict=False))
    return {role: _party(party) for role, party in named.items() if party}


def _party(party: Json) -> Json:
    """A notice wants the number of the house: an address without one is left out."""
    whole = "streetNumber" in (party.get("address") or {})
    return {name: value for name, value in party.items() if name != "address" or whole}


def _transports(document: Json) -> Json:
    said = document.get("transports") or {}
    places = ("placeOfReceipt", "portOfLoading", "portOfDischarge", "placeOfDelivery")
    return {
        "departureDate": document.get("shippedOnBoardDate") or said.get("plannedDepartureDate"),
        "plannedDepartureDate": said.get("plannedDepartureDate"),
        "plannedArrivalDate": said.get("plannedArrivalDate"),
        "etaAtPortOfDischargeDate": said.get("plannedArrivalDate"),
        **{name: _place(said[name]) for name in places if name in said},
    }


def _place(said: Json) -> Json:
    """Say of which kind a place is: a facility, a UN location, a city, an address."""
    facility = said.get("facility") or {}
    if "facilityCode" in facility:
        return {**said, **facility, "locationType": "FACI"}
    if "UNLocationCode" in said:
        return {**said, "locationType": "UNLO"}
    return {**said, "locationType": "CITY" if "city" in said else "ADDR"}


def _last_voyage(document: Json) -> Json:
    voyages = (document.get("transports") or {}).get("vesselVoyages") or [{}]
    return {
        "name": voyages[-1].get("vesselName"),
        "vesselIMONumber": voyages[-1].get("vesselIMONumber"),
    }


def _collected(charge: Json) -> bool:
    return charge.get("paymentTermCode") == _COLLECT


def _equipment(said: Json) -> Json:
    return {**said, **(said.get("equipment") or {})}


def _goods(said: Json) -> Json:
    lines = said.get("descriptionOfGoods") or ()
    return {
        **said,
        "descriptionOfGoods": " ".join(lines),
        "cargoItems": [_cargo(each) for each in said.get("cargoItems") or ()],
    }


def _cargo(said: Json) -> Json:
    weight, volume = said.get("cargoGrossWeight") or {}, said.get("cargoGrossVolume") or {}
    packaging = said.get("outerPackaging") or {}
    dangerous = [_named_anew(each) for each in packaging.get("dangerousGoods") or ()]
    return {
        **said,
        "weight": weight.get("value"),
        "weightUnit": weight.get("unit"),
        "volume": volume.get("value"),
        "volumeUnit": volume.get("unit"),
        "outerPackaging": {**packaging, "dangerousGoods": dangerous},
    }


def _named_anew(said: Json) -> Json:
    return {_DANGEROUS.get(name, name): value for name, value in said.items()}


def _without_empty(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Leave out what nothing was found for."""
    if isinstance(value, Mapping):
        kept = {name: _without_empty(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, [], {}, "")}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_without_empty(each) for each in value]
    return value
