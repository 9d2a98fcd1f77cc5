"""Certificate profiles: RFC 5280, section 4, and that of the web (CA/Browser Forum, 7.1).

Long-lived signatures come from authorities that took liberties; connections made today need not
accept them. Asked for with `Demands(profile=...)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.asn1 import der
from certs.path.refusal import constraint
from certs.verdict import Refused
from certs.x509.certificate import Certificate

_SERIAL_END: Final = 1 << 159
# Where subjectPublicKeyInfo stands in a TBSCertificate of version 3.
_KEY_FIELD: Final = 6
_ANY_PURPOSE: Final = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string
_LEAST_RSA_BITS: Final = 2048
_CURVES: Final = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
# Extensions that must, or must not, be marked critical.
_CRITICAL: Final = (x509.NameConstraints, x509.PolicyConstraints, x509.InhibitAnyPolicy)
_NOT_CRITICAL: Final = (
    x509.AuthorityKeyIdentifier,
    x509.SubjectKeyIdentifier,
    x509.AuthorityInformationAccess,
)


class Profile(Enum):
    """How strictly certificates are held to a profile."""

    LENIENT = "lenient"
    RFC5280 = "rfc5280"
    WEB = "web"


def check_profile(path: Sequence[Certificate], at: datetime, profile: Profile) -> None:
    """Raise Refused when a certificate of the path (signer first) departs from the profile."""
    for depth, each in enumerate(path):
        anchor = depth == len(path) - 1
        _check_fields(each, at, anchor=anchor)
        _check_key(each)
        _check_criticality(each, profile)
        _check_identifiers(each, anchor=anchor)
        if each.is_authority:
            _check_authority(each)
        else:
            _check_end(each)
    if profile is Profile.WEB:
        _check_web(path)


def _check_web(path: Sequence[Certificate]) -> None:
    """The signer is a plain server or client whose common name is one of its names."""
    signer, anchor = path[0], path[-1]
    if signer.is_authority:
        raise _refuse(signer, "an authority serves nobody")
    if signer.purposes is None or signer.purposes_critical or _ANY_PURPOSE in signer.purposes:
        raise _refuse(signer, "its extended key usage is missing, critical or for anything")
    if anchor.purposes is not None:
        raise _refuse(anchor, "an anchor has an extended key usage")
    names = signer.extension(x509.SubjectAlternativeName)
    known = {str(each.value) for each in names or ()}
    for each in signer.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
        if str(each.value) not in known:
            raise _refuse(signer, "its common name is none of its alternative names")


def _refuse(each: Certificate, en: str) -> Refused:
    return constraint(each, f"{en} (RFC 5280, 4)", "不符合 RFC 5280 第 4 节的证书规范")


def _check_fields(each: Certificate, at: datetime, *, anchor: bool) -> None:
    if not each.valid_at(at):
        raise _refuse(each, "it is not valid now")
    if each.x509.version is not x509.Version.v3:
        raise _refuse(each, "it is not of version 3")
    # Old anchors may have the serial number zero.
    if not (0 if anchor else 1) <= each.serial < _SERIAL_END:
        raise _refuse(each, "its serial number is not positive or longer than 20 octets")
    if not each.issuer:
        raise _refuse(each, "its issuer has no name")


def _check_key(each: Certificate) -> None:
    match each.public_key:
        case ec.EllipticCurvePublicKey() if not _named_curve(each):
            raise _refuse(each, "its curve is spelled out instead of named")
        case ec.EllipticCurvePublicKey(curve=curve) if not isinstance(curve, _CURVES):
            raise _refuse(each, f"its curve is {curve.name}")
        case rsa.RSAPublicKey(key_size=size) if size < _LEAST_RSA_BITS or size % 8:
            raise _refuse(each, f"its RSA key has {size} bits")
        case None:
            raise _refuse(each, "its key is of a kind that is not accepted")


def _named_curve(each: Certificate) -> bool:
    """Tell whether the key's parameters are the name of a curve (RFC 5480, 2.1.1)."""
    fields = der.parse(each.x509.tbs_certificate_bytes).children()
    algorithm = fields[_KEY_FIELD].children()[0].children()
    return len(algorithm) > 1 and algorithm[1].tag == der.OID


def _check_criticality(each: Certificate, profile: Profile) -> None:
    for kind in _CRITICAL if profile is Profile.RFC5280 else ():
        if each.extension(kind) is not None and not each.critical(kind):
            raise _refuse(each, f"{kind.__name__} is not critical")
    for other in _NOT_CRITICAL:
        if each.critical(other):
            raise _refuse(each, f"{other.__name__} is critical")
    alternatives = each.extension(x509.SubjectAlternativeName)
    if alternatives is not None:
        if not list(alternatives):
            raise _refuse(each, "its alternative name is empty")
        if each.critical(x509.SubjectAlternativeName) == bool(each.subject):
            raise _refuse(each, "subjectAltName is critical exactly when the subject is empty")
    elif not each.subject:
        raise _refuse(each, "it has no name at all")


def _check_identifiers(each: Certificate, *, anchor: bool) -> None:
    found = each.extension(x509.AuthorityKeyIdentifier)
    if not (anchor and each.self_issued) and not each.authority_key_id:
        raise _refuse(each, "it does not name its issuer's key")
    if anchor and found is not None:
        if found.authority_cert_issuer or found.authority_cert_serial_number is not None:
            raise _refuse(each, "an anchor's key identifier names more than its key")
        if each.self_issued and each.key_id != (found.key_identifier or b""):
            raise _refuse(each, "an anchor names another key than its own")


def _check_authority(each: Certificate) -> None:
    if not each.critical(x509.BasicConstraints):
        raise _refuse(each, "basicConstraints is not critical")
    if not each.subject:
        raise _refuse(each, "an authority has no name")
    if not each.key_id:
        raise _refuse(each, "an authority has no key identifier")
    if each.path_length is not None and not each.allows("key_cert_sign"):
        raise _refuse(each, "it limits paths but signs no certificates")


def _check_end(each: Certificate) -> None:
    if each.key_usage is not None and "key_cert_sign" in each.key_usage:
        raise _refuse(each, "it may sign certificates but is no authority")
    if each.path_length is not None or each.extension(x509.NameConstraints) is not None:
        raise _refuse(each, "it limits paths but is no authority")
