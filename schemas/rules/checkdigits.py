"""Check digits of the identifiers that customs documents carry."""

from __future__ import annotations

import re
from operator import mul
from typing import Final

_CONTAINER: Final = re.compile(r"[A-Z]{4}[0-9]{7}")
_CREDIT_CODE: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_FORM: Final = re.compile(rf"[{_CREDIT_CODE}]{{18}}")
_CREDIT_VALUES: Final = {char: value for value, char in enumerate(_CREDIT_CODE)}
_CREDIT_WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def _letter_values() -> dict[str, int]:
    """Return the values of ISO 6346: A is 10, counting on and leaving out multiples of 11."""
    values = {str(digit): digit for digit in range(10)}
    value = 10
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        if value % 11 == 0:
            value += 1
        values[letter] = value
        value += 1
    return values


_VALUES: Final = _letter_values()


def container_digit(number: str) -> str | None:
    """Return the digit that the first ten characters of a container number ask for.

    None if the number has not the shape of four letters and seven digits. ISO 6346, annex A.
    """
    if _CONTAINER.fullmatch(number) is None:
        return None
    total = sum(_VALUES[char] << place for place, char in enumerate(number[:10]))
    return str(total % 11 % 10)


def credit_code_digit(code: str) -> str | None:
    """Return the last character that the first seventeen of a unified social credit code ask for.

    None if the code has not 18 characters of the code's alphabet. GB 32100, weights 3^i mod 31.
    """
    if _CREDIT_FORM.fullmatch(code) is None:
        return None
    total = sum(map(mul, map(_CREDIT_VALUES.__getitem__, code), _CREDIT_WEIGHTS))
    return _CREDIT_CODE[(31 - total % 31) % 31]


def organisation_digit(code: str) -> str | None:
    """Return the check character of an organisation code of nine characters.

    None if it has not nine characters of 0-9 and A-Z. GB 11714: 11 - sum mod 11; 10 is X, 11 is 0.
    """
    if re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code) is None:
        return None
    total = sum(
        int(char, 36) * weight for char, weight in zip(code, _ORGANISATION_WEIGHTS, strict=False)
    )
    return "0123456789X"[(11 - total % 11) % 11]
