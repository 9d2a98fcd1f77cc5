"""Structural checks of EN 16931 in CII (CII-SR, CII-DT) that a path cannot say."""

from __future__ import annotations

import re
from typing import Final

from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, walk_up, words
from schemas.rules.invoice.values import says

_DAY: Final = re.compile(r"\s*\d{4}(1[0-2]|0[1-9])(3[01]|[12][0-9]|0[1-9])\s*")
_REFERENCE: Final = "ram:AdditionalReferencedDocument"


@check("cii-attribute-any")
def attribute_any(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-046: some element at the path has the attribute, if there is any."""
    del tree
    path, _, name = args.partition(" @")
    found = node.all(path)
    return not found or any(name in each.attrs for each in found)


@check("cii-most-typed")
def most_typed(node: Node, tree: Tree, args: str) -> Verdict:
    """At most one reference of a type, or one element below them: `130 path [below]`."""
    del tree
    kind, path, *below = args.split()
    found = [each for each in node.all(path) if each.word("ram:TypeCode") == kind]
    count = len([each for n in found for each in n.all(below[0])] if below else found)
    return count <= 1 or (str(count), "<= 1")


@check("cii-either")
def either(node: Node, tree: Tree, args: str) -> Verdict:
    """The two paths exclude each other."""
    del tree
    return not all(node.has(path) for path in args.split("|"))


@check("cii-transfer-account")
def transfer_account(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-470: a credit transfer names the account."""
    del tree, args
    account = "ram:PayeePartyCreditorFinancialAccount"
    return not any(
        each.word("ram:TypeCode") in ("30", "58")
        and not each.has(f"{account}/ram:IBANID")
        and not each.has(f"{account}/ram:ProprietaryID")
        for each in node.all("ram:SpecifiedTradeSettlementPaymentMeans")
    )


@check("cii-same")
def same(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-462: all elements with these names say the same."""
    del node
    found = {each.text for each in _all(tree, args)}
    return len(found) <= 1 or (", ".join(sorted(found)), "1")


@check("cii-same-words")
def same_words(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-467, 468: the same, white space apart."""
    del node
    found = {words(each.text) for each in _all(tree, args)}
    return len(found) <= 1 or (", ".join(sorted(found)), "1")


@check("cii-most-anywhere")
def most_anywhere(node: Node, tree: Tree, args: str) -> Verdict:
    """At most so many elements with these names stand in the document."""
    del node
    limit, _, path = args.partition(" ")
    found = len(_all(tree, path))
    return found <= int(limit) or (str(found), f"<= {limit}")


@check("cii-only-vat")
def only_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-037: a tax is VAT, if its type is stated."""
    del tree, args
    found = node.all("ram:TypeCode")
    return not found or any(each.text == "VAT" for each in found)


@check("cii-only-in-breakdown")
def only_in_breakdown(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-052, 098: the element stands in applicable taxes only."""
    del tree
    return not node.has(args) or node.name == "ram:ApplicableTradeTax"


@check("cii-only-in-settlement")
def only_in_settlement(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-041, 054, 058: the element stands in the header's settlement only."""
    del tree
    above = (each.name for each in walk_up(node))
    return not node.has(args) or "ram:ApplicableHeaderTradeSettlement" in above


@check("cii-origin")
def origin(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-090: a country of origin has one code."""
    del tree, args
    country = "ram:OriginTradeCountry"
    return not node.has(country) or len(node.all(f"{country}/ram:ID")) == 1


@check("cii-price-allowance")
def price_allowance(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-SR-119: a discount of the price has its indicator, false, and its amount; or neither."""
    del tree, args
    discount = "ram:GrossPriceProductTradePrice/ram:AppliedTradeAllowanceCharge"
    indicators = node.all(f"{discount}/ram:ChargeIndicator")
    amounts = node.has(f"{discount}/ram:ActualAmount")
    if not indicators and not amounts:
        return True
    return amounts and any(says(each, "udt:Indicator", truth=False) for each in indicators)


@check("cii-typed")
def typed(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-015 to 024: the element stands in additional references of these types only."""
    del tree
    path, *kinds = args.split()
    if not node.has(path):
        return True
    return node.name == _REFERENCE and any(each.text in kinds for each in node.all("ram:TypeCode"))


@check("cii-only-preceding")
def only_preceding(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-027: only the reference to a preceding invoice has a date."""
    del tree, args
    return node.name == "ram:InvoiceReferencedDocument" or not node.has(
        "ram:FormattedIssueDateTime"
    )


@check("cii-unit")
def unit(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-033: a unit of measure wants one with the billed quantity of some line."""
    del args
    path = (
        "rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem"
        "/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
    )
    if "unitCode" not in node.attrs:
        return True
    return tree.once("units", lambda: any("unitCode" in n.attrs for n in tree.root.all(path)))


@check("cii-calendar")
def calendar(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-097: a date of format 102 has the shape YYYYMMDD."""
    del tree, args
    return _DAY.fullmatch(node.text) is not None or (node.text, "YYYYMMDD")


def _all(tree: Tree, path: str) -> list[Node]:
    names = tuple(path.split("/"))
    return [n for n in tree.named(names[-1]) if n.place.names[-len(names) :] == names]
