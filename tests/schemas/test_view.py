from __future__ import annotations

import re
from html import escape
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

import adapters
from schemas import terms
from schemas.model.business_terms import business_terms
from schemas.view import LANGUAGES, NotAnInvoice, html, sheet
from schemas.view.pdf import pdf

SAMPLES = Path(adapters.__file__).parent
UBL = (SAMPLES / "peppol_ubl" / "samples" / "complete.xml").read_bytes()
CII = (SAMPLES / "cefact_cii" / "samples" / "complete.xml").read_bytes()


def page(data: bytes, lang: str = "both") -> str:
    """Return the page of an invoice."""
    return html(sheet(adapters.read(data).document), lang)


@pytest.mark.parametrize("data", [UBL, CII], ids=["ubl", "cii"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_business_term_is_on_the_page_with_its_name(data: bytes, lang: str) -> None:
    """No term of the invoice is left out, in whatever language; an attachment goes by its name."""
    shown = page(data, lang)
    for path, value, attrs in business_terms(adapters.read(data).document):
        last = path.rpartition("/")[2]
        assert escape(attrs.get("filename", value)) in shown, path
        if last not in ("BT-130", "BT-150"):  # units stand behind their quantities
            name = terms.name(last)
            assert f'title="{last}"' in shown
            assert escape(name.zh if lang == "zh" else name.en) in shown, path


def test_a_page_has_the_look_of_an_invoice() -> None:
    """The kind, the amount due, the seller, a table of lines and the totals stand in that order."""
    shown = page(UBL, "en")
    marks = ["<h1>Invoice", "Amount due", ">Seller<", ">Invoice line<", ">Document totals<"]
    assert [shown.index(mark) for mark in marks] == sorted(shown.index(mark) for mark in marks)
    credit = UBL.replace(b">380<", b">381<")
    assert "<h1>Credit note" in page(credit, "en")
    assert "<h1>贷记单" in page(credit, "zh")


def test_nothing_of_a_document_can_run_or_be_fetched() -> None:
    """Markup in a value is text; the page has no script, link or address to fetch from."""
    hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=y&gt;\"'"
    data = UBL.replace(b"Sample part", hostile.encode())
    shown = page(data)
    assert "&lt;script&gt;" in shown
    assert not re.search(
        r"<script|<img|<a |<link|<iframe|src=|href=|url\(|@import", shown.split("</style>")[0]
    )
    body = shown.split("</style>")[1]
    assert not re.search(
        r"<(?!/?(?:head|body|main|header|h1|h2|p|strong|section|div|dl|dt|dd|table|thead|tbody|tr|th|td|span|html)\b)",
        body,
    )
    assert "default-src 'none'" in shown


def test_other_documents_have_no_view() -> None:
    """A bill of lading is refused, with a hint."""
    lading = (SAMPLES / "dcsa_ebl" / "samples" / "straight.json").read_bytes()
    with pytest.raises(NotAnInvoice):
        sheet(adapters.read(lading).document)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_says_the_same(lang: str) -> None:
    """The PDF holds the names and values of the page, Chinese included."""
    data = UBL.replace(b"Sample part", "样品零件 αβγ".encode())
    made = pdf(sheet(adapters.read(data).document), lang)
    text = "".join(each.extract_text() for each in PdfReader(BytesIO(made)).pages)
    assert "样品零件" in text
    assert "SMPL-7" in text
    assert ("应付金额" in text) is (lang != "en")


def test_lines_without_a_column_become_a_pdf() -> None:
    """An invoice whose lines say none of the usual things is drawn with what they do say."""
    line = b"<cac:InvoiceLine><cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
    line += b"<cbc:AllowanceChargeReason>Promotion</cbc:AllowanceChargeReason>"
    line += b"</cac:AllowanceCharge></cac:InvoiceLine>"
    root, end = UBL.index(b"<cbc:"), UBL.rindex(b"</")
    made = pdf(sheet(adapters.read(UBL[:root] + line + UBL[end:]).document), "en")
    assert "Promotion" in PdfReader(BytesIO(made)).pages[0].extract_text()


def test_a_long_invoice_with_long_texts_becomes_a_pdf() -> None:
    """Many lines and a note of many pages flow over pages; nothing is cut off."""
    text = UBL.decode()
    start, end = text.index("  <cac:InvoiceLine>"), text.index("</Invoice>")
    note = "word " * 8_000 + "unbroken" * 500
    long = text[:start] + text[start:end] * 150 + text[end:]
    long = re.sub(r"<cbc:Note>[^<]*", f"<cbc:Note>{note}", long, count=1)
    made = PdfReader(BytesIO(pdf(sheet(adapters.read(long.encode()).document), "en")))
    assert len(made.pages) > 20
