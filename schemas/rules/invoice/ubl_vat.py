"""The VAT category rules of EN 16931 in UBL: ten alike for each category, with their exceptions.

`args` begins with the code of the category (UNTDID 5305).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.checks import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.ubl_conditions import is_only_vat, vat_only
from schemas.rules.invoice.values import ZERO, amount, compared, rounded, says, total

_SELLER: Final = ("cac:AccountingSupplierParty", "cac:Party/cac:PartyTaxScheme")
_BUYER: Final = ("cac:AccountingCustomerParty", "cac:Party/cac:PartyTaxScheme")
_AGENT: Final = ("cac:TaxRepresentativeParty", "cac:PartyTaxScheme")
_BREAKDOWN: Final = "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory"
_KIND: Final = "cbc:ChargeIndicator"
_LINE_TAX: Final = "cac:ClassifiedTaxCategory"
_ITEM: Final = "cac:Item/cac:ClassifiedTaxCategory"
_KINDS_OF_LINE: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
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
    used = (*_worded(charges, args, vat=vat), *_worded(tree.named(_LINE_TAX), args, vat=vat))
    there = node.all(_BREAKDOWN)
    if not used:
        return not _worded(there, args, vat=vat)
    if args == "S":
        return bool(_worded(there, args, vat=False))
    found = [each for each in there if _raw(each, args)]
    return bool(vat_only(found) if args == "M" else found)


@check("vat-once")
def once(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-01 and the like: a category that is used stands once in the breakdown."""
    if not mentioned(tree, args):
        return True
    used = _coded(tree.named("cac:TaxCategory"), args) or _lines(tree, args)
    return not used or len(_coded(node.all(_BREAKDOWN), args)) == 1


@check("vat-parties")
def parties(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-*-02, 03, 04: the tax numbers that a category wants (`S lines`, `S true`, `S false`)."""
    del node
    category, _, kind = args.partition(" ")
    if not mentioned(tree, category):
        return True
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
    used = [name for name in _KINDS_OF_LINE if tree.named(name)]
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
    used = [name for name in _KINDS_OF_LINE if _charged_at(tree, name, args, percent)]
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
    if not mentioned(tree, "O"):
        return True
    if not _coded(node.all(_BREAKDOWN), "O"):
        return True
    if args == "breakdown":
        found = node.all(_BREAKDOWN)
    elif args == "lines":
        found = tree.named("cac:ClassifiedTaxCategory")
    else:
        found = _of_charges(tree.named("cac:AllowanceCharge"), args == "true")
    return not any(each.word("cbc:ID") != "O" for each in vat_only(found))


def mentioned(tree: Tree, code: str) -> bool:
    """Tell whether some VAT category has the code, or whether one has two, which ends the run."""
    found = tree.once("categories", lambda: _mentioned(tree))
    return found is None or code in found


def _mentioned(tree: Tree) -> set[str] | None:
    found = set()
    for name in ("cac:TaxCategory", _LINE_TAX):
        for category in tree.named(name):
            ids = category.all("cbc:ID")
            if len(ids) > 1:
                return None
            found.update([words(each.text) for each in ids])
    return found


def _coded(nodes: Iterable[Node], code: str, *, vat: bool = True) -> list[Node]:
    found = [node for node in nodes if any(_is(each, code) for each in node.all("cbc:ID"))]
    return vat_only(found) if vat else found


def _worded(nodes: Iterable[Node], code: str, *, vat: bool) -> list[Node]:
    """Return the categories whose one code is this; raises Undecidable for two codes."""
    found = [node for node in nodes if node.word("cbc:ID") == code]
    return vat_only(found) if vat else found


def _raw(node: Node, code: str) -> bool:
    """Tell whether the code stands there without blanks, as one of the artefact's tests wants."""
    return any(each.text == code for each in node.all("cbc:ID"))


def _is(node: Node, code: str) -> bool:
    return node.text == code or words(node.text) == code


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
    if category == "O":
        return not any(_registered(tree, *party) for party in (_SELLER, _AGENT, _BUYER))
    if category in ("K", "G"):
        sold = _registered(tree, *_SELLER)
    else:
        sold = any(each.has(f"{_SELLER[1]}/cbc:CompanyID") for each in tree.named(_SELLER[0]))
    if not (sold or _registered(tree, *_AGENT)):
        return False
    if category == "K":
        return _registered(tree, *_BUYER)
    if category == "AE":
        legal = "cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
        return _registered(tree, *_BUYER) or any(n.has(legal) for n in tree.named(_BUYER[0]))
    return True


def _registered(tree: Tree, party: str, path: str) -> bool:
    """Tell whether a party has a number for VAT."""
    return any(
        is_only_vat(scheme) and scheme.has("cbc:CompanyID")
        for each in tree.named(party)
        for scheme in each.all(path)
    )


def _stated(node: Node, path: str) -> Decimal | None:
    return None if node.parent is None else amount(node.parent, path)


def _charged_at(tree: Tree, name: str, code: str, percent: Decimal) -> bool:
    """Tell whether lines of the kind are there; for the standard rate, or charges, of that rate."""
    if code != "S":
        return bool(tree.named(name))
    return bool(_of_rate(tree, tree.named(name), code, percent, _ITEM)) or bool(
        _of_rate(tree, tree.named("cac:AllowanceCharge"), code, percent, "cac:TaxCategory")
    )


def _of_rate(
    tree: Tree, nodes: Iterable[Node], code: str, percent: Decimal | None, path: str
) -> list[Node]:
    """Return the lines or charges with the category, and the rate, at the path below."""
    codes: dict[Node, tuple[str, ...]] = tree.once("codes", dict)
    rates: dict[Node, tuple[Decimal | None, ...]] = tree.once("rates", dict)
    found = []
    for node in nodes:
        if node not in codes:
            codes[node] = tuple([category.word("cbc:ID") for category in node.all(path)])
        if code not in codes[node]:
            continue
        if percent is not None:
            if node not in rates:
                rates[node] = tuple([amount(each, "cbc:Percent") for each in node.all(path)])
            if percent not in rates[node]:
                continue
        found.append(node)
    return found


def sum_of(tree: Tree, name: str, code: str, percent: Decimal | None) -> Decimal:
    """Return lines plus charges less allowances of a category, of one rate or of all (None)."""

    def make() -> Decimal:
        root = tree.root
        found = total(
            _of_rate(tree, root.all(name), code, percent, _ITEM), "cbc:LineExtensionAmount"
        )
        for kind, sign in ((True, 1), (False, -1)):
            charges = [n for n in root.all("cac:AllowanceCharge") if says(n, _KIND, truth=kind)]
            for charge in _of_rate(tree, charges, code, percent, "cac:TaxCategory"):
                found += sign * (amount(charge, "cbc:Amount") or ZERO)
        return found

    return tree.once(f"sum {name} {code} {percent}", make)


def _said(value: Decimal | None) -> str:
    return "" if value is None else str(value)
