"""The allow-list of signature schemes with their names in each form (`schemes.csv`).

Weak ones (SHA-1) are recognised so that integrity can still be judged; `strength` says so, and a
verdict never passes on them.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certs.algorithms.scheme import ExternalKey, Family, PrivateKey, Scheme
from certs.algorithms.strength import STRONG_RSA_BITS
from certs.asn1 import oids
from certs.digests import DIGESTS
from certs.errors import UnsupportedAlgorithm
from certs.sm2 import Sm2PrivateKey, Sm2PublicKey

_DIGESTS: Final = {digest.name: digest for digest in DIGESTS}


def _read() -> tuple[Scheme, ...]:
    rows = csv.DictReader((files(__package__) / "schemes.csv").read_text("utf-8").splitlines())
    return tuple(
        Scheme(Family(row["family"]), _DIGESTS[row["digest"]], row["uri"], row["oid"], row["jose"])
        for row in rows
    )


SCHEMES: Final = _read()
_BY_URI: Final = {scheme.uri: scheme for scheme in SCHEMES if scheme.uri}
_BY_OID: Final = {scheme.oid: scheme for scheme in SCHEMES if scheme.oid}
_BY_OID[oids.SM2_1] = _BY_OID[oids.SM2_WITH_SM3]
_BY_JOSE: Final = {scheme.jose: scheme for scheme in SCHEMES if scheme.jose}
_ON_CURVE: Final = {"secp256r1": "ES256", "secp384r1": "ES384"}
_BY_FAMILY: Final = {(scheme.family, scheme.digest.oid): scheme for scheme in reversed(SCHEMES)}


def scheme_by_uri(uri: str) -> Scheme:
    """Return the scheme of an XML SignatureMethod; raises UnsupportedAlgorithm."""
    if (scheme := _BY_URI.get(uri)) is None:
        raise UnsupportedAlgorithm(algorithm=uri)
    return scheme


def scheme_by_jose(name: str) -> Scheme:
    """Return the scheme of a JOSE `alg`; raises UnsupportedAlgorithm, also for `none` and HMAC."""
    if (scheme := _BY_JOSE.get(name)) is None:
        raise UnsupportedAlgorithm(algorithm=name)
    return scheme


def scheme_by_oid(dotted: str) -> Scheme:
    """Return the scheme of an AlgorithmIdentifier; raises UnsupportedAlgorithm."""
    if (scheme := _BY_OID.get(dotted)) is None:
        raise UnsupportedAlgorithm(algorithm=dotted)
    return scheme


def scheme_of_family(family: Family, digest: str) -> Scheme | None:
    """Return the scheme of a family with the digest of this OID, None without one."""
    return _BY_FAMILY.get((family, digest))


def default_scheme(key: PrivateKey, *, pss: bool = False) -> Scheme:
    """Return the scheme a key of ours signs with; raises UnsupportedAlgorithm for other keys."""
    held = key.public_key() if isinstance(key, ExternalKey) else key
    match held:
        case ec.EllipticCurvePrivateKey(curve=curve) | ec.EllipticCurvePublicKey(curve=curve):
            if (named := _ON_CURVE.get(curve.name)) is not None:
                return _BY_JOSE[named]
        case ed25519.Ed25519PrivateKey() | ed25519.Ed25519PublicKey():
            return _BY_JOSE["EdDSA"]
        case Sm2PrivateKey() | Sm2PublicKey():
            return _BY_OID[oids.SM2_WITH_SM3]
        case rsa.RSAPrivateKey(key_size=bits) | rsa.RSAPublicKey(key_size=bits) if (
            bits >= STRONG_RSA_BITS
        ):
            return _BY_JOSE["PS256" if pss else "RS256"]
    raise UnsupportedAlgorithm(algorithm=type(key).__name__)
