"""Two legal domains in a trust folder: lists, their signer, and certificates of any content."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from certs import xades
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.crl import write as write_list
from certs.authority.issuance import Content, Extension, certify, key_usage
from certs.authority.tsa import Authority
from certs.keys import SigningKey
from certs.levels import Level
from certs.recognition import Domains, Question, Recognition, lists, recognise
from certs.trust import TrustStore
from certs.validation.sources import Gatherer
from certs.x509.certificate import Certificate
from schemas.clock import iso
from tests.certs.pki import DOCUMENT, NOW

DAY = timedelta(days=1)
FROM = NOW - timedelta(days=100)
BASIS = {"en": "Memorandum of 2025", "zh": "2025 年备忘录"}
USCC = "91350100M000100Y43"  # the example of GB 32100-2015


def operator() -> SigningKey:
    """Return the operator who signs lists, with a certificate of its own."""
    subject = Subject(organisation="Gateway", country="SG", common_name="List Operator")
    authority = CertificateAuthority.create(subject, now=NOW - 200 * DAY)
    return authority.issue(SEAL, subject, now=NOW - 200 * DAY)


def authority(name: str, country: str) -> CertificateAuthority:
    """Return the authority of a domain."""
    subject = Subject(organisation=name, country=country, common_name=f"{name} Root")
    return CertificateAuthority.create(subject, now=NOW - 200 * DAY)


def named(*parts: tuple[x509.ObjectIdentifier, str]) -> bytes:
    """Return the DER of a name."""
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in parts]).public_bytes()


def person(issuer: CertificateAuthority, *more: tuple[x509.ObjectIdentifier, str]) -> SigningKey:
    """Return the key of a natural person."""
    parts = [(NameOID.GIVEN_NAME, "Mei"), (NameOID.SURNAME, "Tan"), *more]
    return certified(issuer, named((NameOID.COMMON_NAME, "Mei Tan"), *parts))


def seal(
    issuer: CertificateAuthority, identifier: str = f"NTRCN-{USCC}", *extensions: Extension
) -> SigningKey:
    """Return the seal of an organisation."""
    parts = [(NameOID.ORGANIZATION_NAME, "Port"), (NameOID.COMMON_NAME, "Port Seal")]
    if identifier:
        parts.append((NameOID.ORGANIZATION_IDENTIFIER, identifier))
    return certified(issuer, named(*parts), *extensions)


def certified(issuer: CertificateAuthority, subject: bytes, *extensions: Extension) -> SigningKey:
    """Return a P-256 key certified under any name with further extensions."""
    private = ec.generate_private_key(ec.SECP256R1())
    root = issuer.root.certificate
    content = Content(
        subject=subject,
        issuer=root.x509.subject.public_bytes(),
        public=private.public_key(),
        not_before=NOW - 150 * DAY,
        not_after=NOW + 900 * DAY,
        extensions=(key_usage("content_commitment"), *extensions),
    )
    return SigningKey(private, (certify(content, issuer.root.private),), "x")


def service(root: Certificate, *history: Mapping[str, str], kind: str = "any") -> object:
    """Return a service for a list; granted at a national level since FROM unless told."""
    return {
        "name": root.name,
        "kind": kind,
        "certificate": base64.b64encode(root.der).decode(),
        "history": list(history),
    }


def granted(level: str, since: datetime = FROM) -> Mapping[str, str]:
    """Return an entry of a service's history."""
    return {"status": "granted", "level": level, "from": iso(since)}


def withdrawn(since: datetime) -> Mapping[str, str]:
    """Return an entry of a service's history."""
    return {"status": "withdrawn", "level": "", "from": iso(since)}


def record(source: str, levels: Mapping[str, str], **changes: object) -> dict[str, object]:
    """Return a recognition of a domain's seals for declarations."""
    return {
        "from": source,
        "service": "seal",
        "levels": dict(levels),
        "basis": BASIS,
        "documents": ["declaration"],
        "valid_from": iso(FROM),
        "valid_until": iso(NOW + 300 * DAY),
        **changes,
    }


def body(
    domain: str, services: Sequence[object], recognises: Sequence[object] = (), **changes: object
) -> dict[str, object]:
    """Return the body of a list, issued ten days ago."""
    return {
        "type": "silkgate-trust-list",
        "version": 1,
        "domain": domain,
        "sequence": 7,
        "issued": iso(NOW - 10 * DAY),
        "next_update": iso(NOW + 80 * DAY),
        "services": list(services),
        "recognises": list(recognises),
        **changes,
    }


@dataclass
class Folder:
    """A trust folder being filled."""

    path: Path
    here: str = "SG"
    key: SigningKey = field(default_factory=operator)

    def __post_init__(self) -> None:
        """Make it."""
        (self.path / "domains" / "signers").mkdir(parents=True)
        (self.path / "domains" / "settings.toml").write_text(f'domain = "{self.here}"\n')
        (self.path / "domains" / "signers" / "op.pem").write_bytes(self.key.certificate.pem)

    def put(self, body: Mapping[str, object], key: SigningKey | None = None) -> None:
        """Sign a list and lay it into the folder."""
        signed = lists.sign(body, key or self.key, now=NOW - 10 * DAY)
        (self.path / "domains" / f"{body['domain']}.jws").write_bytes(signed)

    def load(self) -> Domains:
        """Read the folder as of NOW."""
        return Domains.load(self.path, NOW)

    def worth(
        self,
        key: SigningKey,
        stamper: Authority,
        *,
        document: str = "declaration",
        at: datetime = NOW,
        lists_of: Sequence[CertificateAuthority] = (),
        mandates: Sequence[bytes] = (),
        stamped: bool = True,
        gatherer: Gatherer | None = None,
    ) -> Recognition:
        """Sign a document and return what the signature is worth."""
        domains = self.load()
        trust = TrustStore.of(*domains.anchors, *stamper._key.chain)
        trust = trust.with_lists(*(empty_list(each) for each in lists_of))
        signed = xades.sign(
            DOCUMENT,
            key,
            stamper=stamper if stamped else None,
            gatherer=gatherer,
            level=Level.LT if gatherer else None,
            signed_at=NOW,
        )
        verdict = xades.verify(signed, trust, at=at)
        assert verdict.passed, verdict.reason
        question = Question(
            domains=domains, trust=trust, at=at, document=document, mandates=mandates
        )
        return recognise(verdict.signatures[0], question)


def empty_list(issuer: CertificateAuthority) -> bytes:
    """Return a fresh revocation list with nobody on it."""
    start, end = NOW - DAY, NOW + 7 * DAY
    return write_list(issuer.root, (), number=1, this_update=start, next_update=end)
