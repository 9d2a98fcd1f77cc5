"""What a caller hands in, and what it gets back at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from schemas.jcs import canonical_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One document to send. Empty `source_format`: it is detected; empty `key`: its content.

    `key` is the caller's idempotency key, unique per tenant.
    """

    tenant: str
    data: bytes
    kind: str
    sender: str
    receiver: str
    target_format: str
    source_format: str = ""
    media_type: str = "application/octet-stream"
    profile: str = ""
    clearance_id: str = ""
    correlation: str = ""
    key: str = ""
    related: tuple[bytes, ...] = ()

    def fingerprint(self, source: bytes) -> bytes:
        """Return the SHA-256 over all that is submitted, the key excepted.

        `source` is the SHA-256 of `data`.
        """
        parts = {
            "tenant": self.tenant,
            "kind": self.kind,
            "sender": self.sender,
            "receiver": self.receiver,
            "target": self.target_format,
            "source": self.source_format,
            "profile": self.profile,
            "clearance": self.clearance_id,
            "correlation": self.correlation,
            "data": source.hex(),
            "related": [hashlib.sha256(item).hexdigest() for item in self.related],
        }
        return hashlib.sha256(canonical_json(parts)).digest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The exchange that carries a submission; `duplicate`: it was submitted before."""

    id: str
    duplicate: bool = False
