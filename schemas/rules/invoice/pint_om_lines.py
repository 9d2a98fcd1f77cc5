"""Checks of the lines of PINT for Oman: price, tax, gross amount."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.rules.invoice.lexical import is_decimal
from schemas.rules.invoice.pint_om_reading import of_kind
from schemas.rules.invoice.pint_om_values import (
    CENT,
    added,
    castable,
    decimal_or,
    judged,
    near,
    thousandth,
)
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.values import ZERO, amount, decimal, rounded

_CATEGORY: Final = "cac:Item/cac:ClassifiedTaxCategory"
_TAX: Final = "cac:ItemPriceExtension/cac:TaxTotal/cbc:TaxAmount"
_NET: Final = "cbc:LineExtensionAmount"
_PRICE: Final = "cac:Price/cbc:PriceAmount"
_SLACK: Final = Decimal("0.001")


@check("om-line-untaxed")
def line_untaxed(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-039-OM and the like: a line of the category has no tax, or a tax of zero."""
    del tree
    found = node.all(_TAX)
    if node.word(f"{_CATEGORY}/cbc:ID") != args or not found:
        return True
    text = words(found[0].text)
    return not text or (is_decimal(text) and decimal(text) == ZERO) or (text, "0")


@check("om-line-net")
def line_net(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-071-OM: a line is quantity by price, plus charges, less allowances, within 0.01."""
    del tree, args
    found = [*node.all("cbc:InvoicedQuantity"), *node.all("cbc:CreditedQuantity")]
    quantity = decimal_or(found, Decimal(1))
    price = decimal_or(node.all(_PRICE), ZERO)
    per = decimal_or(node.all("cac:Price/cbc:BaseQuantity"), ZERO) or Decimal(1)
    charges = rounded(_charged(node, "true")) - rounded(_charged(node, "false"))
    return near(decimal_or(node.all(_NET), ZERO), quantity * (price / per) + charges, CENT)


@check("om-net-price")
def net_price(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-075-OM, IBR-157-OM: the net price is the gross price less its allowances."""
    del tree
    discounts = node.all("cac:Price/cac:AllowanceCharge/cbc:Amount")
    if args == "price":
        gross = amount(node, "cac:Price/cbc:BaseAmount")
        if not gross:
            return True
        net, expected = amount(node, _PRICE) or ZERO, rounded(gross - added(discounts))
        return net == expected or (str(net), str(expected))
    if not node.has("cac:Price/cac:AllowanceCharge/cbc:BaseAmount"):
        return True
    gross = castable(node, "cac:Price/cac:AllowanceCharge/cbc:BaseAmount")
    stated = castable(node, _PRICE)
    if gross is None or stated is None:
        return False
    return near(stated, rounded(gross - added(discounts)), CENT)


@check("om-line-tax")
def line_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-168-OM: the tax of a line is its net amount by its rate, to the thousandth."""
    del tree
    percent = decimal_or(node.all(f"{_CATEGORY}/cbc:Percent"), ZERO)
    if not percent:
        return True
    stated, net = castable(node, _TAX), castable(node, _NET)
    if stated is None or net is None:
        return args == "exact"
    expected = thousandth(net * percent / 100)
    return judged(thousandth(stated), expected, _SLACK, exact=args == "exact")


@check("om-line-gross")
def line_gross(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-158-OM: a line with its tax is the net amount plus the tax, give or take 0.01."""
    del args
    taxes = node.all(_TAX)
    if of_kind(node, tree, "margin") or (of_kind(node, tree, "simplified") and not taxes):
        return True
    gross, net = castable(node, "cac:ItemPriceExtension/cbc:Amount"), castable(node, _NET)
    if gross is None or net is None:
        return False
    return near(gross, net + (castable(node, _TAX) or ZERO), CENT)


def _charged(node: Node, kind: str) -> Decimal:
    found = [
        each
        for charge in node.all("cac:AllowanceCharge")
        if any(each.text == kind for each in charge.all("cbc:ChargeIndicator"))
        for each in charge.all("cbc:Amount")
    ]
    return added(each for each in found if is_decimal(each.text))
