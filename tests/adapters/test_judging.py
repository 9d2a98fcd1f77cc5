from __future__ import annotations

from pathlib import Path

import pytest

import adapters
from schemas.finding import Finding, Flag

UBL, CII = "peppol-ubl", "cefact-cii"
SAMPLES = Path(adapters.__file__).parent


def changed(folder: str, *changes: tuple[str, str]) -> bytes:
    """Return the complete sample of a format with texts replaced."""
    text = (SAMPLES / folder / "samples" / "complete.xml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def judged(data: bytes, target: str) -> tuple[bytes, list[Finding]]:
    """Return a translation and the verdict on it."""
    document = adapters.read(data).document
    rendering = adapters.render(document, target)
    return rendering.data, adapters.judge(document, rendering, target)


def test_a_sound_invoice_is_sound_in_the_other_syntax() -> None:
    """The complete samples have no fatal finding after translation."""
    assert judged(changed("peppol_ubl"), CII)[1] == []
    assert judged(changed("cefact_cii"), UBL)[1] == []


def test_where_the_official_rules_differ_is_a_warning_that_says_so() -> None:
    """UBL lets an accounting currency equal the invoice's, CII does not: nothing was lost."""
    currency = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    twice = currency + "<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>"
    findings = judged(changed("peppol_ubl", (currency, twice)), CII)[1]
    assert [(each.rule, each.flag) for each in findings] == [("BR-53", Flag.WARNING)]
    assert "differ" in findings[0].message.en
    assert "差异" in findings[0].message.zh


def test_what_the_source_breaks_already_stays_fatal() -> None:
    """An invoice whose sums are wrong is not sound in the other syntax either."""
    data = changed("peppol_ubl", (">125.00</cbc:PayableAmount>", ">126.00</cbc:PayableAmount>"))
    assert {(each.rule, each.flag) for each in judged(data, CII)[1]} == {("BR-CO-16", Flag.FATAL)}


def test_a_gross_price_without_discount_is_valid_in_ubl_and_comes_back_alone() -> None:
    """UBL wants a discount: it is derived, in order by its schema, and no term for our readers."""
    price = "<ram:NetPriceProductTradePrice>"
    gross = (
        "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>27.50</ram:ChargeAmount>"
        "</ram:GrossPriceProductTradePrice>"
    )
    data = changed("cefact_cii", (price, gross + price))
    there, findings = judged(data, UBL)
    assert findings == []
    assert b">\t2.50</cbc:Amount>" in there
    back = adapters.convert(there, CII).data
    assert b"27.50" in back
    assert b"AppliedTradeAllowanceCharge" not in back


def test_a_breakdown_without_total_is_valid_in_ubl_and_comes_back_alone() -> None:
    """UBL wants a VAT total: it is the sum of the breakdown, and no term for our readers."""
    total = '<ram:TaxTotalAmount currencyID="EUR">25.00</ram:TaxTotalAmount>'
    there, findings = judged(changed("cefact_cii", (total, "")), UBL)
    assert not [each for each in findings if each.ruleset.startswith("xsd")]
    assert b">\t25.00</cbc:TaxAmount>" in there
    assert adapters.read(there).document.get("BG-22/BT-110") is None


@pytest.mark.parametrize(("indicator", "group"), [("0", "BG-20"), ("1", "BG-21")])
def test_an_indicator_in_digits_is_an_allowance_or_charge(indicator: str, group: str) -> None:
    """`0` and `1` are booleans of XSD: such an allowance is translated, not lost."""
    word = "false" if indicator == "0" else "true"
    data = changed(
        "peppol_ubl", (f"Indicator>{word}</cbc:Charge", f"Indicator>{indicator}</cbc:Charge")
    )
    there, findings = judged(data, CII)
    assert findings == []
    assert any(term.id.startswith(group) for term in adapters.read(there).document)


@pytest.mark.parametrize("amount", ["1E+999999999", "1E-999999999", "NaN", "Infinity", "x", ""])
@pytest.mark.parametrize("place", [">25.00</ram:CalculatedAmount>", ">25.00</ram:ChargeAmount>"])
def test_no_amount_makes_a_derived_one_burst(amount: str, place: str) -> None:
    """Numbers beyond any amount are not counted with: the translation stays small and is made."""
    gross = "<ram:GrossPriceProductTradePrice><ram:ChargeAmount>9</ram:ChargeAmount>"
    price = "<ram:NetPriceProductTradePrice>"
    data = changed(
        "cefact_cii",
        ('<ram:TaxTotalAmount currencyID="EUR">25.00</ram:TaxTotalAmount>', ""),
        (price, gross + "</ram:GrossPriceProductTradePrice>" + price),
        (place, place.replace("25.00", amount)),
    )
    assert len(adapters.convert(data, UBL).data) < 20_000
