"""Identifiers of organisations in certificates, by scheme, with their check digits.

EN 319 412-1, 5.1.4: three letters for the kind, two for the country, a hyphen, the identifier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.x509.oid import NameOID

from certs.x509.certificate import Certificate
from schemas.rules.checkdigits import credit_code_digit

_SEMANTIC: Final = re.compile(r"(VAT|NTR|PSD|LEI|EOR|EXC|GLN)([A-Z]{2})-(.+)")
_LEI: Final = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
_EORI: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{1,15}")
_VAT: Final = re.compile(r"[A-Z]{2}[A-Z0-9+*.]{2,13}")
_UEN: Final = re.compile(r"[0-9]{8}[A-Z]|(19|20)[0-9]{7}[A-Z]|[TSR][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z]")
_LEI_REMAINDER: Final = 1


@dataclass(frozen=True, slots=True)
class Identifier:
    """An organisation's identifier; `valid` is None where the scheme has no rule known here."""

    scheme: str
    value: str
    valid: bool | None

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {"scheme": self.scheme, "value": self.value, "valid": self.valid}


def identifier_of(certificate: Certificate) -> Identifier | None:
    """Return the organisation identifier in the subject, or None without one."""
    found = certificate.x509.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    return parse(str(found[0].value)) if found else None


def parse(text: str) -> Identifier:
    """Return the identifier with its scheme: USCC, UEN, LEI, EORI, VAT, or as it is written."""
    match = _SEMANTIC.fullmatch(text)
    if match is None:
        return _bare(text)
    kind, country, value = match.groups()
    if kind == "NTR" and country in _REGISTERS:
        return _checked(_REGISTERS[country], value)
    if kind in {"LEI", "VAT", "EOR"}:
        scheme = "EORI" if kind == "EOR" else kind
        if scheme != "LEI" and not value.startswith(country):
            value = country + value
        return _checked(scheme, value)
    return Identifier(f"{kind}{country}", value, None)


_REGISTERS: Final = {"CN": "USCC", "SG": "UEN"}


def _bare(text: str) -> Identifier:
    """Guess the scheme of an identifier without prefix, by what it satisfies in full."""
    for scheme in ("USCC", "LEI"):
        if _CHECKS[scheme](text):
            return Identifier(scheme, text, valid=True)
    return Identifier("", text, None)


def _checked(scheme: str, value: str) -> Identifier:
    return Identifier(scheme, value, _CHECKS[scheme](value))


def _is_uscc(value: str) -> bool:
    return credit_code_digit(value) == value[-1:] != ""


def _is_lei(value: str) -> bool:
    """ISO 17442: letters are 10 to 35, and the whole number is 1 modulo 97."""
    if not _LEI.fullmatch(value):
        return False
    return int("".join(str(int(char, 36)) for char in value)) % 97 == _LEI_REMAINDER


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "USCC": _is_uscc,
    "LEI": _is_lei,
    "UEN": lambda value: bool(_UEN.fullmatch(value)),
    "EORI": lambda value: bool(_EORI.fullmatch(value)),
    "VAT": lambda value: bool(_VAT.fullmatch(value)),
}
