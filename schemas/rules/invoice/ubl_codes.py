"""Checks of code values of EN 16931 in UBL that are more than a look into a list."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.checks import codes, joined
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, walk_up, words

_CODE_LENGTH: Final = 3


@check("ubl-vat-prefix")
def vat_prefix(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CO-09: a VAT identifier begins with a country code.

    The artefact looks the two characters up in the list joined by blanks.
    """
    del tree
    prefix = node.value("cbc:CompanyID")[:2]
    return prefix in joined(args) or (prefix, args)


@check("ubl-note-code")
def note_code(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CL-08: the code between two # of a note is a subject code."""
    del tree
    code = node.text.partition("#")[2].partition("#")
    if not code[1] or len(code[0]) != _CODE_LENGTH:
        return True
    return code[0] in joined(args) or (code[0], args)


@check("ubl-party-scheme")
def party_scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CL-10: a scheme of ISO 6523; SEPA for the seller and the payee."""
    del tree
    scheme = words(node.attrs.get("schemeID", ""))
    if scheme in codes(args):
        return True
    names = {above.name for above in walk_up(node)}
    may = not names.isdisjoint(("cac:AccountingSupplierParty", "cac:PayeeParty"))
    return (scheme == "SEPA" and may) or (scheme, args)


@check("ubl-exemption-code")
def exemption_code(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CL-22: a code of the VATEX list, in any case."""
    del tree
    return words(node.text).upper() in codes(args) or (node.text, args)


@check("ubl-mime")
def mime(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CL-24: a media type that may be attached."""
    del tree
    return node.attrs.get("mimeCode", "") in codes(args) or (node.attrs.get("mimeCode", ""), args)


@check("ubl-type-code")
def type_code(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-CL-01: a document type of the list for invoices, or of that for credit notes."""
    del tree
    invoice, credit = args.split()
    wanted = invoice if node.name == "cbc:InvoiceTypeCode" else credit
    return words(node.text) in codes(wanted) or (node.text, wanted)


@check("ubl-split-payment")
def split_payment(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-B-01: split payment (B) is for documents of Italy alone."""
    del node, args
    if not _categories(tree, "B"):
        return True
    return all(each.text == "IT" for each in tree.named("cbc:IdentificationCode"))


@check("ubl-split-alone")
def split_alone(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-B-02: split payment (B) and the standard rate (S) exclude each other."""
    del args

    def uses(code: str) -> bool:
        places = (
            "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID",
            "cac:AllowanceCharge/cac:TaxCategory/cbc:ID",
        )
        lines = tree.below("cac:ClassifiedTaxCategory", "cbc:ID")
        return any(code in node.texts(p) for p in places) or any(code in ids for ids in lines)

    return not (uses("B") and uses("S"))


def _categories(tree: Tree, code: str) -> bool:
    names = ("cac:TaxCategory", "cac:ClassifiedTaxCategory")
    return any(code in ids for name in names for ids in tree.below(name, "cbc:ID"))
