"""Where others ask about the certificates of an authority: what the certificates say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from certs.authority.issuance import Extension
from certs.x509.certificate import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """URLs that certificates name; "" leaves one out, `{key}` stands for the issuer's key id (hex).

    The OCSP responder and the issuer's certificate are authority information access (RFC 5280,
    4.2.2.1), the complete revocation list is a distribution point (4.2.1.13).
    """

    ocsp: str = ""
    issuers: str = ""
    lists: str = ""

    def extensions(self, issuer: Certificate, *, checked: bool = True) -> list[Extension]:
        """Return what a certificate of `issuer` says; one not `checked` is asked about nowhere."""
        key = issuer.key_id.hex()
        found = []
        access = [
            x509.AccessDescription(method, _located(url, key))
            for method, url in (
                (Access.OCSP, self.ocsp if checked else ""),
                (Access.CA_ISSUERS, self.issuers),
            )
            if url
        ]
        if access:
            found.append(Extension(x509.AuthorityInformationAccess(access)))
        if self.lists and checked:
            point = x509.DistributionPoint([_located(self.lists, key)], None, None, None)
            found.append(Extension(x509.CRLDistributionPoints([point])))
        return found


NOWHERE: Final = Addresses()


def _located(url: str, key: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(url.replace("{key}", key))
