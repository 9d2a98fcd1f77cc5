"""Rules of Peppol and XRechnung that the official corpus leaves untouched, and check digits.

Every case is one change to a sound invoice, and names exactly the rules that it breaks. The
official stylesheets gave the same verdict on each of these documents.
"""

from __future__ import annotations

import pytest

from schemas.rules.invoice.official import official
from schemas.xml import parse
from tests.bench.invoices import invoice

PEPPOL = "peppol-ubl-2026.5"
UBL = invoice(1)


def rules(text: str, pack_id: str) -> set[str]:
    """Return the rules that a document breaks."""
    return {each.rule for each in official(parse(text.encode()), [pack_id])}


def identified(scheme: str, value: str) -> str:
    """Return the sound invoice with an identifier at the seller's address."""
    old = '<cbc:EndpointID schemeID="0088">5790000435944</cbc:EndpointID>'
    new = f'<cac:PartyIdentification><cbc:ID schemeID="{scheme}">{value}</cbc:ID>'
    return UBL.replace(old, f"{old}{new}</cac:PartyIdentification>", 1)


@pytest.mark.parametrize(
    ("scheme", "value", "broken"),
    [
        ("0088", "5790000435944", ""),
        ("0088", "5790000435945", "R040"),
        ("0088", "57900004359X4", "R040"),
        ("0088", "0", ""),
        ("0192", "974760673", ""),
        ("0192", "974760674", "R041"),
        ("0192", "000000000", "R041"),
        ("0184", "DK12345678", ""),
        ("0184", "12345678", ""),
        ("0184", " 12345678", "R042"),
        ("0184", "DK1234567", "R042"),
        ("0096", "1234567890", ""),
        ("0096", "123456789", "R052"),
        ("0198", "DK12345678", ""),
        ("0198", "12345678", "R053"),
        ("0208", "0202239951", ""),
        ("0208", "0202239952", "R043"),
        ("0201", "UF1a2B", ""),
        ("0201", "UF1-2B", "R044"),
        ("0210", "RSSMRA85T10A562S", ""),
        ("0210", "12345678901", ""),
        ("0210", "RSSMRA85T10A56", "R045"),
        ("0210", "1SSMRA85T10A562S", "R045"),
        ("0211", "IT06363391001", ""),
        ("0211", "IT06363391002", "R047"),
        ("0211", "FR1", ""),
        ("0007", "5567321707", ""),
        ("0007", "5567321708", "R049"),
        ("0007", "556732170", "R049"),
        ("0151", "51824753556", ""),
        ("0151", "51824753557", "R050"),
        ("0106", "12345678", ""),
        ("0106", "1234567", "R054"),
        ("0190", "1" * 20, ""),
        ("0190", "1" * 19, "R055"),
        ("9944", "NL123456789B01", ""),
        ("9944", "NL123456789C01", "R056-1"),
        ("0217", "1" * 12, ""),
        ("0217", "1" * 11, "R057"),
    ],
)
def test_identifiers_are_checked_by_their_scheme(scheme: str, value: str, broken: str) -> None:
    """Digit by digit where a scheme has a check digit, by shape elsewhere."""
    assert rules(identified(scheme, value), PEPPOL) == (
        {f"PEPPOL-COMMON-{broken}"} if broken else set()
    )
