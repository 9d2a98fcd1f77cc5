"""A small certification authority: one root and the profiles a gateway needs.

For the demo, for tests, and for a closed pair of gateways that exchange their roots; a public
trust service replaces it by putting its keys and chains into the key store.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from certs import crl
from certs.algorithms import PrivateKey, PublicKey
from certs.certificate import Certificate
from certs.issuance import Content, Extension, certify, key_identifier, key_usage
from certs.keys import OPENED_BY, KeyStore, SigningKey
from certs.sm2 import Sm2PrivateKey
from certs.trust import TrustStore
from schemas.clock import utc_now

_ROOT_YEARS: Final = 20
_YEAR: Final = timedelta(days=365)
_BACKDATED: Final = timedelta(minutes=5)
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


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
    **{each.name: each for each in (SEAL, DOCUMENT, TSA, ACCESS_POINT, OCSP)},
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

    def __init__(self, root: SigningKey) -> None:
        """Issue with `root`, whose certificate must be that of an authority."""
        self.root = root

    @classmethod
    def create(
        cls, subject: Subject, *, private: PrivateKey | None = None, now: datetime | None = None
    ) -> CertificateAuthority:
        """Make a new root (P-256 unless a key is given) that is valid for 20 years."""
        start = (now or utc_now()) - _BACKDATED
        private = private or _generate()
        public, name = private.public_key(), subject.as_name().public_bytes()
        content = _root(name, public, start, start + _ROOT_YEARS * _YEAR)
        return cls(SigningKey(private, (certify(content, private),), "root"))

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
        new_with_old = _root(name, private.public_key(), start, old_end, self.root.certificate)
        old_with_new = _root(name, old_public, start, old_end, own)
        return RollOver(
            CertificateAuthority(SigningKey(private, (own,), "root")),
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
                Extension(x509.AuthorityKeyIdentifier(root.key_id, None, None)),
            ),
        )
        return SigningKey(private, (certify(content, self.root.private),), name or profile.name)

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


@dataclass(frozen=True, slots=True)
class Domain:
    """The keys and the trust of one operator: what `silkgate keys init` makes."""

    folder: Path
    keys: KeyStore
    root: Certificate

    @property
    def trust_folder(self) -> Path:
        """The folder with the anchors this operator trusts; the partner's root goes there too."""
        return self.folder / "trust"

    @property
    def trust(self) -> TrustStore:
        """The trust store of that folder, read anew."""
        return TrustStore.from_folder(self.trust_folder)


def create_domain(
    folder: Path,
    organisation: str,
    country: str,
    *,
    secret: str = OPENED_BY,
    identifier: str = "",
    hosts: Sequence[str] = LOOPBACK,
    now: datetime | None = None,
) -> Domain:
    """Make the keys of an operator in `folder` and return them.

    `folder/keys` holds root, seal, tsa, accesspoint, tls (P-256) and log (Ed25519, no chain of
    its own use: it signs checkpoints), each encrypted with the secret referred to;
    `folder/trust/root.pem` is the anchor to give to the partner. Raises KeyExists when the
    folder has keys.
    """
    keys = KeyStore(folder / "keys", secret)

    def subject(role: str) -> Subject:
        return Subject(
            organisation=organisation,
            country=country,
            common_name=f"{organisation} {role}",
            identifier=identifier,
        )

    authority = CertificateAuthority.create(subject("Root"), now=now)
    keys.save(authority.root)
    for profile, role in ((SEAL, "Seal"), (TSA, "Time-Stamping"), (ACCESS_POINT, "Access Point")):
        keys.save(authority.issue(profile, subject(role), now=now))
    keys.save(authority.issue(TLS, subject("TLS"), hosts=hosts, now=now))
    log = ed25519.Ed25519PrivateKey.generate()
    keys.save(authority.issue(SEAL, subject("Log"), name="log", private=log, now=now))
    domain = Domain(folder, keys, authority.root.certificate)
    domain.trust_folder.mkdir(parents=True, exist_ok=True)
    (domain.trust_folder / "root.pem").write_bytes(domain.root.pem)
    return domain


def _root(
    name: bytes,
    public: PublicKey,
    start: datetime,
    end: datetime,
    issuer: Certificate | None = None,
) -> Content:
    """Return what the certificate of a root says; by `issuer` it is a link, else its own."""
    linked = (x509.AuthorityKeyIdentifier(issuer.key_id, None, None),) if issuer else ()
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
            *map(Extension, linked),
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
