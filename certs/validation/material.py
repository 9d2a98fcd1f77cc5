"""What came with a signature for the long term: certificates, CRLs, OCSP responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from certs.errors import MalformedCertificate
from certs.validation import answers
from certs.validation.answers import Answer
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import RevocationList, load_list

_MOST: Final = 256
_Kind = TypeVar("_Kind")


@dataclass(frozen=True, slots=True)
class Material:
    """Certificates and revocation data; `unreadable` counts values that could not be read.

    What cannot be read is as what is not there: it clears nobody.
    """

    certificates: tuple[Certificate, ...] = ()
    lists: tuple[RevocationList, ...] = ()
    answers: tuple[Answer, ...] = ()
    unreadable: int = 0

    @classmethod
    def read(
        cls,
        certificates_: Iterable[bytes] = (),
        lists: Iterable[bytes] = (),
        responses: Iterable[bytes] = (),
    ) -> Material:
        """Return what these values (DER) hold; of each kind at most 256 are looked at."""
        known, bad_certificates = _read(certificates_, certificates.load)
        crls, bad_lists = _read(lists, load_list)
        given, bad_answers = _read(responses, answers.load)
        return cls(known, crls, given, bad_certificates + bad_lists + bad_answers)

    def __add__(self, other: Material) -> Material:
        """Return both together, without repetitions."""
        return Material(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple({each.sha256: each for each in self.lists + other.lists}.values()),
            tuple({each.sha256: each for each in self.answers + other.answers}.values()),
            self.unreadable + other.unreadable,
        )

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.certificates or self.lists or self.answers)

    def without(self, present: Material) -> Material:
        """Return what is here and not in `present`."""
        known = present.tokens
        return Material(
            tuple(each for each in self.certificates if each.sha256.hex() not in known),
            tuple(each for each in self.lists if each.sha256.hex() not in known),
            tuple(each for each in self.answers if each.sha256.hex() not in known),
        )

    @property
    def tokens(self) -> frozenset[str]:
        """The identifiers under which a decision knows these values: their SHA-256 in hex."""
        return frozenset(_identifiers(self))


def _identifiers(material: Material) -> Iterator[str]:
    for kind in (material.certificates, material.lists, material.answers):
        for each in kind:
            yield each.sha256.hex()


def _read(values: Iterable[bytes], load: Callable[[bytes], _Kind]) -> tuple[tuple[_Kind, ...], int]:
    found: list[_Kind] = []
    bad = 0
    for count, each in enumerate(values):
        if count >= _MOST:
            break
        try:
            found.append(load(each))
        except MalformedCertificate:
            bad += 1
    return tuple(found), bad
