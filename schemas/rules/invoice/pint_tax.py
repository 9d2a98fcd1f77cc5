"""The tax category rules of PINT: those of EN 16931 for any tax scheme (GST, VAT ...).

`args` begins with the scheme and the code of the category, as in `GST NG`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.clause_kinds import is_taxed
from schemas.rules.invoice.pint_sums import within
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import (
    ZERO,
    amount,
    decimal,
    rounded,
    says,
    total,
    whole,
)

_BREAKDOWN: Final = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
_KIND: Final = "cbc:ChargeIndicator"
_LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_ON_LINE: Final = "cac:Item/cac:ClassifiedTaxCategory"
_CATEGORY: Final = "cac:TaxCategory"
_REGISTERED: Final = (
    ("cac:AccountingSupplierParty", "cac:Party/cac:PartyTaxScheme"),
    ("cac:TaxRepresentativeParty", "cac:PartyTaxScheme"),
    ("cac:AccountingCustomerParty", "cac:Party/cac:PartyTaxScheme"),
)


@check("tax-once")
def once(node: Node, tree: Tree, args: str) -> Verdict:
    """A category that is used stands once in the breakdown (`VAT AE some`: at least once)."""
    scheme, code, *some = args.split()
    places = (*tree.named(_CATEGORY), *tree.named("cac:ClassifiedTaxCategory"))
    used = any(_ids(each, code) for each in places if is_taxed(each, scheme))
    found = sum(len(_ids(c, code)) for c in node.all(_BREAKDOWN) if is_taxed(c, scheme))
    fits = found >= 1 if some else found == 1
    return not used or fits or (str(found), ">= 1" if some else "1")


@check("tax-some")
def some(node: Node, tree: Tree, args: str) -> Verdict:
    """A category stands in the breakdown if, and only if, it is used; the scheme is not asked."""
    code = args
    charges = [c for a in tree.named("cac:AllowanceCharge") for c in a.all(_CATEGORY)]
    used = any(
        each.word("cbc:ID") == code for each in (*charges, *tree.named("cac:ClassifiedTaxCategory"))
    )
    return used == any(each.word("cbc:ID") == code for each in node.all(_BREAKDOWN))


@check("tax-alone")
def alone(node: Node, tree: Tree, args: str) -> Verdict:
    """A category in the breakdown stands alone (`GST O breakdown`, `lines`, `true`, `false`)."""
    scheme, code, where = args.split()
    breakdown = [each for each in node.all(_BREAKDOWN) if is_taxed(each, scheme)]
    if not any(_ids(each, code) for each in breakdown):
        return True
    if where == "breakdown":
        found = breakdown
    elif where == "lines":
        found = tree.named("cac:ClassifiedTaxCategory")
    else:
        charges = tree.named("cac:AllowanceCharge")
        found = [c for a in charges if _of_kind(a, where) for c in a.all(_CATEGORY)]
    return not any(each.word("cbc:ID") != code and is_taxed(each, scheme) for each in found)


@check("tax-unregistered")
def unregistered(node: Node, tree: Tree, args: str) -> Verdict:
    """With a category on lines (`GST NG lines`) or charges no party has a number for the tax."""
    del node
    scheme, code, where = args.split()
    if where == "lines":
        found = tree.named("cac:ClassifiedTaxCategory")
    else:
        charges = tree.root.all("cac:AllowanceCharge")
        found = [c for a in charges if _of_kind(a, where) for c in a.all(_CATEGORY)]
    if not any(each.word("cbc:ID") == code and is_taxed(each, scheme) for each in found):
        return True
    return not any(registered(tree, scheme, party) for party in range(len(_REGISTERED)))


@check("tax-registered")
def seller_registered(node: Node, tree: Tree, args: str) -> Verdict:
    """The seller, or its representative, has a number for the tax."""
    del node
    return registered(tree, args, 0) or registered(tree, args, 1)


def registered(tree: Tree, scheme: str, party: int) -> bool:
    """Tell whether the seller (0), the tax representative (1), the buyer (2) has a tax number."""
    name, path = _REGISTERED[party]
    numbers = [each for found in tree.named(name) for each in found.all(path)]
    for each in numbers:
        if len(each.all("cac:TaxScheme")) > 1:
            raise Undecidable("cac:TaxScheme")
    return any(each.has("cbc:CompanyID") for each in numbers if is_taxed(each, scheme))


@check("tax-base")
def base(node: Node, tree: Tree, args: str) -> Verdict:
    """The base of a category is the sum of its lines and charges less allowances, exactly."""
    stated = _stated(node, "cbc:TaxableAmount")
    sums = [
        _sum(node, name, args, None) for name in _LINES if tree.named(name) and stated is not None
    ]
    return stated in sums or (_said(stated), ", ".join(map(str, sums)))


@check("tax-base-by-rate")
def base_by_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """The base of a category and rate is that sum, within a slack.

    `SA 0.02 0`: category, slack, and what a missing rate is taken for.
    """
    code, slack, *default = args.split()
    rates = _rates(node, default)
    if len(rates) > 1:
        raise Undecidable("cbc:Percent")
    return all(_fits_base(node, tree, (code, rate, default), Decimal(slack)) for rate in rates)


@check("tax-of-base")
def of_base(node: Node, tree: Tree, args: str) -> Verdict:
    """The tax of a category is base by rate, within a slack (`0.02 0`: a missing rate is 0)."""
    del tree
    slack, *default = args.split()
    rates = _rates(node, default)
    tax, basis = _stated(node, "cbc:TaxAmount"), _stated(node, "cbc:TaxableAmount")
    if len(rates) > 1:
        raise Undecidable("cbc:Percent")
    if not rates or tax is None or basis is None:
        raise Undecidable("")
    return within(abs(tax), rounded(abs(basis) * (rates[0] / 100)), Decimal(slack))


@check("tax-of-subtotal")
def of_subtotal(node: Node, tree: Tree, args: str) -> Verdict:
    """The tax of a subtotal is base by rate: `GST < 2` (less than 2 apart), `GST <= 1`."""
    del tree
    scheme, sign, slack = args.split()
    found = [each for each in node.all(_CATEGORY) if is_taxed(each, scheme)]
    rates = [rate for each in found for rate in _rates(each, [])]
    if len(rates) > 1:
        raise Undecidable("cbc:Percent")
    tax = amount(node, "cbc:TaxAmount")
    if not rates or whole(rates[0]) == ZERO:
        return tax is not None and (whole(tax) == ZERO or (str(tax), "0"))
    basis = amount(node, "cbc:TaxableAmount")
    if tax is None or basis is None:
        if sign == "<=":
            raise Undecidable("")
        return False
    expected = rounded(abs(basis) * (rates[0] / 100))
    apart = abs(abs(tax) - expected)
    near = apart < Decimal(slack) if sign == "<" else apart <= Decimal(slack)
    return near or (str(tax), str(expected))


@check("jp-tax")
def japanese(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-051-jp: the tax is base by rate, rounded up or down to a whole amount."""
    del tree, args
    rates = [rate for each in node.all(_CATEGORY) for rate in _rates(each, [])]
    expected = ""
    if rates and any(each.word("cbc:ID").upper() != "O" for each in node.all(_CATEGORY)):
        if len(rates) > 1:
            raise Undecidable("cbc:Percent")
        if _in_bounds(node, rates[0]):
            return True
        expected = ", ".join(map(str, _bounds(node, rates[0])))
    free = not node.has("cac:TaxCategory/cbc:Percent")
    free = free and any(each.word("cbc:ID").upper() == "O" for each in node.all(_CATEGORY))
    if free and amount(node, "cbc:TaxAmount") == ZERO:
        return True
    return ", ".join(each.text for each in node.all("cbc:TaxAmount")), expected


def _in_bounds(node: Node, rate: Decimal) -> bool:
    """Tell whether a tax lies within its bounds; the base is looked at if the rate is not zero."""
    tax = amount(node, "cbc:TaxAmount")
    bounds = _bounds(node, rate)
    return tax is not None and bool(bounds) and bounds[0] <= tax <= bounds[-1]


def _bounds(node: Node, rate: Decimal) -> list[int]:
    """Return base by rate, rounded down and up, as far as there is a base."""
    if whole(rate) == ZERO:
        return [0]
    basis = amount(node, "cbc:TaxableAmount")
    product = None if basis is None else basis * (rate / 100)
    return [] if product is None else [math.floor(product), math.ceil(product)]


@check("my-tourism")
def tourism(node: Node, tree: Tree, args: str) -> Verdict:
    """aligned-ibrp-ttx-09: the tourism tax is that of its lines, plus charges, less allowances."""
    found: list[Verdict] = []
    for name in _LINES:
        if tree.named(name):
            lines = _of_code(_home(node, name), args, _ON_LINE)
            sums = ZERO
            for line in lines:
                sums += total(line.all("cac:TaxTotal"), "cbc:TaxAmount")
            tax = _stated(node, "cbc:TaxAmount")
            tax = None if tax is None else abs(tax)
            found.append(within(tax, sums + _charges(node, args, None), Decimal("0.02")))
            if found[-1] is True:
                return True
    return found[0] if found else False


def _fits_base(node: Node, tree: Tree, of: tuple[str, Decimal, list[str]], slack: Decimal) -> bool:
    """Tell whether the base fits invoice lines, or credit note lines, of the code and rate."""
    code = of[0]
    charges = tree.named("cac:AllowanceCharge")
    for name in _LINES:
        there = _of_rate(_of_code(tree.named(name), code, _ON_LINE), of, _ON_LINE)
        if there or _of_rate(_of_code(charges, code, _CATEGORY), of, _CATEGORY):
            stated = _stated(node, "cbc:TaxableAmount")
            if within(stated, _sum(node, name, code, of), slack) is True:
                return True
    return False


def _sum(node: Node, name: str, code: str, of: tuple[str, Decimal, list[str]] | None) -> Decimal:
    """Return the lines of a name beside the breakdown, plus charges, less allowances."""
    lines = _of_rate(_of_code(_home(node, name), code, _ON_LINE), of, _ON_LINE)
    return total(lines, "cbc:LineExtensionAmount") + _charges(node, code, of)


def _charges(node: Node, code: str, of: tuple[str, Decimal, list[str]] | None) -> Decimal:
    found = ZERO
    for kind, sign in (("true", 1), ("false", -1)):
        charges = [each for each in _home(node, "cac:AllowanceCharge") if _of_kind(each, kind)]
        charges = _of_rate(_of_code(charges, code, _CATEGORY), of, _CATEGORY)
        found += sign * total(charges, "cbc:Amount")
    return found


def _home(node: Node, name: str) -> list[Node]:
    """Return what stands beside the tax total that a category belongs to."""
    return node.all(f"../../../{name}")


def _of_code(nodes: Iterable[Node], code: str, path: str) -> list[Node]:
    return [node for node in nodes if any(c.word("cbc:ID") == code for c in node.all(path))]


def _of_rate(
    nodes: Iterable[Node], of: tuple[str, Decimal, list[str]] | None, path: str
) -> list[Node]:
    if of is None:
        return list(nodes)
    _, rate, default = of
    return [n for n in nodes if any(rate in _rates(each, default) for each in n.all(path))]


def _rates(category: Node, default: list[str]) -> list[Decimal]:
    """Return the rate of a category, the default if there is none and one is given."""
    found = category.all("cbc:Percent")
    if default:
        return [decimal(found[0].text) if found else Decimal(default[0])]
    return [decimal(each.text) for each in found]


def _ids(category: Node, code: str) -> list[Node]:
    return [each for each in category.all("cbc:ID") if words(each.text) == code]


def _of_kind(charge: Node, kind: str) -> bool:
    return says(charge, _KIND, truth=kind == "true")


def _stated(node: Node, path: str) -> Decimal | None:
    return None if node.parent is None else amount(node.parent, path)


def _said(value: Decimal | None) -> str:
    return "" if value is None else str(value)
