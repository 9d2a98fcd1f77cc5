"""The golden shipments through cn-dec and wco-dec; a new folder in tests/golden is a new case."""

from __future__ import annotations

import pytest

import adapters
from schemas import xml
from schemas.document import Term
from schemas.finding import Flag
from schemas.loss import LossClass
from tests.adapters import declarations as d

# English names of Chinese parties stand in no Chinese declaration: they come with the invoice.
NEEDS_INVOICE = {
    ("g03", "GoodsShipment.Importer.Name"),
    ("g03", "GoodsShipment.Consignee.Name"),
}
# The subset of the other side carries these under another element.
ELSEWHERE = ("GoodsShipment.Consignment.TransportContractDocument",)


@pytest.mark.parametrize("case", d.CASES)
def test_every_expected_term_is_found(case: str) -> None:
    """Reading a golden declaration gives every canonical term it is known to hold."""
    reading = adapters.read(d.message(case))
    assert d.missing(d.expected(case, "canonical"), reading.document) == []


@pytest.mark.parametrize("case", d.CASES)
def test_a_golden_declaration_is_flawless(case: str) -> None:
    """A valid declaration raises no finding of the walk at all: no false alarm."""
    assert adapters.read(d.message(case)).findings == []


@pytest.mark.parametrize("case", d.CASES)
def test_the_import_declaration_carries_what_the_export_says(case: str) -> None:
    """Everything the other side can learn from the declaration alone stands in the import."""
    rendering = adapters.convert(d.message(case), "wco-dec")
    found = adapters.read(rendering.data)
    assert found.format == "wco-dec"
    gone = [
        (term, value)
        for term, value in d.missing(d.expected(case, "wco-import"), found.document)
        if (case, term) not in NEEDS_INVOICE and not term.startswith(ELSEWHERE)
    ]
    assert gone == []


@pytest.mark.parametrize("case", d.CASES)
def test_the_import_declaration_is_valid(case: str) -> None:
    """What conversion writes has no fatal finding and lacks nothing mandatory."""
    rendering = adapters.convert(d.message(case), "wco-dec")
    assert [f for f in rendering.findings if f.flag is Flag.FATAL] == []
    assert rendering.report.missing == []


@pytest.mark.parametrize("case", d.CASES)
def test_the_transport_document_crosses_as_previous_document(case: str) -> None:
    """The bill of lading number stands in the import, though the subset has no element for it."""
    source = adapters.read(d.message(case)).document
    number = source.value("GoodsShipment.Consignment.TransportContractDocument.ID")
    target = adapters.read(adapters.convert(d.message(case), "wco-dec").data).document
    assert target.value("GoodsShipment.PreviousDocument.ID") == number
    assert target.value("GoodsShipment.PreviousDocument.TypeCode") == "705"


@pytest.mark.parametrize("case", d.CASES)
@pytest.mark.parametrize("target", ["wco-dec", "cn-dec"])
def test_every_leaf_has_exactly_one_entry(case: str, target: str) -> None:
    """The loss report names each leaf of the source once, by path and value."""
    data = d.message(case)
    report = adapters.convert(data, target).report
    found = sorted((entry.path, entry.value) for entry in report.entries)
    assert found == sorted(d.leaves(xml.parse(data)))
    assert report.coverage()["source"] == 1.0


@pytest.mark.parametrize("case", d.CASES)
def test_the_report_does_not_lie(case: str) -> None:
    """`exact` stands in the output word for word; a loss has a reason; the rest has a target."""
    rendering = adapters.convert(d.message(case), "wco-dec")
    written = dict(d.leaves(xml.parse(rendering.data)))
    for entry in rendering.report.entries:
        if entry.cls is LossClass.EXACT:
            assert written[entry.target] == entry.value
        elif entry.cls in (LossClass.DROPPED, LossClass.LOSSY):
            assert entry.reason
        if entry.cls not in (LossClass.DROPPED, LossClass.EXT):
            assert written[entry.target] == entry.target_value


@pytest.mark.parametrize("case", d.CASES)
def test_a_declaration_comes_back_unchanged(case: str) -> None:
    """cn-dec to canonical to cn-dec is identical after C14N, empty elements included."""
    data = d.message(case)
    assert d.canonical(adapters.convert(data, "cn-dec").data) == d.canonical(data)


@pytest.mark.parametrize("case", d.CASES)
def test_the_table_alone_writes_the_same_terms(case: str) -> None:
    """Without the source, a document rendered from its terms reads back as the same terms."""
    document = adapters.read(d.message(case)).document
    document.trace = None
    again = adapters.read(adapters.render(document, "cn-dec").data).document
    assert adapters.diff(document, again) == []


@pytest.mark.parametrize("case", d.CASES)
def test_the_import_declaration_reads_back(case: str) -> None:
    """A rendered import declaration, written again from its own terms, is the same document."""
    data = adapters.convert(d.message(case), "wco-dec").data
    document = adapters.read(data).document
    assert d.canonical(adapters.render(document, "wco-dec").data) == d.canonical(data)
    document.trace = None
    again = adapters.read(adapters.render(document, "wco-dec").data).document
    assert adapters.diff(document, again) == []


def test_an_import_swaps_the_parties() -> None:
    """IEFlag I makes the Chinese party the importer and the overseas consignor the exporter."""
    document = adapters.read(d.message("g03")).document
    assert document.value("GoodsShipment.Importer.ID").startswith("9131")
    assert document.value("Exporter.Name") == "Sample Kauri Dairy Limited"
    assert document.value("GoodsShipment.ExportCountry.ID") == "NZ"
    assert document.value("GoodsShipment.Destination.CountryCode") == "CN"


def test_national_digits_do_not_cross() -> None:
    """A ten-digit Chinese code crosses as its six international digits, and the report says so."""
    report = adapters.convert(d.message("g01"), "wco-dec").report
    entry = next(e for e in report.entries if e.path.endswith("/DecList/CodeTS"))
    assert (entry.cls, entry.value, entry.target_value) == (LossClass.LOSSY, "8517130000", "851713")


def test_the_signature_and_the_declarant_stay_at_home() -> None:
    """The declarant of the export is not the declarant abroad: dropped, with the reason."""
    report = adapters.convert(d.message("g01"), "wco-dec").report
    entry = next(e for e in report.entries if e.term == "Declarant.ID")
    assert entry.cls is LossClass.DROPPED
    assert "another legal person" in entry.reason


def test_a_profile_fills_what_nobody_gave() -> None:
    """Defaults of a corridor profile override the table's."""
    profile = {"defaults": {"TypeCode": "IMD", "DeclarationOfficeID": "GB000060"}}
    rendering = adapters.convert(d.message("g06"), "wco-dec", profile=profile)
    document = adapters.read(rendering.data).document
    assert document.value("TypeCode") == "IMD"
    assert document.value("DeclarationOfficeID") == "GB000060"


def test_carried_elements_come_back_to_their_term() -> None:
    """Voyage, discharge port and equipment type cross in statements and read back as terms."""
    document = adapters.read(d.message("g01")).document
    more = [
        Term("GoodsShipment.Consignment.UnloadingLocation.ID", "SGSIN"),
        Term("GoodsShipment.Consignment.TransportEquipment[1].CharacteristicCode", "42G1"),
        Term("GoodsShipment.Consignment.TransportEquipment[1].Seal[1].ID", "SMPL0001"),
        Term("GoodsShipment.Importer.ID", "209900001Z", {"scheme": "SG-UEN"}),
    ]
    rendering = adapters.render(document.joined(more), "wco-dec")
    found = adapters.read(rendering.data).document
    assert rendering.findings == []
    assert found.value("BorderTransportMeans.JourneyID") == "601S"
    for term in more:
        assert found.value(term.id.replace("[1]", "")) == term.value
