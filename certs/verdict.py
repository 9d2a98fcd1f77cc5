"""Verdicts on signatures, after EN 319 102-1: never a bool.

A verdict is TOTAL-PASSED, TOTAL-FAILED or INDETERMINATE, with a sub-indication that says why,
one report per signature, and, only when it passed, the very bytes that were signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from certs.x509.certificate import Certificate
from schemas.clock import iso
from schemas.text import Text


class Indication(StrEnum):
    """The status of a validation (EN 319 102-1, table 5)."""

    TOTAL_PASSED = "TOTAL-PASSED"
    TOTAL_FAILED = "TOTAL-FAILED"
    INDETERMINATE = "INDETERMINATE"


class BlockIndication(StrEnum):
    """The status of a building block, such as one time-stamp (EN 319 102-1, 5.1.3)."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Why a validation did not pass (EN 319 102-1, table 6); the first six mean failed."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND_NO_POE = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"


_FAILED: Final = frozenset(list(SubIndication)[:6])
# The kind of time-stamps on what was to be signed.
CONTENT: Final = "content"
_RANK: Final = {
    Indication.TOTAL_FAILED: 0,
    Indication.INDETERMINATE: 1,
    Indication.TOTAL_PASSED: 2,
}


class Refused(Exception):
    """A check of a validation did not pass; carries why, for the report."""

    def __init__(self, sub: SubIndication, reason: Text) -> None:
        """Remember the sub-indication and the reason in words."""
        self.sub = sub
        self.reason = reason
        super().__init__(f"{sub}: {reason.en}")

    @property
    def indication(self) -> Indication:
        """The indication this sub-indication belongs to."""
        return Indication.TOTAL_FAILED if self.sub in _FAILED else Indication.INDETERMINATE


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampReport:
    """What one time-stamp proves: at `time` the stamped octets existed, says `authority`.

    `path` leads from the authority to an anchor.
    """

    type: str
    indication: BlockIndication
    subindication: SubIndication | None = None
    time: datetime | None = None
    authority: str = ""
    reason: Text | None = None
    path: tuple[Certificate, ...] = ()

    @property
    def proven(self) -> datetime | None:
        """When it shows the signature to have existed; None when it is not good, or does not.

        A time-stamp on what was to be signed is older than the signature.
        """
        good = self.indication is BlockIndication.PASSED and self.type != CONTENT
        return self.time if good else None

    def as_dict(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        return {
            "type": self.type,
            "indication": self.indication.value,
            "subindication": self.subindication and self.subindication.value,
            "time": iso(self.time) if self.time else None,
            "authority": self.authority,
            "reason": self.reason and self.reason.as_dict(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureReport:
    """What one signature proves: who signed what, and when.

    `time` is the best proven time: that of the earliest good time-stamp, else the time the
    signer claims. `signed_refs` are the references to what is signed; '' is the whole document.
    `algorithm` is family and digest of the signature, `path` leads from the signer to an anchor;
    with `cleared` none of it was revoked, as somebody said for the proven time.
    """

    format: str
    level: str
    indication: Indication
    subindication: SubIndication | None = None
    signer: str = ""
    certificate: str = ""
    time: datetime | None = None
    claimed_time: datetime | None = None
    signed_refs: tuple[str, ...] = ()
    timestamps: tuple[TimestampReport, ...] = ()
    reason: Text | None = None
    algorithm: str = ""
    path: tuple[Certificate, ...] = ()
    cleared: bool = False

    def as_dict(self) -> dict[str, object]:
        """Return the report in the shape of `silkgate verify`."""
        return {
            "format": self.format,
            "level": self.level,
            "indication": self.indication.value,
            "subindication": self.subindication and self.subindication.value,
            "signer": self.signer,
            "certificate": self.certificate,
            "time": iso(self.time) if self.time else None,
            "algorithm": self.algorithm,
            "claimed_time": iso(self.claimed_time) if self.claimed_time else None,
            "signed_refs": list(self.signed_refs),
            "timestamps": [stamp.as_dict() for stamp in self.timestamps],
            "reason": self.reason and self.reason.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class SignedObject:
    """The octets that one reference of a signature covers, after its transforms."""

    ref: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of a validation; `objects` is empty unless it passed."""

    indication: Indication
    subindication: SubIndication | None = None
    signatures: tuple[SignatureReport, ...] = ()
    objects: tuple[SignedObject, ...] = ()
    reason: Text | None = None

    @property
    def passed(self) -> bool:
        """Whether every signature passed."""
        return self.indication is Indication.TOTAL_PASSED

    @property
    def signed(self) -> bytes:
        """The verified document: the only bytes to be parsed further; empty when not passed."""
        return self.objects[0].data if len(self.objects) == 1 else b""

    def as_dict(self) -> dict[str, object]:
        """Return indication, sub-indication, reason and signatures as plain JSON values."""
        return {
            "indication": self.indication.value,
            "subindication": self.subindication and self.subindication.value,
            "reason": self.reason and self.reason.as_dict(),
            "signatures": [report.as_dict() for report in self.signatures],
        }


def refusal(refused: Refused) -> Verdict:
    """Return the verdict on something in which no signature could be judged."""
    return Verdict(indication=refused.indication, subindication=refused.sub, reason=refused.reason)


def combine(reports: Sequence[SignatureReport], objects: Iterable[SignedObject]) -> Verdict:
    """Return the verdict on a document with these signatures: that of the worst one."""
    worst = min(reports, key=lambda report: _RANK[report.indication])
    passed = worst.indication is Indication.TOTAL_PASSED
    return Verdict(
        indication=worst.indication,
        subindication=worst.subindication,
        signatures=tuple(reports),
        objects=_distinct(objects) if passed else (),
        reason=worst.reason,
    )


def _distinct(objects: Iterable[SignedObject]) -> tuple[SignedObject, ...]:
    return tuple(dict.fromkeys(objects))
