"""Conditions of Peppol's contexts in UBL: kinds of charges, means of payment, schemes, reasons."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.peppol_parties import both_in, said
from schemas.rules.invoice.registry import CONDITIONS, KEYED, SHAPED, SPARSE, elements_only
from schemas.rules.invoice.tree import Node, Tree, words

KIND: Final = "cbc:ChargeIndicator"


def _empty(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an element has neither text nor elements."""
    del tree, args
    return not node.kids and not words(node.text)


def _without(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the first element is there and the second is not."""
    del tree
    there, _, missing = args.partition(" ")
    return node.has(there) and not node.has(missing)


def _means(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the means of payment are among the codes."""
    del tree
    return node.word("cbc:PaymentMeansCode") in args.split()


def _german_means(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the means of payment between German parties are among the codes."""
    return _means(node, tree, args) and both_in(tree, "DE")


def _invoiced(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an amount is one in the currency of the document: any but a bare VAT total."""
    del tree, args
    above = node.parent
    if node.name != "cbc:TaxAmount" or above is None or above.name == "cac:TaxSubtotal":
        return True
    return above.has("cac:TaxSubtotal")


def _periodic(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the document, three levels up, has such a date of its period."""
    del tree
    return node.has(f"../../../cac:InvoicePeriod/{args}")


def _kind(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the allowance or charge above is of the kind, as it stands."""
    del tree
    return said(node.all(f"../{KIND}"), args)


def _reason(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the code of an exemption reason is this, in capitals or not."""
    del tree
    return _reason_code(node) == args


def _reason_code(node: Node) -> str:
    return node.value("cbc:TaxExemptionReasonCode").upper()


def _scheme(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an identifier has the scheme."""
    del tree
    return _scheme_id(node) == args


def _scheme_id(node: Node) -> str:
    return node.attrs.get("schemeID", "")


CONDITIONS.update(
    {
        "empty": _empty,
        "without": _without,
        "means": _means,
        "german-means": _german_means,
        "invoiced": _invoiced,
        "periodic": _periodic,
        "kind": _kind,
        "exempt": _reason,
        "scheme": _scheme,
    }
)


KEYED.update({"exempt": _reason_code, "scheme": _scheme_id})


SHAPED["without"] = elements_only


SHAPED["invoiced"] = lambda _, node: node.name != "cbc:TaxAmount"


SPARSE["empty"] = lambda tree: tree.blank
