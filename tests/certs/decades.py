"""An archive over decades: roots that are replaced, a CA that is revoked, a clock per period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certs.authority.ca import SEAL, TSA, CertificateAuthority, Subject
from certs.authority.issuance import Content, Extension, certify, key_identifier, key_usage
from certs.authority.tsa import Authority
from certs.digests import SHA256, SHA512, Digest
from certs.keys import SigningKey
from certs.renewal import renew_any
from certs.trust import TrustStore
from certs.validation.sources import Gatherer, OwnAuthority

START = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
# Each authority lasts nine years and is replaced after seven; SHA-512 from the second time on.
RENEWALS = ((7, SHA256), (14, SHA512), (21, SHA512))


def _certified(name: str, by: SigningKey | None = None) -> SigningKey:
    """Return the key of a CA for 30 years: a root, or one below `by`."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = named(name).as_name().public_bytes()
    issuer = by.certificate.x509.subject.public_bytes() if by else subject
    public = private.public_key()
    identifier = x509.SubjectKeyIdentifier(key_identifier(public))
    made = certify(
        Content(
            subject=subject,
            issuer=issuer,
            public=public,
            not_before=START - YEAR,
            not_after=START + 30 * YEAR,
            extensions=[
                Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True),
                key_usage("key_cert_sign", "crl_sign"),
                Extension(identifier),
            ],
        ),
        by.private if by else private,
    )
    return SigningKey(private, (made, *(by.chain if by else ())), name)


class Archive:
    """A root with a CA of seals, which is revoked in year 3, and a root of time-stamps per period.

    The anchors are trusted for good, as an archive keeps them.
    """

    def __init__(self) -> None:
        """Make all keys."""
        self.root = CertificateAuthority(_certified("Root"))
        self.seals = CertificateAuthority(_certified("Seals", self.root.root))
        self.stamps = [
            CertificateAuthority.create(
                named(f"Stamps {n}"), now=START + 7 * n * YEAR - timedelta(days=30)
            )
            for n in range(4)
        ]
        self.trust = TrustStore.of(
            self.root.root.certificate, *(each.root.certificate for each in self.stamps)
        )
        seal = self.seals.issue(SEAL, named("Seal"), now=START - YEAR, lifetime=20 * YEAR)
        self.seal = SigningKey(seal.private, (*seal.chain, *self.seals.root.chain), "seal")

    def stamper(self, period: int) -> Authority:
        """Return the authority of a period, with its clock at the start of it."""
        at = START + 7 * period * YEAR
        key: SigningKey = self.stamps[period].issue(
            TSA, named(f"TSA {period}"), now=at - timedelta(days=1), lifetime=9 * YEAR
        )
        return Authority(key, lambda: at)

    def gatherer(self, period: int) -> Gatherer:
        """Return what gathers validation data at the start of a period."""
        at = START + 7 * period * YEAR
        sources = [OwnAuthority(each) for each in (self.root, self.seals, *self.stamps)]
        return Gatherer(self.trust, sources, lambda: at)

    def aware(self) -> TrustStore:
        """Return the trust of an auditor who knows that the CA of seals was revoked in year 3."""
        crl = self.root.revocation_list(
            [(self.seals.root.certificate, START + 3 * YEAR)], now=START + 4 * YEAR
        )
        return self.trust.with_lists(crl)


def named(name: str) -> Subject:
    """Return a subject of the archive's."""
    return Subject(organisation="Archive", country="SG", common_name=name)


def aged(keep: Archive, data: bytes, renewals: Sequence[tuple[int, Digest]] = RENEWALS) -> bytes:
    """Return what `renewals` make of data, each with the authority of its period."""
    for years, digest in renewals:
        period = years // 7
        data = renew_any(data, keep.stamper(period), keep.gatherer(period), digest=digest)
    return data
