"""The keys and the trust of one operator in one folder, certified by an authority of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from certs.authority.addresses import NOWHERE, Addresses
from certs.authority.ca import ACCESS_POINT, SEAL, TLS, TSA, CertificateAuthority, Subject
from certs.keys import OPENED_BY, KeyStore
from certs.trust import TrustStore
from certs.x509.certificate import Certificate

LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


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
    addresses: Addresses = NOWHERE,
) -> Domain:
    """Make the keys of an operator in `folder` and return them.

    `folder/keys` holds root, seal, tsa, accesspoint, tls (P-256) and log (Ed25519, no chain of
    its own use: it signs checkpoints), each encrypted with the secret referred to;
    `folder/trust/root.pem` is the anchor to give to the partner. The certificates say to ask about
    them at `addresses`. Raises KeyExists when the folder has keys.
    """
    keys = KeyStore(folder / "keys", secret)

    def subject(role: str) -> Subject:
        return Subject(
            organisation=organisation,
            country=country,
            common_name=f"{organisation} {role}",
            identifier=identifier,
        )

    authority = CertificateAuthority.create(subject("Root"), now=now, addresses=addresses)
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
