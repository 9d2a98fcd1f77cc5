"""A draft bill of lading from the data of a shipment, and from a booking.

What the shipment's documents say is gathered (`gathering.py`); what the booking or the shipping
instructions say (DCSA property names) stands above it; what the carrier adds at the end stands
above both. Whatever is still missing is told by the rules of an issue.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import adapters
from gateway.lading.carrier.gathering import gathered
from gateway.lading.carrier.instructions import as_document
from gateway.lading.machine import Status
from schemas import rules
from schemas.document import Document
from schemas.finding import Finding

_FORMAT: Final = "dcsa-ebl"
_BOOKING: Final = "carrierBookingReference"
_ITEMS: Final = "consignmentItems"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A transport document in DRAFT, and what is wrong or missing before it can be issued."""

    document: Json
    findings: tuple[Finding, ...]

    @property
    def data(self) -> bytes:
        """The document as JSON."""
        return (json.dumps(self.document, ensure_ascii=False, indent=2) + "\n").encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How title shall pass: to a named order, in blank, or neither (straight)."""

    to_order: bool = False
    endorsee: str = ""
    waybill: bool = False


def draft(
    shipment: Sequence[Document],
    booking: Mapping[str, Any],
    order: Order,
    changes: Mapping[str, Any],
) -> Draft:
    """Return the draft from the documents of a shipment; of a contradiction the first counts."""
    known = _known()
    rendered = adapters.render(gathered(shipment), _FORMAT).data
    document: Json = {name: value for name, value in json.loads(rendered).items() if name in known}
    _merge(document, as_document(dict(booking)))
    _booked(document, booking)
    _ordered(document, order)
    _merge(document, changes)
    document["transportDocumentStatus"] = Status.DRAFT.value
    document = _filled(document)
    return Draft(document, _judged(document))


def _filled(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return JSON without empty objects and lists: what nobody said is not said."""
    if isinstance(value, dict):
        found = {name: _filled(child) for name, child in value.items()}
        return {name: child for name, child in found.items() if child not in ({}, [], None)}
    if isinstance(value, list):
        return [child for each in value if (child := _filled(each)) not in ({}, [], None)]
    return value


def _known() -> frozenset[str]:
    """Return the properties of a transport document."""
    schema: Json = json.loads(adapters.schema(_FORMAT))
    return frozenset(schema["properties"])


def _merge(document: Json, said: Mapping[str, Any]) -> None:
    """Lay what is said over a document: objects are merged, everything else is replaced."""
    for name, value in said.items():
        held = document.get(name)
        if isinstance(held, dict) and isinstance(value, Mapping):
            _merge(held, value)
        else:
            document[name] = value


def _booked(document: Json, booking: Mapping[str, Any]) -> None:
    """Every item is carried under the booking, unless it names one of its own."""
    reference = booking.get(_BOOKING)
    if not reference:
        return
    for item in document.get(_ITEMS, ()):
        item.setdefault(_BOOKING, reference)


def _ordered(document: Json, order: Order) -> None:
    """Set the three marks of the kind; consignee and endorsee exclude each other."""
    document["transportDocumentTypeCode"] = "SWB" if order.waybill else "BOL"
    document["isToOrder"] = order.to_order
    parties: Json = document.setdefault("documentParties", {})
    if not order.to_order:
        parties.pop("endorsee", None)
        return
    consignee = parties.pop("consignee", None)
    if consignee is not None and not parties.get("notifyParties"):
        parties["notifyParties"] = [consignee]
    if order.endorsee:
        parties["endorsee"] = {"partyName": order.endorsee}


def _judged(document: Json) -> tuple[Finding, ...]:
    reading = adapters.read(json.dumps(document).encode(), _FORMAT)
    wanted: Sequence[str] = (*adapters.rulesets(reading), "lading-issue")
    return (*reading.findings, *rules.check(reading.document, wanted))
