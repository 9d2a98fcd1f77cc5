"""Public keys as JSON Web Keys (RFC 7517, 7518, 8037), alone or in a set: RSA, P-256, Ed25519.

A private member is refused, so that nobody's secret is kept by mistake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from certs import jose
from certs.algorithms import PublicKey
from certs.errors import MalformedKey
from certs.verdict import Refused
from schemas.jcs import canonical_json

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MOST_KEYS: Final = 256
_SHORTEST_RSA_BITS: Final = 2048
_LONGEST_RSA_BITS: Final = 16384
_ALGORITHMS: Final = {
    "RSA": frozenset({"PS256", "RS256"}),
    "EC": frozenset({"ES256"}),
    "OKP": frozenset({"EdDSA"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class PublishedKey:
    """A public key somebody published: what it signs with, and whose it is.

    `algorithms` are the JOSE names it may be used with; `owner` is how the registry that lists it
    calls the signer (a platform or carrier code, or the name of the file).
    """

    kid: str
    key: PublicKey
    algorithms: frozenset[str]
    owner: str


def read(data: bytes, owner: str) -> list[PublishedKey]:
    """Return the keys of a JWK or JWK Set; raises MalformedKey for anything else."""
    try:
        members = jose.parse(data)
    except Refused as error:
        raise MalformedKey(where=owner, reason=error.reason.en) from error
    listed = members.get("keys", [members])
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_KEYS:
        raise MalformedKey(where=owner, reason="the number of keys is wrong")
    return [_key(each, owner) for each in listed]


def usable(data: bytes, owner: str) -> list[PublishedKey]:
    """Return those keys of a JWK Set that verify signatures here, passing over all others.

    An identity provider publishes keys for encryption and of other types too. Raises MalformedKey
    for what is no set, or has two keys of one id.
    """
    try:
        listed = jose.parse(data).get("keys")
    except Refused as error:
        raise MalformedKey(where=owner, reason=error.reason.en) from error
    if not isinstance(listed, list) or len(listed) > _MOST_KEYS:
        raise MalformedKey(where=owner, reason="the number of keys is wrong")
    found: list[PublishedKey] = []
    for each in listed:
        with suppress(MalformedKey):
            found.append(_key(each, owner))
    if len({each.kid for each in found}) < len(found):
        raise MalformedKey(where=owner, reason="two keys have one id")
    return found


def of_public(key: PublicKey, owner: str = "", algorithm: str = "") -> PublishedKey:
    """Return a key as it is published: its thumbprint (RFC 7638) is its key id.

    Raises MalformedKey for a type or size that signs nothing here.
    """
    return _published({**_members(key), **({"alg": algorithm} if algorithm else {})}, owner)


def as_jwk(key: PublicKey, algorithm: str) -> dict[str, str]:
    """Return the JWK of a public key that signs with one algorithm."""
    members = _members(key)
    return {**members, "alg": algorithm, "kid": thumbprint(members), "use": "sig"}


def thumbprint(members: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of a JWK's required members (RFC 7638, section 3)."""
    return jose.encode(hashlib.sha256(canonical_json(dict(members))).digest())


def _key(members: object, owner: str) -> PublishedKey:
    if not isinstance(members, dict) or _PRIVATE & members.keys():
        raise MalformedKey(where=owner, reason="it is not a public key")
    if members.get("use", "sig") != "sig":
        raise MalformedKey(where=owner, reason="it is not for signatures")
    return _published(members, owner)


def _published(members: Mapping[str, object], owner: str) -> PublishedKey:
    kind = str(members.get("kty", ""))
    try:
        key = _public(kind, members)
    except (Refused, ValueError) as error:
        raise MalformedKey(where=owner, reason="its numbers make no key") from error
    allowed = _ALGORITHMS[kind]
    named = members.get("alg")
    if named is not None and named not in allowed:
        raise MalformedKey(where=owner, reason=f"{kind} does not go with {named}")
    algorithms = frozenset({str(named)}) if named is not None else allowed
    return PublishedKey(
        str(members.get("kid") or thumbprint(_members(key))), key, algorithms, owner
    )


def _public(kind: str, members: Mapping[str, object]) -> PublicKey:
    match kind, members.get("crv"):
        case "OKP", "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_octets(members, "x"))
        case "EC", "P-256":
            x, y = (int.from_bytes(_octets(members, name), "big") for name in ("x", "y"))
            return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        case "RSA", _:
            n, e = (int.from_bytes(_octets(members, name), "big") for name in ("n", "e"))
            if _SHORTEST_RSA_BITS <= n.bit_length() <= _LONGEST_RSA_BITS:
                return rsa.RSAPublicNumbers(e, n).public_key()
    raise ValueError(kind)


def _octets(members: Mapping[str, object], name: str) -> bytes:
    return jose.decode(str(members.get(name, "")))


def _members(key: PublicKey) -> dict[str, str]:
    """Return the members a thumbprint is made of."""
    match key:
        case ed25519.Ed25519PublicKey():
            return {"crv": "Ed25519", "kty": "OKP", "x": jose.encode(key.public_bytes_raw())}
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            numbers = key.public_numbers()
            x, y = (jose.encode(each.to_bytes(32, "big")) for each in (numbers.x, numbers.y))
            return {"crv": "P-256", "kty": "EC", "x": x, "y": y}
        case rsa.RSAPublicKey():
            public = key.public_numbers()
            return {"e": _number(public.e), "kty": "RSA", "n": _number(public.n)}
    raise MalformedKey(where="", reason="keys of this type sign nothing here")


def _number(value: int) -> str:
    return jose.encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
