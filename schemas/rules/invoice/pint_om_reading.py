"""What the checks of PINT for Oman read in the document: its kind, its lines, who is taxed at what.

The kind of a transaction is a string of twenty 0 and 1 (attribute `name` of the document type).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.lexical import is_decimal
from schemas.rules.invoice.pint_om_values import added, castable, only
from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.values import ZERO, amount, decimal, rounded

_KINDS: Final = (
    *("full", "simplified", "self-billed", "third-party", "summary", "continuous", "export"),
    *("deemed", "import-services", "margin", "margin-self", "ecommerce", "import-goods"),
    *("special-zone", "prepayment"),
)
STANDARD: Final = "S"
_RATE: Final = "cac:TaxExchangeRate/cbc:CalculationRate"
LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")
_ON_LINE: Final = "cac:Item/cac:ClassifiedTaxCategory"
_LINE_TAX: Final = "cac:ItemPriceExtension/cac:TaxTotal/cbc:TaxAmount"


def of_kind(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the transaction is of one of the kinds (`full summary`)."""
    del node
    kind = transaction(tree)
    if not re.fullmatch(r"[01]{20}", kind):
        return False
    return any(kind[_KINDS.index(name)] == "1" for name in args.split())


def transaction(tree: Tree) -> str:
    """Return the kind of the transaction, "" where none is said."""
    types = [*tree.root.all("cbc:InvoiceTypeCode"), *tree.root.all("cbc:CreditNoteTypeCode")]
    return next((words(each.attrs["name"]) for each in types if "name" in each.attrs), "")


def currency_of(tree: Tree, name: str) -> str:
    """Return the currency of the `Document` or of its `Tax`."""
    return tree.root.word(f"cbc:{name}CurrencyCode")


def in_document_currency(node: Node, tree: Tree) -> bool:
    """Tell whether a tax amount of a subtotal is in the currency of the document."""
    currency = currency_of(tree, "Document")
    return any(e.attrs.get("currencyID") == currency for e in node.all("cbc:TaxAmount"))


def exchange(tree: Tree) -> Decimal | None:
    """Return the rate of exchange, None where there is not exactly one."""
    return castable(tree.root, _RATE)


def total_in(node: Node, currency: str) -> Node | None:
    """Return the first amount of the tax totals that have one in a currency."""
    for whole_tax in node.all("cac:TaxTotal"):
        found = whole_tax.all("cbc:TaxAmount")
        if any(each.attrs.get("currencyID") == currency for each in found):
            return found[0]
    return None


def lines_of(tree: Tree) -> list[Node]:
    """Return the lines of the invoice or credit note."""
    return [line for name in LINES for line in tree.root.all(name)]


def taxed(tree: Tree) -> Iterable[tuple[Node, str]]:
    """Yield the lines, charges and allowances of the document with the path to their category."""
    for line in lines_of(tree):
        yield line, _ON_LINE
    for charge in tree.root.all("cac:AllowanceCharge"):
        if sign(charge):
            yield charge, "cac:TaxCategory"


def sign(node: Node) -> int:
    """Return 1 for what adds to the invoice, -1 for an allowance, 0 for what is neither."""
    if node.name in LINES:
        return 1
    kinds = {each.text for each in node.all("cbc:ChargeIndicator")}
    return ("true" in kinds) - ("false" in kinds)


def has_category(node: Node, path: str, code: str) -> bool:
    """Tell whether a tax category at the path has the code."""
    return any(each.text == code for each in node.all(f"{path}/cbc:ID"))


def at_rate(node: Node, path: str, percent: Decimal) -> bool:
    """Tell whether a line has the rate; a charge with a rate that is none has no answer."""
    found = node.all(f"{path}/cbc:Percent")
    if node.name in LINES:
        return len(found) == 1 and is_decimal(found[0].text) and decimal(found[0].text) == percent
    return only(found) == percent


def tax_of_lines(node: Node, tree: Tree) -> Decimal | None:
    """Return the tax of the lines and charges with the rate of a subtotal, None without a rate."""
    percent = castable(node, "cac:TaxCategory/cbc:Percent")
    if percent is None:
        return None
    found = ZERO
    for above, path in taxed(tree):
        rate_there = castable(above, f"{path}/cbc:Percent")
        if has_category(above, path, STANDARD) and rate_there == percent:
            if above.name in LINES:
                found += added(above.all(_LINE_TAX))
            else:
                found += sign(above) * (amount(above, "cbc:Amount") or ZERO) * percent / 100
    return rounded(found)


def is_vat(node: Node) -> bool:
    """Tell whether a tax scheme below is VAT."""
    return any(each.text == "VAT" for each in node.all("cac:TaxScheme/cbc:ID"))
