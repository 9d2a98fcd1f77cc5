"""The sums of EN 16931 in UBL: totals of lines, charges and VAT, to the cent (BR-CO)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable
from schemas.rules.invoice.ubl_conditions import vat_only
from schemas.rules.invoice.values import ZERO, amount, decimal, rounded, says, total, whole

_ONE: Final = Decimal(1)


@check("ubl-line-total")
def line_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-10: the sum of the lines."""
    del args
    lines = [*tree.named("cac:InvoiceLine"), *tree.named("cac:CreditNoteLine")]
    sums = tree.once("lines", lambda: rounded(total(lines, "cbc:LineExtensionAmount")))
    return _equal(amount(node, "cbc:LineExtensionAmount"), sums)


@check("ubl-charge-total")
def charge_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-11, BR-CO-12: the sum of the allowances (`false`) or charges (`true`)."""
    del tree
    name = "cbc:ChargeTotalAmount" if args == "true" else "cbc:AllowanceTotalAmount"
    found = node.parent.all("cac:AllowanceCharge") if node.parent else []
    found = [each for each in found if says(each, "cbc:ChargeIndicator", truth=args == "true")]
    stated = amount(node, name)
    if stated is None and not found:
        return True
    return _equal(stated, rounded(total(found, "cbc:Amount")))


@check("ubl-without-vat")
def without_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-13: lines minus allowances plus charges."""
    del tree, args
    lines = amount(node, "cbc:LineExtensionAmount")
    charges = amount(node, "cbc:ChargeTotalAmount")
    allowances = amount(node, "cbc:AllowanceTotalAmount")
    stated = amount(node, "cbc:TaxExclusiveAmount")
    if lines is None:
        return False
    if charges is None and allowances is None:
        return _equal(stated, lines)
    return _equal(stated, rounded(lines + (charges or ZERO) - (allowances or ZERO)))


@check("ubl-vat-total")
def vat_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-14: the VAT total is the sum of the breakdown."""
    del tree, args
    subtotals = node.all("cac:TaxSubtotal")
    if not subtotals:
        return True
    return _equal(amount(node, "cbc:TaxAmount"), rounded(total(subtotals, "cbc:TaxAmount")))


@check("ubl-with-vat")
def with_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-15: the total with VAT, with the one VAT total in the invoice currency."""
    del tree, args
    totals = node.all("cac:TaxTotal")
    for currency in node.all("cbc:DocumentCurrencyCode"):
        stated = [
            decimal(each.text)
            for whole_tax in totals
            for each in _in_currency(whole_tax, currency.text)
        ]
        if len(stated) != 1:
            return str(len(stated)), "1"
        money = node.all("cac:LegalMonetaryTotal")
        gross = [amount(each, "cbc:TaxInclusiveAmount") for each in money]
        net = [amount(each, "cbc:TaxExclusiveAmount") for each in money]
        found = [each for each in net if each is not None]
        if len(found) > 1:
            raise Undecidable("cac:LegalMonetaryTotal")
        if not found or rounded(found[0] + stated[0]) not in gross:
            return False
    return True


@check("ubl-due")
def due(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-16: the amount due."""
    del tree, args
    paid, rounding = amount(node, "cbc:PrepaidAmount"), amount(node, "cbc:PayableRoundingAmount")
    stated, gross = amount(node, "cbc:PayableAmount"), amount(node, "cbc:TaxInclusiveAmount")
    if stated is None or gross is None:
        return False
    if rounding is not None:
        stated = rounded(stated - rounding)
    return _equal(stated, gross if paid is None else rounded(gross - paid))


@check("ubl-vat-amount")
def vat_amount(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-17: the VAT of a category is its base by its rate, give or take one."""
    del tree, args
    rates = [
        decimal(each.text)
        for category in vat_only(node.all("cac:TaxCategory"))
        for each in category.all("cbc:Percent")
    ]
    if len(rates) > 1:
        raise Undecidable("cbc:Percent")
    tax = amount(node, "cbc:TaxAmount")
    if not rates or whole(rates[0]) == ZERO:
        return tax is not None and (whole(tax) == ZERO or (str(tax), "0"))
    base = amount(node, "cbc:TaxableAmount")
    if tax is None or base is None:
        return False
    expected = rounded(abs(base) * (rates[0] / 100))
    return abs(abs(tax) - expected) < _ONE or (str(tax), str(expected))


def _in_currency(node: Node, currency: str) -> list[Node]:
    found = [e for e in node.all("cbc:TaxAmount") if e.attrs.get("currencyID") == currency]
    if len(found) > 1:
        raise Undecidable("cbc:TaxAmount")
    return found


def _equal(stated: Decimal | None, expected: Decimal) -> Verdict:
    return stated == expected or ("" if stated is None else str(stated), str(expected))
