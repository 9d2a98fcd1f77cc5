"""SM2 encryption once more, in Python (GB/T 32918.4): to judge libcrypto by, not for secrets."""

from __future__ import annotations

import hashlib
from itertools import count

from certs.asn1 import der
from certs.sm2 import curve
from certs.sm2.curve import Point


def sm3(*parts: bytes) -> bytes:
    """Return the digest of the parts."""
    return hashlib.new("sm3", b"".join(parts)).digest()


def times(scalar: int, point: Point) -> Point:
    """Return a multiple of a point."""
    found = curve.combination(0, scalar, point)
    assert found is not None
    return found


def octets(value: int) -> bytes:
    """Return a field element in its 32 octets."""
    return value.to_bytes(curve.SIZE, "big")


def derived(shared: Point, size: int) -> bytes:
    """Return the key stream (GB/T 32918.4, 5.4.3)."""
    seed = octets(shared[0]) + octets(shared[1])
    blocks = b""
    for number in count(1):
        if len(blocks) >= size:
            return blocks[:size]
        blocks += sm3(seed, number.to_bytes(4, "big"))
    raise AssertionError


def masked(data: bytes, stream: bytes) -> bytes:
    """Return both added bit by bit."""
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))


def encrypt(data: bytes, public: Point, k: int) -> tuple[Point, bytes, bytes]:
    """Return C1, C3 and C2 with the random number `k`."""
    shared = times(k, public)
    check = sm3(octets(shared[0]), data, octets(shared[1]))
    return times(k, curve.GENERATOR), check, masked(data, derived(shared, len(data)))


def decrypt(cipher: bytes, private: int) -> bytes | None:
    """Return what an SM2Cipher (DER) holds, None when its check is wrong."""
    x, y, check, text = der.parse(cipher).children()
    shared = times(private, (x.number(), y.number()))
    data = masked(text.content, derived(shared, len(text.content)))
    return data if sm3(octets(shared[0]), data, octets(shared[1])) == check.content else None


def written(point: Point, check: bytes, text: bytes) -> bytes:
    """Return the SM2Cipher (GB/T 35276) of C1, C3 and C2."""
    x, y = point
    return der.sequence(der.integer(x), der.integer(y), der.octets(check), der.octets(text))
