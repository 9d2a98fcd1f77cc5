from __future__ import annotations

from typing import Any

import pytest
from py_ecc.bls.g2_primitives import G2_to_signature
from py_ecc.optimized_bls12_381.optimized_curve import G2, curve_order, multiply

from certs.records import bbs
from certs.records.model import Broken

SECRET = 0x2A
ORDER = int(curve_order)
KEY = bytes(G2_to_signature(multiply(G2, SECRET)))
HEADER = b"header"
MESSAGES = [b"one\n", b"two\n", "三\n".encode()]


def _signed(header: bytes, messages: list[bytes]) -> bytes:
    """Sign by the definition: A = B / (secret + e), for an e of our choice."""
    scalars = [bbs._to_scalar(message) for message in messages]
    q1, *hs = bbs._generators(len(messages) + 1)
    domain = bbs._domain(KEY, q1, hs, header)
    b: Any = bbs._sum([(bbs._p1(), 1), (q1, domain), *zip(hs, scalars, strict=True)])
    e = 7
    a = multiply(b, pow(SECRET + e, -1, ORDER))
    return bbs._compressed(a) + e.to_bytes(32, "big")


def test_a_signature_is_over_header_and_every_message():
    """It verifies as it was made; another header, message or number is refused."""
    signature = _signed(HEADER, MESSAGES)
    bbs.verify(KEY, signature, HEADER, MESSAGES)
    for header, messages in (
        (b"other", MESSAGES),
        (HEADER, [b"One\n", *MESSAGES[1:]]),
        (HEADER, MESSAGES[:2]),
    ):
        with pytest.raises(Broken):
            bbs.verify(KEY, signature, header, messages)


@pytest.mark.parametrize("place", [0, 47, 79])
def test_a_changed_byte_of_a_signature_is_refused(place):
    """Point and scalar alike; a point off the curve or out of its group is none."""
    signature = bytearray(_signed(HEADER, MESSAGES))
    signature[place] ^= 1
    with pytest.raises(Broken):
        bbs.verify(KEY, bytes(signature), HEADER, MESSAGES)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 80, b"\xc0" + b"\x00" * 79, b"\xff" * 80, b"\x00" * 81],
)
def test_what_is_no_signature_is_refused(data):
    """Wrong length, the point at infinity, a number beyond the field."""
    with pytest.raises(Broken):
        bbs.verify(KEY, data, HEADER, MESSAGES)


@pytest.mark.parametrize("key", [b"", b"\xc0" + b"\x00" * 95, b"\x01" * 96])
def test_what_is_no_key_is_refused(key):
    """A key is a point of the second group, and not the one at infinity."""
    with pytest.raises(Broken):
        bbs.verify(key, _signed(HEADER, MESSAGES), HEADER, MESSAGES)


@pytest.mark.parametrize("length", [0, 144, 145, 240, 272])
def test_what_is_no_proof_is_refused(length):
    """A proof is three points and at least four scalars, and each must be one."""
    with pytest.raises(Broken):
        bbs.verify_proof(KEY, b"\x00" * length, HEADER, b"", {0: b"x"})


def test_the_generators_are_those_of_the_draft():
    """The first two generators of BLS12-381-SHA-256, as the draft's fixtures have them."""
    q1, h1 = bbs._generators(2)
    assert bbs._compressed(q1).hex().startswith("a9ec65b70a7fbe40c874c9eb041c2cb0a7af36ccec1bea48")
    assert bbs._compressed(h1).hex().startswith("98cd5313283aaf5db1b3ba8611fe6070d19e605de4078c38")
