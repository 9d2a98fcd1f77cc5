from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, is_dataclass
from decimal import Decimal
from pathlib import Path

import pytest

import adapters
from schemas import terms
from schemas.document import Document, Family, Term
from schemas.model import Declaration, NoModel, Quantity, from_document
from schemas.term import dictionary

GOLDEN = Path(__file__).parent.parent / "golden"


def model(name: str) -> Declaration:
    """Return the typed declaration of a golden shipment."""
    document = adapters.read((GOLDEN / name / "decmessage.xml").read_bytes()).document
    found: Declaration = from_document(document)
    return found


def test_a_declaration_becomes_a_typed_model() -> None:
    """Head, parties, transport, containers and lines stand in their fields with their types."""
    declared = model("g06")
    assert declared.gross_weight == Quantity(Decimal("22480.00000"), "KGM")
    assert declared.exporter is not None
    assert declared.exporter.name == "示例松江机床有限公司"
    shipment = declared.shipment
    assert shipment is not None
    assert [item.sequence for item in shipment.items] == ["1", "2", "3"]
    commodity = shipment.items[1].commodity
    assert commodity is not None
    assert commodity.classifications[0].id == "8458110090"
    assert commodity.amount is not None
    assert commodity.amount.currency == "GBP"
    assert shipment.consignment is not None
    assert shipment.consignment.equipment[0].id == "TSTU2603090"


def test_what_has_no_home_stands_in_ext() -> None:
    """Extension terms of head and line are kept by their id below the group."""
    declared = model("g06")
    assert declared.ext is not None
    assert declared.ext["cn.TradeMode"] == "0110"
    assert declared.shipment is not None
    line = declared.shipment.items[0].ext
    assert line is not None
    assert line["cn.GName"] == "立式加工中心"


def test_a_model_cannot_be_changed() -> None:
    """Models are frozen and slotted."""
    declared = model("g06")
    with pytest.raises(FrozenInstanceError):
        declared.id = "other"  # type: ignore[misc]
    assert not hasattr(declared, "__dict__")


def test_a_value_of_the_wrong_type_is_refused_with_its_place() -> None:
    """A weight that is no number raises SG-2120 and names the source path."""
    term = Term("TotalGrossMassMeasure", "heavy", path="/DecMessage/DecHead/GrossWet")
    with pytest.raises(NoModel) as caught:
        from_document(Document("x", "1", Family.DECLARATION, [term]))
    assert caught.value.code == "SG-2120"
    assert caught.value.where == "/DecMessage/DecHead/GrossWet"


def test_a_family_without_model_is_refused() -> None:
    """Receipts have no typed model of their own."""
    with pytest.raises(NoModel):
        from_document(Document("x", "1", Family.RECEIPT, []))


def test_every_model_field_has_a_name_in_both_languages() -> None:
    """The head of the declaration model is its own dictionary: each term has its names."""
    for term_id in dictionary(Declaration):
        assert terms.name(term_id).en != term_id, term_id
        assert terms.name(term_id).zh != term_id, term_id
    assert is_dataclass(Declaration)
    assert fields(Declaration)
