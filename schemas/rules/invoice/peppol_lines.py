"""Checks of Peppol BIS Billing 3.0 on lines and their prices."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.peppol import allowed
from schemas.rules.invoice.peppol_conditions import KIND
from schemas.rules.invoice.peppol_parties import said
from schemas.rules.invoice.registry import BOUND, Verdict, check, spoken
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.values import ZERO, amount, decimal, near, quotient, rounded

_ONE: Final = Decimal(1)
_BASE_QUANTITY: Final = "cac:Price/cbc:BaseQuantity"


@check("peppol-line")
def line(node: Node, tree: Tree, args: str) -> Verdict:
    """R120: the line is quantity by price, with its charges and without its allowances."""
    invoice = tree.root.name == "ubl:Invoice"
    quantity = amount(node, "cbc:InvoicedQuantity" if invoice else "cbc:CreditedQuantity")
    stated = amount(node, "cbc:LineExtensionAmount") or ZERO
    expected = amount(node, "cac:Price/cbc:PriceAmount") or ZERO
    per = amount(node, "cac:Price/cbc:BaseQuantity")
    if per and per != _ONE:
        expected = quotient(expected, per)
    if quantity is not None:
        expected *= quantity
    charges = node.all("cac:AllowanceCharge")
    if charges:
        expected += _sum(charges, "true") - _sum(charges, "false")
    return near(stated, expected, allowed(tree, args)) or (str(stated), str(rounded(expected)))


@check("peppol-base-quantity", lambda _, node: not node.has(_BASE_QUANTITY))
def base_quantity(node: Node, tree: Tree, args: str) -> Verdict:
    """R121: the base quantity of a price is above zero."""
    del tree
    found = node.only(_BASE_QUANTITY)
    return found is None or above_zero(found, args)


@spoken("peppol-base-quantity", lambda _: _BASE_QUANTITY)
def above_zero(text: str, args: str) -> Verdict:
    """Tell whether a quantity is above zero."""
    del args
    found = decimal(text)
    return found > ZERO or (str(found), "> 0")


@check("peppol-object", lambda _, node: not node.has("cac:DocumentReference"))
def line_object(node: Node, tree: Tree, args: str) -> Verdict:
    """R101: the document of a line is its invoiced object (130)."""
    del tree, args
    types = node.all("cac:DocumentReference/cbc:DocumentTypeCode")
    return not node.has("cac:DocumentReference") or said(types, "130")


@check("peppol-unit")
def unit(node: Node, tree: Tree, args: str) -> Verdict:
    """R130: the base quantity is in the unit of the quantity."""
    del args
    invoiced, credited = (
        node.all("../../cbc:InvoicedQuantity"),
        node.all("../../cbc:CreditedQuantity"),
    )
    quantity = invoiced if tree.root.name == "ubl:Invoice" else credited
    found, units = node.attrs.get("unitCode", ""), [each.attrs.get("unitCode") for each in quantity]
    return not (invoiced or credited) or found in units or (found, str(units[0] if units else ""))


BOUND["peppol-unit"] = (
    "@unitCode",
    "../../cbc:InvoicedQuantity@unitCode",
    "../../cbc:CreditedQuantity@unitCode",
)


def _sum(charges: Iterable[Node], kind: str) -> Decimal:
    """Return the sum of the allowances (`false`) or charges (`true`), to the cent."""
    found = [each for each in charges if each.word(KIND) == kind]
    return rounded(
        sum((decimal(money.text) for each in found for money in each.all("cbc:Amount")), ZERO)
    )
