"""Schemes named by an AlgorithmIdentifier in CMS, X.509 and OCSP (RFC 4055, RFC 5754, RFC 5758)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from certs.algorithms.scheme import Family, Scheme
from certs.algorithms.table import scheme_by_oid, scheme_of_family
from certs.asn1 import der, oids
from certs.digests import SHA1, Digest
from certs.errors import MalformedDer, UnsupportedAlgorithm

_PSS_SALT: Final = 20
_LONGEST_SALT: Final = 512


def scheme_of_cms(algorithm: der.Node, digest: Digest) -> Scheme:
    """Return the scheme of a CMS SignerInfo whose digest algorithm is `digest`.

    RSASSA-PSS may sign with another one, which its parameters name. Raises UnsupportedAlgorithm
    when the algorithm is unknown or names another digest.
    """
    parts = algorithm.expect(der.SEQUENCE).children()
    dotted = parts[0].dotted() if parts else ""
    if dotted == oids.RSASSA_PSS:
        return _pss(parts[1:])
    if dotted in {oids.RSA_ENCRYPTION, oids.EC_PUBLIC_KEY}:
        family = Family.RSA if dotted == oids.RSA_ENCRYPTION else Family.ECDSA
        scheme = scheme_of_family(family, digest.oid)
    else:
        scheme = scheme_by_oid(dotted)
    if scheme is None or scheme.digest is not digest:
        raise UnsupportedAlgorithm(algorithm=f"{dotted} with {digest.name}")
    return scheme


def scheme_of_identifier(algorithm: der.Node) -> Scheme:
    """Return the scheme of an AlgorithmIdentifier that names its digest itself (X.509, OCSP).

    Raises UnsupportedAlgorithm.
    """
    parts = algorithm.expect(der.SEQUENCE).children()
    dotted = parts[0].dotted() if parts else ""
    return scheme_by_oid(dotted) if dotted != oids.RSASSA_PSS else _pss(parts[1:])


def _pss(parameters: list[der.Node]) -> Scheme:
    """Return the scheme of RSASSA-PSS-params with one digest for message and mask (RFC 4055, 3.1).

    What is left out is SHA-1, and a salt of 20 octets.
    """
    try:
        fields = {each.tag: each.children()[0] for each in parameters[0].children()}
        hashed, mask = fields.pop(0xA0, None), fields.pop(0xA1, None)
        salt = fields.pop(0xA2).number() if 0xA2 in fields else _PSS_SALT  # noqa: PLR2004
        digest = SHA1.oid if hashed is None else hashed.children()[0].dotted()
        named = SHA1.oid if mask is None else _masked(mask)
    except (IndexError, MalformedDer) as error:
        raise UnsupportedAlgorithm(algorithm="RSASSA-PSS without parameters") from error
    scheme = scheme_of_family(Family.PSS, digest)
    if scheme is None or named != digest or fields or not 0 <= salt <= _LONGEST_SALT:
        raise UnsupportedAlgorithm(algorithm="RSASSA-PSS with these parameters")
    return scheme if salt == scheme.digest.size else replace(scheme, salt=salt)


def _masked(generator: der.Node) -> str:
    """Return the digest of a mask generator, '' unless it is MGF1."""
    function, digest = generator.children()
    return digest.children()[0].dotted() if function.dotted() == oids.MGF1 else ""
