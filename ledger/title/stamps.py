"""The time-stamps of a title's entries as one text: tokens of one authority are much alike.

Each token with its length before it (4 octets; 0: the entry has none), all of them deflated (RFC
1950), in Base64.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from ledger.title.errors import EntryRefused

_LENGTH: Final = 4
_LARGEST: Final = 64 * 1024 * 1024


def packed(stamps: Sequence[bytes | None]) -> str:
    """Return the text, empty when no entry has a time-stamp."""
    if not any(stamps):
        return ""
    tokens = (each or b"" for each in stamps)
    data = b"".join(len(each).to_bytes(_LENGTH, "big") + each for each in tokens)
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpacked(text: str) -> tuple[bytes | None, ...]:
    """Return the tokens in a text; raises EntryRefused."""
    try:
        inflating = zlib.decompressobj()
        data = inflating.decompress(base64.b64decode(text, validate=True), _LARGEST)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise EntryRefused(reason="the time-stamps cannot be read") from error
    if not inflating.eof or inflating.unused_data:
        raise EntryRefused(reason="the time-stamps are cut short, or too large")
    return tuple(token or None for token in _tokens(data))


def _tokens(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        begin = at + _LENGTH
        at = begin + int.from_bytes(data[at:begin], "big")
        if at > len(data) or begin > len(data):
            raise EntryRefused(reason="a time-stamp is cut short")
        yield data[begin:at]
