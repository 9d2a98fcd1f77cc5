"""BER with indefinite lengths, as streaming CMS writers leave it, turned into definite lengths.

ITU-T X.690, section 8.1.3.6. Only the lengths change, and octet strings in pieces are joined;
what has to be DER (certificates, signed attributes) stays as it is.
"""

from __future__ import annotations

from typing import Final

from certs.asn1.der import OCTET_STRING, tlv
from certs.errors import MalformedDer

_CONSTRUCTED: Final = 0x20
_INDEFINITE: Final = 0x80
_LONG_TAG: Final = 0x1F
_DEEPEST: Final = 32
_MAX_LENGTH_OCTETS: Final = 4
_PIECES: Final = OCTET_STRING | _CONSTRUCTED


def definite(data: bytes) -> bytes:
    """Return `data` with definite lengths when its outer length is indefinite, else unchanged.

    Raises MalformedDer when it ends too early, nests deeper than 32, or has octets after its end.
    """
    if data[1:2] != bytes((_INDEFINITE,)):
        return data
    encoded, end = _element(data, 0, 0)
    if end != len(data):
        raise MalformedDer(reason="octets after the end")
    return encoded


def leading(data: bytes) -> bytes:
    """Return the first element of `data` with definite lengths; only zeros may follow it.

    So signatures stand in PDF files, in a space reserved for them. Raises MalformedDer.
    """
    encoded, end = _element(data, 0, 0)
    if any(data[end:]):
        raise MalformedDer(reason="octets after the end")
    return data[:end] if data[1:2] != bytes((_INDEFINITE,)) else encoded


def _element(data: bytes, at: int, depth: int) -> tuple[bytes, int]:
    """Return the element at `at` in definite form, and where it ends."""
    if depth > _DEEPEST or at + 2 > len(data) or data[at] & _LONG_TAG == _LONG_TAG:
        raise MalformedDer(reason="it is nested too deep or ends too early")
    tag, size, inside = data[at], data[at + 1], at + 2
    if size == _INDEFINITE and tag & _CONSTRUCTED:
        return _until_end(data, tag, inside, depth)
    if size > _INDEFINITE:
        width = size & 0x7F
        if width > _MAX_LENGTH_OCTETS:
            raise MalformedDer(reason="a length of too many octets")
        size = int.from_bytes(data[inside : inside + width], "big")
        inside += width
    end = inside + size
    if end > len(data) or data[at + 1] == _INDEFINITE:
        raise MalformedDer(reason="it ends too early")
    if not tag & _CONSTRUCTED:
        return tlv(tag, data[inside:end]), end
    parts: list[bytes] = []
    while inside < end:
        part, inside = _element(data, inside, depth + 1)
        parts.append(part)
    if inside != end:
        raise MalformedDer(reason="a part reaches over its whole")
    return _whole(tag, parts), end


def _until_end(data: bytes, tag: int, at: int, depth: int) -> tuple[bytes, int]:
    """Return the element whose parts go on until two zero octets."""
    parts: list[bytes] = []
    while data[at : at + 2] != b"\x00\x00":
        part, at = _element(data, at, depth + 1)
        parts.append(part)
    return _whole(tag, parts), at + 2


def _whole(tag: int, parts: list[bytes]) -> bytes:
    """Join the parts; an octet string in pieces becomes one."""
    if tag != _PIECES:
        return tlv(tag, *parts)
    return tlv(OCTET_STRING, *(_content(part) for part in parts))


def _content(encoded: bytes) -> bytes:
    if encoded[0] != OCTET_STRING:
        raise MalformedDer(reason="an octet string holds something else")
    return encoded[2 if encoded[1] < _INDEFINITE else 2 + (encoded[1] & 0x7F) :]
