"""The names on the wire between two gateways, shared by both ends."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

MESSAGE_ID: Final = "Silkgate-Message-Id"
SENDER: Final = "Silkgate-Sender"
RECIPIENT: Final = "Silkgate-Recipient"
DIGEST: Final = "Digest"

ASICE: Final = "application/vnd.etsi.asic-e+zip"
BUNDLE: Final = "application/vnd.silkgate.deliveries"
JOSE: Final = "application/jose"
PROBLEM: Final = "application/problem+json"
PLAIN: Final = "text/plain; charset=utf-8"

DELIVERIES: Final = "/v1/deliveries"
BUNDLES: Final = "/v1/deliveries/bundle"
STATUSES: Final = "/v1/statuses"
ADD_CHECKPOINT: Final = "/v1/witness/add-checkpoint"


def digest_of(body: bytes) -> str:
    """Return the `Digest` header of `body` (RFC 3230, SHA-256 of RFC 5843)."""
    return "sha-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
