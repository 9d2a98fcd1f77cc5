"""Danish rules in Peppol invoices (DK-R): payment cards, company numbers, taxes."""

from __future__ import annotations

import re
from typing import Final

from schemas.rules.invoice.peppol_parties import BUYER, address, part, said
from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import double

_CODE: Final = "cbc:PaymentMeansCode"
_ACCOUNT: Final = "cac:PayeeFinancialAccount/cbc:ID"
_BRANCH: Final = "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"
_MANDATE: Final = "cac:PaymentMandate/cbc:ID"
_PAYER: Final = "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"
_PAYMENT: Final = "cbc:PaymentID"
_CLASS: Final = "cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode"
_UNSPSC: Final = ("19.05.01", "19.0501", "26.08.01", "26.0801")
_REASON: Final = "cbc:AllowanceChargeReason"
_TAX_CODE: Final = 4
_LARGEST: Final = 9999


@check("dk-legal")
def legal(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-002: the seller has a company number."""
    return bool(tree.text(node.all(args)))


@check("dk-scheme")
def scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-013, 014, 017: an identifier has a scheme, this if one is given: `path [scheme]`."""
    del tree
    path, _, wanted = args.partition(" ")
    found = node.all(path)
    schemes = [each.attrs["schemeID"] for each in found if "schemeID" in each.attrs]
    if found and len(schemes) > 1:
        raise Undecidable(path)
    stated = words(schemes[0]) if schemes else ""
    return not found or (stated == wanted if wanted else bool(stated)) or (stated, wanted)


@check("dk-credit")
def credit(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-016: a credit note between Danish parties has no negative total."""
    del args
    if tree.root.name != "cn:CreditNote" or address(tree, BUYER) != "DK":
        return True
    stated = tree.texts(node.all("cac:LegalMonetaryTotal/cbc:PayableAmount"))
    if len(stated) > 1:
        raise Undecidable("cbc:PayableAmount")
    return not stated or not double(stated[0]) < 0 or (stated[0], ">= 0")


@check("dk-means")
def means(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-005: the means of payment are among these (the artefact looks into the joined list)."""
    del tree
    found = node.value(_CODE)
    return f" {found} " in f" {args} " or (found, args)


@check("dk-account")
def account(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-006: by 31 and 42 an account and its branch are named."""
    del args
    if not (_by(node, "31") or _by(node, "42")):
        return True
    return bool(tree.text(node.all(_ACCOUNT))) and bool(tree.text(node.all(_BRANCH)))


@check("dk-debit")
def debit(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-007: by 49 a mandate and the payer's account are named."""
    del args
    if not _by(node, "49"):
        return True
    return bool(tree.text(node.all(_MANDATE))) and bool(tree.text(node.all(_PAYER)))


@check("dk-giro")
def giro(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-008: by 50 a card kind and a giro account of seven or eight digits."""
    del tree
    if not _by(node, "50"):
        return True
    return _kind(node) in args.split() and bool(re.fullmatch("[0-9]{7,8}", node.value(_ACCOUNT)))


@check("dk-fik")
def fik(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-010: by 93 a card kind and a creditor of eight characters."""
    if not _by(node, "93"):
        return True
    if _kind(node) not in args.split():
        return False
    stated = tree.texts(node.all(_ACCOUNT))
    if len(stated) > 1:
        raise Undecidable(_ACCOUNT)
    return len(stated[0] if stated else "") == 8  # noqa: PLR2004 - digits of a creditor


@check("dk-instruction")
def instruction(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-009, 011: a card kind with an instruction has its length: `50 04# 15# 19 19`."""
    del tree
    code, first, second, *lengths = args.split()
    if not _by(node, code) or _kind(node) not in (first, second):
        return True
    found = node.value(_PAYMENT)
    return str(len(found)) in lengths or (found, " / ".join(lengths))


@check("dk-class")
def item_class(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-003: a classification TST is of a known version of UNSPSC."""
    del tree, args
    found = node.all(_CLASS)
    if not any(each.attrs.get("listID") == "TST" for each in found):
        return True
    return any(each.attrs.get("listVersionID") in _UNSPSC for each in found)


@check("dk-tax")
def tax(node: Node, tree: Tree, args: str) -> Verdict:
    """DK-R-004: a tax other than VAT (ZZZ) is named by four digits, or with a # inside."""
    del args
    if not said(node.all("cbc:AllowanceChargeReasonCode"), "ZZZ"):
        return True
    if len(tree.text(node.all(_REASON))) == _TAX_CODE:
        value = double(node.value(_REASON))
        if 0 <= value <= _LARGEST:
            return True
    found = node.value(_REASON)
    return ("#" in found and not found.startswith("#") and not found.endswith("#")) or (found, "#")


def _by(node: Node, code: str) -> bool:
    return said(node.all(_CODE), code)


def _kind(node: Node) -> str:
    return part(node, _PAYMENT, 1, 3)
