"""Check digits and shapes of the identifiers in Peppol invoices (PEPPOL-COMMON)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from schemas.rules.invoice.peppol_parties import SCHEME
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words

_ABN: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_EVEN: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")
_FISCAL_PERSON: Final = re.compile(
    r"[A-Za-z]{6}([0-9+ -][0-9]|[0-9] )[A-Za-z]([0-9+ -][0-9]|[0-9] ).{3}[0-9][A-Za-z]", re.DOTALL
)
_COMPANY: Final = 11
_PERSON: Final = 16
_SWEDISH: Final = 10
_TIN_DIGITS: Final = 9


@check("id-gln")
def gln(node: Node, tree: Tree, args: str) -> Verdict:
    """0088: digits, the last checks the others with weights 3 and 1 from the right (GS1)."""
    del tree, args
    text = words(node.text)
    if not re.fullmatch("[0-9]+", text):
        return text, "GLN"
    total = sum(d * (1 if i % 2 else 3) for i, d in enumerate(reversed(_digits(text[:-1]))))
    return _said(text, (10 - total % 10) % 10)


@check("id-norwegian")
def norwegian(node: Node, tree: Tree, args: str) -> Verdict:
    """0192: nine digits, the last by modulo 11."""
    del tree, args
    text = words(node.text)
    return (re.fullmatch("[0-9]{9}", text) is not None and modulo_11(text)) or (text, "mod 11")


@check("id-danish")
def danish(node: Node, tree: Tree, args: str) -> Verdict:
    """0184, 0096, 0198: the shape as it stands, blanks included (`args`: regular expression)."""
    del tree
    return re.fullmatch(args, node.text) is not None or (node.text, args)


@check("id-belgian")
def belgian(node: Node, tree: Tree, args: str) -> Verdict:
    """0208: ten digits, the last two are 97 less the others modulo 97."""
    del tree, args
    text = words(node.text)
    sound = re.fullmatch("[0-9]{10}", text) and int(text[8:]) == 97 - int(text[:8]) % 97
    return bool(sound) or (text, "mod 97")


@check("id-fiscal")
def fiscal(node: Node, tree: Tree, args: str) -> Verdict:
    """0210, 9907: the Italian tax code of a company (11) or a person (16 characters)."""
    del tree, args
    text = words(node.text)
    shape = _INTEGER if len(text) == _COMPANY else _FISCAL_PERSON
    sound = len(text) in (_COMPANY, _PERSON) and shape.fullmatch(text)
    return bool(sound) or (text, "codice fiscale")


@check("id-italian-vat")
def italian_vat(node: Node, tree: Tree, args: str) -> Verdict:
    """0211: what begins with IT has eleven digits that check."""
    del tree, args
    text = words(node.text)
    if text[:2] not in ("IT", "it"):
        return True
    code = text[2:]
    if len(code) != _COMPANY or not _INTEGER.fullmatch(code.strip()):
        return text, "partita IVA"
    if not code.isdigit():
        raise Undecidable(text)
    total = sum(_EVEN[d] if place % 2 else d for place, d in enumerate(_digits(code)))
    return total % 10 == 0 or (text, "partita IVA")


@check("id-swedish")
def swedish(node: Node, tree: Tree, args: str) -> Verdict:
    """0007: ten digits that check by Luhn."""
    del tree, args
    text = words(node.text)
    return (len(text) == _SWEDISH and text.isascii() and luhn(text)) or (text, "Luhn")


@check("id-abn")
def abn(node: Node, tree: Tree, args: str) -> Verdict:
    """0151: eleven digits, weighted, the first less one, divide by 89."""
    del tree, args
    text = words(node.text)
    if not re.fullmatch("[0-9]{11}", text):
        return text, "ABN"
    first, *others = _digits(text)
    total = sum(d * w for d, w in zip((first - 1, *others), _ABN, strict=True))
    return total % 89 == 0 or (text, "mod 89")


def modulo_11(text: str) -> bool:
    """Tell whether the last of some digits checks the others, weighted 2 to 7 from the right."""
    if not re.fullmatch("[0-9]+", text) or int(text) == 0:
        return False
    total = sum(d * (i % 6 + 2) for i, d in enumerate(reversed(_digits(text[:-1]))))
    return (11 - total % 11) % 11 == int(text[-1])


def luhn(text: str) -> bool:
    """Tell whether the tenth digit checks the nine before it (Luhn)."""
    if text.isdecimal() and not text.isascii():
        raise Undecidable(text)
    if not text.isdecimal() or len(text) < _SWEDISH:
        return False
    doubled = (
        d if i % 2 else d * 2 % 10 + d * 2 // 10 for i, d in enumerate(reversed(_digits(text[:9])))
    )
    return (10 - sum(doubled) % 10) % 10 == int(text[9])


def greek_tin(text: str) -> bool:
    """Tell whether the ninth digit checks the eight before it, weighted 2 to 256 from the right."""
    if not re.fullmatch("[0-9]{9}", text[:_TIN_DIGITS]):
        return False
    total = sum(d << i + 1 for i, d in enumerate(reversed(_digits(text[:8]))))
    return total % 11 % 10 == int(text[8])


def _digits(text: Iterable[str]) -> list[int]:
    return [int(char) for char in text]


def _said(text: str, digit: int) -> Verdict:
    return digit == int(text[-1]) or (text, f"{text[:-1]}{digit}")


def _dutch(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a VAT number begins with NL."""
    del tree, args
    above = node.parent
    return above is not None and above.word(SCHEME) == "VAT" and words(node.text).startswith("NL")


CONDITIONS["dutch"] = _dutch
