"""Checks of Peppol BIS Billing 3.0 on the document, its charges, periods and lines."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.checks import codes, listed
from schemas.rules.invoice.peppol_conditions import KIND
from schemas.rules.invoice.peppol_parties import both_in, said
from schemas.rules.invoice.registry import BOUND, Verdict, check, own_attribute, spoken
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import (
    ZERO,
    amount,
    compared,
    day,
    is_day,
    near,
    quotient,
    rounded,
)

BILLING: Final = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_FRENCH: Final = ("urn:peppol:france:billing:regulated", "urn:peppol:france:billing:non-regulated")
_ANSWERED: Final = "urn:peppol:bis:billing_with_response"
_PROCESSES: Final = {
    "billing": ("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0", *_FRENCH, _ANSWERED),
    "selfbilling": ("urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0", *_FRENCH),
}
"""The business processes whose document types are restricted."""

_ONE: Final = Decimal(1)
_SLACK: Final = Decimal("0.02")
_FORINT: Final = Decimal("0.5")
_CII_CURRENCY: Final = (
    "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode"
)
_HUNDRED: Final = Decimal(100)
_DAY_LENGTH: Final = 10


@check("peppol-process")
def process(node: Node, tree: Tree, args: str) -> Verdict:
    """R007: the business process is one of those approved (`billing`, `selfbilling`)."""
    del node
    found, known = _process(tree), dict.fromkeys((*_PROCESSES[args], _ANSWERED))
    return found in known or (found, ", ".join(known))


@check("peppol-one-note")
def one_note(node: Node, tree: Tree, args: str) -> Verdict:
    """R002: at most one note, unless both parties are in Germany."""
    del args
    found = len(node.all("cbc:Note"))
    return found <= 1 or both_in(tree, "DE") or (str(found), "<= 1")


@check("peppol-specification")
def specification(node: Node, tree: Tree, args: str) -> Verdict:
    """R004: the specification identifier begins as that of the profile does (`args`)."""
    found = tree.text(node.all("cbc:CustomizationID"))
    return (found.startswith(args) and "::" not in found) or (found, args)


@check("peppol-one-total")
def one_total(node: Node, tree: Tree, args: str) -> Verdict:
    """R053, R054: one VAT total with subtotals; one without where there is a VAT currency."""
    del tree
    detailed = args == "detailed"
    wanted = 1 if detailed or node.has("cbc:TaxCurrencyCode") else 0
    found = sum(each.has("cac:TaxSubtotal") is detailed for each in node.all("cac:TaxTotal"))
    return found == wanted or (str(found), str(wanted))


@check("peppol-same-sign")
def same_sign(node: Node, tree: Tree, args: str) -> Verdict:
    """R055: the VAT totals in both currencies have the same sign."""
    del tree, args
    if not node.has("cbc:TaxCurrencyCode"):
        return True
    stated = [each for total in node.all("cac:TaxTotal") for each in total.all("cbc:TaxAmount")]

    def some(currency: str, sign: int) -> bool:
        return any(
            compared(each.text) * sign >= 0
            for each in stated
            if each.attrs.get("currencyID") == node.word(currency)
        )

    taxed, invoiced = "cbc:TaxCurrencyCode", "cbc:DocumentCurrencyCode"
    # The order is that of the official engine: it decides on which values it gives up.
    return (some(invoiced, -1) and some(taxed, -1)) or (some(taxed, 1) and some(invoiced, 1))


@check("peppol-other-currency")
def other_currency(node: Node, tree: Tree, args: str) -> Verdict:
    """R005: the VAT currency is not that of the document."""
    del args
    invoiced = tree.text(node.all("../cbc:DocumentCurrencyCode"))
    return tree.text([node]) != invoiced or (invoiced, f"!= {invoiced}")


@check("peppol-charge")
def charge(node: Node, tree: Tree, args: str) -> Verdict:
    """R040: an allowance or charge is its base by its percentage, give or take the slack."""
    base, percent = node.all("cbc:BaseAmount"), node.all("cbc:MultiplierFactorNumeric")
    if not base or not percent:
        return True
    stated = amount(node, "cbc:Amount") or ZERO
    product = (amount(node, "cbc:BaseAmount") or ZERO) * (
        amount(node, "cbc:MultiplierFactorNumeric") or ZERO
    )
    expected = quotient(product, _HUNDRED)
    return near(stated, expected, allowed(tree, args)) or (str(stated), str(rounded(expected)))


@check("peppol-indicator")
def indicator(node: Node, tree: Tree, args: str) -> Verdict:
    """R043: the indicator of a charge says `true` or `false`."""
    del args
    found = tree.text(node.all(KIND))
    return found in ("true", "false") or (found, "true, false")


@check("peppol-discount")
def discount(node: Node, tree: Tree, args: str) -> Verdict:
    """R044: at the price stands an allowance, no charge."""
    del tree, args
    found = node.word(KIND)
    return found == "false" or (found, "false")


@check("peppol-net-price")
def net_price(node: Node, tree: Tree, args: str) -> Verdict:
    """R046: the net price is the gross price less the allowance."""
    del tree, args
    if not node.has("cbc:BaseAmount"):
        return True
    stated = amount(node, "../cbc:PriceAmount")
    gross, less = amount(node, "cbc:BaseAmount"), amount(node, "cbc:Amount")
    if stated is None or gross is None or less is None:
        return False
    return stated == gross - less or (str(stated), str(gross - less))


@check("peppol-currency")
def currency(node: Node, tree: Tree, args: str) -> Verdict:
    """R051: the amount is in the currency of the document."""
    del args
    invoiced = tree.once("currencies", lambda: _texts(tree.root.all("cbc:DocumentCurrencyCode")))
    found = node.attrs.get("currencyID")
    return found in invoiced or (found or "", ", ".join(sorted(invoiced)))


BOUND["peppol-currency"] = ("@currencyID",)


@check("peppol-within")
def within(node: Node, tree: Tree, args: str) -> Verdict:
    """R110, R111: the period of a line is within that of the invoice (`start`, `end`)."""
    name = "cbc:StartDate" if args == "start" else "cbc:EndDate"
    own = tree.texts([node])
    if len(own) > 1:
        raise Undecidable(name)
    above = node.one(f"../../../cac:InvoicePeriod/{name}")
    if above is None or not own:
        return False
    found, limit = day(own[0]), day(above.text)
    return (found >= limit if args == "start" else found <= limit) or (own[0], above.text)


@check("peppol-attribute")
def attribute(node: Node, tree: Tree, args: str) -> Verdict:
    """CL001, CL007, CL008: an attribute is a code of a list as it stands (`list @name`)."""
    del tree
    return listed_as_it_stands(node.attrs.get(listed(args)[1], ""), args)


@spoken("peppol-attribute", own_attribute)
def listed_as_it_stands(text: str, args: str) -> Verdict:
    """Tell whether a value is a code of a list."""
    list_id, _, known = listed(args)
    return text in known or (text, list_id)


@check("peppol-code")
def code(node: Node, tree: Tree, args: str) -> Verdict:
    """CL002, CL003, CL006: the text is a code of a list."""
    found = tree.text([node])
    return found in codes(args) or (found, args)


@check("peppol-type")
def type_code(node: Node, tree: Tree, args: str) -> Verdict:
    """P0100, P0101: the document type is one of the business process (`billing 380 ...`)."""
    kind, _, types = args.partition(" ")
    if _process(tree) not in _PROCESSES[kind]:
        return True
    found = tree.text([node])
    return found in types.split() or (found, types)


@check("peppol-german-type")
def german_type(node: Node, tree: Tree, args: str) -> Verdict:
    """P0112: a type that only two German parties use."""
    found = words(node.text)
    return found not in args.split() or both_in(tree, "DE") or (found, "")


@check("peppol-date")
def date_form(node: Node, tree: Tree, args: str) -> Verdict:
    """F001: a date is YYYY-MM-DD."""
    del args
    found = tree.texts([node])
    if len(found) > 1:
        raise Undecidable(node.name)
    text = found[0] if found else ""
    return (len(text) == _DAY_LENGTH and is_day(node.text)) or (text, "YYYY-MM-DD")


@check("peppol-category")
def category(node: Node, tree: Tree, args: str) -> Verdict:
    """P0104 to P0111: the VAT category that an exemption reason is for."""
    del tree
    found = node.word("cbc:ID")
    return found == args or (found, args)


def slack(tree: Tree) -> Decimal:
    """Return what XRechnung allows sums to be off: 0.02, and 0.5 in Hungarian forint."""
    root = tree.root
    path = "cbc:DocumentCurrencyCode" if root.has("cbc:DocumentCurrencyCode") else _CII_CURRENCY
    return tree.once("slack", lambda: _FORINT if said(root.all(path), "HUF") else _SLACK)


def allowed(tree: Tree, args: str) -> Decimal:
    """Return what a sum may be off: as XRechnung allows (`slack`), else 0.02."""
    return slack(tree) if args == "slack" else _SLACK


def _process(tree: Tree) -> str:
    return tree.once("process", lambda: tree.root.word("cbc:ProfileID"))


def _texts(nodes: Iterable[Node]) -> set[str]:
    return {each.text for each in nodes}
