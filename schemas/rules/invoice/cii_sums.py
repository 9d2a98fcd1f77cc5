"""The sums of EN 16931 in CII (BR-CO); untyped values are added as doubles, as XPath does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.cii_conditions import INDICATOR, SETTLEMENT
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.values import ZERO, amount, decimal, number, rounded, says, whole

_CHARGES: Final = f"{SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge"
_SUMMATION: Final = f"{SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_LINE_TOTAL: Final = (
    "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement"
    "/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
)
_ONE: Final = Decimal(1)


@check("cii-line-total")
def line_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-10: the sum of the lines."""
    del args
    above = node.parent.parent if node.parent else None
    found = above.all(_LINE_TOTAL) if above else []
    sums = tree.once(f"lines {id(above)}", lambda: rounded(Decimal(repr(_doubles(found)))))
    return _equal(amount(node, "ram:LineTotalAmount"), sums)


@check("cii-charge-total")
def charge_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-11, BR-CO-12: the sum of the allowances (`false`) or charges (`true`)."""
    name = "ram:ChargeTotalAmount" if args == "true" else "ram:AllowanceTotalAmount"
    found = [
        each for each in tree.root.all(_CHARGES) if says(each, INDICATOR, truth=args == "true")
    ]
    stated = node.all(name)
    if not found and not stated:
        return True
    amounts = [money for each in found for money in each.all("ram:ActualAmount")[:1]]
    return _same(stated, _cents(_doubles(amounts)))


@check("cii-without-vat")
def without_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-13: lines minus allowances plus charges."""
    del tree, args
    lines, stated = _first(node, "ram:LineTotalAmount"), _first(node, "ram:TaxBasisTotalAmount")
    if lines is None:
        return False
    charges = _first(node, "ram:ChargeTotalAmount") or ZERO
    allowances = _first(node, "ram:AllowanceTotalAmount") or ZERO
    return _equal(stated, rounded(lines - allowances + charges))


@check("cii-vat-total")
def vat_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-14: the VAT total is the sum of the breakdown."""
    del args
    found = tree.root.all(f"{SETTLEMENT}/ram:ApplicableTradeTax/ram:CalculatedAmount")
    return _same([node], _cents(_doubles(found)))


@check("cii-with-vat")
def with_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-15: the total with VAT, or the same without where there is none."""
    del node, args
    root = tree.root
    gross = _top(root, "ram:GrandTotalAmount")
    basis = _top(root, "ram:TaxBasisTotalAmount")
    for currency in root.all(f"{SETTLEMENT}/ram:InvoiceCurrencyCode"):
        stated = [
            each
            for each in root.all(f"{_SUMMATION}/ram:TaxTotalAmount")
            if each.attrs.get("currencyID") == currency.text
        ]
        if gross is None or basis is None:
            return False
        if len(stated) == 1 and gross == rounded(basis + decimal(stated[0].text)):
            continue
        if gross != basis:
            return False
    return True


@check("cii-due")
def due(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-16: the amount due; not rounded."""
    del tree, args
    stated, gross = _first(node, "ram:DuePayableAmount"), _first(node, "ram:GrandTotalAmount")
    if gross is None:
        return False
    paid, rounding = _first(node, "ram:TotalPrepaidAmount"), _first(node, "ram:RoundingAmount")
    return _equal(stated, gross - (paid or ZERO) + (rounding or ZERO))


@check("cii-vat-amount")
def vat_amount(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-17: the VAT of a category is its base by its rate, one more or less allowed."""
    del tree, args
    percent = amount(node, "ram:RateApplicablePercent")
    if node.word("ram:TypeCode").upper() != "VAT":
        percent = None
    tax, base = amount(node, "ram:CalculatedAmount"), amount(node, "ram:BasisAmount")
    if percent is None or whole(percent) == ZERO:
        return tax is not None and (whole(tax) == ZERO or (str(tax), "0"))
    if tax is None or base is None:
        return False
    expected = rounded(abs(base) * (percent / 100))
    return abs(abs(tax) - expected) <= _ONE or (str(tax), str(expected))


@check("cii-decimals-in")
def decimals_in(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEC-13, 15: some VAT total has two decimals, or is in another currency.

    `args` names the currency; for that of accounting, its absence will do.
    """
    totals = node.all("ram:TaxTotalAmount")
    currencies = {each.text for each in tree.root.all(f"{SETTLEMENT}/{args}")}
    if not totals:
        return True
    for each in totals:
        stated = each.attrs.get("currencyID")
        if stated is not None and stated in currencies:
            value = number(each.text)
            if value == rounded(value):
                return True
        elif args == "ram:InvoiceCurrencyCode" or not currencies:
            return True
    return False


def _first(node: Node, path: str) -> Decimal | None:
    return amount(node, path + "[1]")


def _top(root: Node, name: str) -> Decimal | None:
    found = root.all(f"{_SUMMATION}/{name}")
    return decimal(found[0].text) if found else None


def _doubles(nodes: Iterable[Node]) -> float:
    return sum((float(number(node.text)) for node in nodes), 0.0)


def _cents(value: float) -> float:
    return math.floor(value * 10 * 10 + 0.5) / 100


def _same(stated: list[Node], expected: float) -> Verdict:
    return any(float(number(each.text)) == expected for each in stated) or (
        ", ".join(each.text for each in stated),
        str(expected),
    )


def _equal(stated: Decimal | None, expected: Decimal) -> Verdict:
    return stated == expected or ("" if stated is None else str(stated), str(expected))
