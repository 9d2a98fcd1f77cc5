"""A small world to test in: two operators with keys, and a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from certs.authority.ca import SEAL, CertificateAuthority, Profile, Subject
from certs.authority.ocsp import Responder, request
from certs.authority.tsa import Authority
from certs.domain import Domain, create_domain
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.validation import answers
from certs.validation.material import Material
from certs.validation.sources import Gatherer, OwnAuthority
from certs.x509.certificate import Certificate

NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
DOCUMENT = (
    b'<Declaration xmlns="urn:d" xmlns:x="urn:x"><Id>D-1</Id>'
    b'<Goods quantity="12"><x:Name>Widget</x:Name><Code>850440</Code></Goods></Declaration>'
)


@dataclass(frozen=True, slots=True)
class World:
    """One operator: its keys, its trust, and an authority for time-stamps at NOW."""

    domain: Domain
    seal: SigningKey
    stamper: Authority
    trust: TrustStore
    issuer: CertificateAuthority

    def gatherer(self, at: datetime = NOW) -> Gatherer:
        """Return what gathers validation data, with the root speaking for itself, at a time."""
        return Gatherer(self.trust, (OwnAuthority(self.issuer),), lambda: at)

    def key(self, profile: Profile = SEAL, **changes: object) -> SigningKey:
        """Return a further key under the same root."""
        subject = Subject(organisation="Port A", country="SG", common_name="Another")
        given = {"now": NOW, **changes}
        return self.issuer.issue(profile, subject, **given)  # type: ignore[arg-type]


def make_world(folder: Path, name: str = "Port A") -> World:
    """Return an operator whose keys began a day before NOW."""
    domain = create_domain(folder, name, "SG", secret="", now=NOW - timedelta(days=1))
    return World(
        domain,
        domain.keys.load("seal"),
        Authority(domain.keys.load("tsa"), lambda: NOW),
        domain.trust,
        CertificateAuthority(domain.keys.load("root")),
    )


@dataclass(frozen=True, slots=True)
class OwnResponder:
    """A source of validation data: an OCSP responder that speaks for one issuer."""

    responder: Responder
    issuer: Certificate

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:  # noqa: ARG002 - it answers as of now
        """Return the responder's answer about a certificate of its issuer."""
        if issuer != self.issuer:
            return Material()
        return Material(answers=(answers.load(self.responder.respond(request(each, issuer))),))
