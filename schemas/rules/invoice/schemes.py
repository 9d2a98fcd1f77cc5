"""Identifiers of parties by their scheme (ISO 6523, EAS): shapes and check digits.

Sources: GS1 General Specifications; Brønnøysund (NO); BCE/KBO (BE); ABR (AU); Agenzia delle
Entrate (IT); as the rules of OpenPeppol test them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from schemas.rules.invoice.checks import Verdict, check
from schemas.rules.invoice.tree import Node, Tree, words

_ABN_WEIGHTS: Final = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
_EVEN: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_FISCAL_LENGTH: Final = 16
_INTEGER: Final = re.compile(r"[+-]?\d+", re.ASCII)


def gln(text: str) -> bool:
    """Tell whether digits end in the check digit of GS1 (weights 3 and 1 from the right)."""
    digits = _digits(text)
    if digits is None:
        return False
    total = sum(digit * (3, 1)[place % 2] for place, digit in enumerate(digits[-2::-1]))
    return (10 - total % 10) % 10 == digits[-1]


def norwegian(text: str) -> bool:
    """Tell whether a Norwegian organisation number is right (nine digits, modulo 11)."""
    digits = _digits(text, 9)
    if digits is None or not any(digits):
        return False
    total = sum(digit * (place % 6 + 2) for place, digit in enumerate(digits[-2::-1]))
    return (11 - total % 11) % 11 == digits[-1]


def belgian(text: str) -> bool:
    """Tell whether a Belgian enterprise number is right (ten digits, 97 less modulo 97)."""
    return _digits(text, 10) is not None and 97 - int(text[:8]) % 97 == int(text[8:])


def australian(text: str) -> bool:
    """Tell whether an Australian business number is right (eleven digits, modulo 89)."""
    digits = _digits(text, 11)
    if digits is None:
        return False
    digits[0] -= 1
    return sum(d * w for d, w in zip(digits, _ABN_WEIGHTS, strict=True)) % 89 == 0


def italian_office(text: str) -> bool:
    """Tell whether a code of the Italian index of public offices has its six characters."""
    return re.fullmatch(r"[A-Za-z0-9]{6}", text) is not None


def italian_fiscal(text: str) -> bool:
    """Tell whether an Italian fiscal code has its shape: 11 digits, or 16 characters."""
    if len(text) == _FISCAL_LENGTH:
        return _fiscal(text)
    return len(text) == len(_ABN_WEIGHTS) and _INTEGER.fullmatch(text) is not None


def italian_vat(text: str) -> bool:
    """Tell whether an Italian VAT number with its prefix ends in its check digit.

    Any other prefix passes: so the published rule has it.
    """
    if text[:2] not in ("IT", "it"):
        return True
    digits = _digits(text[2:], 11)
    if digits is None:
        return False
    return sum(_EVEN[d] if n % 2 else d for n, d in enumerate(digits)) % 10 == 0


def danish(text: str) -> bool:
    """Tell whether a Danish business number is `DK` and eight digits."""
    return re.fullmatch(r"DK[0-9]{8}", text) is not None


_SCHEMES: Final[dict[str, Callable[[str], bool]]] = {
    "0088": gln,
    "0151": australian,
    "0184": danish,
    "0192": norwegian,
    "0201": italian_office,
    "0208": belgian,
    "0210": italian_fiscal,
    "0211": italian_vat,
}


@check("scheme")
def scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """An identifier is right by the scheme named in `args`."""
    del tree
    return _SCHEMES[args](words(node.text)) or (node.text, args)


def _digits(text: str, length: int = 0) -> list[int] | None:
    """Return the digits of a text that has no other characters (and so many), else None."""
    if not re.fullmatch(r"[0-9]+", text) or (length and len(text) != length):
        return None
    return [int(digit) for digit in text]


def _fiscal(text: str) -> bool:
    """Tell whether letters and digits of 16 characters stand in their places."""
    letters = text[:6] + text[8] + text[15]
    numbers = (text[6:8], text[9:11], text[14])
    return (
        letters.isascii()
        and letters.isalpha()
        and all(_INTEGER.fullmatch(number.strip()) for number in numbers)
    )
