"""JWS with the signed and unsigned headers of JAdES (RFC 7515, TS 119 182-1)."""

from __future__ import annotations

from certs.jws.sign import add_timestamp, augment, renew, sign, sign_files, sign_json
from certs.jws.verify import is_jws, verify

__all__ = [
    "add_timestamp",
    "augment",
    "is_jws",
    "renew",
    "sign",
    "sign_files",
    "sign_json",
    "verify",
]
