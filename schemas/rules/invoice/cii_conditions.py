"""Conditions of CII contexts: kinds of charges, VAT categories, schemes, formats."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.registry import CONDITIONS
from schemas.rules.invoice.tree import Node, Tree, walk_up
from schemas.rules.invoice.values import says

INDICATOR: Final = "ram:ChargeIndicator/udt:Indicator"
SETTLEMENT: Final = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
AGREEMENT: Final = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"


def is_vat(node: Node) -> bool:
    """Tell whether the tax is VAT: its type, in any case, blanks and all."""
    return node.value("ram:TypeCode").upper() == "VAT"


def of_category(node: Node, code: str) -> bool:
    """Tell whether the tax has the category."""
    return any(each.text == code for each in node.all("ram:CategoryCode"))


def _said(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return any(each.text == args for each in node.all("udt:Indicator"))


def _transfer(node: Node, tree: Tree, args: str) -> bool:
    del tree, args
    above = node.parent
    return above is not None and any(
        each.text in ("30", "58") for each in above.all("ram:TypeCode")
    )


def _currency(node: Node, tree: Tree, args: str) -> bool:
    del args
    stated = tree.root.all(f"{SETTLEMENT}/ram:InvoiceCurrencyCode")
    return any(each.text == node.attrs.get("currencyID") for each in stated)


def _scheme(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return node.attrs.get("schemeID") == args


def _text(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return node.text == args


def _text_vat(node: Node, tree: Tree, args: str) -> bool:
    return _text(node, tree, args) and node.parent is not None and is_vat(node.parent)


def _category(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return of_category(node, args) and is_vat(node)


def _charged(node: Node, tree: Tree, args: str) -> bool:
    code, _, kind = args.partition(" ")
    above = node.parent
    if above is None or not says(above, INDICATOR, truth=kind == "true"):
        return False
    return _category(node, tree, code)


def _reason(node: Node, tree: Tree, args: str) -> bool:
    del tree
    above = node.parent
    return above is not None and says(above, INDICATOR, truth=args == "true")


def _party_id(node: Node, tree: Tree, args: str) -> bool:
    del tree, args
    names = {above.name for above in walk_up(node)}
    elsewhere = ("ram:SpecifiedTradeProduct", "ram:ShipToTradeParty")
    return "schemeID" in node.attrs and names.isdisjoint(elsewhere)


def _own_id(node: Node, tree: Tree, args: str) -> bool:
    del tree, args
    taxed = any(above.name == "ram:SpecifiedTaxRegistration" for above in walk_up(node))
    return "schemeID" in node.attrs and not taxed


def _not(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return node.name != args


def _format(node: Node, tree: Tree, args: str) -> bool:
    del tree
    return node.attrs.get("format") == args


CONDITIONS.update(
    {
        "cii-said": _said,
        "cii-transfer": _transfer,
        "cii-currency": _currency,
        "cii-scheme": _scheme,
        "cii-text": _text,
        "cii-text-vat": _text_vat,
        "cii-category": _category,
        "cii-charged": _charged,
        "cii-reason": _reason,
        "cii-party-id": _party_id,
        "cii-own-id": _own_id,
        "cii-not": _not,
        "cii-format": _format,
    }
)
