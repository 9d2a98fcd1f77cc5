"""The curve of SM2 (GB/T 32918.5): points, and the one sum that verification needs.

Nothing here takes constant time: it is for public values alone. Secrets go through libcrypto.
"""

from __future__ import annotations

from functools import cache
from typing import Final

P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A: Final = P - 3
B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GENERATOR: Final = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
SIZE: Final = 32

Point = tuple[int, int]
# X, Y, Z stand for the point (X/Z^2, Y/Z^3); Z = 0 is the point at infinity.
_Jacobian = tuple[int, int, int]
_INFINITY: Final = (1, 1, 0)
# Widths of the signed windows: the generator's table is made once, a key's for every signature.
_GENERATOR_WIDTH: Final = 8
_KEY_WIDTH: Final = 5


def contains(point: Point) -> bool:
    """Tell whether the coordinates are in range and lie on the curve."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def decompress(x: int, *, odd: bool) -> Point | None:
    """Return the point with this x whose y is odd or even, or None; P is 3 modulo 4."""
    square = (x * x * x + A * x + B) % P
    y = pow(square, (P + 1) // 4, P)
    if x >= P or y * y % P != square:
        return None
    return x, (P - y if y % 2 != odd else y)


def combination(s: int, t: int, point: Point) -> Point | None:
    """Return s*G + t*Q, or None for the point at infinity; both scalars from 0 to N - 1."""
    steps = _windows(s, _GENERATOR_WIDTH), _windows(t, _KEY_WIDTH)
    tables = _generator_multiples(), _odd_multiples(point, _KEY_WIDTH)
    total = _INFINITY
    for at in range(max(map(len, steps)) - 1, -1, -1):
        total = _double(total)
        for digits, table in zip(steps, tables, strict=True):
            digit = digits[at] if at < len(digits) else 0
            if digit > 0:
                total = _add(total, table[digit >> 1])
            elif digit < 0:
                x, y = table[-digit >> 1]
                total = _add(total, (x, P - y))
    return _affine(total) if total[2] else None


def _windows(scalar: int, width: int) -> list[int]:
    """Return the digits of the non-adjacent form: odd or 0, low first, below 2^(width-1)."""
    digits = []
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & ((1 << width) - 1)
            digit -= (digit >> (width - 1)) << width
            scalar -= digit
        digits.append(digit)
        scalar >>= 1
    return digits


@cache
def _generator_multiples() -> list[Point]:
    return _odd_multiples(GENERATOR, _GENERATOR_WIDTH)


def _odd_multiples(point: Point, width: int) -> list[Point]:
    """Return 1, 3, 5, ... times the point, as far as digits of this width reach."""
    twice = _affine(_double((*point, 1)))
    found: list[_Jacobian] = [(*point, 1)]
    for _ in range((1 << (width - 2)) - 1):
        found.append(_add(found[-1], twice))
    return _all_affine(found)


def _double(point: _Jacobian) -> _Jacobian:
    x, y, z = point
    if not z:
        return _INFINITY
    delta = z * z % P
    gamma = y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    doubled = (alpha * alpha - 8 * beta) % P
    return doubled, (alpha * (4 * beta - doubled) - 8 * gamma * gamma) % P, 2 * y * z % P


def _add(point: _Jacobian, other: Point) -> _Jacobian:
    x, y, z = point
    if not z:
        return (*other, 1)
    square = z * z % P
    across = (other[0] * square - x) % P
    up = (other[1] * square * z - y) % P
    if not across:
        return _double(point) if not up else _INFINITY
    squared = across * across % P
    cubed = across * squared % P
    shifted = x * squared % P
    total = (up * up - cubed - 2 * shifted) % P
    return total, (up * (shifted - total) - y * cubed) % P, z * across % P


def _affine(point: _Jacobian) -> Point:
    inverse = pow(point[2], -1, P)
    square = inverse * inverse % P
    return point[0] * square % P, point[1] * square * inverse % P


def _all_affine(points: list[_Jacobian]) -> list[Point]:
    """Return the affine points for the price of one inversion."""
    products, product = [], 1
    for each in points:
        products.append(product)
        product = product * each[2] % P
    inverse = pow(product, -1, P)
    found = []
    for each, before in zip(reversed(points), reversed(products), strict=True):
        own = inverse * before % P
        inverse = inverse * each[2] % P
        square = own * own % P
        found.append((each[0] * square % P, each[1] * square * own % P))
    return found[::-1]
