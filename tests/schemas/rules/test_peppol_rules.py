"""Rules of Peppol and XRechnung that the official corpus leaves untouched, and check digits.

Every case is one change to a sound invoice, and names exactly the rules that it breaks. The
official stylesheets gave the same verdict on each of these documents.
"""

from __future__ import annotations

import pytest

from schemas.rules.invoice.official import official
from schemas.rules.invoice.peppol import BILLING
from schemas.xml import parse
from tests.bench.invoices import invoice

PEPPOL, XR, XR_CII = "peppol-ubl-2026.5", "xrechnung-ubl-3.0.2", "xrechnung-cii-3.0.2"
CIUS = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION = f"{CIUS}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
VEHICLES = f"{CIUS}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"
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


SELLER = "<cac:AccountingSupplierParty>"
FILE = (
    "<cac:AdditionalDocumentReference><cbc:ID>{id}</cbc:ID>{more}</cac:AdditionalDocumentReference>"
)
PROJECT = FILE.format(id="P", more="<cbc:DocumentTypeCode>50</cbc:DocumentTypeCode>")
DEADLINE = FILE.format(
    id="{day}", more="<cbc:DocumentDescription>EINDAGI</cbc:DocumentDescription>"
)
LINK = FILE.format(
    id="L",
    more="<cac:Attachment><cac:ExternalReference><cbc:URI>{uri}</cbc:URI>"
    "</cac:ExternalReference></cac:Attachment>",
)
ATTACHED = FILE.format(
    id="A",
    more='<cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="{mime}" filename="a">QQ=='
    "</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>",
)
TAXED = (
    "<cac:AllowanceCharge><cbc:ChargeIndicator>true</cbc:ChargeIndicator>"
    "<cbc:AllowanceChargeReasonCode>ZZZ</cbc:AllowanceChargeReasonCode>"
    "<cbc:AllowanceChargeReason>{reason}</cbc:AllowanceChargeReason>"
    '<cbc:Amount currencyID="EUR">0.00</cbc:Amount></cac:AllowanceCharge>'
)
LEGAL = '<cbc:CompanyID schemeID="{scheme}">{id}</cbc:CompanyID>'
NAMED = "</cbc:RegistrationName>"


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with every change made throughout."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def before(mark: str, more: str) -> tuple[str, str]:
    """Return the change that puts something before a mark."""
    return mark, more + mark


def home(code: str, *changes: tuple[str, str]) -> str:
    """Return the sound invoice with both parties in a country, without VAT numbers."""
    gone = ("<cbc:CompanyID>FR32123456789</cbc:CompanyID>", "")
    return changed(UBL, (">FR</cbc:Identi", f">{code}</cbc:Identi"), gone, *changes)


def credit(text: str) -> str:
    """Return an invoice as a credit note."""
    return changed(
        text,
        ("Invoice-2", "CreditNote-2"),
        ("<Invoice", "<CreditNote"),
        ("</Invoice>", "</CreditNote>"),
        ("InvoiceTypeCode>380</cbc:Invoice", "CreditNoteTypeCode>381</cbc:CreditNote"),
        ("cac:InvoiceLine", "cac:CreditNoteLine"),
        ("cbc:InvoicedQuantity", "cbc:CreditedQuantity"),
    )


def profile(text: str, name: str) -> str:
    """Return a document with another specification identifier."""
    return changed(text, (BILLING, name))


def paid(code: str, account: str) -> tuple[tuple[str, str], ...]:
    """Return the changes that name other means of payment, and an account."""
    return ("Code>30<", f"Code>{code}<"), ("FR7630006000011234567890189", account)


DANISH = home("DK", (NAMED, NAMED + LEGAL.format(scheme="0184", id="12345678")))
ICELANDIC = home("IS", (NAMED, NAMED + LEGAL.format(scheme="0196", id="1234567890")))
SWEDISH = changed(
    UBL,
    (">FR</cbc:Identi", ">SE</cbc:Identi"),
    ("FR32123456789", "SE556732170701"),
    *paid("30", "12"),
)
PLUSGIRO = changed(
    SWEDISH,
    before(
        "</cac:PayeeFinancialAccount>",
        "<cac:FinancialInstitutionBranch><cbc:ID>SE:PLUSGIRO</cbc:ID>"
        "</cac:FinancialInstitutionBranch>",
    ),
)
ITALIAN = home("IT", before("</cac:Party></cac:AccountingSupplier", "{scheme}"))
EXEMPT = "<cbc:TaxExemptionReasonCode>{code}</cbc:TaxExemptionReasonCode>"
SUBTOTAL = "</cac:TaxScheme></cac:TaxCategory>"
REASONED = changed(
    UBL,
    (
        "<cac:TaxScheme><cbc:ID>VAT</cbc:ID>" + SUBTOTAL,
        "{reason}<cac:TaxScheme><cbc:ID>VAT</cbc:ID>" + SUBTOTAL,
    ),
)
ITEM = "<cac:Item>"
ITEM_CLASS = 'listID="STI">85171300<'
VEHICLE = changed(
    profile(UBL, VEHICLES),
    (ITEM_CLASS, 'listID="CVD">M1<'),
    before(
        "</cac:Item>",
        "<cac:AdditionalItemProperty><cbc:Name>cva</cbc:Name><cbc:Value>clean</cbc:Value>"
        "</cac:AdditionalItemProperty>",
    ),
    before(
        SELLER,
        "<cac:ContractDocumentReference><cbc:ID>C</cbc:ID></cac:ContractDocumentReference>"
        "<cac:OriginatorDocumentReference><cbc:ID>O</cbc:ID></cac:OriginatorDocumentReference>",
    ),
)
EXTENDED = profile(UBL, EXTENSION)
SUB_LINE = (
    '<cac:SubInvoiceLine><cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>'
    "<cac:Item><cac:ClassifiedTaxCategory><cbc:ID>S</cbc:ID></cac:ClassifiedTaxCategory>"
    "</cac:Item></cac:SubInvoiceLine>"
)
THIRD = (
    "<cac:PrepaidPayment><cbc:ID>T</cbc:ID>"
    '<cbc:PaidAmount currencyID="EUR">{paid}</cbc:PaidAmount>'
    "<cbc:InstructionID>I</cbc:InstructionID></cac:PrepaidPayment>"
)


def reason(code: str) -> str:
    """Return the sound invoice with a reason of exemption in its breakdown."""
    return REASONED.replace("{reason}", EXEMPT.format(code=code) if code else "")


def registered(number: str) -> str:
    """Return an Italian invoice with a tax number that is not for VAT."""
    scheme = "<cac:TaxScheme><cbc:ID>TAX</cbc:ID></cac:TaxScheme>"
    found = (
        f"<cac:PartyTaxScheme><cbc:CompanyID>{number}</cbc:CompanyID>{scheme}</cac:PartyTaxScheme>"
    )
    return ITALIAN.replace("{scheme}", found if number else "")


def taxed(name: str) -> str:
    """Return a Danish invoice with a tax other than VAT."""
    return changed(DANISH, before("<cac:TaxTotal>", TAXED.format(reason=name)))


CASES: list[tuple[str, str, str, str]] = [
    # pack, sound document, changed document, rules that the change breaks
    (PEPPOL, credit(UBL), changed(credit(UBL), before(SELLER, PROJECT * 2)), "PEPPOL-EN16931-R080"),
    (PEPPOL, UBL, changed(UBL, ('"C62">1<', '"C62">0<')), "PEPPOL-EN16931-R121"),
    (PEPPOL, UBL, changed(UBL, (">380<", ">326<")), "PEPPOL-EN16931-P0112"),
    (PEPPOL, reason(""), reason("vatex-eu-ae"), "PEPPOL-EN16931-P0107"),
    (PEPPOL, reason(""), reason("VATEX-EU-I"), "PEPPOL-EN16931-P0110"),
    (
        PEPPOL,
        DANISH,
        taxed("x"),
        "DK-R-004",
    ),
    (PEPPOL, DANISH, taxed("1234"), ""),
    (PEPPOL, DANISH, taxed("a#b"), ""),
    (PEPPOL, registered(""), registered("1234567890"), "IT-R-001"),
    (PEPPOL, registered(""), registered("12345678901"), ""),
    (PEPPOL, PLUSGIRO, changed(PLUSGIRO, (">12<", ">A2<")), "SE-R-007"),
    (PEPPOL, PLUSGIRO, changed(PLUSGIRO, (">12<", ">1<")), "SE-R-010"),
    (PEPPOL, ICELANDIC, changed(ICELANDIC, (">380<", ">383<")), "IS-R-001"),
    (PEPPOL, ICELANDIC, changed(ICELANDIC, *paid("9", "12")), "IS-R-006"),
    (PEPPOL, ICELANDIC, changed(ICELANDIC, *paid("42", "123456789012")), ""),
    (PEPPOL, ICELANDIC, changed(ICELANDIC, *paid("42", "12345678901")), "IS-R-007"),
    (
        PEPPOL,
        ICELANDIC,
        changed(ICELANDIC, before(SELLER, DEADLINE.format(day="2026-10-32"))),
        "IS-R-008",
    ),
    (
        PEPPOL,
        ICELANDIC,
        changed(
            ICELANDIC,
            before(SELLER, DEADLINE.format(day="2026-10-02")),
            ("<cbc:DueDate>2026-10-01</cbc:DueDate>", ""),
        ),
        "IS-R-009 IS-R-010",
    ),
    (
        PEPPOL,
        ICELANDIC,
        changed(ICELANDIC, before(SELLER, DEADLINE.format(day="2026-09-30"))),
        "IS-R-010",
    ),
    (
        PEPPOL,
        ICELANDIC,
        changed(ICELANDIC, ("<cbc:PostalZone>75001</cbc:PostalZone>", "")),
        "IS-R-003 IS-R-005",
    ),
    (
        PEPPOL,
        credit(UBL),
        credit(changed(UBL, (">FR</cbc:Identi", ">NL</cbc:Identi"))),
        "NL-R-001 NL-R-009",
    ),
    (
        PEPPOL,
        home("DE"),
        home("DE", before(SELLER, LINK.format(uri="no url"))),
        "DE-R-T02",
    ),
    (XR, UBL, changed(UBL, ('"C62">1<', '"C62">0<')), "PEPPOL-EN16931-R121"),
    (XR, EXTENDED, changed(EXTENDED, before(SELLER, ATTACHED.format(mime="text/x"))), "BR-DEX-01"),
    (XR, EXTENDED, changed(EXTENDED, before(SELLER, ATTACHED.format(mime="application/xml"))), ""),
    (XR, EXTENDED, changed(EXTENDED, before(ITEM, SUB_LINE.format(net="1.00"))), "BR-DEX-02"),
    (XR, EXTENDED, changed(EXTENDED, before(ITEM, SUB_LINE.format(net="13.32"))), ""),
    (
        XR,
        EXTENDED,
        changed(EXTENDED, (NAMED, NAMED + LEGAL.format(scheme="9999", id="1"))),
        "BR-DEX-05",
    ),
    (XR, EXTENDED, changed(EXTENDED, (NAMED, NAMED + LEGAL.format(scheme="XR01", id="1"))), ""),
    (XR, EXTENDED, changed(EXTENDED, (NAMED, NAMED + LEGAL.format(scheme="", id="1"))), ""),
    (
        XR,
        EXTENDED,
        changed(
            EXTENDED,
            before(
                "<cac:PaymentMeans>",
                '<cac:Delivery><cac:DeliveryLocation><cbc:ID schemeID="0244">1</cbc:ID>'
                "</cac:DeliveryLocation></cac:Delivery>",
            ),
        ),
        "BR-DEX-08",
    ),
    (
        XR,
        EXTENDED,
        changed(EXTENDED, before("<cac:TaxTotal>", THIRD.format(paid="0.001"))),
        "BR-DEX-13",
    ),
    (XR, EXTENDED, changed(EXTENDED, before("<cac:TaxTotal>", THIRD.format(paid="0.00"))), ""),
    (
        XR,
        VEHICLE,
        changed(VEHICLE, ("<cbc:ID>C</cbc:ID>", "<cbc:ID> </cbc:ID>")),
        "BR-DE-CVD-01 PEPPOL-EN16931-R008",
    ),
    (
        XR,
        VEHICLE,
        changed(VEHICLE, ("<cbc:ID>O</cbc:ID>", "<cbc:ID> </cbc:ID>")),
        "BR-DE-CVD-02 PEPPOL-EN16931-R008",
    ),
    (XR, VEHICLE, changed(VEHICLE, (">cva<", ">x<")), "BR-DE-CVD-03 BR-DE-CVD-06-a"),
    (XR, VEHICLE, changed(VEHICLE, ('"CVD">M1<', '"STI">M1<')), "BR-DE-CVD-03 BR-DE-CVD-06-b"),
    (XR, VEHICLE, changed(VEHICLE, ('"CVD">M1<', '"CVD">M9<')), "BR-DE-CVD-04"),
    (XR, VEHICLE, changed(VEHICLE, (">clean<", ">dirty<")), "BR-DE-CVD-05"),
    (
        XR,
        VEHICLE,
        changed(VEHICLE, ('listID="CVD">M1<', 'listID="QQ">M1<')),
        "BR-DE-CVD-03 BR-DE-CVD-06-b BR-TMP-CVD-01",
    ),
]


@pytest.mark.parametrize(
    ("pack_id", "sound", "document", "broken"), CASES, ids=map(str, range(len(CASES)))
)
def test_one_change_breaks_its_rules_and_no_other(
    pack_id: str, sound: str, document: str, broken: str
) -> None:
    """The rules that a change breaks are those named; what it mends is left aside."""
    assert rules(document, pack_id) - rules(sound, pack_id) == set(broken.split())
