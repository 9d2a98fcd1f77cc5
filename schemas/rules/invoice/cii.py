"""Checks of EN 16931 in CII that a table cannot say: parties, periods, identification."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.checks import joined
from schemas.rules.invoice.cii_conditions import AGREEMENT, SETTLEMENT, is_vat, of_category
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import compared

_SELLER: Final = f"{AGREEMENT}/ram:SellerTradeParty"
_CARD_DIGITS: Final = 10
_MONEY: Final = "ram:TaxTotalAmount"


@check("cii-day")
def day(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-03: the date is there, in format 102."""
    del tree
    return bool(words(_single(_days(node, args))))


@check("cii-payee")
def payee(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-17: the payee is named, and is not the seller."""
    del args
    seller = tree.root
    own = node.all("ram:Name")
    return bool(own) and not any(
        {each.text for each in node.all(path)}
        & {each.text for each in seller.all(f"{_SELLER}/{path}")}
        for path in ("ram:Name", "ram:ID", "ram:SpecifiedLegalOrganization/ram:ID")
    )


@check("cii-period")
def period(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-29, BR-30: the end of a period is not before its start; compared as text."""
    del tree, args
    if not (node.has("ram:EndDateTime") and node.has("ram:StartDateTime")):
        return True
    starts = _days(node, "ram:StartDateTime/udt:DateTimeString")
    ends = _days(node, "ram:EndDateTime/udt:DateTimeString")
    return any(end >= start for end in ends for start in starts) or (
        ", ".join(ends),
        ">= " + ", ".join(starts),
    )


@check("cii-category-code")
def category_code(node: Node, tree: Tree, args: str) -> Verdict:
    """There is a VAT category with its code (`.`: the node itself)."""
    del tree
    taxes = [node] if args == "." else node.all(args)
    return any(tax.has("ram:CategoryCode") for tax in taxes if is_vat(tax))


@check("cii-rate-said")
def rate_said(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-48: a VAT breakdown has a rate, unless it is not subject to VAT."""
    del tree, args
    return is_vat(node) and (node.has("ram:RateApplicablePercent") or of_category(node, "O"))


@check("cii-card")
def card(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-51: no more than the last digits of a card number are shown."""
    del tree, args
    return len(node.word("ram:ID")) <= _CARD_DIGITS


@check("cii-accounting-total")
def accounting_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-53: a VAT total in the accounting currency, which is not that of the invoice."""
    del args
    accounting = {each.text for each in tree.root.all(f"{SETTLEMENT}/ram:TaxCurrencyCode")}
    invoiced = {each.text for each in tree.root.all(f"{SETTLEMENT}/ram:InvoiceCurrencyCode")}
    stated = {each.attrs["currencyID"] for each in node.all(_MONEY) if "currencyID" in each.attrs}
    return not accounting or (bool(stated & accounting) and not accounting & invoiced)


@check("cii-vat-id")
def vat_id(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-56: the tax representative has a VAT identifier."""
    del tree, args
    found = [
        each.text
        for each in node.all("ram:SpecifiedTaxRegistration/ram:ID")
        if each.attrs.get("schemeID") == "VA"
    ]
    return bool(words(_single(found)))


@check("cii-delivery-country")
def delivery_country(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-57: a delivery address has a country."""
    del tree, args
    address = "ram:ShipToTradeParty/ram:PostalTradeAddress"
    return not node.has(address) or bool(node.word(f"{address}/ram:CountryID"))


@check("cii-uri-scheme")
def uri_scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-62, BR-63: an electronic address has a scheme (`args`: the party)."""
    del tree
    found = node.all(f"{args}/ram:URIUniversalCommunication")
    schemes = [
        uri.attrs["schemeID"]
        for party in node.all(args)
        for each in party.all("ram:URIUniversalCommunication")[:1]
        for uri in each.all("ram:URIID")
        if "schemeID" in uri.attrs
    ]
    return not found or bool(words(_single(schemes)))


@check("cii-attribute")
def attribute(node: Node, tree: Tree, args: str) -> Verdict:
    """The one element at the path has the attribute, if it is there."""
    del tree
    path, _, name = args.partition(" @")
    found = node.all(path)
    return not found or bool(
        words(_single([each.attrs[name] for each in found if name in each.attrs]))
    )


@check("cii-tax-point")
def tax_point(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-03: a tax point date and a tax point code exclude each other."""
    del node, args
    return not (tree.named("ram:TaxPointDate") and tree.named("ram:DueDateTypeCode"))


@check("cii-vat-prefix")
def vat_prefix(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-09: a VAT identifier begins with a country code (Sudan apart, in the artefact)."""
    del tree
    prefix = node.text[:2]
    return f" {prefix} " in joined(args) or (prefix, args)


@check("cii-seller-known")
def seller_known(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-26: the seller can be identified."""
    del tree, args
    paths = ("ram:ID", "ram:GlobalID", "ram:SpecifiedLegalOrganization/ram:ID")
    return any(node.has(path) for path in paths) or any(
        each.attrs.get("schemeID") == "VA"
        for each in node.all("ram:SpecifiedTaxRegistration/ram:ID")
    )


@check("cii-positive")
def positive(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-05 and the like: the rate is above zero."""
    del tree, args
    return any(compared(each.text) > 0 for each in node.all("ram:RateApplicablePercent"))


@check("cii-rate")
def rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-AG-05 and the like: the rate is zero or above."""
    del tree, args
    return any(compared(each.text) >= 0 for each in node.all("ram:RateApplicablePercent"))


@check("cii-zero")
def zero(node: Node, tree: Tree, args: str) -> Verdict:
    """Some number at the path is zero."""
    del tree
    found = node.all(args)
    return any(compared(each.text) == 0 for each in found) or (
        ", ".join(each.text for each in found),
        "0",
    )


@check("cii-split-payment")
def split_payment(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-B-01: split payment (B) is for documents of Italy alone."""
    del node, args
    if not _uses(tree, "B"):
        return True
    return all(each.text == "IT" for each in tree.named("ram:CountryID"))


@check("cii-split-alone")
def split_alone(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-B-02: split payment (B) and the standard rate (S) exclude each other."""
    del node, args
    return not (_uses(tree, "B") and _uses(tree, "S"))


@check("cii-delivery")
def delivery(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-IC-11, 12: an intra-community supply says when (`date`) and where (`country`)."""
    there = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery"
    if args == "country":
        return tree.root.has(f"{there}/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID")
    event = f"{there}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString"
    return (
        tree.root.has(event)
        or node.has("../../ram:BillingSpecifiedPeriod/ram:StartDateTime")
        or node.has("../../ram:BillingSpecifiedPeriod/ram:EndDateTime")
    )


def _uses(tree: Tree, code: str) -> bool:
    return any(each.text == code for each in tree.named("ram:CategoryCode"))


def _texts(node: Node, path: str) -> set[str]:
    return {each.text for each in node.all(path)}


def _days(node: Node, path: str) -> list[str]:
    return [each.text for each in node.all(path) if each.attrs.get("format") == "102"]


def _single(found: list[str]) -> str:
    if len(found) > 1:
        raise Undecidable(found[0])
    return found[0] if found else ""
