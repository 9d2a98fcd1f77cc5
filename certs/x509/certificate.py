"""X.509 certificates, read once: the fields that path validation and signatures ask for."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm as Unsupported
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ExtensionType
from cryptography.x509.oid import ExtensionOID, NameOID

from certs.algorithms import PublicKey, usable
from certs.asn1 import der
from certs.errors import MalformedCertificate, MalformedDer, UnsupportedAlgorithm
from certs.sm2 import Sm2PublicKey

_MAX_DER: Final = 64 * 1024
_VERSION: Final = 0xA0
_PEM: Final = b"-----BEGIN CERTIFICATE-----"
# Critical extensions that this room understands; any other critical one refuses the certificate.
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
    }
)
_Kind = TypeVar("_Kind", bound=x509.ExtensionType)
NameKey = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """A parsed certificate; equal when its DER is.

    `key_usage` is None without that extension, else the usages asserted (`digital_signature`,
    `content_commitment`, `key_cert_sign`, `crl_sign`, `key_encipherment`, `key_agreement`);
    `purposes` likewise the extended key usages as dotted OIDs. `not_understood` lists critical
    extensions that are unknown here.
    """

    der: bytes
    sha256: bytes
    x509: x509.Certificate
    subject: NameKey
    issuer: NameKey
    issuer_der: bytes
    serial: int
    not_before: datetime
    not_after: datetime
    public_key: PublicKey | None
    is_authority: bool
    path_length: int | None
    key_usage: frozenset[str] | None
    purposes: frozenset[str] | None
    purposes_critical: bool
    key_id: bytes
    authority_key_id: bytes
    not_understood: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        """Compare by DER."""
        return isinstance(other, Certificate) and self.der == other.der

    def __hash__(self) -> int:
        """Hash by DER."""
        return hash(self.der)

    @property
    def name(self) -> str:
        """The common name, else the organisation, else the whole subject, for people."""
        for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            for attribute in self.x509.subject.get_attributes_for_oid(kind):
                return str(attribute.value)
        return self.x509.subject.rfc4514_string()

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.x509.public_bytes(Encoding.PEM)

    @property
    def signature_digest(self) -> str:
        """The name of the digest its signature is over, '' where the library knows none."""
        try:
            digest = self.x509.signature_hash_algorithm
        except Unsupported:
            return ""
        return digest.name if digest else ""

    @property
    def spki(self) -> bytes:
        """The DER of its SubjectPublicKeyInfo, as it stands in the certificate."""
        return _spki(self.x509)

    @property
    def key_octets(self) -> bytes:
        """The octets of its public key, over which identifiers of keys are taken (RFC 5280)."""
        return der.parse(self.spki).children()[1].expect(der.BIT_STRING).content[1:]

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name."""
        return self.subject == self.issuer

    @property
    def self_signed(self) -> bool:
        """Whether its own key made it: such a root is known to others or not, never sent along."""
        own = not self.authority_key_id or self.authority_key_id == self.key_id
        return self.self_issued and own

    def extension(self, kind: type[_Kind]) -> _Kind | None:
        """Return the value of the extension of this kind, or None without it."""
        return _value(_extensions(self.x509)[0], kind)

    def critical(self, kind: type[ExtensionType]) -> bool:
        """Tell whether the extension of this kind is there and critical."""
        found = _extensions(self.x509)[0].get(kind.oid)
        return found is not None and found.critical

    @property
    def policy_mappings(self) -> tuple[tuple[str, str], ...]:
        """The pairs of issuer's and subject's policy (RFC 5280, 4.2.1.5) as dotted OIDs."""
        found = _extensions(self.x509)[0].get(ExtensionOID.POLICY_MAPPINGS)
        if found is None or not isinstance(found.value, x509.UnrecognizedExtension):
            return ()
        return _mappings(found.value.value)

    def allows(self, *usages: str) -> bool:
        """Tell whether the key usage asserts one of `usages`, or does not restrict at all."""
        return self.key_usage is None or any(usage in self.key_usage for usage in usages)

    def valid_at(self, moment: datetime) -> bool:
        """Tell whether `moment` lies within the validity period, which is in whole seconds."""
        return self.not_before <= moment.replace(microsecond=0) <= self.not_after


@lru_cache(maxsize=4096)
def load(encoded: bytes) -> Certificate:
    """Return the certificate in DER; raises MalformedCertificate."""
    if len(encoded) > _MAX_DER:
        raise MalformedCertificate(reason=f"more than {_MAX_DER} octets")
    try:
        with warnings.catch_warnings():
            # Old certificates have oddities the library warns of; the path validator judges them.
            warnings.simplefilter("ignore")
            return _read(encoded, x509.load_der_x509_certificate(encoded))
    except (ValueError, TypeError, OverflowError, Unsupported, x509.InvalidVersion) as error:
        raise MalformedCertificate(reason=str(error)[:200]) from error


def load_all(data: bytes) -> tuple[Certificate, ...]:
    """Return the certificates in a PEM bundle or a single DER; raises MalformedCertificate."""
    if _PEM not in data:
        return (load(data),)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as above
            found = x509.load_pem_x509_certificates(data)
    except ValueError as error:
        raise MalformedCertificate(reason=str(error)[:200]) from error
    return tuple(load(each.public_bytes(Encoding.DER)) for each in found)


def _read(encoded: bytes, parsed: x509.Certificate) -> Certificate:
    extensions, unread = _extensions(parsed)
    constraints = _value(extensions, x509.BasicConstraints)
    purposes = _value(extensions, x509.ExtendedKeyUsage)
    key_id = _value(extensions, x509.SubjectKeyIdentifier)
    authority = _value(extensions, x509.AuthorityKeyIdentifier)
    issuer_der = parsed.issuer.public_bytes()
    return Certificate(
        der=encoded,
        sha256=hashlib.sha256(encoded).digest(),
        x509=parsed,
        subject=name_key(parsed.subject),
        issuer=name_key(parsed.issuer),
        issuer_der=issuer_der,
        serial=parsed.serial_number,
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        public_key=_public_key(parsed),
        is_authority=bool(constraints and constraints.ca),
        path_length=constraints.path_length if constraints else None,
        key_usage=_usages(_value(extensions, x509.KeyUsage)),
        purposes=frozenset(each.dotted_string for each in purposes) if purposes else None,
        purposes_critical=bool(purposes) and extensions[ExtensionOID.EXTENDED_KEY_USAGE].critical,
        key_id=key_id.digest if key_id else b"",
        authority_key_id=(authority.key_identifier or b"") if authority else b"",
        not_understood=unread
        + tuple(
            oid.dotted_string
            for oid, each in extensions.items()
            if each.critical and oid not in _UNDERSTOOD
        ),
    )


def _extensions(
    parsed: x509.Certificate,
) -> tuple[dict[x509.ObjectIdentifier, x509.Extension[x509.ExtensionType]], tuple[str, ...]]:
    """Return the extensions; when they cannot be read, none, and the reason why."""
    try:
        return {each.oid: each for each in parsed.extensions}, ()
    except (ValueError, x509.DuplicateExtension) as error:
        return {}, (str(error)[:200],)


def _value(
    extensions: Mapping[x509.ObjectIdentifier, x509.Extension[x509.ExtensionType]],
    kind: type[_Kind],
) -> _Kind | None:
    found = extensions.get(kind.oid)
    return found.value if found and isinstance(found.value, kind) else None


def _mappings(encoded: bytes) -> tuple[tuple[str, str], ...]:
    """Read PolicyMappings: a SEQUENCE of pairs of OIDs; raises MalformedDer."""
    pairs = []
    for each in der.parse(encoded).children():
        issuer, subject = each.children()
        pairs.append((issuer.dotted(), subject.dotted()))
    return tuple(pairs)


def _public_key(parsed: x509.Certificate) -> PublicKey | None:
    """Return the key, or None for one this room cannot use (DSA, short RSA)."""
    try:
        key = parsed.public_key()
    except (ValueError, Unsupported):
        return _sm2_key(parsed)
    return key if usable(key) else None  # type: ignore[return-value] # usable() told its type


def _sm2_key(parsed: x509.Certificate) -> Sm2PublicKey | None:
    """Return the SM2 key, which the library does not read; None for any other or a broken one."""
    try:
        return Sm2PublicKey.from_spki(_spki(parsed))
    except (MalformedDer, UnsupportedAlgorithm, ValueError):
        return None


def _spki(parsed: x509.Certificate) -> bytes:
    """Return the SubjectPublicKeyInfo: the seventh field, the sixth without a version."""
    fields = der.parse(parsed.tbs_certificate_bytes).children()
    return fields[6 if fields[0].tag == _VERSION else 5].encoded


def _usages(usage: x509.KeyUsage | None) -> frozenset[str] | None:
    if usage is None:
        return None
    names = (
        *("digital_signature", "content_commitment", "key_cert_sign", "crl_sign"),
        *("key_encipherment", "key_agreement"),
    )
    return frozenset(name for name in names if getattr(usage, name))


def name_key(name: x509.Name) -> NameKey:
    """Return a name in the form it is compared in: case and white space folded (RFC 5280, 7.1)."""
    return tuple(
        tuple(sorted((each.oid.dotted_string, _folded(each.value)) for each in part))
        for part in name.rdns
    )


def _folded(value: str | bytes) -> str:
    return " ".join(value.casefold().split()) if isinstance(value, str) else value.hex()
