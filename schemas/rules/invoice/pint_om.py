"""Checks of PINT for Oman that neither a table nor a clause can say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from schemas.clock import utc_now
from schemas.rules.invoice.checks import codes
from schemas.rules.invoice.lexical import is_date, is_decimal
from schemas.rules.invoice.pint_om_reading import (
    LINES,
    STANDARD,
    at_rate,
    currency_of,
    exchange,
    has_category,
    in_document_currency,
    is_vat,
    lines_of,
    of_kind,
    sign,
    tax_of_lines,
    taxed,
    total_in,
    transaction,
)
from schemas.rules.invoice.pint_om_values import (
    CENT,
    THOUSAND,
    added,
    castable,
    judged,
    near,
    only,
    thousandth,
)
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, walk_up, words
from schemas.rules.invoice.values import ZERO, compared, decimal, rounded, whole

_RATE_DIGITS: Final = Decimal(10_000_000)
_NET: Final = "cbc:LineExtensionAmount"
_AHEAD: Final = timedelta(hours=4)
_DAY: Final = 10
_MONTH: Final = 7


@check("om-rates")
def rates(node: Node, tree: Tree, args: str) -> Verdict:
    """ALIGNED-IBRP-S-01-OM: each standard rate that is used stands once in the breakdown."""
    del args
    used = {
        each.text
        for above, path in taxed(tree)
        if has_category(above, path, STANDARD)
        for each in above.all(f"{path}/cbc:Percent")
    }
    breakdown = [
        only(each.all("cac:TaxCategory/cbc:Percent"))
        for each in node.all("cac:TaxTotal/cac:TaxSubtotal")
        if has_category(each, "cac:TaxCategory", STANDARD)
    ]
    for rate in sorted(used):
        found = breakdown.count(decimal(rate))
        if found != 1:
            return f"{rate}: {found}", f"{rate}: 1"
    return True


@check("om-rate")
def rate(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-005-OM: with OMR as accounting currency there is a rate of up to seven decimals."""
    del args
    if tree.root.word("cbc:TaxCurrencyCode") != "OMR" or currency_of(tree, "Document") == "OMR":
        return True
    del node
    found = exchange(tree)
    if found is None:
        return False
    return found == whole(found * _RATE_DIGITS) / _RATE_DIGITS or (str(found), "<= 7 decimals")


@check("om-tax-in-omr")
def tax_in_omr(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-065-OM: the tax total in OMR is that of the invoice by the rate, give or take 0.01."""
    del args
    if currency_of(tree, "Document") == "OMR" or currency_of(tree, "Tax") != "OMR":
        return True
    found = exchange(tree)
    own, other = (total_in(node, currency_of(tree, name)) for name in ("Tax", "Document"))
    if found is None or own is None or other is None:
        return False
    expected = Decimal(float(found) * compared(other.text))
    return near(decimal(own.text), expected, CENT)


@check("om-margin")
def margin(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-082-OM: the total of a margin invoice is the sum of its lines, give or take 0.01."""
    del args
    if not of_kind(node, tree, "margin margin-self"):
        return True
    found = [
        each
        for reference in node.all("cac:AdditionalDocumentReference")
        if any(t.text == "PM_TOTAL" for t in reference.all("cbc:DocumentTypeCode"))
        for each in reference.all("cbc:DocumentDescription")
    ]
    if len(found) != 1 or not is_decimal(found[0].text):
        return False
    amounts = [a for line in lines_of(tree) for a in line.all("cac:ItemPriceExtension/cbc:Amount")]
    return near(decimal(found[0].text), added(amounts), CENT)


@check("om-nonnegative")
def nonnegative(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-137-OM: no amount or quantity is below zero."""
    del node
    for name in args.split():
        for each in tree.named(name):
            if is_decimal(each.text) and decimal(each.text) < ZERO:
                return each.text, ">= 0"
    return True


@check("om-today")
def today(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-171-OM: the day of issue has begun in Oman (UTC+4)."""
    del tree, args
    issued = node.all("cbc:IssueDate")
    if not issued:
        return True
    if len(issued) > 1 or not is_date(issued[0].text):
        return False
    now = (utc_now() + _AHEAD).date()
    return date.fromisoformat(words(issued[0].text)[:_DAY]) <= now or (issued[0].text, str(now))


@check("om-thousandths")
def thousandths(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-DEC-03-OM: an amount is a decimal of up to three places (zeros at the end are free)."""
    del tree, args
    if not is_decimal(node.text):
        return node.text, "0.000"
    found = decimal(node.text)
    return found == thousandth(found) or (node.text, str(thousandth(found)))


@check("om-base")
def base(node: Node, tree: Tree, args: str) -> Verdict:
    """ALIGNED-IBRP-*-08-OM: the base of a category (S: and rate), give or take 0.01."""
    if not in_document_currency(node, tree) or node.word("cac:TaxCategory/cbc:ID") != args:
        return True
    if args != STANDARD and of_kind(node, tree, "simplified"):
        return True
    stated = castable(node, "cbc:TaxableAmount")
    percent = castable(node, "cac:TaxCategory/cbc:Percent") if args == STANDARD else None
    if stated is None or (args == STANDARD and percent is None):
        return False
    found = ZERO
    for above, path in taxed(tree):
        if has_category(above, path, args) and (percent is None or at_rate(above, path, percent)):
            net = above.all(_NET if above.name in LINES else "cbc:Amount")
            found += sign(above) * added(net)
    return near(stated, rounded(found), CENT)


@check("om-tax")
def tax(node: Node, tree: Tree, args: str) -> Verdict:
    """ALIGNED-IBRP-S-09-OM: the tax is that of the lines, give or take 0.001 for each line.

    `exact` is the warning for a tax that is near enough but not the same.
    """
    code = node.word("cac:TaxCategory/cbc:ID")
    if not in_document_currency(node, tree) or code != STANDARD:
        return True
    stated = castable(node, "cbc:TaxAmount")
    expected = tax_of_lines(node, tree)
    if stated is None or expected is None:
        return args == "exact"
    stated = rounded(stated)
    slack = len(lines_of(tree)) / THOUSAND
    return judged(stated, expected, slack, exact=args == "exact")


@check("om-multiplied")
def multiplied(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-033-OM, IBR-063-OM: an allowance or charge is base by percentage to the cent."""
    del tree, args
    names = ("cbc:BaseAmount", "cbc:MultiplierFactorNumeric", "cbc:Amount")
    if not node.has(names[0]) or not node.has(names[1]):
        return True
    by, factor, stated = (castable(node, name) for name in names)
    if by is None or factor is None or stated is None:
        return False
    return near(stated, rounded(by * factor / 100), CENT)


@check("om-scheme")
def scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """IBR-009-OM: the tax scheme is VAT; a party has one such registration."""
    del tree, args
    above = {each.name for each in walk_up(node)}
    vat = is_vat(node)
    if "cac:TaxRepresentativeParty" in above or node.name == "cac:TaxCategory":
        return vat
    beside = node.all("../cac:PartyTaxScheme")
    if "cac:AccountingCustomerParty" in above:
        return vat and len(beside) == 1
    if "cac:AccountingSupplierParty" in above:
        found = sum(map(is_vat, beside))
        return found == 1 if vat else found > 0
    return vat


@check("om-listed")
def listed(node: Node, tree: Tree, args: str) -> Verdict:
    """CL-08-OM: a code of the list; an empty one passes."""
    del tree
    text = words(node.text)
    return not text or text in codes(args) or (text, args)


def _kind_like(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the string of the transaction's kind is like a pattern."""
    del node
    return re.search(args.replace("$", r"\Z"), transaction(tree)) is not None


def _one_month(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the period begins and ends in the same month."""
    del tree, args
    start, end = (node.value(f"cac:InvoicePeriod/cbc:{name}Date") for name in ("Start", "End"))
    return start[:_MONTH] == end[:_MONTH]


def _in_thousandths(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an amount is one that the rule of three decimals looks at."""
    del args
    above = node.parent
    if above is None or above.name == "cac:LegalMonetaryTotal":
        return node.name in ("cbc:Amount", "cbc:BaseAmount", "cbc:PriceAmount")
    if node.name == "cbc:DocumentDescription":
        return any(each.text == "PM_TOTAL" for each in above.all("cbc:DocumentTypeCode"))
    return not (
        node.name == "cbc:TaxAmount" and above.name == "cac:TaxTotal" and above.parent is tree.root
    )


CONDITIONS.update(
    {
        "om": of_kind,
        "om-type": _kind_like,
        "om-one-month": _one_month,
        "om-in-thousandths": _in_thousandths,
    }
)
