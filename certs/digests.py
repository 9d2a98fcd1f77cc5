"""The digests that signatures use, with their names in CMS and in XML.

Identifiers: RFC 5754, RFC 8702 and NIST (CMS), RFC 6931 and RFC 9231 (XML). SHA-1 is recognised,
so that the integrity of old signatures can still be judged; `weak` says that it proves nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes

from certs.asn1 import der, oids
from certs.errors import UnsupportedAlgorithm


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash function: its hashlib name, OID, XML identifier and size in octets."""

    name: str
    oid: str
    uri: str
    size: int
    primitive: hashes.HashAlgorithm = field(compare=False)
    weak: bool = False

    def of(self, data: bytes) -> bytes:
        """Return the digest of `data`."""
        return hashlib.new(self.name, data, usedforsecurity=not self.weak).digest()

    @property
    def identifier(self) -> bytes:
        """The DER of its AlgorithmIdentifier, parameters absent (RFC 5754, section 2)."""
        return der.sequence(der.oid(self.oid))


SHA1: Final = Digest(
    "sha1",
    "1.3.14.3.2.26",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    20,
    hashes.SHA1(),  # noqa: S303 - recognised, never accepted
    weak=True,
)
SHA224: Final = Digest(
    "sha224",
    "2.16.840.1.101.3.4.2.4",
    "http://www.w3.org/2001/04/xmldsig-more#sha224",
    28,
    hashes.SHA224(),
)
SHA256: Final = Digest(
    "sha256",
    "2.16.840.1.101.3.4.2.1",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    32,
    hashes.SHA256(),
)
SHA384: Final = Digest(
    "sha384",
    "2.16.840.1.101.3.4.2.2",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    48,
    hashes.SHA384(),
)
SHA512: Final = Digest(
    "sha512",
    "2.16.840.1.101.3.4.2.3",
    "http://www.w3.org/2001/04/xmlenc#sha512",
    64,
    hashes.SHA512(),
)
SHA3_224: Final = Digest(
    "sha3_224",
    "2.16.840.1.101.3.4.2.7",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-224",
    28,
    hashes.SHA3_224(),
)
SHA3_256: Final = Digest(
    "sha3_256",
    "2.16.840.1.101.3.4.2.8",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
    32,
    hashes.SHA3_256(),
)
SHA3_384: Final = Digest(
    "sha3_384",
    "2.16.840.1.101.3.4.2.9",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
    48,
    hashes.SHA3_384(),
)
SHA3_512: Final = Digest(
    "sha3_512",
    "2.16.840.1.101.3.4.2.10",
    "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
    64,
    hashes.SHA3_512(),
)
# GB/T 32905. No XML identifier is registered; the OID as URN (RFC 3061) names it without doubt.
SM3: Final = Digest("sm3", oids.SM3, f"urn:oid:{oids.SM3}", 32, hashes.SM3())

DIGESTS: Final = (
    SHA1,
    SHA224,
    SHA256,
    SHA384,
    SHA512,
    SHA3_224,
    SHA3_256,
    SHA3_384,
    SHA3_512,
    SM3,
)
_DIGEST_BY_OID: Final = {digest.oid: digest for digest in DIGESTS}
_DIGEST_BY_URI: Final = {digest.uri: digest for digest in DIGESTS}
_DIGEST_BY_SIZE: Final = {digest.size: digest for digest in (SHA256, SHA384, SHA512)}


def digest_by_oid(dotted: str) -> Digest:
    """Return the digest with this OID; raises UnsupportedAlgorithm."""
    if (digest := _DIGEST_BY_OID.get(dotted)) is None:
        raise UnsupportedAlgorithm(algorithm=dotted)
    return digest


def digest_by_uri(uri: str) -> Digest:
    """Return the digest with this XML identifier; raises UnsupportedAlgorithm."""
    if (digest := _DIGEST_BY_URI.get(uri)) is None:
        raise UnsupportedAlgorithm(algorithm=uri)
    return digest


def digest_by_size(size: int) -> Digest:
    """Return the SHA-2 digest of this many octets; raises UnsupportedAlgorithm."""
    if (digest := _DIGEST_BY_SIZE.get(size)) is None:
        raise UnsupportedAlgorithm(algorithm=f"a digest of {size} octets")
    return digest
