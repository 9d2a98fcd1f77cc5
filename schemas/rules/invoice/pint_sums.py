"""The sums of PINT: as those of EN 16931, with the liberties of each jurisdiction."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.ubl_sums import line_total, without_vat
from schemas.rules.invoice.values import (
    ZERO,
    amount,
    compared,
    decimal,
    number,
    rounded,
    says,
    total,
)

_TAX: Final = "cac:TaxTotal/cbc:TaxAmount"
_PRICE: Final = "../cbc:PriceAmount"
_KIND: Final = "cbc:ChargeIndicator"
_SLACK: Final = Decimal("0.02")


def within(stated: Decimal | None, expected: Decimal | None, slack: Decimal) -> Verdict:
    """Tell whether two amounts are near enough; raises Undecidable if one is missing."""
    if stated is None or expected is None:
        raise Undecidable("")
    return abs(stated - expected) <= slack or (str(stated), str(expected))


@check("pint-without-tax")
def without_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-co-13: lines minus allowances plus charges, unless prices include the tax."""
    return _included(node.parent) or without_vat(node, tree, args)


@check("pint-with-tax")
def with_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-co-15: the total with tax is that without, plus the first tax total of the currency."""
    del args
    if _included(node):
        return True
    currencies = {each.text for each in tree.root.all("cbc:DocumentCurrencyCode")}
    stated = _only(node.all("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"))
    without = _only(node.all("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"))
    taxes = node.all("cac:TaxTotal")[:1]
    tax = _only(
        [
            e
            for t in taxes
            for e in t.all("cbc:TaxAmount")
            if e.attrs.get("currencyID") in currencies
        ]
    )
    if stated is None or without is None or tax is None:
        return False
    return _equal(stated, rounded(without + tax))


@check("pint-due")
def due(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-co-16: the amount due; a prepaid or rounding amount of zero counts as none."""
    del tree, args
    paid, rounding = amount(node, "cbc:PrepaidAmount"), amount(node, "cbc:PayableRoundingAmount")
    stated, gross = amount(node, "cbc:PayableAmount"), amount(node, "cbc:TaxInclusiveAmount")
    if stated is None or gross is None:
        return False
    stated = rounded(stated - rounding) if rounding else stated
    return _equal(stated, rounded(gross - paid) if paid else gross)


@check("pint-tax-total")
def tax_total(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-co-14: the tax total is the sum of the breakdown (`args`: `rounded` on both sides)."""
    del tree
    subtotals = node.all("cac:TaxSubtotal")
    stated = amount(node, "cbc:TaxAmount")
    if args and stated is not None:
        stated = rounded(stated)
    return not subtotals or _equal(stated, rounded(total(subtotals, "cbc:TaxAmount")))


@check("pint-rounded")
def both_rounded(node: Node, tree: Tree, args: str) -> Verdict:
    """SG: the sum of lines, of allowances (`false`), of charges (`true`), to the cent."""
    if args == "lines":
        return _loosely(line_total(node, tree, ""))
    name = "cbc:ChargeTotalAmount" if args == "true" else "cbc:AllowanceTotalAmount"
    above = node.parent
    found = above.all("cac:AllowanceCharge") if above else []
    found = [each for each in found if says(each, _KIND, truth=args == "true")]
    stated = amount(node, name)
    if stated is None:
        return not found
    return _equal(rounded(stated), rounded(total(found, "cbc:Amount")))


@check("sg-without-tax")
def sg_without_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-13-GST-SG: as BR-CO-13, the stated total rounded as well if there are charges."""
    found = without_vat(node, tree, args)
    if not node.has("cbc:ChargeTotalAmount") and not node.has("cbc:AllowanceTotalAmount"):
        return found
    return _loosely(found)


@check("sg-due")
def sg_due(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-16-GST-SG: the amount due, rounded on both sides unless nothing is added."""
    del tree, args
    paid, rounding = amount(node, "cbc:PrepaidAmount"), amount(node, "cbc:PayableRoundingAmount")
    stated, gross = amount(node, "cbc:PayableAmount"), amount(node, "cbc:TaxInclusiveAmount")
    if stated is None or gross is None:
        return False
    if paid is None and rounding is None:
        return _equal(stated, gross)
    return _equal(rounded(stated - (rounding or ZERO)), rounded(gross - (paid or ZERO)))


@check("sg-with-tax")
def sg_with_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-15-GST-SG: with the one tax total in the document currency, wherever it stands."""
    del args
    for currency in node.all("cbc:DocumentCurrencyCode"):
        counted = 0
        for whole_tax in tree.named("cac:TaxTotal"):
            counted += _only(_of(whole_tax, currency.text)) is not None
        if counted != 1:
            return str(counted), "1"
        tax = [_only(_of(whole_tax, currency.text)) for whole_tax in node.all("cac:TaxTotal")]
        stated = _only(node.all("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"))
        without = _only(node.all("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"))
        taxes = [each for each in tax if each is not None]
        if stated is None or without is None or not taxes:
            return False
        if stated != rounded(without + taxes[0]):
            return str(stated), str(rounded(without + taxes[0]))
    return True


@check("line-net")
def line_net(node: Node, tree: Tree, args: str) -> Verdict:
    """A line is quantity by price, plus charges, less allowances, give or take 0.02.

    The artefact adds the charges as floating-point numbers, and takes what is missing for 0 or 1.
    """
    del args
    quantity = "Invoiced" if tree.root.name == "ubl:Invoice" else "Credited"
    by = amount(node, f"cbc:{quantity}Quantity")
    price = amount(node, "cac:Price/cbc:PriceAmount") or ZERO
    per = amount(node, "cac:Price/cbc:BaseQuantity") or 1
    expected = (1 if by is None else by) * (price / per)
    expected += _floating(node, "true") - _floating(node, "false")
    return within(amount(node, "cbc:LineExtensionAmount") or ZERO, expected, _SLACK)


@check("aunz-line-net")
def aunz_line_net(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-053: the same with every figure there, reckoned in floating point."""
    del tree, args
    found = [*node.all("cbc:InvoicedQuantity"), *node.all("cbc:CreditedQuantity")]
    quantity, price = _double(found), _double(node.all("cac:Price/cbc:PriceAmount"))
    per = node.all("cac:Price/cbc:BaseQuantity")
    by = _double(per) if per else 1.0
    stated = amount(node, "cbc:LineExtensionAmount")
    if quantity is None or price is None or not by or stated is None:
        raise Undecidable("")
    expected = quantity * (price / by) + _charged(node, truth=True) - _charged(node, truth=False)
    return within(stated, Decimal(expected), _SLACK)


def _charged(node: Node, *, truth: bool) -> float:
    found = [c for c in node.all("cac:AllowanceCharge") if says(c, _KIND, truth=truth)]
    return sum(compared(a.text) for c in found for a in c.all("cbc:Amount"))


def _double(nodes: list[Node]) -> float | None:
    """Return the number of the one node, as XPath reckons with text."""
    if len(nodes) > 1:
        raise Undecidable(nodes[0].text)
    return compared(nodes[0].text) if nodes else None


def _floating(node: Node, kind: str) -> Decimal:
    found = [c for c in node.all("cac:AllowanceCharge") if words(c.value(_KIND)) == kind]
    return Decimal(sum(float(number(a.text)) for c in found for a in c.all("cbc:Amount")))


def _included(node: Node | None) -> bool:
    """Tell whether a tax total says that prices include the tax."""
    found = node.all("cac:TaxTotal") if node else []
    return any(says(each, "cbc:TaxIncludedIndicator", truth=True) for each in found)


def _of(node: Node, currency: str) -> list[Node]:
    return [e for e in node.all("cbc:TaxAmount") if e.attrs.get("currencyID") == currency]


def _only(nodes: Iterable[Node]) -> Decimal | None:
    """Return the decimal of the one node; raises Undecidable for more."""
    found = [decimal(node.text) for node in nodes]
    if len(found) > 1:
        raise Undecidable(str(found[0]))
    return found[0] if found else None


def _loosely(found: Verdict) -> Verdict:
    """Return a verdict on two amounts after rounding that which is stated."""
    if isinstance(found, bool) or not found[0]:
        return found
    return rounded(decimal(found[0])) == decimal(found[1]) or found


def _equal(stated: Decimal | None, expected: Decimal) -> Verdict:
    return stated == expected or ("" if stated is None else str(stated), str(expected))
