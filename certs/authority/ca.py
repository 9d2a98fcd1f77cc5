"""A small certification authority: one root and the profiles a gateway needs.

For the demo, for tests, and for a closed pair of gateways that exchange their roots; a public
trust service replaces it by putting its keys and chains into the key store.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs.algorithms import PrivateKey, PublicKey
from certs.authority import crl
from certs.authority.addresses import NOWHERE, Addresses
from certs.authority.issuance import Content, Extension, certify, key_identifier, key_usage
from certs.keys import SigningKey
from certs.sm2 import Sm2PrivateKey
from certs.x509.certificate import Certificate
from schemas.clock import utc_now

_ROOT_YEARS: Final = 20
_YEAR: Final = timedelta(days=365)
_BACKDATED: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a certificate may be used for, and for how many years.

    `no_check` tells others not to ask whether it is revoked: for responders, which live briefly.
    """

    name: str
    years: int
    usages: tuple[str, ...]
    purposes: tuple[x509.ObjectIdentifier, ...] = ()
    purposes_critical: bool = False
    no_check: bool = False


SEAL: Final = Profile("seal", 5, ("digital_signature", "content_commitment"))
DOCUMENT: Final = Profile("document", 3, ("content_commitment",))
# RFC 3161, 2.3: the one purpose, critical. Long-lived, so that tokens outlive the seals.
TSA: Final = Profile(
    "tsa", 12, ("digital_signature",), (ExtendedKeyUsageOID.TIME_STAMPING,), purposes_critical=True
)
# What is encrypted to it: SM2 and RSA keys carry the content key, EC keys agree on one.
ENCRYPTION: Final = Profile("encryption", 3, ("key_encipherment", "key_agreement"))
ACCESS_POINT: Final = Profile("accesspoint", 2, ("digital_signature", "key_agreement"))
TLS: Final = Profile(
    "tls",
    2,
    ("digital_signature",),
    (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH),
)


# RFC 6960, 4.2.2.2: delegated by the issuer; 4.2.2.2.1: nobody asks about it in turn.
OCSP: Final = Profile(
    "ocsp", 1, ("digital_signature",), (ExtendedKeyUsageOID.OCSP_SIGNING,), no_check=True
)
PROFILES: Final[Mapping[str, Profile]] = {
    "gateway": TLS,
    **{each.name: each for each in (SEAL, DOCUMENT, ENCRYPTION, TSA, ACCESS_POINT, OCSP)},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a certificate names; `identifier` as in EN 319 412-1, 5.1.4 (e.g. `VATSG-...`)."""

    organisation: str
    country: str
    common_name: str
    identifier: str = ""

    def as_name(self) -> x509.Name:
        """Return the distinguished name."""
        parts = [
            x509.NameAttribute(NameOID.COUNTRY_NAME, self.country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, self.common_name),
        ]
        if self.identifier:
            kind = NameOID.ORGANIZATION_IDENTIFIER
            parts.append(x509.NameAttribute(kind, self.identifier))
        return x509.Name(parts)


class CertificateAuthority:
    """Issues certificates under one root key."""

    def __init__(self, root: SigningKey, addresses: Addresses = NOWHERE) -> None:
        """Issue with `root`, an authority's; certificates say to ask about them at `addresses`."""
        self.root = root
        self._addresses = addresses

    @classmethod
    def create(
        cls,
        subject: Subject,
        *,
        private: PrivateKey | None = None,
        now: datetime | None = None,
        addresses: Addresses = NOWHERE,
    ) -> CertificateAuthority:
        """Make a new root (P-256 unless a key is given) that is valid for 20 years."""
        start = (now or utc_now()) - _BACKDATED
        private = private or _generate()
        public, name = private.public_key(), subject.as_name().public_bytes()
        content = _root(name, public, start, start + _ROOT_YEARS * _YEAR)
        return cls(SigningKey(private, (certify(content, private),), "root"), addresses)

    def roll_over(
        self, *, private: PrivateKey | None = None, now: datetime | None = None
    ) -> RollOver:
        """Return a new root of the same name and what links it to this one (RFC 4210, 4.4).

        Those who trust the old root reach the new one through the certificate that the old key
        made for the new, and the other way round.
        """
        start = (now or utc_now()) - _BACKDATED
        name = self.root.certificate.x509.subject.public_bytes()
        private = private or _generate(self.root.private)
        end = start + _ROOT_YEARS * _YEAR
        own = certify(_root(name, private.public_key(), start, end), private)
        old_end = self.root.certificate.not_after
        old_public = self.root.private.public_key()
        by_old, by_new = self._linked(self.root.certificate), self._linked(own)
        new_with_old = _root(name, private.public_key(), start, old_end, by_old)
        old_with_new = _root(name, old_public, start, old_end, by_new)
        return RollOver(
            CertificateAuthority(SigningKey(private, (own,), "root"), self._addresses),
            certify(new_with_old, self.root.private),
            certify(old_with_new, private),
        )

    def issue(
        self,
        profile: Profile,
        subject: Subject,
        *,
        name: str = "",
        private: PrivateKey | None = None,
        hosts: Sequence[str] = (),
        now: datetime | None = None,
        lifetime: timedelta | None = None,
    ) -> SigningKey:
        """Return a key (P-256 unless given, SM2 under an SM2 root) certified for `profile`.

        The certificate starts at `now` less five minutes and never outlives the root.
        """
        start = (now or utc_now()) - _BACKDATED
        root = self.root.certificate
        private = private or _generate(self.root.private)
        public = private.public_key()
        content = Content(
            subject=subject.as_name().public_bytes(),
            issuer=root.x509.subject.public_bytes(),
            public=public,
            not_before=start,
            not_after=min(start + (lifetime or profile.years * _YEAR), root.not_after),
            extensions=(
                _identified(public),
                *_profiled(profile, hosts),
                *self._linked(root, checked=not profile.no_check),
            ),
        )
        return SigningKey(private, (certify(content, self.root.private),), name or profile.name)

    def _linked(self, issuer: Certificate, *, checked: bool = True) -> list[Extension]:
        """Return what tells readers who the issuer is, and where to ask."""
        named = Extension(x509.AuthorityKeyIdentifier(issuer.key_id, None, None))
        return [named, *self._addresses.extensions(issuer, checked=checked)]

    def revocation_list(
        self,
        revoked: Sequence[tuple[Certificate, datetime]] = (),
        *,
        now: datetime | None = None,
        lifetime: timedelta = timedelta(days=7),
    ) -> bytes:
        """Return a CRL (DER) with these certificates and the times of their revocation."""
        start = (now or utc_now()) - _BACKDATED
        return crl.write(
            self.root,
            (crl.Entry(each.serial, when) for each, when in revoked),
            number=int(start.timestamp()),
            this_update=start,
            next_update=start + lifetime,
        )


@dataclass(frozen=True, slots=True)
class RollOver:
    """A new authority in place of an old one, and the certificates by which each vouches."""

    authority: CertificateAuthority
    new_with_old: Certificate
    old_with_new: Certificate


def _root(
    name: bytes,
    public: PublicKey,
    start: datetime,
    end: datetime,
    linked: Sequence[Extension] = (),
) -> Content:
    """Return what the certificate of a root says; with `linked` it is by another root."""
    return Content(
        subject=name,
        issuer=name,
        public=public,
        not_before=start,
        not_after=end,
        extensions=(
            _identified(public),
            Extension(x509.BasicConstraints(ca=True, path_length=0), critical=True),
            key_usage("key_cert_sign", "crl_sign"),
            *linked,
        ),
    )


def _profiled(profile: Profile, hosts: Sequence[str]) -> list[Extension]:
    end = x509.BasicConstraints(ca=False, path_length=None)
    found = [Extension(end, critical=True), key_usage(*profile.usages)]
    if profile.purposes:
        purposes = x509.ExtendedKeyUsage(profile.purposes)
        found.append(Extension(purposes, critical=profile.purposes_critical))
    if profile.no_check:
        found.append(Extension(x509.OCSPNoCheck()))
    if hosts:
        found.append(Extension(x509.SubjectAlternativeName([_host(each) for each in hosts])))
    return found


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _identified(public: PublicKey) -> Extension:
    return Extension(x509.SubjectKeyIdentifier(key_identifier(public)))


def _generate(like: PrivateKey | None = None) -> PrivateKey:
    """Return a new key: SM2 under an SM2 root, else on P-256."""
    if isinstance(like, Sm2PrivateKey):
        return Sm2PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())
