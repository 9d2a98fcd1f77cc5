"""Checks of XRechnung in CII: its copy of Peppol's rules, direct debits, prices, taxes."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.cii_conditions import AGREEMENT, INDICATOR, SETTLEMENT
from schemas.rules.invoice.gather import RAM
from schemas.rules.invoice.german import VAT_CODES
from schemas.rules.invoice.peppol import slack
from schemas.rules.invoice.peppol_parties import said
from schemas.rules.invoice.registry import CONDITIONS, SPARSE, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import (
    ZERO,
    amount,
    compared,
    decimal,
    near,
    quotient,
    rounded,
)

_TOTALS: Final = "ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:TaxTotalAmount"
_LINES: Final = "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
_MANDATE: Final = f"{SETTLEMENT}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"
_CREDITOR: Final = f"{SETTLEMENT}/ram:CreditorReferenceID"
_DEBITED: Final = "ram:PayerPartyDebtorFinancialAccount/ram:IBANID"
_NET: Final = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice"
_GROSS: Final = "ram:SpecifiedLineTradeAgreement/ram:GrossPriceProductTradePrice"
_CHARGES: Final = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge"
_LINE_TOTAL: Final = (
    "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation"
    "/ram:LineTotalAmount"
)
_PERIOD: Final = "ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod"
_DAY: Final = "udt:DateTimeString"
_HUNDRED: Final = Decimal(100)


@check("xr-cii-other-currency")
def other_currency(node: Node, tree: Tree, args: str) -> Verdict:
    """R005: the VAT currency is not that of the document."""
    del args
    taxed = node.all("ram:TaxCurrencyCode")
    if not taxed:
        return True
    found = tree.text(taxed)
    return found != tree.text(node.all("ram:InvoiceCurrencyCode")) or (found, f"!= {found}")


@check("xr-cii-one-total")
def one_total(node: Node, tree: Tree, args: str) -> Verdict:
    """R053, R054: at most one VAT total in the currency of the document, one in that of VAT."""
    invoiced = _currencies(tree, "ram:InvoiceCurrencyCode")
    stated = [each.attrs["currencyID"] for each in node.all(_TOTALS) if "currencyID" in each.attrs]
    if args == "own":
        found = sum(each in invoiced for each in stated)
        return found <= 1 or (str(found), "<= 1")
    found = sum(any(each != other for other in invoiced) for each in stated)
    wanted = int(node.has("ram:TaxCurrencyCode"))
    return found == wanted or (str(found), str(wanted))


@check("xr-cii-same-sign")
def same_sign(node: Node, tree: Tree, args: str) -> Verdict:
    """R055: the VAT totals in both currencies have the same sign."""
    del args
    stated = node.all(_TOTALS)
    taxed = _currencies(tree, "ram:TaxCurrencyCode")
    own = _in(stated, _currencies(tree, "ram:InvoiceCurrencyCode"))
    other = _in(stated, taxed)
    if not taxed or not own:
        return True
    return (
        any(compared(each.text) < 0 for each in other) and any(compared(e.text) < 0 for e in own)
    ) or (
        any(compared(each.text) >= 0 for each in other) and any(compared(e.text) >= 0 for e in own)
    )


@check("xr-cii-charge")
def charge(node: Node, tree: Tree, args: str) -> Verdict:
    """R040: an allowance or charge is its base by its percentage, give or take the slack."""
    del args
    if not node.has("ram:CalculationPercent") or not node.has("ram:BasisAmount"):
        return True
    stated = amount(node, "ram:ActualAmount") or ZERO
    base = amount(node, "ram:BasisAmount") or ZERO
    expected = quotient(base * (amount(node, "ram:CalculationPercent") or ZERO), _HUNDRED)
    return near(stated, expected, slack(tree)) or (str(stated), str(rounded(expected)))


@check("xr-cii-indicator")
def indicator(node: Node, tree: Tree, args: str) -> Verdict:
    """R043: the indicator of a charge says `true` or `false`."""
    del args
    found = tree.text(node.all(INDICATOR))
    return found in ("true", "false") or (found, "true, false")


@check("xr-cii-within")
def within(node: Node, tree: Tree, args: str) -> Verdict:
    """R110, R111: the period of a line is within that of the invoice, compared as text."""
    del tree
    limits = node.all(f"../../../../{_PERIOD}/{args}/{_DAY}")
    found = node.all(_DAY)
    start = args == "ram:StartDateTime"
    return any(
        (each.text >= limit.text if start else each.text <= limit.text)
        for each in found
        for limit in limits
    ) or (", ".join(each.text for each in found), ", ".join(each.text for each in limits))


@check("xr-cii-line")
def line(node: Node, tree: Tree, args: str) -> Verdict:
    """R120: the line is quantity by price, with its charges and without its allowances."""
    del args
    stated = amount(node, _LINE_TOTAL) or ZERO
    quantity = amount(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")
    price = amount(node, f"{_NET}/ram:ChargeAmount") or ZERO
    per = amount(node, f"{_NET}/ram:BasisQuantity") or amount(node, f"{_GROSS}/ram:BasisQuantity")
    expected = (Decimal(1) if quantity is None else quantity) * quotient(price, per or Decimal(1))
    charges = node.all(_CHARGES)
    if charges:
        expected += _sum(charges, "true") - _sum(charges, "false")
    return near(stated, expected, slack(tree)) or (str(stated), str(rounded(expected)))


@check("xr-cii-object")
def line_object(node: Node, tree: Tree, args: str) -> Verdict:
    """R101: the document of a line is its invoiced object (130)."""
    del tree
    return not node.has(args) or said(node.all(f"{args}/ram:TypeCode"), "130")


@check("xr-cii-base-quantity")
def base_quantity(node: Node, tree: Tree, args: str) -> Verdict:
    """R121: the base quantity of a price is above zero."""
    del tree
    found = amount(node, args)
    return found is None or found > ZERO or (str(found), "> 0")


@check("xr-cii-unit")
def unit(node: Node, tree: Tree, args: str) -> Verdict:
    """R130: the base quantity is in the unit of the quantity."""
    del tree
    found = node.attrs.get("unitCode", "")
    units = [each.attrs.get("unitCode") for each in node.all(args)]
    return found in units or (found, ", ".join(filter(None, units)))


@check("xr-cii-discount")
def discount(node: Node, tree: Tree, args: str) -> Verdict:
    """R044: at the price stands an allowance, no charge."""
    del tree, args
    applied = "ram:AppliedTradeAllowanceCharge"
    if not node.has(f"{applied}/ram:ActualAmount"):
        return True
    found = node.all(f"{applied}/{INDICATOR}")
    return said(found, "false") or (", ".join(each.text for each in found), "false")


@check("xr-cii-net-price")
def net_price(node: Node, tree: Tree, args: str) -> Verdict:
    """R046: the net price is the gross price less the first allowance."""
    del tree, args
    if not node.has("ram:ChargeAmount"):
        return True
    stated = amount(node, "../ram:NetPriceProductTradePrice/ram:ChargeAmount")
    gross = amount(node, "ram:ChargeAmount")
    less = [
        each
        for applied in node.all("ram:AppliedTradeAllowanceCharge")
        for each in applied.all("ram:ActualAmount")[:1]
    ]
    if len(less) > 1:
        raise Undecidable("ram:AppliedTradeAllowanceCharge")
    if stated is None or gross is None:
        return False
    expected = gross - (decimal(less[0].text) if less else ZERO)
    return stated == expected or (str(stated), str(expected))


@check("xr-cii-debit")
def debit(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-30, 31: a direct debit names the creditor (`creditor`), the account (`debited`)."""
    del tree
    debited = f"{SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans/{_DEBITED}"
    there = [node.has(_MANDATE), node.has(_CREDITOR), node.has(debited)]
    return not any(there) or (there[1 if args == "creditor" else 2] and sum(there) > 1)


@check("xr-cii-tax-number")
def tax_number(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-16: who charges VAT has a tax number or a representative."""
    del tree, args
    taxes = node.all(f"{_LINES}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax")
    charges = node.all(f"{SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax")
    charged = any(said(each.all("ram:TypeCode"), "VAT") for each in taxes) and _charged(taxes)
    if not charged and not (any(_whole(each) == "VAT" for each in charges) and _charged(charges)):
        return True
    numbers = node.all(f"{AGREEMENT}/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID")
    return node.has(f"{AGREEMENT}/ram:SellerTaxRepresentativeTradeParty") or any(
        words(each.attrs.get("schemeID", "")) in ("VA", "FC") and words(each.text)
        for each in numbers
    )


@check("xr-cii-debit-there")
def debit_there(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-23-b, 24-b, 25-a: there is a direct debit (`there`), or there is none, nor `args`."""
    debit = tree.root.has(_MANDATE) or tree.root.has(_CREDITOR) or node.has(_DEBITED)
    return debit if args == "there" else not debit and not node.has(args)


@check("xr-cii-same-base")
def same_base(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-TMP-3: base quantities of net and gross price, and their units, are the same."""
    del tree, args
    net, gross = node.all(f"{_NET}/ram:BasisQuantity"), node.all(f"{_GROSS}/ram:BasisQuantity")
    if not net or not gross:
        return True
    units, others = _units(net), _units(gross)
    same = not {each.text for each in net}.isdisjoint(each.text for each in gross)
    return same and (not units or not others or not units.isdisjoint(others))


@check("xr-cii-tender")
def tender(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-CVD-02: the tender (50) has its number."""
    del tree, args
    return any(
        each.word("ram:TypeCode") == "50" and each.word("ram:IssuerAssignedID")
        for each in node.all("ram:AdditionalReferencedDocument")
    )


def _currencies(tree: Tree, name: str) -> list[str]:
    return [each.text for each in tree.root.all(f"{SETTLEMENT}/{name}")]


def _in(totals: list[Node], currencies: list[str]) -> list[Node]:
    return [each for each in totals if each.attrs.get("currencyID") in currencies]


def _sum(charges: Iterable[Node], kind: str) -> Decimal:
    """Return the sum of the allowances (`false`) or charges (`true`), to the cent."""
    found = [each for each in charges if each.word(INDICATOR) == kind]
    return rounded(
        sum((decimal(money.text) for each in found for money in each.all("ram:ActualAmount")), ZERO)
    )


def _charged(taxes: list[Node]) -> bool:
    return any(code.text in VAT_CODES for each in taxes for code in each.all("ram:CategoryCode"))


def _whole(node: Node) -> str:
    """Return the text of an element with all that is in it."""
    return node.text + "".join(map(_whole, node.kids))


def _units(quantities: list[Node]) -> set[str]:
    return {each.attrs["unitCode"] for each in quantities if "unitCode" in each.attrs}


def _empty(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element is empty; one name, with its usual prefix, may be."""
    if node.kids or words(node.text):
        return False
    return node.name != args or tree.prefixes.get("ram") != RAM


def _means(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the means of payment are among the codes."""
    del tree
    return node.word("ram:TypeCode") in args.split()


def _periodic(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the document has such a date of its period."""
    del tree
    return node.has(f"../../../../{_PERIOD}/{args}")


CONDITIONS.update({"cii-empty": _empty, "cii-means": _means, "cii-periodic": _periodic})
SPARSE["cii-empty"] = lambda tree: tree.blank
