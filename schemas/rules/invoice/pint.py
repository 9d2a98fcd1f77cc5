"""Checks and conditions of PINT that neither a table nor a clause can say."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.lexical import is_date
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, walk_up, words
from schemas.rules.invoice.ubl import accounting_total
from schemas.rules.invoice.values import ZERO, amount

_DATE: Final = 10
_OWN_TOTALS: Final = ("sgdtotal-incl-gst", "sgdtotal-excl-gst")


@check("pint-period-within")
def period_within(node: Node, tree: Tree, args: str) -> Verdict:
    """ibr-085, ibr-086: the period of a line begins (ends) within that of the document."""
    del tree
    own, whole = node.all(args), node.all(f"../../cac:InvoicePeriod/{args}")
    if len(own) > 1 or len(whole) > 1:
        raise Undecidable(args)
    if not own or not whole:
        return True
    for each in (*own, *whole):
        if not is_date(each.text):
            raise Undecidable(each.text)
    one, other = words(own[0].text)[:_DATE], words(whole[0].text)[:_DATE]
    return (one >= other if args == "cbc:StartDate" else one <= other) or (one, other)


@check("sg-accounting")
def sg_accounting(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-53-GST-SG: with an accounting currency: its tax total, and both totals in SGD."""
    if not node.has("cbc:TaxCurrencyCode"):
        return True
    types = {t.text for t in node.all("cac:AdditionalDocumentReference/cbc:DocumentTypeCode")}
    return accounting_total(node, tree, args) is True and types.issuperset(_OWN_TOTALS)


@check("tax-zero")
def zero(node: Node, tree: Tree, args: str) -> Verdict:
    """The rate is zero, or not stated."""
    del tree, args
    stated = amount(node, "cbc:Percent[1]")
    return not stated or (str(stated), str(ZERO))


def _of_document(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an amount, if it is of a tax total, is of one in the document currency."""
    del args
    if node.name not in ("cbc:TaxAmount", "cbc:TaxableAmount"):
        return True
    currencies = {each.text for each in tree.root.all("cbc:DocumentCurrencyCode")}
    above = next((each for each in walk_up(node) if each.name == "cac:TaxTotal"), node)
    return any(each.attrs.get("currencyID") in currencies for each in above.all("cbc:TaxAmount"))


def _invoiced(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a subtotal of an invoice is in its currency (of credit notes none is)."""
    del args
    if tree.root.name != "ubl:Invoice":
        return False
    currencies = tree.texts(tree.root.all("cbc:DocumentCurrencyCode"))
    return any(each.attrs.get("currencyID") in currencies for each in node.all("cbc:TaxAmount"))


def _basic(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element is a basic component of UBL."""
    del tree, args
    return node.name.startswith("cbc:")


def _blank(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element has neither elements nor text."""
    del tree, args
    return not node.kids and not words(node.text)


def _first(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element is the first of its name beside it."""
    del tree, args
    return node.parent is None or node.parent.all(node.name)[0] is node


def _document_level(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element stands right below the root."""
    del args
    return node.parent is tree.root


def _country(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a party of the document (`AU cac:AccountingSupplierParty`) is of a country."""
    del node
    country, party = args.split()
    found = tree.root.word(
        f"{party}/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode"
    )
    return found.upper() == country


CONDITIONS.update(
    {
        "pint-of-document": _of_document,
        "jp-invoiced": _invoiced,
        "document-level": _document_level,
        "aunz-country": _country,
        "basic": _basic,
        "blank": _blank,
        "first": _first,
    }
)
