"""Checks of EN 16931 in UBL that a table cannot say: parties, periods, identification."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.registry import LOCAL, Verdict, check, none_there, only_path, spoken
from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.ubl_conditions import is_only_vat, texts, vat_only
from schemas.rules.invoice.values import compared, day

_CREDIT_TRANSFER: Final = ("30", "58")
_CARD_DIGITS: Final = 10
_SELLER: Final = "cac:AccountingSupplierParty/cac:Party"


@check("ubl-payee")
def payee(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-17: the payee is named, and is not the seller."""
    del tree, args
    names = texts(node.all(f"../{_SELLER}/cac:PartyName/cbc:Name"))
    ids = texts(node.all(f"../{_SELLER}/cac:PartyIdentification/cbc:ID"))
    own = node.all("cac:PartyName/cbc:Name")
    same = names & texts(own) or ids & texts(node.all("cac:PartyIdentification/cbc:ID"))
    return bool(own) and not same


@check("ubl-nonnegative")
def nonnegative(node: Node, tree: Tree, args: str) -> Verdict:
    """Some amount at the path is zero or more."""
    del tree
    found = node.texts(args)
    for text in found:
        if compared(text) >= 0:
            return True
    return ", ".join(found), ""


@spoken("ubl-nonnegative", only_path)
def not_negative(text: str, args: str) -> Verdict:
    """Tell whether an amount is zero or more."""
    del args
    return compared(text) >= 0 or (text, "")


@check("ubl-nonnegative-if-any", none_there)
def nonnegative_if_any(node: Node, tree: Tree, args: str) -> Verdict:
    """Some amount at the path is zero or more, if there is any."""
    return nonnegative(node, tree, args) if node.has(args) else True


@check("ubl-period")
def period(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-29, BR-30: the end of a period is not before its start."""
    del tree, args
    start, end = node.one("cbc:StartDate"), node.one("cbc:EndDate")
    if start is None or end is None:
        return True
    return day(end.text) >= day(start.text) or (end.text, f">= {start.text}")


@check("ubl-category-of-vat")
def category_of_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """There is a VAT category with its code."""
    del tree
    return any(category.has("cbc:ID") for category in vat_only(node.all(args)))


@check("ubl-line-category")
def line_category(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-04: a line has a VAT category with its code; a category has one scheme."""
    del tree
    for category in node.all(args):  # noqa: SIM110 - as in `checks.filled`
        if is_only_vat(category) and category.has("cbc:ID"):
            return True
    return False


LOCAL["ubl-line-category"] = str


@check("ubl-rate")
def rate(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-48: a VAT breakdown has a rate, unless it is not subject to VAT."""
    del tree, args
    categories = vat_only(node.all("cac:TaxCategory"))
    return any(each.has("cbc:Percent") or each.word("cbc:ID") == "O" for each in categories)


@check("ubl-card")
def card(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-51: no more than the last digits of a card number are shown."""
    del tree, args
    return len(words(node.text)) <= _CARD_DIGITS


@check("ubl-accounting-total")
def accounting_total(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-53: a VAT total exists in each VAT accounting currency."""
    del args
    stated = {
        each.attrs.get("currencyID")
        for whole_tax in tree.named("cac:TaxTotal")
        for each in whole_tax.all("cbc:TaxAmount")
    }
    return all(currency.text in stated for currency in node.all("cbc:TaxCurrencyCode"))


@check("ubl-vat-id")
def vat_id(node: Node, tree: Tree, args: str) -> Verdict:
    """A party has a VAT identifier (`args`: its tax registrations)."""
    del tree
    return any(is_only_vat(each) and each.has("cbc:CompanyID") for each in node.all(args))


@check("ubl-account")
def account(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-61: a credit transfer names the account."""
    del tree, args
    means = node.word("cbc:PaymentMeansCode")
    return means not in _CREDIT_TRANSFER or node.has("cac:PayeeFinancialAccount/cbc:ID")


@check("ubl-tax-point")
def tax_point(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-03: a tax point date and a tax point code exclude each other."""
    del tree, args
    return not (node.has("cbc:TaxPointDate") and node.has("cac:InvoicePeriod/cbc:DescriptionCode"))


@check("ubl-period-said")
def periodsaid(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-19: a period has a start, an end, or a code for the tax point."""
    del tree, args
    return any(node.has(f"cbc:{name}") for name in ("StartDate", "EndDate", "DescriptionCode"))


@check("ubl-seller-known")
def seller_known(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-26: the seller can be identified."""
    del tree, args
    ids = node.all("cac:Party/cac:PartyIdentification/cbc:ID")
    return (
        any(
            each.has("cbc:CompanyID") for each in vat_only(node.all("cac:Party/cac:PartyTaxScheme"))
        )
        or any(each.attrs.get("schemeID") != "SEPA" for each in ids)
        or node.has("cac:Party/cac:PartyLegalEntity/cbc:CompanyID")
    )
