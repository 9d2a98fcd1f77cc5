"""Proof values on the wire: multibase base64url around a CBOR array with a three-byte head."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any, Final

from certs.records.model import Broken

_HEAD: Final = 3
_MAX: Final = 4 * 1024 * 1024


def kind(value: str) -> bytes:
    """Return the three bytes that say which proof this is, empty when it is none."""
    try:
        return _raw(value)[:_HEAD]
    except Broken:
        return b""


def decode(value: str, head: bytes) -> list[Any]:
    """Return the CBOR array behind the head.

    Raises Broken for another head and for any but the shortest encoding: two spellings of one
    proof would let a byte change unseen.
    """
    import cbor2

    data = _raw(value)
    if data[:_HEAD] != head:
        raise Broken("The proof is of another kind.", "证明种类不符。")
    stream = io.BytesIO(data[_HEAD:])
    try:
        found = cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORError, ValueError, RecursionError, MemoryError):
        raise Broken("The proof value cannot be read.", "无法读取证明值。") from None
    if not isinstance(found, list) or encode(head, found) != value:
        raise Broken("The proof value is not in its one form.", "证明值编码不规范。")
    return found


def encode(head: bytes, parts: list[Any]) -> str:
    """Return a proof value."""
    import cbor2

    return "u" + base64url_text(head + cbor2.dumps(parts))


def _raw(value: str) -> bytes:
    if not value.startswith("u") or len(value) > _MAX:
        raise Broken("The proof value is not in base64url.", "证明值不是 base64url 编码。")
    return base64url(value[1:])


def base64url(text: str) -> bytes:
    """Return the bytes of base64url text without padding; raises Broken for another spelling."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if base64url_text(data) != text:
        raise Broken("The text is no proper base64url.", "文本不是规范的 base64url。")
    return data


def base64url_text(data: bytes) -> str:
    """Return bytes as base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
