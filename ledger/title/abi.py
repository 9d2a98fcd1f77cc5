"""Calls and answers of contracts as bytes (Solidity contract ABI), for the types titles need.

Fixed types and trailing `bytes` are enough here, so that neither a node nor an ABI library is
needed to make a call or to read one back. A tuple of fixed types lies in line, like its parts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from ledger.anchors.calls import selector
from ledger.anchors.secp256k1 import checksummed, keccak256
from ledger.title.errors import BadAnswer

WORD: Final = 32
Value = str | int | bytes | None
"""An address (None = the zero address), a number or truth value, 32 bytes, or bytes."""

_ADDRESS_BYTES: Final = 20
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


@cache
def _types(signature: str) -> tuple[str, ...]:
    inside = signature[signature.index("(") :]
    return tuple(re.findall(r"[a-z]+[0-9]*", inside))


def encode(signature: str, *values: Value) -> bytes:
    """Return the call data of `signature`, e.g. `nominate(address,bytes)`."""
    return selector(signature) + encode_values(_types(signature), values)


def encode_values(types: tuple[str, ...], values: tuple[Value, ...]) -> bytes:
    """Return the words of values of fixed types, and of `bytes` behind them."""
    head, tail = b"", b""
    for kind, value in zip(types, values, strict=True):
        if kind == "bytes":
            if not isinstance(value, bytes):
                raise TypeError(kind)
            head += word(len(types) * WORD + len(tail))
            tail += word(len(value)) + value.ljust(-(-len(value) // WORD) * WORD, b"\0")
        else:
            head += word(value)
    return head + tail


def word(value: Value) -> bytes:
    """Return one word of 32 bytes; text must be an address."""
    match value:
        case None:
            return bytes(WORD)
        case bytes() if len(value) == WORD:
            return value
        case int():
            return value.to_bytes(WORD, "big")
        case str() if _ADDRESS.fullmatch(value):
            return bytes.fromhex(value[2:]).rjust(WORD, b"\0")
        case _:
            raise BadAnswer(where=repr(value)[:80], reason="it is no value of the ABI")


def topic(signature: str) -> bytes:
    """Return the first topic of an event."""
    return keccak256(signature.encode())


def words(data: bytes) -> list[bytes]:
    """Cut an answer into its words."""
    return [data[at : at + WORD] for at in range(0, len(data), WORD)]


def address(found: bytes) -> str | None:
    """Return the address in a word (EIP-55), None for the zero address; raises BadAnswer."""
    if len(found) != WORD or any(found[: WORD - _ADDRESS_BYTES]):
        raise BadAnswer(where=found.hex()[:80], reason="it is no address")
    return checksummed(found[-_ADDRESS_BYTES:]) if any(found) else None


def number(found: bytes) -> int:
    """Return the number in a word."""
    if len(found) != WORD:
        raise BadAnswer(where=found.hex()[:80], reason="it is no number")
    return int.from_bytes(found, "big")


def tail(data: bytes, at: int) -> bytes:
    """Return the `bytes` whose offset is word `at` of `data`; raises BadAnswer."""
    start = number(data[at * WORD : (at + 1) * WORD])
    length = number(data[start : start + WORD])
    found = data[start + WORD : start + WORD + length]
    if len(found) != length:
        raise BadAnswer(where=data.hex()[:80], reason="its bytes are cut short")
    return found


def is_address(found: str) -> bool:
    """Tell whether text is an address."""
    return bool(_ADDRESS.fullmatch(found))
