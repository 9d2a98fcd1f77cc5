"""JSON object signing (RFC 7515 to 7518): its serialisations, its keys, and who holds them."""

from __future__ import annotations

from certs.jose.serialization import (
    Json,
    Signature,
    decode,
    decode_plain,
    encode,
    parse,
    read,
)

__all__ = ["Json", "Signature", "decode", "decode_plain", "encode", "parse", "read"]
