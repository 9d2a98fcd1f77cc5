from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import adapters
from schemas.model import from_document

RELATED = Path(__file__).parent.parent / "golden" / "related"
NAMES = ("g01", "g02", "g03", "g04", "g06")


@pytest.mark.parametrize("name", NAMES)
def test_the_related_ladings_are_what_the_adapters_render(name: str) -> None:
    """The bill of lading on file is the one the shipment renders to today, without findings."""
    from tests.golden.make_related import lading, shipment

    data = (RELATED / name / "lading.json").read_bytes()
    assert json.loads(lading(shipment(name))) == json.loads(data)
    assert adapters.validate(adapters.read(data)) == []


def test_numbers_and_booleans_are_native_json() -> None:
    """Weights are JSON numbers and flags JSON booleans, as the DCSA schema asks."""
    data = json.loads((RELATED / "g06" / "lading.json").read_bytes())
    cargo = data["consignmentItems"][0]["cargoItems"][0]
    assert cargo["cargoGrossWeight"]["value"] == 12400
    assert cargo["outerPackaging"]["numberOfPackages"] == 2
    assert data["isElectronic"] is True


def test_a_lading_becomes_a_typed_model() -> None:
    """The term list builds the typed bill of lading."""
    document = adapters.read((RELATED / "g06" / "lading.json").read_bytes()).document
    lading = from_document(document).transport
    assert lading.reference == "SMPLSH26030777"
    assert lading.transports.discharge == "GBFXT"
    assert lading.goods[1].cargo[0].gross_weight.value == Decimal("9300.000")
    assert lading.equipment[0].seals[0].number == "SMPL0009"


def test_a_familiar_port_code_is_accepted_with_a_warning() -> None:
    """CNSHA is the airport: the document stays valid and the port meant is named."""
    data = (RELATED / "g06" / "lading.json").read_bytes().replace(b'"CNSHG"', b'"CNSHA"')
    reading = adapters.read(data)
    found = adapters.validate(reading)
    assert [(each.rule, each.flag.value) for each in found] == [("code-lading-port", "warning")]
    assert "CNSHG" in found[0].expected
    assert reading.document.value("TD.transports.portOfLoading.UNLocationCode") == "CNSHA"


def test_the_published_examples_validate_and_come_back(shared: Path) -> None:
    """Every transport document in the DCSA examples is valid, and is rendered again whole.

    Alone, in a notification, in an issuance request or in an envelope: 16 of them.
    """
    folder = shared / "data" / "ebl" / "dcsa" / "examples"
    count = 0
    for path in sorted(folder.glob("*/*.json")):
        for document in _transport_documents(json.loads(path.read_bytes())):
            reading = adapters.read(json.dumps(document).encode())
            assert reading.format == "dcsa-ebl"
            found = adapters.validate(reading)
            assert [each for each in found if each.flag == "fatal"] == [], path.name
            assert not [term.id for term in reading.document if term.id.startswith("ext")]
            assert json.loads(adapters.render(reading.document, "dcsa-ebl").data) == document
            count += 1
    assert count == 16


def _transport_documents(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if {"transportDocumentStatus", "documentParties"} <= set(value):
            yield value
        for child in value.values():
            yield from _transport_documents(child)
    elif isinstance(value, list):
        for child in value:
            yield from _transport_documents(child)


def test_a_missing_mandatory_field_or_a_wrong_code_is_fatal() -> None:
    """The table holds what the schema asks: presence, length, type, code."""
    data = json.loads((RELATED / "g06" / "lading.json").read_bytes())
    changes: tuple[dict[str, Any], ...] = (
        {"carrierCode": None},
        {"transportDocumentStatus": "LIVE"},
        {"transportDocumentReference": "X" * 21},
        {"isToOrder": "yes"},
        {"numberOfOriginalsWithCharges": -1},
        {"issueDate": "2026-02-30"},
        {"utilizedTransportEquipments": []},
    )
    for change in changes:
        broken = {**data, **change}
        broken = {name: value for name, value in broken.items() if value is not None}
        found = adapters.validate(adapters.read(json.dumps(broken).encode()))
        assert [each for each in found if each.flag == "fatal"], change


def test_the_whole_model_is_filled() -> None:
    """Parties in every role, places, charges and dangerous goods reach the typed model."""
    data = json.loads((RELATED / "g06" / "lading.json").read_bytes())
    data["documentParties"]["notifyParties"] = [{"partyName": "Notified"}]
    data["charges"] = [{"chargeName": "Freight", "currencyAmount": 12.5, "currencyCode": "USD"}]
    data["transports"]["placeOfDelivery"] = {"locationName": "Leeds"}
    packaging = data["consignmentItems"][0]["cargoItems"][0]["outerPackaging"]
    packaging["dangerousGoods"] = [{"UNNumber": "1263", "properShippingName": "PAINT"}]
    found = from_document(adapters.read(json.dumps(data).encode()).document).transport
    assert found.parties.notify[0].name == "Notified"
    assert (found.charges[0].amount.value, found.charges[0].amount.currency) == (
        Decimal("12.5"),
        "USD",
    )
    assert found.transports.delivery.name == "Leeds"
    assert found.goods[0].cargo[0].dangerous[0].un_number == "1263"
