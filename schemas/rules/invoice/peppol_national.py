"""National rules in Peppol invoices: Norway, Italy, Sweden, Iceland, the Netherlands."""

from __future__ import annotations

import math
import re
from typing import Final

from schemas.rules.invoice.peppol_ids import luhn, modulo_11
from schemas.rules.invoice.peppol_parties import (
    BUYER,
    COUNTRY,
    SCHEME,
    SELLER,
    is_swedish,
    part,
    parties,
    raw_registrations,
    registrations,
    said,
    seller_country,
    swedish,
)
from schemas.rules.invoice.registry import ALIKE, CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import ZERO, amount, double, is_day

_NORWEGIAN_VAT: Final = re.compile("[0-9]{9}MVA")
_GIRO: Final = "cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"
_REFERENCE: Final = "cac:AdditionalDocumentReference"
_DESCRIPTION: Final = "cbc:DocumentDescription"
_DEADLINE: Final = "EINDAGI"
_CHAMBER: Final = ("0106", "0190")
_DAY_LENGTH: Final = 10


@check("no-register")
def register(node: Node, tree: Tree, args: str) -> Verdict:
    """NO-R-002: the registration in the scheme TAX says Foretaksregisteret."""
    del tree
    return _only(registrations(node, "TAX")) == args


@check("no-vat")
def norwegian_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """NO-R-001: a VAT number of Norway has nine digits that check, and MVA."""
    del tree, args
    found = registrations(node, "VAT")
    if all(part(each, "cbc:CompanyID", 1, 2) != "NO" for each in found):
        return True
    if len(found) > 1:
        raise Undecidable("cac:PartyTaxScheme")
    number = part(found[0], "cbc:CompanyID", 3)
    return (_NORWEGIAN_VAT.fullmatch(number) is not None and modulo_11(number[:9])) or (
        number,
        "NO999999999MVA",
    )


@check("se-vat-length")
def swedish_vat_length(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-001: a Swedish VAT number has 14 characters."""
    del tree
    found = _only(raw_registrations(node))
    return len(found) == int(args) or (found, args)


@check("se-vat-digits")
def swedish_vat_digits(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-002: what follows its prefix is a number."""
    del tree, args
    numbers = [id_ for each in raw_registrations(node) for id_ in each.all("cbc:CompanyID")]
    if len(numbers) > 1:
        raise Undecidable("cbc:CompanyID")
    found = numbers[0].text[2:14] if numbers else ""
    return not math.isnan(double(found)) or (found, "SE999999999999")


@check("numeric")
def numeric(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-003, 007, 008: the text at the path is a number."""
    del tree
    found = node.text if args == "." else node.value(args)
    return not math.isnan(double(found)) or (found, "0-9")


@check("length")
def length(node: Node, tree: Tree, args: str) -> Verdict:
    """The text at the path, blanks apart, has so many characters: `7 8 path`."""
    del tree
    least, most, path = args.split()
    found = words(node.text) if path == "." else node.word(path)
    return int(least) <= len(found) <= int(most) or (found, f"{least} - {most}")


@check("se-organisation")
def organisation(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-013: a Swedish organisation number checks by Luhn."""
    del tree, args
    found = node.word("cbc:CompanyID")
    return luhn(found) or (found, "Luhn")


@check("se-tax-register")
def tax_register(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-005: the registration that is not for VAT says what the tax office certifies."""
    del tree
    found = words(node.text.upper())
    return found == args or (found, args)


@check("se-rate")
def swedish_rate(node: Node, tree: Tree, args: str) -> Verdict:
    """SE-R-006: the standard rate is one of those of Sweden."""
    del tree
    found = node.value("cbc:Percent")
    return double(found) in [float(rate) for rate in args.split()] or (found, args)


@check("is-type")
def icelandic_type(node: Node, tree: Tree, args: str) -> Verdict:
    """IS-R-001: the document type is one of the list."""
    del tree
    return any(
        node.word(name) in args.split()
        for name in ("cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode")
    )


@check("is-legal")
def icelandic_legal(node: Node, tree: Tree, args: str) -> Verdict:
    """IS-R-002, 004: the party has an Icelandic legal identifier (0196)."""
    del tree
    return any(each.attrs.get("schemeID") == "0196" for each in node.all(args))


@check("is-account")
def icelandic_account(node: Node, tree: Tree, args: str) -> Verdict:
    """IS-R-006, 007: by these means of payment an account has twelve characters."""
    del tree
    means = [n for n in node.all("cac:PaymentMeans") if said(n.all("cbc:PaymentMeansCode"), args)]
    accounts = [each for n in means for each in n.all("cac:PayeeFinancialAccount/cbc:ID")]
    if len(accounts) > 1:
        raise Undecidable("cac:PayeeFinancialAccount")
    found = words(accounts[0].text) if accounts else ""
    return not means or len(found) == 12 or (found, "12")  # noqa: PLR2004 - bank, ledger, account


@check("is-deadline")
def deadline(node: Node, tree: Tree, args: str) -> Verdict:
    """IS-R-008, 009, 010: the last day to pay is a date, with a due date (`due`) not after it."""
    del tree
    references = [
        each
        for each in node.all(_REFERENCE)
        if said(each.all("cbc:DocumentDescription"), _DEADLINE)
    ]
    days = [each.text for reference in references for each in reference.all("cbc:ID")]
    due = [each.text for each in node.all("cbc:DueDate")]
    if not references or (args == "due" and due):
        return True
    if args == "later":
        return any(each <= last for each in due for last in days) or (", ".join(due), "")
    if args == "date" and len(days) > 1:
        raise Undecidable(_DEADLINE)
    found = days[0] if days else ""
    return args == "date" and len(found) == _DAY_LENGTH and is_day(found)


@check("nl-legal")
def dutch_legal(node: Node, tree: Tree, args: str) -> Verdict:
    """NL-R-003, 005: a legal identifier is of the chamber of commerce or the government."""
    del tree, args
    schemes = f" {node.attrs.get('schemeID', '')} "
    sound = any(f" {scheme} " in schemes for scheme in _CHAMBER)
    return (sound and bool(words(node.text))) or (schemes.strip(), ", ".join(_CHAMBER))


@check("nl-means")
def dutch_means(node: Node, tree: Tree, args: str) -> Verdict:
    """NL-R-007: what the buyer pays needs means of payment; the amount is asked for last."""
    del args
    if tree.named("cac:PaymentMeans"):
        return True
    due = amount(node, "cbc:PayableAmount")
    return due is not None and (due <= ZERO if tree.root.name == "ubl:Invoice" else due >= ZERO)


@check("means-among")
def means_among(node: Node, tree: Tree, args: str) -> Verdict:
    """NL-R-008: the means of payment are among these."""
    del tree
    found = node.word("cbc:PaymentMeansCode")
    return found in args.split() or (found, args)


@check("rooted")
def rooted(node: Node, tree: Tree, args: str) -> Verdict:
    """NL-R-001, 009: the document has the path."""
    del node
    return tree.root.has(args)


def _only(schemes: list[Node]) -> str:
    """Return the one number of some tax registrations, blanks apart."""
    found = [number for each in schemes for number in each.all("cbc:CompanyID")]
    if len(found) > 1:
        raise Undecidable("cbc:CompanyID")
    return words(found[0].text) if found else ""


def _italian_tax(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a registration of an Italian seller is not that for VAT."""
    del args
    return seller_country(tree) == "IT" and node.word(SCHEME) != "VAT"


def _swedish(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a party is Swedish by address and VAT number."""
    del tree, args
    return is_swedish(node)


def _swedish_legal(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a legal entity with a number is that of a party with a Swedish address."""
    del tree, args
    return said(node.all(f"../{COUNTRY}"), "SE") and node.has("cbc:CompanyID")


def _swedish_tax(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a number other than for VAT is that of a Swedish legal entity."""
    del tree, args
    if not said(node.all(f"../../{COUNTRY}"), "SE"):
        return False
    legal = node.has("../../cac:PartyLegalEntity/cbc:CompanyID")
    return legal and words(node.value(f"../{SCHEME}").upper()) != "VAT"


def _swedish_standard(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a category is the standard rate of a Swedish seller."""
    del args
    return swedish(tree) and said(node.all("cbc:ID"), "S")


def _giro(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether an account is one of a Swedish giro (`SE:PLUSGIRO`)."""
    above = node.parent.parent if node.parent else None
    return (
        above is not None
        and _sold_from_sweden(tree)
        and above.word("cbc:PaymentMeansCode") == "30"
        and above.word(_GIRO) == args
    )


def _swedish_means(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a Swedish seller names these means (`both`: to a Swedish buyer)."""
    *codes, who = args.split()
    if not _sold_from_sweden(tree):
        return False
    if who == "both" and not any(said(each.all(COUNTRY), "SE") for each in parties(tree, BUYER)):
        return False
    return any(said(node.all("cbc:PaymentMeansCode"), code) for code in codes)


def _sold_from_sweden(tree: Tree) -> bool:
    return any(said(each.all(COUNTRY), "SE") for each in parties(tree, SELLER))


CONDITIONS.update(
    {
        "italian-tax": _italian_tax,
        "swedish": _swedish,
        "swedish-legal": _swedish_legal,
        "swedish-tax": _swedish_tax,
        "swedish-standard": _swedish_standard,
        "swedish-means": _swedish_means,
        "giro": _giro,
    }
)

ALIKE["swedish-standard"] = lambda tree: not swedish(tree)
