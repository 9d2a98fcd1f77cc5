"""Sound invoices of our own, one template filled for each profile, category and country."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from string import Template

_TEMPLATE = Template((Path(__file__).parent / "bases" / "full.xml").read_text(encoding="utf-8"))
_PLAIN = {
    "customization": "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
    "profile": "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    "currency": "EUR",
    "scheme": "VAT",
    "other": "TAX",
    "category": "S",
    "rate": "20",
    "seller": "FR",
    "buyer": "AT",
    "seller_tax": "FR12345678901",
    "seller_other": "TAX-1",
    "buyer_tax": "ATU12345678",
    "seller_legal": "4000001000005",
    "legal_scheme": "0088",
}
_PINT = {
    "sg": {"currency": "SGD", "scheme": "GST", "category": "SR", "rate": "9", "seller": "SG"},
    "my": {"currency": "MYR", "category": "SA", "rate": "10", "seller": "MY"},
    "jp": {"currency": "JPY", "rate": "10", "seller": "JP", "seller_tax": "T1234567890123"},
}
_NATIONAL = {
    "DE": "DE123456789",
    "DK": "DK12345674",
    "GR": "EL094259216",
    "IS": "IS12345",
    "IT": "IT07643520567",
    "NL": "NL123456789B01",
    "NO": "NO974760673MVA",
    "SE": "SE556036079301",
}
_EXEMPT = ("E", "Z", "AE", "K", "G", "O")


def invoice(**values: str) -> bytes:
    """Return an invoice of 100 with its tax; `rate` "" is none."""
    found = {**_PLAIN, **values}
    tax = Decimal(found["rate"] or 0).quantize(Decimal("0.01"))
    gross = 100 + tax
    sums = {"tax": f"{tax}", "gross": f"{gross}", "due": f"{gross - 10 + Decimal('0.50')}"}
    text = _TEMPLATE.substitute({**found, **sums})
    return text.replace("<cbc:Percent></cbc:Percent>", "").encode()


def pint(country: str, **values: str) -> bytes:
    """Return an invoice of a PINT profile (`sg`, `my`, `jp`)."""
    profile = {
        "customization": f"urn:peppol:pint:billing-1@{country}-1",
        "profile": "urn:peppol:bis:billing",
    }
    return invoice(**{**profile, **_PINT[country], **values})


def national(country: str, buyer: str = "") -> bytes:
    """Return a Peppol invoice of a seller of a country, and a buyer of the same or another."""
    code = _NATIONAL[country]
    buyer_tax = _NATIONAL.get(buyer or country, "ATU12345678")
    return invoice(seller=country, seller_tax=code, buyer=buyer or country, buyer_tax=buyer_tax)


def credit_note(data: bytes) -> bytes:
    """Return the same as a credit note."""
    text = data.decode()
    for old, new in (
        ("schema:xsd:Invoice-2", "schema:xsd:CreditNote-2"),
        ("<Invoice ", "<CreditNote "),
        ("</Invoice>", "</CreditNote>"),
        ("InvoiceLine>", "CreditNoteLine>"),
        ("InvoicedQuantity", "CreditedQuantity"),
        ("<cbc:InvoiceTypeCode>380<", "<cbc:CreditNoteTypeCode>381<"),
        ("</cbc:InvoiceTypeCode>", "</cbc:CreditNoteTypeCode>"),
    ):
        text = text.replace(old, new)
    return text.encode()


def self_billed(data: bytes) -> bytes:
    """Return the same as a document of Peppol BIS Self-Billing, made by the buyer."""
    text = data.decode().replace(":poacc:billing:", ":poacc:selfbilling:")
    return (
        text.replace("TypeCode>380<", "TypeCode>389<")
        .replace("TypeCode>381<", "TypeCode>261<")
        .encode()
    )


@cache
def documents(pack_id: str) -> tuple[bytes, ...]:
    """Return the sound documents to make mutants of a rule pack from, the plainest first."""
    family = pack_id.rpartition("-")[0]
    if family in ("pint-sg", "pint-my", "pint-jp"):
        return _jurisdiction(family[-2:])
    if family == "pint-shared":
        plain = pint("jp")
        return (plain, credit_note(plain))
    if family == "peppol-ubl-sb":
        return tuple(map(self_billed, (invoice(), credit_note(invoice()))))
    if family == "peppol-ubl":
        homes = [each for c in _NATIONAL for each in (national(c), national(c, "AT"))]
        notes = [credit_note(each) for each in homes]
        return (invoice(), credit_note(invoice()), *homes, *notes)
    exempt = [invoice(category=c, rate="" if c == "O" else "0") for c in _EXEMPT]
    rated = [invoice(category=c) for c in ("L", "M", "B")]
    ubl = (invoice(), credit_note(invoice()), *exempt, *rated)
    return ubl if family == "en16931-ubl" else tuple(map(_in_cii, (ubl[0], *ubl[2:])))


def _jurisdiction(country: str) -> tuple[bytes, ...]:
    """Return an invoice and a credit note, and an invoice of each tax category."""
    categories = {
        "sg": (("NG", ""), ("NG", "0")),
        "my": (("SE", "10"), ("HVG", "10"), ("LVG", "10"), ("E", "0"), ("O", "")),
        "jp": (("E", "0"), ("G", "0"), ("O", "")),
    }[country]
    plain = pint(country)
    tourism = pint("my", category="TTX", rate="", scheme="AAL") if country == "my" else plain
    others = [pint(country, category=code, rate=rate) for code, rate in categories]
    return (plain, credit_note(plain), *others, tourism)


def _in_cii(data: bytes) -> bytes:
    import adapters

    return adapters.convert(data, "cefact-cii").data
