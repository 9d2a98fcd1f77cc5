"""Conditions of UBL contexts: kinds of charges, VAT categories, attributes that must be there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from schemas.rules.invoice.registry import CONDITIONS, KEYED, LOCAL, SHAPED, always_so, itself
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import says

_CREDIT_TRANSFER: Final = ("30", "58")
_BLANKS: Final = " \t\r\n"
_SCHEME: Final = "cac:TaxScheme"
SCHEME_NAME: Final = "cac:TaxScheme/cbc:ID"


def is_vat(node: Node) -> bool:
    """Tell whether one of the node's tax schemes is VAT, in any case."""
    names = node.texts(SCHEME_NAME)
    if len(names) <= 1:
        return bool(names) and _is_vat(names[0])
    return any(_names_vat(scheme) for scheme in node.all(_SCHEME))


def _names_vat(scheme: Node) -> bool:
    return _is_vat(scheme.value("cbc:ID"))


def _is_vat(name: str) -> bool:
    return name == "VAT" or words(name).upper() == "VAT"


def is_only_vat(node: Node) -> bool:
    """Tell whether the node's one tax scheme is VAT; raises Undecidable for several."""
    schemes = node.all(_SCHEME)
    if len(schemes) > 1:
        raise Undecidable(_SCHEME)
    return bool(schemes) and _names_vat(schemes[0])


def vat_only(nodes: Iterable[Node]) -> list[Node]:
    """Return the nodes whose tax scheme is VAT."""
    return [node for node in nodes if is_vat(node)]


def condition_charge(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an allowance or charge is of the wanted kind (`true`, `false`)."""
    del tree
    return says(node, "cbc:ChargeIndicator", truth=args == "true")


def condition_vat(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a node's tax scheme is VAT."""
    del tree, args
    return is_vat(node)


def vat_category(node: Node) -> str:
    """Return the code of a tax category under the scheme VAT, "" for another."""
    return node.value("cbc:ID").strip(_BLANKS) if is_vat(node) else ""


def condition_category(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a tax category has the code, under the scheme VAT."""
    del tree
    return vat_category(node) == args


def condition_charged(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a tax category (`S true`) is that of an allowance or charge of the kind."""
    kind, _, want = args.partition(" ")
    above = node.parent
    if above is None or not says(above, "cbc:ChargeIndicator", truth=want == "true"):
        return False
    return condition_category(node, tree, kind)


def condition_object(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an identifier with a scheme belongs to a reference of type 130."""
    del tree, args
    above = node.parent
    return (
        "schemeID" in node.attrs
        and above is not None
        and any(code.text == "130" for code in above.all("cbc:DocumentTypeCode"))
    )


def condition_transfer(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an account belongs to a credit transfer."""
    del tree, args
    above = node.parent
    found = above.all("cbc:PaymentMeansCode") if above else []
    return any(code.text in _CREDIT_TRANSFER for code in found)


def condition_reason(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a reason code belongs to an allowance (`false`) or a charge (`true`)."""
    above = node.parent
    return above is not None and condition_charge(above, tree, args)


def condition_priced(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an amount is none of a price, nor of its allowance."""
    del tree, args
    if node.name.endswith("PriceAmount"):
        return False
    above = node.parent
    while above is not None:
        up = above.parent
        if above.name == "cac:AllowanceCharge" and up is not None and up.name == "cac:Price":
            return False
        above = up
    return True


CONDITIONS.update(
    {
        "charge": condition_charge,
        "vat": condition_vat,
        "category": condition_category,
        "charged": condition_charged,
        "object": condition_object,
        "transfer": condition_transfer,
        "reason": condition_reason,
        "unpriced": condition_priced,
    }
)


KEYED["category"] = vat_category
LOCAL["category"] = itself
SHAPED["unpriced"] = always_so


def type_130(node: Node) -> bool:
    """Tell whether a document reference is that to an invoiced object."""
    return any(each.text == "130" for each in node.all("cbc:DocumentTypeCode"))


def texts(nodes: Iterable[Node]) -> set[str]:
    """Return the texts of the nodes as they stand."""
    return {node.text for node in nodes}


def said(nodes: Iterable[Node]) -> tuple[str, str]:
    """Return what the nodes say, as a verdict."""
    return ", ".join(node.text for node in nodes), ""
