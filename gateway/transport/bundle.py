"""Several deliveries in one request: frames of a name and a body, each with its length.

    u32 length | name (UTF-8) | u32 length | body        big endian, repeated to the end

In a request the name is the message id and the body its container; in the answer, in the same
order, the name is an HTTP status and the body the receipt or the problem document that a request
of its own would have got.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from schemas.errors import ExchangeError
from schemas.text import Text

MOST: Final = 64
"""Deliveries in one bundle."""

_LENGTH: Final = struct.Struct(">I")
_NAME_BYTES: Final = 256

Frame = tuple[str, bytes]


class BundleRefused(ExchangeError):
    """A bundle is not made of whole frames."""

    code = "SG-5207"
    title = Text("The bundle is not in order: {reason}.", "批量投递格式不正确:{reason}。")
    hint = Text("Send each container by itself.", "请逐个发送容器。")
    status = 400


def pack(frames: Iterable[Frame]) -> bytes:
    """Return the bytes of a bundle."""
    parts: list[bytes] = []
    for name, body in frames:
        said = name.encode()
        parts += (_LENGTH.pack(len(said)), said, _LENGTH.pack(len(body)), body)
    return b"".join(parts)


def unpack(data: bytes) -> list[Frame]:
    """Return the frames of a bundle; raises BundleRefused unless it is whole, and has 1 to 64."""
    frames: list[Frame] = []
    at = 0
    while at < len(data):
        if len(frames) == MOST:
            raise BundleRefused(reason=f"more than {MOST} frames")
        name, at = _part(data, at, _NAME_BYTES)
        body, at = _part(data, at, len(data))
        frames.append((_text(name), body))
    if not frames:
        raise BundleRefused(reason="it is empty")
    return frames


def _part(data: bytes, at: int, most: int) -> tuple[bytes, int]:
    start = at + _LENGTH.size
    if start > len(data):
        raise BundleRefused(reason="a length is cut off")
    (length,) = _LENGTH.unpack_from(data, at)
    end = start + length
    if length > most or end > len(data):
        raise BundleRefused(reason="a frame is longer than the bundle")
    return data[start:end], end


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise BundleRefused(reason="a name is not UTF-8") from None
