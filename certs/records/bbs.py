"""BBS signatures over BLS12-381 with SHA-256, verified (draft-irtf-cfrg-bbs-signatures).

Verification alone: nothing here is secret, so that it need not run in constant time. Curve and
pairing are py_ecc's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from certs.records.model import Broken

Point = Any
"""A point of the curve in the projective coordinates of py_ecc, which has no type for it."""

_API: Final = b"BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_"
_EXPANDED: Final = 48
_SCALAR: Final = 32
_POINT: Final = 48
_SIGNATURE: Final = _POINT + _SCALAR
_PROOF_POINTS: Final = 3
_PROOF_SCALARS: Final = 4
"""e^, r1^, r3^ before the commitments, the challenge behind them."""
_MAX_MESSAGES: Final = 2000
_P1: Final = bytes.fromhex(
    "a8ce256102840821a3e94ea9025e4662b205762f9776b3a766c872b948f1fd22"
    "5e7c59698588e70d11406d161b4e28c9"
)
"""The fixed point of the ciphersuite, compressed."""


def verify(key: bytes, signature: bytes, header: bytes, messages: Sequence[bytes]) -> None:
    """Raise Broken unless `signature` (80 bytes) is by `key` (96) over header and messages."""
    if len(signature) != _SIGNATURE or len(messages) > _MAX_MESSAGES:
        raise _refused()
    a, e = _g1(signature[:_POINT]), _scalar(signature[_POINT:])
    public = _g2(key)
    scalars = [_to_scalar(message) for message in messages]
    q1, *hs = _generators(len(messages) + 1)
    domain = _domain(key, q1, hs, header)
    b = _sum([(_p1(), 1), (q1, domain), *zip(hs, scalars, strict=True)])
    if e == 0 or not _pairs(a, public, _sum([(a, e), (_negative(b), 1)])):
        raise _refused()


@dataclass(frozen=True, slots=True)
class _Proof:
    abar: Point
    bbar: Point
    d: Point
    e: int
    r1: int
    r3: int
    commitments: tuple[int, ...]
    challenge: int

    @classmethod
    def parse(cls, data: bytes) -> _Proof:
        head = _PROOF_POINTS * _POINT
        count, rest = divmod(len(data) - head, _SCALAR)
        if rest or not _PROOF_SCALARS <= count <= _MAX_MESSAGES:
            raise _refused()
        points = [_g1(data[at : at + _POINT]) for at in range(0, head, _POINT)]
        scalars = [_scalar(data[at : at + _SCALAR]) for at in range(head, len(data), _SCALAR)]
        abar, bbar, d = points
        e, r1, r3, *commitments, challenge = scalars
        return cls(abar, bbar, d, e, r1, r3, tuple(commitments), challenge)


def verify_proof(
    key: bytes,
    proof: bytes,
    header: bytes,
    presentation: bytes,
    disclosed: Mapping[int, bytes],
) -> None:
    """Raise Broken unless `proof` shows a signature of `key` with these messages at their places.

    `presentation` is the header that the holder chose; the number of messages follows from the
    proof and what is disclosed.
    """
    found = _Proof.parse(proof)
    count = len(found.commitments) + len(disclosed)
    hidden = [place for place in range(count) if place not in disclosed]
    if len(hidden) != len(found.commitments) or any(not 0 <= at < count for at in disclosed):
        raise _refused()
    public = _g2(key)
    scalars = {place: _to_scalar(message) for place, message in sorted(disclosed.items())}
    q1, *hs = _generators(count + 1)
    domain = _domain(key, q1, hs, header)
    t1 = _sum([(found.bbar, found.challenge), (found.abar, found.e), (found.d, found.r1)])
    shown = [(hs[place], scalar) for place, scalar in scalars.items()]
    bv = _sum([(_p1(), 1), (q1, domain), *shown])
    unseen = [(hs[at], said) for at, said in zip(hidden, found.commitments, strict=True)]
    t2 = _sum([(bv, found.challenge), (found.d, found.r3), *unseen])
    if _challenge(found, t1, t2, domain, scalars, presentation) != found.challenge:
        raise _refused()
    if not _pairs(found.abar, public, _negative(found.bbar)):
        raise _refused()


def _challenge(  # noqa: PLR0917 - what the transcript holds
    proof: _Proof,
    t1: Point,
    t2: Point,
    domain: int,
    scalars: Mapping[int, int],
    presentation: bytes,
) -> int:
    octets = _long(len(scalars))
    for place, scalar in scalars.items():
        octets += _long(place) + _word(scalar)
    points = (proof.abar, proof.bbar, proof.d, t1, t2)
    octets += b"".join(map(_compressed, points)) + _word(domain)
    return _hash(octets + _long(len(presentation)) + presentation, _API + b"H2S_")


def _domain(key: bytes, q1: Point, hs: Sequence[Point], header: bytes) -> int:
    octets = key + _long(len(hs)) + b"".join(map(_compressed, (q1, *hs))) + _API
    return _hash(octets + _long(len(header)) + header, _API + b"H2S_")


def _to_scalar(message: bytes) -> int:
    return _hash(message, _API + b"MAP_MSG_TO_SCALAR_AS_HASH_")


def _hash(message: bytes, tag: bytes) -> int:
    from py_ecc.optimized_bls12_381.optimized_curve import curve_order

    return int.from_bytes(_expand(message, tag), "big") % int(curve_order)


def _expand(message: bytes, tag: bytes) -> bytes:
    """expand_message_xmd with SHA-256, to 48 bytes (RFC 9380, section 5.3.1)."""
    tagged = tag + bytes([len(tag)])
    first = hashlib.sha256(
        bytes(64) + message + _EXPANDED.to_bytes(2, "big") + b"\x00" + tagged
    ).digest()
    one = hashlib.sha256(first + b"\x01" + tagged).digest()
    mixed = bytes(a ^ b for a, b in zip(first, one, strict=True))
    two = hashlib.sha256(mixed + b"\x02" + tagged).digest()
    return (one + two)[:_EXPANDED]


_SHA256: Any = hashlib.sha256
"""py_ecc asks for the type of a digest and means its constructor."""

_known: list[Point] = []
_seeds: list[bytes] = []


def _generators(count: int) -> list[Point]:
    """Return the first generators; each is made once per process."""
    from py_ecc.bls.hash_to_curve import hash_to_G1

    tag = _API + b"SIG_GENERATOR_SEED_"
    while len(_known) < count:
        before = _seeds[-1] if _seeds else _expand(_API + b"MESSAGE_GENERATOR_SEED", tag)
        seed = _expand(before + _long(len(_known) + 1), tag)
        point = hash_to_G1(seed, _API + b"SIG_GENERATOR_DST_", _SHA256)
        _seeds.append(seed)
        _known.append(point)
    return _known[:count]


@cache
def _p1() -> Point:
    return _g1(_P1)


def _g1(data: bytes) -> Point:
    """Return a point of the group from its compressed form; raises Broken for any other."""
    from py_ecc.bls.g2_primitives import pubkey_to_G1, subgroup_check
    from py_ecc.optimized_bls12_381.optimized_curve import is_inf

    try:
        point = pubkey_to_G1(data)  # type: ignore[arg-type]
    except (ValueError, AssertionError):
        raise _refused() from None
    if is_inf(point) or not subgroup_check(point) or _compressed(point) != data:
        raise _refused()
    return point


def _g2(data: bytes) -> Point:
    """Return a public key as a point of the other group; raises Broken."""
    from py_ecc.bls.g2_primitives import G2_to_signature, signature_to_G2, subgroup_check
    from py_ecc.optimized_bls12_381.optimized_curve import is_inf

    try:
        point = signature_to_G2(data)  # type: ignore[arg-type]
    except (ValueError, AssertionError):
        raise _refused() from None
    if is_inf(point) or not subgroup_check(point) or bytes(G2_to_signature(point)) != data:
        raise _refused()
    return point


def _compressed(point: Point) -> bytes:
    from py_ecc.bls.g2_primitives import G1_to_pubkey

    return bytes(G1_to_pubkey(point))


def _sum(parts: Sequence[tuple[Point, int]]) -> Point:
    from py_ecc.optimized_bls12_381.optimized_curve import Z1, add, multiply

    total: Point = Z1
    for point, scalar in parts:
        total = add(total, multiply(point, scalar))
    return total


def _negative(point: Point) -> Point:
    from py_ecc.optimized_bls12_381.optimized_curve import neg

    return neg(point)


def _pairs(left: Point, public: Point, right: Point) -> bool:
    """Tell whether e(left, public) * e(right, generator of G2) is one."""
    from py_ecc.fields import optimized_bls12_381_FQ12
    from py_ecc.optimized_bls12_381.optimized_curve import G2
    from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing

    product = pairing(public, left, final_exponentiate=False) * pairing(
        G2, right, final_exponentiate=False
    )
    return bool(final_exponentiate(product) == optimized_bls12_381_FQ12.one())


def _scalar(data: bytes) -> int:
    from py_ecc.optimized_bls12_381.optimized_curve import curve_order

    value = int.from_bytes(data, "big")
    if value >= int(curve_order):
        raise _refused()
    return value


def _long(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _word(value: int) -> bytes:
    return value.to_bytes(_SCALAR, "big")


def _refused() -> Broken:
    return Broken("The BBS signature does not fit.", "BBS 签名不符。")
