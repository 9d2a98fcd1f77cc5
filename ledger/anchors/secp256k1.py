"""Addresses, and recovery of the signer's key on secp256k1 (SEC 1, section 4.1.6).

Recovery works on public values only, so it need not be constant in time; signing is done by
`cryptography` (see `ledger.anchors.account`).
"""

from __future__ import annotations

from typing import Final

from ledger.anchors.errors import AnchorRefused
from schemas.keccak import checksummed, keccak256

__all__ = ["N", "P", "address_of", "checksummed", "keccak256", "recover"]

P: Final = 2**256 - 2**32 - 977
N: Final = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
_G: Final = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
    1,
)
_Point = tuple[int, int, int]
"""Jacobian coordinates (x / z^2, y / z^3); z = 0 is the point at infinity."""

_INFINITY: Final[_Point] = (0, 1, 0)


def address_of(public: bytes) -> str:
    """Return the address of an uncompressed public key (64 bytes x || y), checksummed (EIP-55)."""
    return checksummed(keccak256(public)[-20:])


def recover(digest: bytes, r: int, s: int, parity: int) -> bytes:
    """Return the public key (64 bytes x || y) that signed `digest`; raises AnchorRefused.

    `s` must be in the lower half of the group order (EIP-2), `parity` is that of the point's y.
    """
    if not (0 < r < N and 0 < s <= N // 2 and parity in (0, 1)):
        raise AnchorRefused(reason="the transaction's signature is out of range")
    square = (pow(r, 3, P) + 7) % P
    y = pow(square, (P + 1) // 4, P)
    if y * y % P != square:
        raise AnchorRefused(reason="the transaction's signature is no point of the curve")
    point = (r, y if y & 1 == parity else P - y, 1)
    inverse = pow(r, -1, N)
    along = -int.from_bytes(digest, "big") * inverse % N
    x, y, z = _sum_of_multiples(along, _G, s * inverse % N, point)
    if z == 0:
        raise AnchorRefused(reason="the transaction's signature recovers no key")
    back = pow(z, -1, P)
    x, y = x * back * back % P, y * back * back * back % P
    return x.to_bytes(32, "big") + y.to_bytes(32, "big")


def _sum_of_multiples(a: int, p: _Point, b: int, q: _Point) -> _Point:
    """Return a*p + b*q, both multiples in one pass over the bits (Shamir's trick)."""
    choice = (_INFINITY, p, q, _add(p, q))
    total = _INFINITY
    for bit in range(max(a.bit_length(), b.bit_length()) - 1, -1, -1):
        total = _double(total)
        total = _add(total, choice[(a >> bit & 1) | (b >> bit & 1) << 1])
    return total


def _double(point: _Point) -> _Point:
    x, y, z = point
    if z == 0 or y == 0:
        return _INFINITY
    yy = y * y % P
    s = 4 * x * yy % P
    m = 3 * x * x % P
    doubled = (m * m - 2 * s) % P
    return doubled, (m * (s - doubled) - 8 * yy * yy) % P, 2 * y * z % P


def _add(p: _Point, q: _Point) -> _Point:
    if p[2] == 0:
        return q
    if q[2] == 0:
        return p
    (x1, y1, z1), (x2, y2, z2) = p, q
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * zz2 * z2 % P, y2 * zz1 * z1 % P
    if u1 == u2:
        return _double(p) if s1 == s2 else _INFINITY
    h, r = (u2 - u1) % P, (s2 - s1) % P
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x = (r * r - hhh - 2 * v) % P
    return x, (r * (v - x) - s1 * hhh) % P, h * z1 * z2 % P
