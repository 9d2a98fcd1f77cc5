"""Keccak-256 and the addresses made with it: what Ethereum and OpenAttestation hash with."""

from __future__ import annotations


def keccak256(data: bytes) -> bytes:
    """Return Keccak-256 (the original padding, not SHA3-256), 32 bytes."""
    from Crypto.Hash import keccak

    return keccak.new(digest_bits=256, data=data).digest()


def checksummed(address: bytes) -> str:
    """Return an address of 20 bytes as text with the capitals of EIP-55."""
    text = address.hex()
    mask = keccak256(text.encode()).hex()
    letters = (c.upper() if int(m, 16) > 7 else c for c, m in zip(text, mask, strict=False))  # noqa: PLR2004 - half of a hex digit
    return "0x" + "".join(letters)
