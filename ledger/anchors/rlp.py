"""Recursive length prefix, the encoding of Ethereum's transactions, headers and tries.

Decoding is strict: one encoding for each value, no bytes left over (Ethereum Yellow Paper,
appendix B).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ledger.anchors.errors import AnchorRefused

Item = bytes | Sequence["Item"]

_STRING: Final = 0x80
_LIST: Final = 0xC0
_SHORT: Final = 55
_MAX_DEPTH: Final = 16


def encode(item: Item) -> bytes:
    """Return the encoding of bytes or of a (nested) sequence of bytes."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _STRING:
            return item
        return _prefix(len(item), _STRING) + item
    body = b"".join(map(encode, item))
    return _prefix(len(body), _LIST) + body


def decode(data: bytes) -> Item:
    """Return what `data` encodes; raises AnchorRefused unless it is the one encoding of it."""
    item, end = _decode(data, 0, _MAX_DEPTH)
    if end != len(data):
        raise AnchorRefused(reason="bytes are left over after an RLP item")
    return item


def number(value: int) -> bytes:
    """Return a scalar: big endian without leading zeros, empty for 0."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def to_number(item: Item) -> int:
    """Return the scalar of an item; raises AnchorRefused for lists and leading zeros."""
    if not isinstance(item, bytes) or item[:1] == b"\x00":
        raise AnchorRefused(reason="an RLP scalar is malformed")
    return int.from_bytes(item, "big")


def _prefix(length: int, base: int) -> bytes:
    if length <= _SHORT:
        return bytes([base + length])
    size = number(length)
    return bytes([base + _SHORT + len(size)]) + size


def _decode(data: bytes, at: int, depth: int) -> tuple[Item, int]:
    if at >= len(data) or depth == 0:
        raise AnchorRefused(reason="an RLP item is cut short or nested too deep")
    first = data[at]
    if first < _STRING:
        return data[at : at + 1], at + 1
    base = _STRING if first < _LIST else _LIST
    start, end = _span(data, at, first - base)
    if base == _STRING:
        if end - start == 1 and data[start] < _STRING:
            raise AnchorRefused(reason="an RLP byte is not written the short way")
        return data[start:end], end
    items: list[Item] = []
    while start < end:
        item, start = _decode(data, start, depth - 1)
        items.append(item)
    if start != end:
        raise AnchorRefused(reason="an RLP list does not end where it says")
    return items, end


def _span(data: bytes, at: int, length: int) -> tuple[int, int]:
    """Return where the payload starts and ends."""
    start = at + 1
    if length > _SHORT:
        start += length - _SHORT
        size = data[at + 1 : start]
        length = int.from_bytes(size, "big")
        if size[:1] in (b"", b"\x00") or length <= _SHORT:
            raise AnchorRefused(reason="an RLP length is not written the short way")
    if start + length > len(data):
        raise AnchorRefused(reason="an RLP item is cut short")
    return start, start + length
