"""What a caller hands in, and what it gets back at once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from schemas.errors import ExchangeError
from schemas.jcs import canonical_json
from schemas.text import Text


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

    def fingerprint(self) -> bytes:
        """Return the SHA-256 over all that is submitted (the key excepted)."""
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
            "data": hashlib.sha256(self.data).hexdigest(),
            "related": [hashlib.sha256(item).hexdigest() for item in self.related],
        }
        return hashlib.sha256(canonical_json(parts)).digest()


@dataclass(frozen=True, slots=True)
class Accepted:
    """The exchange that carries a submission; `duplicate`: it was submitted before."""

    id: str
    duplicate: bool = False


class KeyReused(ExchangeError):
    """An idempotency key came back with a different document."""

    code = "SG-5020"
    title = Text(
        "The idempotency key {key} belongs to a different submission, {exchange}.",
        "幂等键 {key} 已用于另一次提交 {exchange}。",
    )
    hint = Text(
        "Use a new key for a new document; repeat a submission unchanged.",
        "新文件请使用新的幂等键;重复提交时内容须保持不变。",
    )
    status = 409
