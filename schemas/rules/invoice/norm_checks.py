"""Checks of the norm mode: what the text of EN 16931-1 asks where its artefacts ask otherwise.

Amounts are compared without slack: the standard has them rounded half up to two decimals
(EN 16931-1, 6.4; BR-DEC), and nothing in its text allows more.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from schemas.rules.invoice.cii_conditions import SETTLEMENT
from schemas.rules.invoice.cii_vat import sum_of as cii_sum
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.ubl_conditions import vat_only
from schemas.rules.invoice.ubl_vat_uses import sum_of as ubl_sum
from schemas.rules.invoice.values import ZERO, amount, decimal, fits, is_day

_CENT: Final = Decimal("0.01")
_CARD_DIGITS: Final = 10
_UBL_LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_CII_RATE: Final = "ram:RateApplicablePercent"


@check("norm-vat-amount")
def vat_amount(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-17, BR-S-09 and the like: the tax is base by rate, to the cent (`ubl`, `cii`)."""
    del tree
    if args == "cii":
        tax = _cii_tax(node)
        names = ("ram:CalculatedAmount", "ram:BasisAmount")
        rates = tax.all(_CII_RATE)
    else:
        tax = node.parent if node.name == "cac:TaxCategory" and node.parent else node
        names = ("cbc:TaxAmount", "cbc:TaxableAmount")
        rates = [e for c in vat_only(tax.all("cac:TaxCategory")) for e in c.all("cbc:Percent")]
    stated, base = (amount(tax, name) for name in names)
    if stated is None or base is None:
        return False
    rate = decimal(rates[0].text) if rates else ZERO
    return _equal(stated, (base * rate / 100).quantize(_CENT, ROUND_HALF_UP))


@check("norm-vat-base")
def vat_base(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-S-08 and the like: the base is lines and charges less allowances (`ubl S rate`)."""
    syntax, code, *by_rate = args.split()
    if syntax == "cii":
        tax = _cii_tax(node)
        stated, rate = amount(tax, "ram:BasisAmount"), amount(tax, _CII_RATE)
        return _equal(stated, cii_sum(tree, code, rate if by_rate else None))
    stated = amount(node.parent, "cbc:TaxableAmount") if node.parent else None
    rate = amount(node, "cbc:Percent")
    name = next((each for each in _UBL_LINES if tree.named(each)), _UBL_LINES[0])
    return _equal(stated, ubl_sum(tree, name, code, rate if by_rate else None))


@check("norm-vat-decimals")
def vat_decimals(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEC-13, 15: the VAT totals in a currency have two decimals at most (`ubl NAME`)."""
    del node
    syntax, name = args.split()
    if syntax == "cii":
        currencies = tree.root.all(f"{SETTLEMENT}/{name}")
        totals = tree.named("ram:TaxTotalAmount")
    else:
        currencies = tree.root.all(name)
        totals = tree.root.all("cac:TaxTotal/cbc:TaxAmount")
    wanted = {each.text for each in currencies}
    for each in totals:
        if each.attrs.get("currencyID") in wanted and not fits(each.text):
            return each.text, "<= 2 decimals"
    return True


@check("norm-card")
def card(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-51: at most the first six and the last four digits of a card number are shown."""
    del tree
    number = node.value(args) if args else node.text
    digits = sum(each.isdigit() for each in number)
    return digits <= _CARD_DIGITS or (str(digits), f"<= {_CARD_DIGITS}")


@check("norm-period")
def period(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-IC-11: an intra-community supply says when: a delivery date or an invoicing period."""
    del args
    supplies = [each for each in tree.named("cac:TaxCategory") if each.word("cbc:ID") == "K"]
    said = ("cac:Delivery/cbc:ActualDeliveryDate", "cac:InvoicePeriod/cbc:StartDate")
    paths = (*said, "cac:InvoicePeriod/cbc:EndDate")
    return not supplies or any(each.text for path in paths for each in node.all(path))


@check("norm-payee-ids")
def payee_ids(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-20: the payee has one identifier at most; that of the bank (SEPA) is another term."""
    del tree, args
    ids = node.all("cac:PartyIdentification/cbc:ID")
    found = sum(each.attrs.get("schemeID", "").upper() != "SEPA" for each in ids)
    return found <= 1 or (str(found), "<= 1")


@check("norm-day")
def calendar_day(node: Node, tree: Tree, args: str) -> Verdict:
    """CII-DT-097: a date of format 102 is a day of the calendar."""
    del tree, args
    text = node.text
    sound = len(text) == len("YYYYMMDD") and is_day(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    return sound or (text, "YYYYMMDD")


def _cii_tax(node: Node) -> Node:
    """Return the tax that a context is about: itself, or what its category code stands in."""
    return node.parent if node.name == "ram:CategoryCode" and node.parent else node


def _equal(stated: Decimal | None, expected: Decimal) -> Verdict:
    return stated == expected or ("" if stated is None else str(stated), str(expected))
