"""What the store keeps, as plain values: no database library is imported here.

`Exchange` is one row per document on its way; `Event` one line of its journal; `Payload` the
bytes it carried at one point, read back only if they still have their digest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way a document goes, seen from this gateway."""

    OUT = "out"
    IN = "in"


class State(StrEnum):
    """What an exchange waits for, or how it ended."""

    READY = "ready"
    CLAIMED = "claimed"
    RETRY = "retry"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"

    @property
    def settled(self) -> bool:
        """Tell whether nothing more will happen to the exchange by itself."""
        return self in (State.DONE, State.REFUSED, State.FAILED)


class Role(StrEnum):
    """What a payload is to its exchange."""

    SOURCE = "source"  # as submitted
    RELATED = "related"  # documents joined to the source: a JSON list of base64 texts
    FINDINGS = "findings"  # of the source, JSON list
    TARGET_FINDINGS = "target-findings"  # of the rendered document, JSON list
    RENDERED = "rendered"  # in the target format
    LOSS = "loss"  # JSON, the loss report
    SIGNED = "signed"  # the rendered document with its signature
    SEALED = "sealed"  # the signed document with its time-stamp: what the log commits to
    COMMITMENTS = "commitments"  # salts and values of the field commitments; never leaves
    CONTAINER = "container"  # the ASiC-E container that travels
    RECEIPT = "receipt"  # the partner's signed receipt, or the one we gave
    DOCUMENT = "document"  # inbound: the verified document
    VERDICT = "verdict"  # inbound, JSON: what was found when it came, and by which data


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One document on its way. `id` is a UUID version 7 in text: ids sort by time.

    `stage` is the stage whose turn it is (or where the exchange ended); `message_id` stays the
    same over all delivery attempts; `digest` is the SHA-256 of what was submitted or received;
    `log` and `leaf` the log (or its shard) and index of the sealed document, once it is there.
    """

    id: str
    tenant: str
    direction: Direction
    kind: str
    sender: str
    receiver: str
    message_id: str
    source_format: str = ""
    target_format: str = ""
    profile: str = ""
    clearance_id: str = ""
    correlation: str = ""
    stage: str = ""
    state: State = State.READY
    digest: bytes = b""
    log: str = ""
    leaf: int | None = None
    events: int = 0
    attempts: int = 0
    takeovers: int = 0
    due_at: datetime | None = None
    claim: str = ""
    owner: str = ""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the journal; `n` counts from 1 within its exchange."""

    exchange_id: str
    n: int
    stage: str
    at: datetime
    actor: str
    code: str
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes with what they are; `digest` is their SHA-256."""

    role: Role
    media_type: str
    data: bytes
    digest: bytes = field(default=b"")

    def __post_init__(self) -> None:
        """Compute the digest when it is not given."""
        if not self.digest:
            object.__setattr__(self, "digest", hashlib.sha256(self.data).digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One delivery attempt: what came of it (`delivered`, `retry`, `failed`) and why."""

    exchange_id: str
    n: int
    at: datetime
    outcome: str
    code: str = ""
    detail: Mapping[str, object] = field(default_factory=dict)
