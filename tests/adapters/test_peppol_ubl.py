from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

import adapters
from schemas.document import Document, Term, plain
from schemas.model import Amount, from_document
from tests.bench.invoices import invoice
from tests.conformance.invoice.sound import credit_note

GOLDEN = Path(__file__).parent.parent / "golden"
RELATED = GOLDEN / "related"
NAMES = ("g01", "g02", "g03", "g04", "g06")


def by_term(term_id: str) -> str:
    """Return `BT-126[2]` for `BG-25[2]/.../BT-126`: the term with the index of its line."""
    line = re.search(r"BG-25\[(\d+)\]", term_id)
    term = plain(term_id).rpartition("/")[2]
    return f"{term}[{line[1]}]" if line and line[1] != "1" else term


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_invoice_terms_are_read(name: str) -> None:
    """Every expected EN 16931 term is found with its value, unit and currency."""
    document = adapters.read((RELATED / name / "invoice.xml").read_bytes()).document
    found = {by_term(term.id): term for term in document}
    rows = json.loads((GOLDEN / name / "expect" / "peppol-ubl.json").read_text(encoding="utf-8"))
    for row in rows:
        term = found[plain(row["id"])]
        assert term.value == row["value"], row["id"]
        for key, value in row.get("attrs", {}).items():
            assert term.attrs[key] == value, row["id"]


@pytest.mark.parametrize("name", NAMES)
def test_the_related_invoices_are_what_the_adapters_render(name: str) -> None:
    """The invoice on file is the one the shipment renders to today."""
    from tests.golden.make_related import invoice, shipment

    assert invoice(shipment(name)) == (RELATED / name / "invoice.xml").read_bytes()


def test_an_invoice_becomes_a_typed_model() -> None:
    """The term list builds the typed invoice, amounts with their currency."""
    document = adapters.read((RELATED / "g06" / "invoice.xml").read_bytes()).document
    invoice = from_document(document)
    assert invoice.seller.name == "Sample Songjiang Machine Works Co., Ltd."
    assert invoice.buyer.address.country == "GB"
    assert len(invoice.lines) == 3
    assert isinstance(invoice.totals.line_net, Amount)
    assert invoice.totals.line_net.currency == "GBP"
    assert invoice.lines[2].item.classifications[0].scheme == "HS"


def test_official_invoices_are_read_without_alarm(shared: Path) -> None:
    """A sample of complete corpus invoices has no fatal finding of the core table."""
    read = 0
    for path in sorted((shared / "data" / "invoice" / "docs").glob("*.xml"))[:200]:
        data = path.read_bytes()
        complete = b"LegalMonetaryTotal" in data and b"InvoiceLine" in data
        if b"schema:xsd:Invoice-2" not in data or not complete or b"<cbc:IssueDate" not in data:
            continue
        reading = adapters.read(data)
        fatal = [each for each in reading.findings if each.flag == "fatal"]
        read += not fatal
    assert read > 20


def test_a_translation_looks_terms_up_as_often_for_fifty_lines_as_for_five(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its time grows with the lines, not with their square: no line makes an index of all terms."""
    made = []
    whole = Document.index

    def counted(document: Document) -> dict[str, Term]:
        made.append(document)
        return whole(document)

    monkeypatch.setattr(Document, "index", counted)
    counts = []
    for lines in (5, 50):
        made.clear()
        adapters.convert(invoice(lines).encode(), "cefact-cii")
        counts.append(len(made))
    assert counts[0] == counts[1]


def test_the_breakdown_in_accounting_currency_is_apart_from_the_other() -> None:
    """IBT-190, 192, 193 (PINT) are read, typed, and written into the tax total they are of."""
    subtotal = (
        '<cac:TaxTotal><cbc:TaxAmount currencyID="OMR">7.7</cbc:TaxAmount><cac:TaxSubtotal>'
        '<cbc:TaxAmount currencyID="OMR">7.7</cbc:TaxAmount><cac:TaxCategory><cbc:ID>S</cbc:ID>'
        "<cbc:Percent>20</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme>"
        "</cac:TaxCategory></cac:TaxSubtotal></cac:TaxTotal><cac:LegalMonetaryTotal>"
    )
    text = invoice(3).replace("<cac:LegalMonetaryTotal>", subtotal)
    currency = "</cbc:DocumentCurrencyCode>"
    text = text.replace(currency, f"{currency}<cbc:TaxCurrencyCode>OMR</cbc:TaxCurrencyCode>")
    document = adapters.read(text.encode()).document
    assert document.value("IBG-37/IBT-190") == "7.7"
    breakdown = from_document(document).vat_accounting[0]
    assert (breakdown.tax, breakdown.category) == (Amount(Decimal("7.7"), "OMR"), "S")
    assert len(from_document(document).vat) == text.count("<cbc:TaxableAmount ")
    written = adapters.render(replace(document, trace=None), "peppol-ubl").data
    again = adapters.read(written).document
    assert [(t.id, t.value) for t in again] == [(t.id, t.value) for t in document]


@pytest.mark.parametrize("kind", [invoice(2).encode(), credit_note(invoice(2).encode())])
def test_what_jurisdictions_add_to_the_shared_model_has_terms(kind: bytes) -> None:
    """Of the Emirates and Oman: read under their ids, in lines too, and written where UBL wants."""
    line = (
        '<cac:ItemPriceExtension><cbc:Amount currencyID="EUR">24</cbc:Amount><cac:TaxTotal>'
        '<cbc:TaxAmount currencyID="EUR">4</cbc:TaxAmount></cac:TaxTotal></cac:ItemPriceExtension>'
    )
    rate = (
        "<cac:TaxExchangeRate><cbc:SourceCurrencyCode>EUR</cbc:SourceCurrencyCode>"
        "<cbc:TargetCurrencyCode>AED</cbc:TargetCurrencyCode>"
        "<cbc:CalculationRate>3.9</cbc:CalculationRate></cac:TaxExchangeRate>"
    )
    profile = "<cbc:ProfileExecutionID>10000000</cbc:ProfileExecutionID>"
    text = kind.decode().replace("<cbc:DueDate>2026-10-01</cbc:DueDate>", "")
    text = text.replace("</cac:PaymentMeans>", f"</cac:PaymentMeans>{rate}", 1)
    text = text.replace("</cbc:ProfileID>", f"</cbc:ProfileID>{profile}")
    text = text.replace("</cac:Price>", f"</cac:Price>{line}")
    document = adapters.read(text.encode()).document
    found = {term.id: term.value for term in document}
    assert found["BG-2/BTAE-02"] == "10000000"
    assert (found["BTAE-04"], from_document(document).exchange_rate) == ("3.9", Decimal("3.9"))
    assert (found["BG-25[2]/BTAE-10"], found["BG-25[2]/BTAE-08"]) == ("24", "4")
    written = adapters.render(replace(document, trace=None), "peppol-ubl").data
    again = adapters.read(written)
    assert {term.id: term.value for term in again.document} == found
    assert adapters.official(again, "xsd-ubl")[1] == []


def test_the_kind_of_an_item_stands_beside_each_of_its_classifications() -> None:
    """PINT AE: with or without a code of the classification, and no code is lost beside it."""
    group = "<cac:CommodityClassification>{}</cac:CommodityClassification>"
    text = invoice(1)
    at = text.index("<cac:CommodityClassification>")
    kind = group.format("<cbc:CommodityCode>S</cbc:CommodityCode>")
    code = '<cbc:ItemClassificationCode listID="HS">0101</cbc:ItemClassificationCode>'
    document = adapters.read((text[:at] + kind + group.format(code) + text[at:]).encode()).document
    item = from_document(document).lines[0].item
    assert item is not None
    assert item.kinds == ("S",)
    assert len(item.classifications) == 2
    written = adapters.read(adapters.render(replace(document, trace=None), "peppol-ubl").data)
    assert [(t.id, t.value) for t in written.document] == [(t.id, t.value) for t in document]
