"""Evidence packages: one ASiC-E file that shows an auditor the whole story, offline.

The gateway gives named files with their roles; an `index.json` says what each is, a `verify.sh`
checks the seal with stock tools, and all of it is sealed and time-stamped. The certs part of the
verification is here: who signed, when, unchanged, received. Proofs of the log and of the chain
are files like any other; who verifies them gets them from a verdict that passed, never before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files as resources
from types import MappingProxyType
from typing import Final

from certs import asic, receipts
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256
from certs.dispatch import verify_any
from certs.errors import ContainerRefused, ReceiptRefused
from certs.keys import SigningKey
from certs.levels import Level
from certs.receipts import Receipt
from certs.trust import TrustStore
from certs.validation.sources import Gatherer
from certs.verdict import (
    Indication,
    Refused,
    SubIndication,
    Verdict,
    refusal,
)
from schemas.clock import iso, utc_now
from schemas.jcs import canonical_json

INDEX: Final = "index.json"
SCRIPT: Final = "verify.sh"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_VERSION: Final = 1


class Role(StrEnum):
    """What a file of an evidence package is."""

    SOURCE = "source-document"
    SIGNED = "signed-document"
    DELIVERY = "delivery"
    RECEIPT = "receipt"
    VERDICT = "verdict"
    VALIDATION = "validation-data"
    DECLARATION = "declaration"
    STATUS = "status"
    CHANGE = "change"
    LOG_PROOF = "log-proof"
    CHECKPOINT = "checkpoint"
    ANCHOR = "anchor"
    DISCLOSURE = "disclosure"
    CERTIFICATE = "certificate"
    TIMELINE = "timeline"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a package; `about` is what the index tells of it beside role and digest."""

    name: str
    data: bytes
    role: Role
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A signed document in the package with the verdict on its own signature."""

    name: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A receipt in the package; `covers` are the files whose digest it names."""

    name: str
    verdict: Verdict
    receipt: Receipt | None
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceVerdict:
    """What a package proves; `items` are its files with their roles, none unless it passed."""

    seal: Verdict
    documents: tuple[SignedFile, ...] = ()
    receipts: tuple[ReceiptFile, ...] = ()
    items: tuple[Item, ...] = ()
    subject: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def worst(self) -> Verdict:
        """The verdict on the whole: that of its worst signature."""
        parts = [self.seal]
        parts.extend(each.verdict for each in self.documents)
        parts.extend(each.verdict for each in self.receipts)
        for indication in (Indication.TOTAL_FAILED, Indication.INDETERMINATE):
            for part in parts:
                if part.indication is indication:
                    return part
        return self.seal

    def files(self, role: Role) -> dict[str, bytes]:
        """Return the verified files of one role by name."""
        return {item.name: item.data for item in self.items if item.role is role}

    def as_dict(self) -> dict[str, object]:
        """Return the whole as plain JSON values, in the shape of `silkgate verify`."""
        whole = self.worst.as_dict()
        return {
            "indication": whole["indication"],
            "subindication": whole["subindication"],
            "reason": whole["reason"],
            "signatures": self.seal.as_dict()["signatures"],
            "subject": dict(self.subject),
            "documents": [{"file": each.name, **each.verdict.as_dict()} for each in self.documents],
            "receipts": [_receipt_dict(each) for each in self.receipts],
        }


def build(
    items: Sequence[Item],
    key: SigningKey,
    stamper: TimeStamper,
    *,
    subject: Mapping[str, str],
    created_at: datetime | None = None,
    gatherer: Gatherer | None = None,
) -> bytes:
    """Return the sealed package; `subject` says what it is about (exchange, tenant, parties).

    With a gatherer it is archived: it holds the validation data of its seal, and an archive
    time-stamp over every file. Raises ContainerRefused for no items, or a name other than letters,
    digits and `._-/`.
    """
    for item in items:
        if not _NAME.fullmatch(item.name) or item.name in {INDEX, SCRIPT}:
            raise ContainerRefused(reason=f"the name {item.name!r} is not allowed")
    moment = created_at or utc_now()
    index = {
        "version": _VERSION,
        "created_at": iso(moment),
        "subject": dict(subject),
        "files": [_entry(item) for item in items],
    }
    content = {INDEX: canonical_json(index), SCRIPT: _script()}
    content.update((item.name, item.data) for item in items)
    if len(content) != len(items) + 2:
        raise ContainerRefused(reason="two files have the same name")
    level = Level.LTA if gatherer else Level.T
    return asic.pack(content, key, stamper, gatherer=gatherer, level=level, signed_at=moment)


def verify_evidence(
    data: bytes, trust: TrustStore, *, at: datetime | None = None
) -> EvidenceVerdict:
    """Return what a package proves: its seal, the documents' signatures, the receipts.

    What is inside existed when the seal was time-stamped, and is judged as of then: it stays good
    when its certificates have ended since (proof of existence, EN 319 102-1, 5.6.2).
    """
    container = asic.verify(data, trust, at=at)
    if not container.passed:
        return EvidenceVerdict(seal=container.verdict)
    at = sealed_before(container.verdict, at or utc_now())
    try:
        subject, items = _read(container.files)
    except ContainerRefused as error:
        return EvidenceVerdict(seal=refusal(Refused(SubIndication.FORMAT_FAILURE, error.message)))
    return EvidenceVerdict(
        seal=container.verdict,
        documents=tuple(
            SignedFile(item.name, verify_any(item.data, trust, at=at))
            for item in items
            if item.role is Role.SIGNED
        ),
        receipts=tuple(
            _check_receipt(item, items, trust, at) for item in items if item.role is Role.RECEIPT
        ),
        items=items,
        subject=subject,
    )


def sealed_before(seal: Verdict, at: datetime) -> datetime:
    """Return the time by which a seal, and all it covers, is known to exist: `at` or earlier."""
    stamps = (
        stamp.time
        for report in seal.signatures
        for stamp in report.timestamps
        if stamp.proven and stamp.time
    )
    return min(stamps, default=at)


def is_evidence(files: Iterable[str]) -> bool:
    """Tell whether the files of a container are those of an evidence package."""
    names = set(files)
    return INDEX in names and SCRIPT in names


def _entry(item: Item) -> dict[str, object]:
    return {
        "name": item.name,
        "role": item.role.value,
        "sha256": SHA256.of(item.data).hex(),
        "about": dict(item.about),
    }


def _read(files: Mapping[str, bytes]) -> tuple[Mapping[str, str], tuple[Item, ...]]:
    """Return subject and items; the index must account for every file, and only for those."""
    try:
        index = json.loads(files[INDEX])
        items = tuple(
            Item(each["name"], files[each["name"]], Role(each["role"]), each["about"])
            for each in index["files"]
        )
        digests = [each["sha256"] for each in index["files"]]
        subject = MappingProxyType(
            {str(key): str(value) for key, value in index["subject"].items()}
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ContainerRefused(reason="index.json is not that of an evidence package") from error
    if {item.name for item in items} | {INDEX, SCRIPT} != set(files):
        raise ContainerRefused(reason="index.json does not account for every file")
    if digests != [SHA256.of(item.data).hex() for item in items]:
        raise ContainerRefused(reason="index.json names other digests")
    return subject, items


def _check_receipt(
    item: Item, items: Sequence[Item], trust: TrustStore, at: datetime | None
) -> ReceiptFile:
    try:
        verdict, receipt = receipts.check(item.data, trust, at=at)
    except ReceiptRefused as error:
        verdict, receipt = refusal(Refused(SubIndication.FORMAT_FAILURE, error.message)), None
    covers = tuple(
        each.name
        for each in items
        if receipt is not None and SHA256.of(each.data).hex() == receipt.sha256
    )
    return ReceiptFile(item.name, verdict, receipt, covers)


def _receipt_dict(each: ReceiptFile) -> dict[str, object]:
    receipt = each.receipt
    return {
        "file": each.name,
        **each.verdict.as_dict(),
        "message_id": receipt.message_id if receipt else None,
        "recipient": receipt.recipient if receipt else None,
        "received_at": iso(receipt.received_at) if receipt else None,
        "result": receipt.result.value if receipt else None,
        "covers": list(each.covers),
    }


@cache
def _script() -> bytes:
    return resources("certs").joinpath(SCRIPT).read_bytes()
