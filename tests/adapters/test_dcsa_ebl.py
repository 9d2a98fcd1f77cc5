from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

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


def test_the_published_examples_are_read(shared: Path) -> None:
    """Every transport document among the DCSA examples is read without a fatal finding."""
    folder = shared / "data" / "ebl" / "dcsa" / "examples"
    read = 0
    for path in sorted(folder.glob("EBL_v3.0.*/*.json")):
        if {"transportDocumentStatus", "documentParties"} <= set(json.loads(path.read_bytes())):
            reading = adapters.read(path.read_bytes())
            assert reading.format == "dcsa-ebl"
            assert [each for each in reading.findings if each.flag == "fatal"] == []
            read += 1
    assert read >= 6
