"""The VAT category rules of EN 16931 in CII, alike for each category (`args`: its code)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.rules.invoice.cii_conditions import AGREEMENT, INDICATOR, SETTLEMENT, of_category
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.values import ZERO, amount, decimal, number, rounded, says, whole

_RATE: Final = "ram:RateApplicablePercent"
_REGISTERED: Final = "ram:SpecifiedTaxRegistration/ram:ID"
_LINES: Final = (
    "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
    "/ram:SpecifiedLineTradeSettlement"
)
_LINE_TOTAL: Final = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
_ONE: Final = Decimal(1)
_PAIR: Final = 2


@check("cii-vat-two")
def two(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-01, AF-01, AG-01: a category that is used stands in the breakdown too."""
    del node
    lines, breakdown, charges = _counts(tree, args)
    return (not lines or lines + breakdown >= _PAIR) and (
        not charges or charges + breakdown >= _PAIR
    )


@check("cii-vat-once")
def once(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-01 and the like: a category stands once in the breakdown if, and only if, it is used.

    What is not subject to VAT (O) may be used without it.
    """
    del node
    lines, breakdown, charges = _counts(tree, args)
    if not breakdown:
        return args == "O" or not (lines or charges)
    return breakdown == 1 and bool(lines or charges)


@check("cii-vat-parties")
def parties(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-*-02, 03, 04: the tax numbers that a category wants."""
    del node
    return tree.once(f"parties {args}", lambda: _identified(tree, args))


@check("cii-vat-base")
def base(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-Z-08 and the like: the base is the sum, give or take less than one; O exactly."""
    own = args == "O"
    stated = node.all("ram:BasisAmount" if own else "../ram:BasisAmount")
    expected = sum_of(tree, args, None)
    values = [number(each.text) for each in stated]
    if own:
        sound = expected in values
    else:
        sound = any(v - 1 < expected for v in values) and any(v + 1 > expected for v in values)
    return sound or (", ".join(each.text for each in stated), str(expected))


@check("cii-vat-base-by-rate")
def base_by_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-08: the base of each rate is that sum, exactly."""
    stated = node.all("../ram:BasisAmount")
    values = [number(each.text) for each in stated]
    for each in node.all(f"../{_RATE}"):
        expected = sum_of(tree, args, decimal(each.text))
        if expected not in values:
            return ", ".join(each.text for each in stated), str(expected)
    return True


@check("cii-vat-tax")
def tax(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-09: the tax is base by rate, scaled as the artefact does, give or take one."""
    del tree, args
    stated, basis = amount(node, "../ram:CalculatedAmount"), amount(node, "../ram:BasisAmount")
    percent = node.one(f"../{_RATE}")
    if stated is None or basis is None or percent is None:
        return False
    expected = whole(abs(basis) * number(percent.text)) / 100
    return abs(abs(stated) - expected) < _ONE or (str(stated), str(expected))


@check("cii-vat-alone")
def alone(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-O-11 to 14: what is not subject to VAT stands alone (`args`: among which taxes)."""
    del node
    return not any(
        code.text != "O" for each in tree.named(args) for code in each.all("ram:CategoryCode")
    )


def _counts(tree: Tree, code: str) -> tuple[int, int, int]:
    """Return how often lines, breakdown and charges have a category."""
    lines = breakdown = 0
    for each in tree.named("ram:ApplicableTradeTax"):
        if each.parent is not None and of_category(each, code):
            lines += each.parent.name == "ram:SpecifiedLineTradeSettlement"
            breakdown += each.parent.name == "ram:ApplicableHeaderTradeSettlement"
    charges = sum(of_category(each, code) for each in tree.named("ram:CategoryTradeTax"))
    return lines, breakdown, charges


def _identified(tree: Tree, code: str) -> bool:
    """Tell whether the parties have the tax numbers that a category wants."""
    seller = _schemes(tree, f"{AGREEMENT}/ram:SellerTradeParty")
    agent = _schemes(tree, f"{AGREEMENT}/ram:SellerTaxRepresentativeTradeParty")
    buyers = tree.named("ram:BuyerTradeParty")
    bought = any(
        each.attrs.get("schemeID") == "VA" for buyer in buyers for each in buyer.all(_REGISTERED)
    )
    if code == "O":
        return not ("VA" in seller or "VA" in agent or bought)
    wanted = {"VA"} if code in ("K", "G") else {"VA", "FC"}
    if not (seller & wanted or "VA" in agent):
        return False
    if code == "K":
        return bought
    if code == "AE":
        return bought or any(b.has("ram:SpecifiedLegalOrganization/ram:ID") for b in buyers)
    return True


def _schemes(tree: Tree, party: str) -> set[str]:
    found = tree.root.all(f"{party}/{_REGISTERED}")
    return {each.attrs["schemeID"] for each in found if "schemeID" in each.attrs}


def sum_of(tree: Tree, code: str, percent: Decimal | None) -> Decimal:
    """Return lines plus charges less allowances of a category, each rounded to the cent."""

    def make() -> Decimal:
        lines, charges, allowances = ZERO, ZERO, ZERO
        for line in tree.root.all(_LINES):
            if _has(line, "ram:ApplicableTradeTax", code, percent):
                lines += amount(line, _LINE_TOTAL) or ZERO
        for each in tree.root.all(f"{SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge"):
            if _has(each, "ram:CategoryTradeTax", code, percent):
                value = amount(each, "ram:ActualAmount[1]") or ZERO
                charges += value if says(each, INDICATOR, truth=True) else ZERO
                allowances += value if says(each, INDICATOR, truth=False) else ZERO
        return rounded(lines) + rounded(charges) - rounded(allowances)

    return tree.once(f"sum {code} {percent}", make)


def _has(node: Node, path: str, code: str, percent: Decimal | None) -> bool:
    taxes = node.all(path)
    if not any(of_category(each, code) for each in taxes):
        return False
    return percent is None or any(amount(tax, _RATE) == percent for tax in taxes)
