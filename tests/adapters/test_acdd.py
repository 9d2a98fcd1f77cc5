from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import adapters
from schemas.document import Document, Term

GOLDEN = Path(__file__).parent.parent / "golden"
EXPORTS = ("g01", "g02", "g04", "g06")
PLACES = {
    "a.ExporterID": "exporter/id",
    "b.ExporterName": "exporter/name",
    "c.ConsigneeName": "consignee/name",
    "d.ConsigneeAddress": "consignee/address",
    "e.DeclarantID": "declarant/id",
    "f.DeclarantName": "declarant/name",
    "g.DepartureDate": "departureDate",
    "l.TransportMode": "transportMode",
    "m.PortOfDischarge": "portOfDischarge",
    "o.DeclarationNumber": "declarationNumber",
    "n.Sequence": "number",
    "h.HSCode": "hsCode",
    "i.HSQuantity": "quantity",
    "j.HSUnit": "unit",
    "k.Origin": "originCountry",
}


def declaration(name: str) -> Document:
    """Return the golden declaration of a shipment."""
    return adapters.read((GOLDEN / name / "decmessage.xml").read_bytes()).document


def expected(name: str, *origins: str) -> list[dict[str, Any]]:
    """Return the expected elements that come from these documents."""
    text = (GOLDEN / name / "expect" / "acdd.json").read_text(encoding="utf-8")
    return [row for row in json.loads(text) if set(row["from"]) <= set(origins)]


def found(data: bytes, element: str) -> Any:
    """Return what stands in a rendered document for an expected element id."""
    here = json.loads(data)
    if element.startswith("item["):
        number, _, element = element[len("item[") :].partition("].")
        here = here["items"][int(number) - 1]
    for step in PLACES[element].split("/"):
        here = here.get(step) if isinstance(here, dict) else None
    return here


@pytest.mark.parametrize("name", EXPORTS)
def test_ten_elements_come_from_the_declaration_alone(name: str) -> None:
    """A Chinese export declaration fills ten of the fifteen elements, and the rest is named."""
    rendering = adapters.render(declaration(name), "acdd")
    for row in expected(name, "declaration"):
        assert found(rendering.data, row["id"]) == row["value"], row["id"]
    assert {gap.target for gap in rendering.report.missing} == {
        "/declarationNumber",
        "/exporter/name",
        "/consignee/address",
        "/declarant/name",
        "/portOfDischarge",
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_all_fifteen_elements_come_with_the_related_documents(name: str) -> None:
    """With invoice, bill of lading, release receipt and party master nothing is missing."""
    related = [
        adapters.read((GOLDEN / "related" / name / file).read_bytes()).document
        for file in ("invoice.xml", "lading.json")
    ]
    joined = declaration(name).joined([term for other in related for term in other])
    joined = joined.joined([Term("ID", "220020260000000009")])
    facts = json.loads((GOLDEN / "shipments" / f"{name}.json").read_text(encoding="utf-8"))
    profile = {"defaults": {"Declarant.Name": facts["cn_declarant"]["name_en"]}}
    rendering = adapters.render(joined, "acdd", profile=profile)
    assert rendering.report.missing == []
    origins = ("declaration", "invoice", "bill-of-lading", "party-master")
    for row in expected(name, *origins):
        assert found(rendering.data, row["id"]) == row["value"], row["id"]
    assert [finding for finding in rendering.findings if finding.flag == "fatal"] == []


def test_a_chinese_name_is_kept_but_never_passed_off_as_english() -> None:
    """The Chinese exporter name stands beside the English one, whose absence is reported."""
    written = json.loads(adapters.render(declaration("g01"), "acdd").data)
    assert written["exporter"]["localName"] == "示例崂山电子有限公司"
    assert "name" not in written["exporter"]


def test_national_digits_are_cut_with_a_reason() -> None:
    """Ten digits become six, class lossy, and the reason says whose the others are."""
    report = adapters.render(declaration("g06"), "acdd").report
    entry = next(each for each in report.entries if each.path.endswith("DecList/CodeTS"))
    assert (entry.cls.value, entry.target_value) == ("lossy", "845710")
    assert entry.reason
