"""What a certificate says of itself: QCStatements (EN 319 412-5), and whom it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.asn1 import der
from certs.errors import MalformedDer
from certs.recognition.levels import Kind
from certs.x509.certificate import Certificate

_COMPLIANCE: Final = "0.4.0.1862.1.1"
_DEVICE: Final = "0.4.0.1862.1.4"
_TYPE: Final = "0.4.0.1862.1.6"
_KINDS: Final = {"0.4.0.1862.1.6.1": Kind.SIGNATURE, "0.4.0.1862.1.6.2": Kind.SEAL}
_STATEMENTS: Final = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_PERSONAL: Final = (NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.PSEUDONYM)


@dataclass(frozen=True, slots=True)
class Statements:
    """Whether it is said to be qualified, on a qualified device, and for which kind."""

    qualified: bool = False
    device: bool = False
    kind: Kind | None = None


def statements(certificate: Certificate) -> Statements:
    """Return what the QCStatements say; nothing when they are absent or malformed."""
    try:
        found = certificate.x509.extensions.get_extension_for_oid(_STATEMENTS).value
    except (x509.ExtensionNotFound, ValueError):
        return Statements()
    if not isinstance(found, x509.UnrecognizedExtension):
        return Statements()
    try:
        parts = [each.children() for each in der.parse(found.value).children()]
        names = {part[0].dotted(): part[1:] for part in parts if part}
        kinds = {
            _KINDS.get(each.dotted()) for value in names.get(_TYPE, []) for each in value.children()
        }
    except MalformedDer:
        return Statements()
    kind = kinds.pop() if len(kinds) == 1 else None
    return Statements(_COMPLIANCE in names, _DEVICE in names, kind)


def kind_of(certificate: Certificate, said: Statements) -> Kind:
    """Return whether a certificate is for seals of an organisation or a person's signatures."""
    if said.kind is not None:
        return said.kind
    subject = certificate.x509.subject
    personal = any(subject.get_attributes_for_oid(each) for each in _PERSONAL)
    return Kind.SIGNATURE if personal else Kind.SEAL
