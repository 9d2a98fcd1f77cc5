"""What a trusted list says of some certificates of a service beyond what they say themselves.

ETSI TS 119 612, 5.5.9.2: Qualifications, each with criteria over key usage, policies, extended key
usage and attributes of the subject. Where a criterion is not understood, what would raise a
certificate does not count, and what would lower it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cryptography import x509

from certs.recognition.levels import Kind
from certs.recognition.qualified import Statements
from certs.x509.certificate import Certificate

_USAGES: Final = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "crlSign": "crl_sign",
}
_WITH_DEVICE: Final = frozenset({"QCWithSSCD", "QCWithQSCD", "QCQSCDManagedOnBehalf"})
_NO_DEVICE: Final = frozenset({"QCNoSSCD", "QCNoQSCD"})
_KINDS: Final = {
    "QCForESig": Kind.SIGNATURE,
    "QCForESeal": Kind.SEAL,
    "QCForLegalPerson": Kind.SEAL,
}


class Assertion(StrEnum):
    """How many of the criteria in a list must be met."""

    ALL = "all"
    ANY = "atLeastOne"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Criteria:
    """Criteria over a certificate; `others` counts those that are not understood here.

    `usages` are key usages with whether they are asserted, a group per criterion; `policies`,
    `purposes` (of extended key usage) and `attributes` (of the subject) are sets of OIDs that a
    certificate must all have.
    """

    assertion: Assertion
    usages: tuple[tuple[tuple[str, bool], ...], ...] = ()
    policies: tuple[frozenset[str], ...] = ()
    nested: tuple[Criteria, ...] = ()
    others: int = 0
    purposes: tuple[frozenset[str], ...] = ()
    attributes: tuple[frozenset[str], ...] = ()

    def met(self, certificate: Certificate) -> bool | None:
        """Tell whether they are met; None when that hangs on something not understood."""
        found = [
            *(_has_usages(certificate, each) for each in self.usages),
            *(each <= _policies(certificate) for each in self.policies),
            *(each <= (certificate.purposes or frozenset()) for each in self.purposes),
            *(each <= _attributes(certificate) for each in self.attributes),
            *(each.met(certificate) for each in self.nested),
            *([None] * self.others),
        ]
        if self.assertion is Assertion.ALL:
            return _all(found)
        any_ = _any(found)
        if self.assertion is Assertion.ANY:
            return any_
        return None if any_ is None else not any_


@dataclass(frozen=True, slots=True)
class Override:
    """Qualifiers for the certificates that meet the criteria."""

    qualifiers: frozenset[str]
    criteria: Criteria


def adjusted(
    said: Statements, certificate: Certificate, overrides: Iterable[Override]
) -> Statements:
    """Return what a certificate says of itself, as the list corrects it."""
    for each in overrides:
        met = each.criteria.met(certificate)
        if met is not False:
            said = _lowered(said, each.qualifiers)
        if met:
            said = _raised(said, each.qualifiers)
    return said


def _lowered(said: Statements, qualifiers: frozenset[str]) -> Statements:
    if "NotQualified" in qualifiers:
        said = replace(said, qualified=False)
    return replace(said, device=False) if qualifiers & _NO_DEVICE else said


def _raised(said: Statements, qualifiers: frozenset[str]) -> Statements:
    if "QCStatement" in qualifiers and "NotQualified" not in qualifiers:
        said = replace(said, qualified=True)
    if qualifiers & _WITH_DEVICE and not qualifiers & _NO_DEVICE:
        said = replace(said, device=True)
    kinds = {_KINDS[each] for each in qualifiers if each in _KINDS}
    return replace(said, kind=kinds.pop()) if len(kinds) == 1 else said


def _has_usages(certificate: Certificate, wanted: Sequence[tuple[str, bool]]) -> bool | None:
    asserted = certificate.key_usage or frozenset()
    return _all(
        (_USAGES[name] in asserted) == value if name in _USAGES else None for name, value in wanted
    )


def _policies(certificate: Certificate) -> frozenset[str]:
    found = certificate.extension(x509.CertificatePolicies)
    return frozenset(each.policy_identifier.dotted_string for each in found or ())


def _attributes(certificate: Certificate) -> frozenset[str]:
    return frozenset(each.oid.dotted_string for each in certificate.x509.subject)


def _all(found: Iterable[bool | None]) -> bool | None:
    known = list(found)
    if False in known:
        return False
    return None if None in known else True


def _any(found: Iterable[bool | None]) -> bool | None:
    known = list(found)
    if True in known:
        return True
    return None if None in known else False
