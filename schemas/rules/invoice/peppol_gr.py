"""Greek rules in Peppol invoices (GR-R, GR-S): invoice number, tax numbers, MARK, addresses."""

from __future__ import annotations

import math
import re
from typing import Final

from schemas.rules.invoice.peppol_ids import greek_tin
from schemas.rules.invoice.peppol_parties import (
    AGENT,
    COUNTRY,
    SCHEME,
    SELLER,
    greek,
    part,
    raw_registrations,
    registrations,
    said,
)
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words
from schemas.rules.invoice.values import double

_DAY: Final = re.compile(
    r"(0?[1-9]|[12][0-9]|3[01])[-\\/ ]?(0?[1-9]|1[0-2])[-\\/ ]?(19|20)[0-9]{2}"
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_TYPES: Final = ("1.1", "1.6", "2.1", "2.4", "5.1", "5.2")
_REFERENCE: Final = "cac:AdditionalDocumentReference"
_SEGMENTS: Final = 6
_DAY_PARTS: Final = 3
_TIN_DIGITS: Final = 9


@check("gr-segments")
def segments(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-1: the invoice number has six segments."""
    del tree, args
    found = len(_segments(node))
    return found == _SEGMENTS or (str(found), str(_SEGMENTS))


@check("gr-tin-segment")
def tin_segment(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-2: the first segment is the tax number of the seller or its representative."""
    del args
    found = _segment(node, 1)
    if len(words(found)) != _TIN_DIGITS or not greek_tin(found):
        return found, "TIN"
    own = (
        part(scheme, "cbc:CompanyID", 3, 9)
        for party in (SELLER, AGENT)
        for each in tree.root.all(party)
        for scheme in raw_registrations(each)
    )
    return found in own or (found, "TIN")


@check("gr-day-segment")
def day_segment(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-3: the second segment is the issue date, DD/MM/YYYY."""
    del args
    found = _segment(node, 2)
    if not words(found) or not _DAY.match(found):
        return found, "DD/MM/YYYY"
    issued = tree.root.value("cbc:IssueDate")
    stated, wanted = found.split("/")[:3], issued.split("-")[:3][::-1]
    return (len(wanted) == len(stated) == _DAY_PARTS and stated == wanted) or (found, issued)


@check("gr-number-segment")
def number_segment(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-4: the third segment is an integer, zero or more."""
    del tree, args
    found = _segment(node, 3)
    if math.isnan(double(found)):
        return found, ">= 0"
    if not _INTEGER.fullmatch(found.strip(" \t\r\n")):
        raise Undecidable(found)
    return int(found) >= 0 or (found, ">= 0")


@check("gr-type-segment")
def type_segment(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-5: the fourth segment is a Greek document type."""
    del tree, args
    found = _segment(node, 4)
    return found in _TYPES or (found, ", ".join(_TYPES))


@check("gr-segment")
def segment(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-001-6, 7: a segment is not empty."""
    del tree
    return bool(_segment(node, int(args)))


@check("gr-text")
def text(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-002, 005: the text at the path is there, if only a blank."""
    del tree
    return bool(node.value(args))


@check("gr-one-vat")
def one_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-S-011, GR-R-006: a party has one VAT number, Greek and sound."""
    del tree, args
    found = [number for s in registrations(node, "VAT") for number in s.all("cbc:CompanyID")]
    if len(found) != 1:
        return str(len(found)), "1"
    return _greek_vat(found[0].text)


@check("gr-vat")
def vat(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-003: a VAT number is Greek and sound."""
    del tree, args
    return _greek_vat(node.text)


@check("gr-references")
def references(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-004-1, 008-2, GR-S-008-1: how many documents have a description: `0 1 description`."""
    del tree
    least, most, description = args.split(" ", 2)
    found = sum(
        said(each.all("cbc:DocumentDescription"), description) for each in node.all(_REFERENCE)
    )
    return int(least) <= found <= int(most) or (str(found), f"{least} - {most}")


@check("gr-mark")
def mark(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-004-2: the MARK begins as a positive integer does."""
    del tree, args
    return node.text[:1] in set("123456789") or (node.text, "1-9")


@check("gr-address")
def address(node: Node, tree: Tree, args: str) -> Verdict:
    """GR-R-009, 010: the electronic address is a sound tax number in the scheme 9933."""
    del tree
    sound = node.attrs.get("schemeID") == args and greek_tin(node.text)
    return sound or (f"{node.attrs.get('schemeID', '')}:{node.text}", args)


def _segments(node: Node) -> list[str]:
    return node.text.split("|") if node.text else []


def _segment(node: Node, number: int) -> str:
    found = _segments(node)
    return found[number - 1] if number <= len(found) else ""


def _greek_vat(number: str) -> Verdict:
    return (number[:2] == "EL" and greek_tin(number[2:])) or (number, "EL999999999")


def _greek_number(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a number is for VAT, of a Greek seller."""
    del args
    above = node.parent
    return above is not None and greek(tree) and above.word(SCHEME) == "VAT"


def _described(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the reference of a Greek seller has a description (`home `: with an address)."""
    home, _, description = args.partition(" ")
    if not greek(tree):
        return False
    if home == "home" and not said(tree.root.all(f"{SELLER}/{COUNTRY}"), "GR"):
        return False
    reference = node if node.name == _REFERENCE else node.parent
    return reference is not None and said(reference.all("cbc:DocumentDescription"), description)


CONDITIONS.update({"greek-number": _greek_number, "described": _described})
