"""The VAT category rules of EN 16931 in UBL: ten alike for each category, with their exceptions.

`args` begins with the code of the category (UNTDID 5305).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.checks import Verdict, check
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.ubl_conditions import is_vat, vat_only
from schemas.rules.invoice.values import ZERO, amount, compared, rounded, says, total

_SELLER: Final = "cac:AccountingSupplierParty"
_BUYER: Final = "cac:AccountingCustomerParty"
_AGENT: Final = "cac:TaxRepresentativeParty"
_BREAKDOWN: Final = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
_KIND: Final = "cbc:ChargeIndicator"
_ONE: Final = Decimal(1)


@check("vat-some")
def some(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-01, AF-01, AG-01: the category is in the breakdown if, and only if, it is used.

    The artefact asks for the scheme VAT in some of the places only (`args`: `S`, `L`, `M`).
    """
    used = len(_lines(tree, args, vat=args != "S")) + len(_charges(tree, args, vat=args != "S"))
    if used:
        return bool(_coded(node.all(_BREAKDOWN), args, vat=args == "M"))
    return not _coded(node.all(_BREAKDOWN), args, vat=args != "S")


@check("vat-once")
def once(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-01 and the like: a category that is used stands once in the breakdown."""
    used = _coded(tree.named("cac:TaxCategory"), args) or _lines(tree, args)
    return not used or len(_coded(node.all(_BREAKDOWN), args)) == 1


@check("vat-parties")
def parties(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-*-02, 03, 04: the tax numbers that a category wants (`S lines`, `S true`, `S false`)."""
    del node
    category, _, kind = args.partition(" ")
    if kind == "lines":
        used = _lines(tree, category, vat=True)
        if category == "S" and not used:
            return not _lines(tree, category, vat=False)
    else:
        used = _charges(tree, category, vat=True, kind=kind == "true", top=category == "O")
    if category == "L" and kind == "true" and not any(_raw(each, "L") for each in used):
        return True
    return not used or tree.once(f"parties {category}", lambda: _identified(tree, category))


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


@check("vat-base")
def base(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-08 and the like: the base is the sum of lines and charges less allowances."""
    stated = _stated(node, "cbc:TaxableAmount")
    sums = [
        sum_of(tree, name, args, None)
        for name in ("cac:InvoiceLine", "cac:CreditNoteLine")
        if tree.named(name)
    ]
    return stated in sums or (_said(stated), ", ".join(str(each) for each in sums))


@check("vat-base-by-rate")
def base_by_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-08, AF-08, AG-08: the base of each rate is that sum, give or take less than one."""
    percent = amount(node, "cbc:Percent")
    if percent is None:
        return True
    stated = _stated(node, "cbc:TaxableAmount")
    sums = []
    for name in ("cac:InvoiceLine", "cac:CreditNoteLine"):
        if args == "S":
            there = _of_rate(tree.named(name), args, percent, "cac:Item/cac:ClassifiedTaxCategory")
            there = there or _of_rate(
                tree.named("cac:AllowanceCharge"), args, percent, "cac:TaxCategory"
            )
        else:
            there = tree.named(name)
        if there:
            sums.append(sum_of(tree, name, args, percent))
    if stated is not None and any(abs(stated - each) < _ONE for each in sums):
        return True
    return _said(stated), ", ".join(str(each) for each in sums)


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
    if not _coded(node.all(_BREAKDOWN), "K"):
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
    if not _coded(node.all(_BREAKDOWN), "O"):
        return True
    if args == "breakdown":
        found = node.all(_BREAKDOWN)
    elif args == "lines":
        found = tree.named("cac:ClassifiedTaxCategory")
    else:
        found = _of_charges(tree.named("cac:AllowanceCharge"), args == "true")
    return not any(each.word("cbc:ID") != "O" for each in vat_only(found))


def _coded(nodes: Iterable[Node], code: str, *, vat: bool = True) -> list[Node]:
    found = [node for node in nodes if any(_is(each, code) for each in node.all("cbc:ID"))]
    return vat_only(found) if vat else found


def _raw(node: Node, code: str) -> bool:
    """Tell whether the code stands there without blanks, as one of the artefact's tests wants."""
    return any(each.text == code for each in node.all("cbc:ID"))


def _is(node: Node, code: str) -> bool:
    return " ".join(node.text.split()) == code


def _lines(tree: Tree, code: str, *, vat: bool = True) -> list[Node]:
    key = f"lines {code} {vat}"
    return tree.once(key, lambda: _coded(tree.named("cac:ClassifiedTaxCategory"), code, vat=vat))


def _charges(
    tree: Tree, code: str, *, vat: bool, kind: bool | None = None, top: bool = False
) -> list[Node]:
    charges = tree.root.all("cac:AllowanceCharge") if top else tree.named("cac:AllowanceCharge")
    return _coded(_of_charges(charges, kind), code, vat=vat)


def _of_charges(charges: Iterable[Node], kind: bool | None) -> list[Node]:  # noqa: FBT001 - None, allowance or charge
    return [
        category
        for each in charges
        if kind is None or says(each, _KIND, truth=kind)
        for category in each.all("cac:TaxCategory")
    ]


def _identified(tree: Tree, category: str) -> bool:
    """Tell whether the parties have the tax numbers that a category wants."""
    seller = _registered(tree, f"{_SELLER}", "cac:Party/cac:PartyTaxScheme")
    agent = _registered(tree, _AGENT, "cac:PartyTaxScheme")
    buyer = _registered(tree, _BUYER, "cac:Party/cac:PartyTaxScheme")
    if category == "O":
        return not (seller[1] or agent[1] or buyer[1])
    sold = seller[1] if category in ("K", "G") else seller[0]
    if not (sold or agent[1]):
        return False
    if category == "K":
        return buyer[1]
    if category == "AE":
        legal = "cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
        return buyer[1] or any(each.has(legal) for each in tree.named(_BUYER))
    return True


def _registered(tree: Tree, party: str, path: str) -> tuple[bool, bool]:
    """Tell whether a party has any tax number, and whether it has one for VAT."""
    found = [
        scheme
        for each in tree.named(party)
        for scheme in each.all(path)
        if scheme.has("cbc:CompanyID")
    ]
    return bool(found), any(is_vat(each) for each in found)


def _stated(node: Node, path: str) -> Decimal | None:
    return None if node.parent is None else amount(node.parent, path)


def _of_rate(nodes: Iterable[Node], code: str, percent: Decimal | None, path: str) -> list[Node]:
    """Return the lines or charges with the category, and the rate, at the path below."""
    return [
        node
        for node in nodes
        if any(category.word("cbc:ID") == code for category in node.all(path))
        and (
            percent is None
            or any(amount(each, "cbc:Percent") == percent for each in node.all(path))
        )
    ]


def sum_of(tree: Tree, name: str, code: str, percent: Decimal | None) -> Decimal:
    """Return lines plus charges less allowances of a category, of one rate or of all (None)."""

    def make() -> Decimal:
        root = tree.root
        lines = _of_rate(root.all(name), code, percent, "cac:Item/cac:ClassifiedTaxCategory")
        found = total(lines, "cbc:LineExtensionAmount")
        for charge in _of_rate(root.all("cac:AllowanceCharge"), code, percent, "cac:TaxCategory"):
            value = amount(charge, "cbc:Amount") or ZERO
            found += value if says(charge, _KIND, truth=True) else ZERO
            found -= value if says(charge, _KIND, truth=False) else ZERO
        return found

    return tree.once(f"sum {name} {code} {percent}", make)


def _said(value: Decimal | None) -> str:
    return "" if value is None else str(value)
