"""Structural checks of EN 16931 in UBL (UBL-CR, UBL-SR, UBL-DT) that a path cannot say."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree
from schemas.rules.invoice.ubl_conditions import said, texts, type_130

_SELLER: Final = "cac:AccountingSupplierParty/cac:Party"
_SCHEME: Final = "cac:TaxScheme"


@check("ubl-version")
def version(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-CR-002: the version is 2.1, if it is stated."""
    del tree, args
    found = node.all("cbc:UBLVersionID")
    return not found or any(each.text == "2.1" for each in found) or said(found)


@check("ubl-due-date")
def due_date(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-CR-412: only a credit note states the due date with the means of payment."""
    del tree, args
    return node.name == "cn:CreditNote" or not node.has("cac:PaymentMeans/cbc:PaymentDueDate")


@check("ubl-object-clean")
def object_clean(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-CR-666, 673: the reference to an invoiced object has no attachment or description."""
    del node
    return not any(
        each.has(args) for each in tree.named("cac:AdditionalDocumentReference") if type_130(each)
    )


@check("ubl-object-scheme")
def object_scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-CR-665: only the reference to an invoiced object has a scheme."""
    del node, args
    return not any(
        "schemeID" in each.attrs
        for reference in tree.named("cac:AdditionalDocumentReference")
        if not type_130(reference)
        for each in reference.all("cbc:ID")
    )


@check("ubl-most-vat")
def most_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-12, 13, 18: at most one registration with VAT (`=`), or without (`!`), at the path."""
    del tree
    wanted, path = args[0] == "=", args[1:]
    found = 0
    for each in node.all(path):
        schemes = [scheme.value("cbc:ID").upper() for scheme in each.all(_SCHEME)]
        if any((scheme == "VAT") is wanted for scheme in schemes):
            found += len(each.all("cbc:CompanyID"))
    return found <= 1 or (str(found), "<= 1")


@check("ubl-payee-once")
def payee_once(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-19, 20, 21: at most one at the path; its name is there and is not the seller's."""
    del tree
    found = node.all(args)
    if args.startswith("cac:PartyIdentification"):
        found = [each for each in found if each.attrs.get("schemeID", "").upper() != "SEPA"]
    names = texts(node.all("cac:PartyName/cbc:Name"))
    sellers = texts(node.all(f"../{_SELLER}/cac:PartyLegalEntity/cbc:RegistrationName"))
    return len(found) <= 1 and any(name != seller for name in names for seller in sellers)


@check("ubl-one-creditor")
def one_creditor(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-29: at most one identifier assigned by the bank (SEPA)."""
    del node, args
    found = [
        each
        for party in tree.named("cac:PartyIdentification")
        for each in party.all("cbc:ID")
        if each.attrs.get("schemeID", "").upper() == "SEPA"
    ]
    return len(found) <= 1


@check("ubl-all-equal")
def all_equal(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-44, 47: all elements of the name say the same."""
    del node
    found = {each.text for each in tree.named(args)}
    return len(found) <= 1 or (", ".join(sorted(found)), "1")


@check("ubl-reference-type")
def reference_type(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-43: type 130, or 50 in a credit note; without a type no scheme."""
    del args
    types = node.all("cbc:DocumentTypeCode")
    if any(each.text == "130" for each in types):
        return True
    if tree.root.name == "cn:CreditNote" and any(each.text == "50" for each in types):
        return True
    return not types and not any("schemeID" in each.attrs for each in node.all("cbc:ID"))


@check("ubl-one-object")
def one_object(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-04: at most one reference to an invoiced object."""
    del tree, args
    references = [each for each in node.all("cac:AdditionalDocumentReference") if type_130(each)]
    return sum(len(each.all("cbc:ID")) for each in references) <= 1


@check("ubl-means-name")
def means_name(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-SR-46: at most one name of the means of payment."""
    del tree, args
    found = node.all("cac:PaymentMeans/cbc:PaymentMeansCode")
    return sum("name" in each.attrs for each in found) <= 1


@check("ubl-name-attribute")
def name_attribute(node: Node, tree: Tree, args: str) -> Verdict:
    """UBL-DT-18: the attribute `name` stands only with the means of payment."""
    del node, args
    return all(place.name == "cbc:PaymentMeansCode" for place in tree.places_with("name"))
