"""The VAT category rules of EN 16931 in UBL: ten alike for each category, with their exceptions.

`args` begins with the code of the category (UNTDID 5305).
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.registry import LOCAL, Verdict, check, itself
from schemas.rules.invoice.tree import Node, Tree, Undecidable
from schemas.rules.invoice.ubl_conditions import vat_only
from schemas.rules.invoice.ubl_vat_uses import (
    KINDS_OF_LINE,
    LINE_TAX,
    charged_at,
    coded,
    identified,
    lines_decided,
    mentioned,
    of_charges,
    on_charges,
    on_lines,
    raw,
    sum_of,
    worded,
)
from schemas.rules.invoice.values import ZERO, amount, compared, rounded

_BREAKDOWN: Final = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
_ONE: Final = Decimal(1)


@check("vat-some")
def some(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-01, AF-01, AG-01: the category is in the breakdown if, and only if, it is used.

    The artefact asks for the scheme VAT in some of the places only (`args`: `S`, `L`, `M`).
    """
    if not mentioned(tree, args):
        return True
    vat = args != "S"
    charges = [each for n in tree.named("cac:AllowanceCharge") for each in n.all("cac:TaxCategory")]
    used = bool(worded(charges, args, vat=vat))
    if lines_decided(tree):
        used = used or on_lines(tree, args, vat=vat)
    else:
        used = bool(worded(tree.named(LINE_TAX), args, vat=vat)) or used
    there = node.all(_BREAKDOWN)
    if not used:
        return not worded(there, args, vat=vat)
    if args == "S":
        return bool(worded(there, args, vat=False))
    found = [each for each in there if raw(each, args)]
    return bool(vat_only(found) if args == "M" else found)


@check("vat-once")
def once(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-01 and the like: a category that is used stands once in the breakdown."""
    if not mentioned(tree, args):
        return True
    used = coded(tree.named("cac:TaxCategory"), args) or on_lines(tree, args)
    return not used or len(coded(node.all(_BREAKDOWN), args)) == 1


@check("vat-parties")
def parties(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-*-02, 03, 04: the tax numbers that a category wants (`S lines`, `S true`, `S false`)."""
    del node
    category, _, kind = args.partition(" ")
    if not mentioned(tree, category):
        return True
    if kind == "lines":
        used = on_lines(tree, category)
        if category == "S" and not used:
            return not on_lines(tree, category, vat=False)
    else:
        found = on_charges(tree, category, vat=True, kind=kind == "true", top=category == "O")
        used = any(raw(each, "L") for each in found) if args == "L true" else bool(found)
    return not used or tree.once(f"parties {category}", lambda: identified(tree, category))


@check("vat-positive")
def positive(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-05, 06, 07: the rate is above zero."""
    del tree, args
    return any(compared(each.text) > 0 for each in node.all("cbc:Percent"))


@check("vat-rate")
def rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-AF-05, AG-05 and the like: the rate is zero or above."""
    del tree, args
    return any(compared(each.text) >= 0 for each in node.all("cbc:Percent"))


@check("vat-zero")
def zero(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-05 and the like: the rate is zero."""
    del tree, args
    stated = amount(node, "cbc:Percent")
    return stated == ZERO or ("" if stated is None else str(stated), "0")


LOCAL.update(dict.fromkeys(("vat-rate", "vat-positive", "vat-zero"), itself))


@check("vat-base")
def base(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-08 and the like: the base is the sum of lines and charges less allowances."""
    used = [name for name in KINDS_OF_LINE if tree.named(name)]
    if not used:
        return False
    stated = _stated(node, "cbc:TaxableAmount")
    sums = [sum_of(tree, name, args, None) for name in used]
    return stated in sums or (_said(stated), ", ".join(str(each) for each in sums))


@check("vat-base-by-rate")
def base_by_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-08, AF-08, AG-08: the base of each rate is that sum, give or take less than one.

    The artefact takes the one off, and puts it on, in floating point: 1.00 too much is too much
    for some amounts only.
    """
    percent = amount(node, "cbc:Percent")
    if percent is None:
        return True
    used = [name for name in KINDS_OF_LINE if charged_at(tree, name, args, percent)]
    if not used:
        return False
    stated = node.one("../cbc:TaxableAmount")
    if stated is None:
        return False
    value = compared(stated.text)
    if not math.isfinite(value):
        raise Undecidable(stated.text)
    sums = [sum_of(tree, name, args, percent) for name in used]
    if any(Decimal(value - 1) < each < Decimal(value + 1) for each in sums):
        return True
    return stated.text, ", ".join(str(each) for each in sums)


@check("vat-tax")
def tax(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-09, AF-09, AG-09: the tax is base by rate, give or take less than one."""
    del tree, args
    stated, basis = _stated(node, "cbc:TaxAmount"), _stated(node, "cbc:TaxableAmount")
    percent = amount(node, "cbc:Percent")
    if stated is None or basis is None or percent is None:
        return False
    expected = rounded(abs(basis) * (percent / 100))
    return abs(abs(stated) - expected) < _ONE or (str(stated), str(expected))


@check("vat-no-tax")
def no_tax(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-09 and the like: the tax is zero."""
    del tree, args
    stated = _stated(node, "cbc:TaxAmount")
    return stated == ZERO or (_said(stated), "0")


@check("vat-delivery")
def delivery(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-IC-11, 12: an intra-community supply says when (`date`) and where (`country`)."""
    del tree
    if not coded(node.all(_BREAKDOWN), "K"):
        return True
    if args == "country":
        place = "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode"
        return len(node.value(place)) > 1
    if len(node.value("cac:Delivery/cbc:ActualDeliveryDate")) > 1:
        return True
    return any(each.kids for each in node.all("cac:InvoicePeriod"))


@check("vat-alone")
def alone(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-O-11 to 14: what is not subject to VAT stands alone (`breakdown`, `lines`, `false`…)."""
    if not mentioned(tree, "O"):
        return True
    if not coded(node.all(_BREAKDOWN), "O"):
        return True
    if args == "breakdown":
        found = node.all(_BREAKDOWN)
    elif args == "lines":
        found = tree.named("cac:ClassifiedTaxCategory")
    else:
        found = of_charges(tree.named("cac:AllowanceCharge"), args == "true")
    return not any(each.word("cbc:ID") != "O" for each in vat_only(found))


def _stated(node: Node, path: str) -> Decimal | None:
    return None if node.parent is None else amount(node.parent, path)


def _said(value: Decimal | None) -> str:
    return "" if value is None else str(value)
