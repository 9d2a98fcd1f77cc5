"""Checks of PINT for the United Arab Emirates that neither a table nor a clause can say."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.checks import codes
from schemas.rules.invoice.lexical import is_decimal
from schemas.rules.invoice.peppol import net_price
from schemas.rules.invoice.pint_sums import within
from schemas.rules.invoice.pint_tax import base_by_rate, of_base
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable
from schemas.rules.invoice.values import amount, compared, decimal, double, total

_LEGAL: Final = "cac:PartyLegalEntity/cbc:CompanyID"
_NET: Final = "cbc:LineExtensionAmount"
_HALF: Final = 0.5
_NO_PASSPORTS: Final = ("1A", "XI")
_LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_ON_LINE: Final = "cac:Item/cac:ClassifiedTaxCategory"


@check("ae-passport")
def passport(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-010-ae, ibr-012-ae: a passport number (PAS) names the country that issued it."""
    del tree, args
    numbers = node.all(_LEGAL)
    if not any(each.attrs.get("schemeAgencyID") == "PAS" for each in numbers):
        return True
    names = [a for a in (each.attrs.get("schemeAgencyName") for each in numbers) if a is not None]
    if len(names) > 1:
        raise Undecidable(names[0])
    known = codes("iso3166").difference(_NO_PASSPORTS)
    return bool(names) and (names[0] in known or (names[0], "ISO 3166-1"))


@check("ae-multiplied")
def multiplied(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-131-ae, ibr-146-ae: an allowance or charge is base by percentage, rounded or not."""
    del tree, args
    base, factor = node.one("cbc:BaseAmount"), node.one("cbc:MultiplierFactorNumeric")
    if base is None or factor is None:
        return True
    stated = double(node.value("cbc:Amount"))
    expected = double(base.text) * double(factor.text) / 100
    return stated in (expected, _rounded(expected)) or (str(stated), str(expected))


@check("ae-net-price")
def ae_net_price(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-004: as elsewhere; what is no decimal is a fault like another."""
    if not node.has("cbc:BaseAmount"):
        return True
    paths = ("cbc:BaseAmount", "cbc:Amount", "../cbc:PriceAmount")
    return all(_castable(node, path) for path in paths) and net_price(node, tree, args)


@check("ae-line-net")
def line_net(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-147-ae: a line is quantity by price, plus charges, less allowances, to the cent."""
    del tree, args
    found = [*node.all("cbc:InvoicedQuantity"), *node.all("cbc:CreditedQuantity")]
    quantity, price = _number(found), _number(node.all("cac:Price/cbc:PriceAmount"))
    per, stated = _number(node.all("cac:Price/cbc:BaseQuantity")), _number(node.all(_NET))
    charges = _charged(node, "true") - _charged(node, "false")
    if quantity is None or price is None or per is None or stated is None:
        return False
    expected = _rounded(quantity * _divided(price, per) + charges)
    return _rounded(stated) == expected or (str(stated), str(expected))


@check("ae-tax-point")
def tax_point(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-141-ae: the tax point is before the day of issue."""
    del tree, args
    points, issued = node.all("cbc:TaxPointDate"), node.all("cbc:IssueDate")
    return not points or any(one.text < other.text for one in points for other in issued)


@check("ae-agent")
def agent(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-176-ae: a disclosed agent has another number than the seller that it bills for."""
    del args
    if not _of_type(node, tree, "^[01]{5}1[01]{2}$"):
        return True
    sellers = node.all("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
    principals = node.all("cac:SellerSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID")
    return any(one.text != other.text for one in sellers for other in principals)


@check("ae-base-by-rate")
def ae_base_by_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-s-08: as elsewhere; a rate that is no decimal is a fault like another."""
    return _castable(node, "cbc:Percent") and base_by_rate(node, tree, args)


@check("ae-tax-of-base")
def ae_tax_of_base(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-s-09: as elsewhere; what is no decimal is a fault like another."""
    paths = ("cbc:Percent", "../cbc:TaxableAmount", "../cbc:TaxAmount")
    return all(_castable(node, path) for path in paths) and of_base(node, tree, args)


@check("ae-base-of-lines")
def base_of_lines(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-102-ae: the base of a category and rate is the sum of its lines, within a slack."""
    code, slack = args.split()
    if not _castable(node, "cbc:Percent"):
        return False
    rate = decimal(node.value("cbc:Percent"))
    for name in _LINES:
        if any(_has(line, code, rate) for line in tree.named(name)):
            lines = [line for line in node.all(f"../../../{name}") if _has(line, code, rate)]
            stated = amount(node, "../cbc:TaxableAmount")
            if within(stated, total(lines, _NET), Decimal(slack)) is True:
                return True
    return False


def _has(line: Node, code: str, rate: Decimal) -> bool:
    """Tell whether a line has the category and, in the same category or another, the rate."""
    found = line.all(_ON_LINE)
    return any(each.word("cbc:ID") == code for each in found) and any(
        amount(each, "cbc:Percent") == rate for each in found
    )


def _of_type(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the transaction type of the document (ProfileExecutionID) is like a pattern."""
    del node
    return (
        re.search(args.replace("$", r"\Z"), tree.root.value("cbc:ProfileExecutionID")) is not None
    )


CONDITIONS["ae-type"] = _of_type


def _castable(node: Node, path: str) -> bool:
    found = node.all(path)
    return len(found) == 1 and is_decimal(found[0].text)


def _charged(node: Node, kind: str) -> float:
    found = [c for c in node.all("cac:AllowanceCharge") if _is(c, kind)]
    return sum(compared(a.text) for c in found for a in c.all("cbc:Amount"))


def _is(charge: Node, kind: str) -> bool:
    return any(each.text == kind for each in charge.all("cbc:ChargeIndicator"))


def _number(nodes: list[Node]) -> float | None:
    if len(nodes) > 1:
        raise Undecidable(nodes[0].text)
    return compared(nodes[0].text) if nodes else None


def _divided(value: float, by: float) -> float:
    """Return a quotient of floating-point numbers, infinite where a computer's is."""
    if by:
        return value / by
    return math.nan if not value or math.isnan(value) else math.copysign(math.inf, value)


def _rounded(value: float) -> float:
    """Return `round(value * 100) div 100` of a floating-point number."""
    scaled = value * 100
    if not math.isfinite(scaled):
        return value
    below = math.floor(scaled)
    return (below + (scaled - below >= _HALF)) / 100
