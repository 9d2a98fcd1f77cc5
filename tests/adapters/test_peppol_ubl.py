from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import adapters
from schemas.document import Document, Term, plain
from schemas.model import Amount, from_document
from tests.bench.invoices import invoice

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
