from __future__ import annotations

from collections import Counter
from decimal import Decimal
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import adapters
from schemas.model.business_terms import business_terms
from tests.conformance.invoice.semantics import kept, rows

UBL, CII = "peppol-ubl", "cefact-cii"
SAMPLES = Path(adapters.__file__).parent
COMPLETE = SAMPLES / "peppol_ubl" / "samples" / "complete.xml"


def bag(data: bytes) -> Counter[tuple[str, str]]:
    """Return the business terms of an invoice with their values."""
    return Counter((path, value) for path, value, _ in business_terms(adapters.read(data).document))


@pytest.mark.parametrize("folder", ["peppol_ubl", "cefact_cii"])
def test_an_invoice_survives_the_other_syntax_and_back(folder: str) -> None:
    """Every business term of the complete sample is the same there, and back again."""
    data = (SAMPLES / folder / "samples" / "complete.xml").read_bytes()
    own, other = (UBL, CII) if folder == "peppol_ubl" else (CII, UBL)
    there = adapters.convert(data, other)
    back = adapters.convert(there.data, own)
    object_again = Counter({("BG-24/BT-122", "SMPL-OBJECT"): 1})
    assert (
        bag(data) - object_again == bag(there.data) - object_again == bag(back.data) - object_again
    )
    assert not there.findings
    assert not back.findings


@pytest.mark.parametrize("kind", ["380", "381", "384"])
def test_the_type_of_an_invoice_chooses_its_root_in_ubl(kind: str) -> None:
    """A credit note is written as CreditNote with its own names, everything else as Invoice."""
    source = (SAMPLES / "cefact_cii" / "samples" / "complete.xml").read_text(encoding="utf-8")
    source = source.replace("<ram:TypeCode>380<", f"<ram:TypeCode>{kind}<")
    written = adapters.convert(source.encode(), UBL).data
    credit = kind == "381"
    assert (b"<CreditNote " in written) is credit
    assert (b"CreditedQuantity" in written) is credit
    assert bag(source.encode()) - Counter(bag(written)) == Counter()
    rules = {finding.rule for finding in adapters.official(adapters.read(written))[1]}
    assert not rules & {"BR-CL-01", "BR-04"}


def test_a_credit_note_is_read_and_written_under_its_own_root() -> None:
    """Lines, quantities, type code, due date and project of a credit note are where they belong."""
    text = COMPLETE.read_text(encoding="utf-8")
    for old, new in (
        ("Invoice-2", "CreditNote-2"),
        ("<Invoice ", "<CreditNote "),
        ("</Invoice>", "</CreditNote>"),
        ("cac:InvoiceLine", "cac:CreditNoteLine"),
        ("InvoicedQuantity", "CreditedQuantity"),
        ("<cbc:DueDate>2026-04-05</cbc:DueDate>", ""),
        ("InvoiceTypeCode", "CreditNoteTypeCode"),
        (">380<", ">381<"),
        ("<cbc:PaymentID>", "<cbc:PaymentDueDate>2026-04-05</cbc:PaymentDueDate><cbc:PaymentID>"),
    ):
        text = text.replace(old, new)
    reading = adapters.read(text.encode())
    assert not reading.findings
    assert reading.document.value("BT-9") == "2026-04-05"
    assert reading.document.value("BG-25[1]/BT-129") == "4"
    again = adapters.convert(adapters.convert(text.encode(), CII).data, UBL).data
    assert b"PaymentDueDate>2026-04-05<" in again
    assert b"<CreditNote " in again


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=20)
MONEY = st.decimals(min_value=-(10**6), max_value=10**6, places=2, allow_nan=False)


INVOICES = st.fixed_dictionaries(
    {
        "SMPL-7": WORDS,
        "Sample Trading ApS": WORDS,
        "Invented sample": WORDS,
        "DK5000400440116243": WORDS,
        "100.00</cbc:LineExtensionAmount": MONEY,
        'schemeID="0088"': st.sampled_from(["0088", "0002", ""]),
    }
)


@settings(max_examples=60, deadline=None)
@given(values=INVOICES)
def test_any_values_survive_the_round_trip(values: dict[str, str | Decimal]) -> None:
    """Whatever texts and amounts an invoice holds, they come back from CII unchanged."""
    text = COMPLETE.read_text(encoding="utf-8")
    for old, value in values.items():
        new = escape(str(value))
        if old.startswith("scheme"):
            new = f'schemeID="{new}"' if new else ""
        text = text.replace(old, new + "</cbc:LineExtensionAmount" * ("</" in old))
    data = text.encode()
    assert bag(adapters.convert(adapters.convert(data, CII).data, UBL).data) == bag(data)


def test_inspection_equals_the_semantic_oracle(shared: Path) -> None:
    """Nearly every valid corpus document is read term by term as the reference reads it."""
    found = rows(shared / "data" / "invoice")[::5]
    same = sum(kept(row, data) for row, data in found)
    assert same >= 0.95 * len(found) > 0
