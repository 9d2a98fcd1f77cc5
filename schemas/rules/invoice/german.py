"""German rules: cash discounts, accounts, addresses, attachments.

Peppol has them for two German parties (DE-R), XRechnung for every invoice (BR-DE); these are the
parts that are alike in UBL and CII.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.rules.invoice.registry import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words

VAT_CODES: Final = frozenset(("S", "Z", "E", "AE", "K", "G", "L", "M"))
_BREAKS: Final = re.compile(r"\r?\n")
_DISCOUNT: Final = re.compile(
    r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
)
_LOOSE: Final = re.compile(_DISCOUNT.pattern + r"\Z")
_MARKED: Final = re.compile(r"#[^\n\r]+#")
_BREAK: Final = re.compile(r"[ \t\n\r]*\n")
_EMAIL: Final = re.compile(r"[^@ \t\n\r]+@([^@. \t\n\r]+\.)+[^@. \t\n\r]+")
_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:")
_DIGIT: Final = re.compile("[0-9]")
_FEWEST_DIGITS: Final = 3
_IBAN: Final = re.compile("[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{0,30}")
_BLANKS: Final = re.compile(r"[ \t\r\n]")


@check("de-discount")
def discount(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-018, BR-DE-18: lines of the payment terms that begin with # are sound discounts.

    `args` is the path to the groups of terms and the name of their text, of which the first counts;
    `loosely`: only the end of a line must be one (PINT EU).
    """
    del tree
    path, name, *loosely = args.split()
    sound = _LOOSE.search if loosely else _DISCOUNT.fullmatch
    notes = [note.text for terms in node.all(path) for note in terms.all(name)[:1]]
    for note in notes:
        for line in _BREAKS.split(note):
            if not words(line).startswith("#"):
                continue
            if not sound(words(line)):
                return words(line), "#SKONTO#TAGE=n#PROZENT=n.nn#"
            last = [_MARKED.split(each)[-1] for each in notes if each]
            if len(last) > 1:
                raise Undecidable(path)
            if not _BREAK.match(last[0]):
                return words(line), "\\n"
    return True


@check("de-iban")
def iban(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-019, 020, BR-DE-19, 20: the account is an IBAN by these means: `58 path means`."""
    del tree
    code, path, means = args.split()
    if node.word(means) != code:
        return True
    found = _BLANKS.sub("", node.value(path))
    return is_iban(found) or (found, "IBAN")


@check("de-phone")
def phone(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-027, BR-DE-27: a telephone number has three digits or more."""
    del tree
    found = node.word(args)
    return len(_DIGIT.findall(found)) >= _FEWEST_DIGITS or (found, "")


@check("de-email")
def email(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-028, BR-DE-28: an e-mail address has one @ between names."""
    del tree
    found = node.word(args)
    return _EMAIL.fullmatch(found) is not None or (found, "name@example.com")


@check("de-url")
def url(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-T02, BR-TMP-2: the location of a document is an absolute URL."""
    del tree
    found = node.value(args)
    return _URL.match(found) is not None or (found, "https:...")


@check("de-url-if-any")
def url_if_any(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-TMP-2 in CII: the location of a document, if there is one, is an absolute URL."""
    return url(node, tree, args) if node.has(args) else True


@check("de-files")
def files(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-022, BR-DE-22: no two attachments among siblings have one file name.

    `args` is the name of the references, `//` before it for anywhere, and the path to their files.
    """
    name, _, path = args.partition(" ")
    found = tree.named(name[2:]) if name.startswith("//") else node.all(name)
    seen: set[tuple[int, str]] = set()
    for reference in found:
        for each in reference.all(path):
            if (id(reference.parent), each.attrs.get("filename", "")) in seen:
                return each.attrs.get("filename", ""), ""
        seen.update(
            (id(reference.parent), each.attrs["filename"])
            for each in reference.all(path)
            if "filename" in each.attrs
        )
    return True


@check("de-type")
def type_code(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-017, BR-DE-17: the document type is one of those in use: `path|path codes`."""
    del tree
    paths, *codes = args.split()
    found = [node.word(path) for path in paths.split("|")]
    return any(each in codes for each in found) or (", ".join(filter(None, found)), " ".join(codes))


@check("de-corrected")
def corrected(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-026, BR-DE-26: a corrected invoice (384) names the invoice before: `path|path path`."""
    del tree
    paths, reference = args.split()
    return all(node.word(path) != "384" for path in paths.split("|")) or node.has(reference)


@check("de-creditor")
def creditor(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-030, BR-DE-30: a direct debit names the creditor's identifier (SEPA)."""
    del tree, args
    if not node.has("cac:PaymentMeans/cac:PaymentMandate"):
        return True
    paths = ("cac:AccountingSupplierParty/cac:Party", "cac:PayeeParty")
    ids = (i for path in paths for i in node.all(f"{path}/cac:PartyIdentification/cbc:ID"))
    return any(each.attrs.get("schemeID") == "SEPA" for each in ids)


@check("de-debited")
def debited(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-031, BR-DE-31: a direct debit names the account that is debited."""
    del tree, args
    mandate = "cac:PaymentMeans/cac:PaymentMandate"
    return not node.has(mandate) or node.has(f"{mandate}/cac:PayerFinancialAccount/cbc:ID")


@check("de-tax-number")
def tax_number(node: Node, tree: Tree, args: str) -> Verdict:
    """DE-R-016, BR-DE-16: who charges VAT has a tax number or a representative."""
    del tree, args
    used = (
        code
        for charge in node.all("cac:AllowanceCharge")
        if any(kind.text in ("true", "false") for kind in charge.all("cbc:ChargeIndicator"))
        for code in charge.all("cac:TaxCategory/cbc:ID")
    )
    category = "cac:Item/cac:ClassifiedTaxCategory/cbc:ID"
    lines = (*node.all("cac:InvoiceLine"), *node.all("cac:CreditNoteLine"))
    if not _charged(used) and not any(_charged(line.all(category)) for line in lines):
        return True
    numbers = node.all("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
    return node.has("cac:TaxRepresentativeParty") or any(words(each.text) for each in numbers)


def is_iban(text: str) -> bool:
    """Tell whether a text without blanks is an IBAN as the artefacts check it (modulo 97).

    They count small letters on from 42, which no IBAN has.
    """
    if not _IBAN.fullmatch(text):
        return False
    digits = (str(ord(char) - (55 if ord(char) > ord("@") else 48)) for char in text[4:] + text[:4])
    return int("".join(digits)) % 97 == 1


def _charged(codes: Iterable[Node]) -> bool:
    return any(each.text in VAT_CODES for each in codes)
