"""Signatures by an Ethereum account over a Merkle root (EIP-191, personal_sign)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from schemas.errors import SilkgateError
from schemas.keccak import checksummed, keccak256

Recover = Callable[[bytes, int, int, int], bytes]
"""Returns the public key (64 bytes) that signed a digest, given r, s and the parity of y."""

_DID: Final = re.compile(r"did:ethr:(?:[^:#]+:)*(0x[0-9a-fA-F]{40})(?:#[\w-]+)?")
_BYTES: Final = 65
_ELECTRUM: Final = 27


def account_of(did: str) -> str | None:
    """Return the address of a did:ethr (with or without #controller), None for other DIDs."""
    found = _DID.fullmatch(did)
    return checksummed(bytes.fromhex(found[1][2:])) if found else None


def signer_of(message: bytes, signature: str, recover: Recover) -> str | None:
    """Return the address that signed `message` (hex signature of 65 bytes), None if none did."""
    try:
        value = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return None
    if len(value) != _BYTES:
        return None
    parity = value[64] - _ELECTRUM if value[64] >= _ELECTRUM else value[64]
    head = b"\x19Ethereum Signed Message:\n" + str(len(message)).encode()
    try:
        public = recover(
            keccak256(head + message),
            int.from_bytes(value[:32], "big"),
            int.from_bytes(value[32:64], "big"),
            parity,
        )
    except SilkgateError:
        return None
    return checksummed(keccak256(public)[-20:])
