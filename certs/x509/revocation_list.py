"""A certificate revocation list, read once (RFC 5280, section 5)."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from certs.asn1 import der
from certs.errors import MalformedCertificate, MalformedDer
from certs.x509.certificate import NameKey, name_key

_PEM: Final = b"-----BEGIN X509 CRL-----"
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.DELTA_CRL_INDICATOR,
        ExtensionOID.ISSUING_DISTRIBUTION_POINT,
    }
)
_UNDERSTOOD_IN_ENTRIES: Final = frozenset(
    {CRLEntryExtensionOID.CRL_REASON, CRLEntryExtensionOID.CERTIFICATE_ISSUER}
)
_EXPIRED_CERTS_ON_CRL: Final = x509.ObjectIdentifier("2.5.29.60")
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RevocationList:
    """A CRL whose signature is checked by the path validator before it is believed.

    `understood` is False when an extension of the list is critical and unknown, its number is
    missing, or it cannot be read in full: such a list clears nobody. `scope` is the encoded issuing
    distribution point, `names` the names in it. Certificates that expired at `expired_since` or
    later stay listed (ExpiredCertsOnCRL, X.509, 9.5.2.8).
    """

    crl: x509.CertificateRevocationList
    issuer: NameKey
    sha256: bytes
    number: int | None = None
    delta_base: int | None = None
    key_id: bytes = b""
    next_update: datetime | None = None
    understood: bool = True
    scope: bytes = b""
    names: frozenset[object] = frozenset()
    indirect: bool = False
    users_only: bool = False
    authorities_only: bool = False
    attributes_only: bool = False
    reasons: frozenset[x509.ReasonFlags] = frozenset()
    expired_since: datetime | None = None

    @property
    def encoded(self) -> bytes:
        """The list in DER."""
        return self.crl.public_bytes(Encoding.DER)

    def entry(self, issuer: NameKey, serial: int) -> x509.RevokedCertificate | None:
        """Return the entry for the certificate of this issuer with this serial, or None."""
        if self.indirect:
            return self._indirect_entry(issuer, serial)
        if serial <= 0:  # not allowed, yet used; the library only looks up positive ones
            return next((each for each in self.crl if each.serial_number == serial), None)
        return self.crl.get_revoked_certificate_by_serial_number(serial)

    def _indirect_entry(self, issuer: NameKey, serial: int) -> x509.RevokedCertificate | None:
        """In an indirect list each entry is of the issuer named last before it (5.3.3)."""
        current = self.issuer
        for each in self.crl:
            for extension in each.extensions:
                if isinstance(extension.value, x509.CertificateIssuer):
                    named = extension.value.get_values_for_type(x509.DirectoryName)
                    current = name_key(named[0]) if named else ()
            if current == issuer and each.serial_number == serial:
                return each
        return None


def load_list(encoded: bytes) -> RevocationList:
    """Return the CRL in DER or PEM; raises MalformedCertificate."""
    with warnings.catch_warnings():
        # Old lists have oddities the library warns of; the path validator judges them.
        warnings.simplefilter("ignore")
        return _load(encoded)


@lru_cache(maxsize=64)
def _load(encoded: bytes) -> RevocationList:
    try:
        if _PEM in encoded:
            crl = x509.load_pem_x509_crl(encoded)
        else:
            crl = x509.load_der_x509_crl(encoded)
        issuer = name_key(crl.issuer)
    except (ValueError, TypeError) as error:
        raise MalformedCertificate(reason=str(error)[:200]) from error
    digest = hashlib.sha256(crl.public_bytes(Encoding.DER)).digest()
    try:
        return _read(crl, issuer, digest)
    except (ValueError, x509.DuplicateExtension):
        return RevocationList(
            crl=crl,
            issuer=issuer,
            sha256=digest,
            next_update=crl.next_update_utc,
            understood=False,
        )


def _read(crl: x509.CertificateRevocationList, issuer: NameKey, digest: bytes) -> RevocationList:
    extensions = {each.oid: each for each in crl.extensions}
    number = _value(extensions, x509.CRLNumber)
    delta = _value(extensions, x509.DeltaCRLIndicator)
    authority = _value(extensions, x509.AuthorityKeyIdentifier)
    point = _value(extensions, x509.IssuingDistributionPoint)
    names = point_names(point.full_name, point.relative_name, crl.issuer) if point else ()
    return RevocationList(
        crl=crl,
        issuer=issuer,
        sha256=digest,
        number=number.crl_number if number else None,
        delta_base=delta.crl_number if delta else None,
        key_id=(authority.key_identifier or b"") if authority else b"",
        next_update=crl.next_update_utc,
        understood=number is not None
        and not any(each.critical and oid not in _UNDERSTOOD for oid, each in extensions.items())
        and not _strange_entries(crl),
        scope=point.public_bytes() if point else b"",
        names=frozenset(names),
        indirect=bool(point and point.indirect_crl),
        users_only=bool(point and point.only_contains_user_certs),
        authorities_only=bool(point and point.only_contains_ca_certs),
        attributes_only=bool(point and point.only_contains_attribute_certs),
        reasons=(point.only_some_reasons or frozenset()) if point else frozenset(),
        expired_since=_expired_since(extensions),
    )


def _expired_since(
    extensions: dict[x509.ObjectIdentifier, x509.Extension[x509.ExtensionType]],
) -> datetime | None:
    found = extensions.get(_EXPIRED_CERTS_ON_CRL)
    if found is None or not isinstance(found.value, x509.UnrecognizedExtension):
        return None
    try:
        return der.parse(found.value.value, der.GENERALIZED_TIME).moment()
    except MalformedDer:
        return None


def _strange_entries(crl: x509.CertificateRevocationList) -> bool:
    """Tell whether an entry has a critical extension that is unknown (5.3)."""
    return any(
        extension.critical and extension.oid not in _UNDERSTOOD_IN_ENTRIES
        for each in crl
        for extension in each.extensions
    )


def _value(
    extensions: dict[x509.ObjectIdentifier, x509.Extension[x509.ExtensionType]],
    kind: type[_Kind],
) -> _Kind | None:
    found = extensions.get(kind.oid)
    return found.value if found and isinstance(found.value, kind) else None


def point_names(
    full: Iterable[x509.GeneralName] | None,
    relative: x509.RelativeDistinguishedName | None,
    issuer: x509.Name,
) -> Iterator[object]:
    """Return the names of a distribution point in the form in which they are compared."""
    for each in full or ():
        if isinstance(each, x509.DirectoryName):
            yield "name", name_key(each.value)
        else:
            yield type(each).__name__, each.value
    if relative is not None:
        yield "name", name_key(x509.Name([*issuer.rdns, relative]))
