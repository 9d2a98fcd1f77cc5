"""Signed delivery receipts: the recipient names the digest of what it received, and when.

A receipt is a JWS over canonical JSON (RFC 8785); its `typ` keeps it apart from any other JWS of
the same key.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from certs import jws
from certs.authority.tsa import TimeStamper
from certs.errors import ReceiptRefused
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Verdict
from schemas.clock import iso
from schemas.jcs import canonical_json

TYPE: Final = "silkgate-receipt+json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = frozenset({"message_id", "sha256", "recipient", "received_at", "result"})


class Result(StrEnum):
    """What the recipient did with the delivery."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a recipient acknowledges; `sha256` is the hex digest of the octets received."""

    message_id: str
    sha256: str
    recipient: str
    received_at: datetime
    result: Result = Result.ACCEPTED


def issue(receipt: Receipt, key: SigningKey, *, stamper: TimeStamper | None = None) -> bytes:
    """Return the signed receipt."""
    body = {
        "message_id": receipt.message_id,
        "sha256": receipt.sha256,
        "recipient": receipt.recipient,
        "received_at": iso(receipt.received_at),
        "result": receipt.result.value,
    }
    return jws.sign(
        canonical_json(body), key, stamper=stamper, signed_at=receipt.received_at, typ=TYPE
    )


def check(
    data: bytes, trust: TrustStore, *, at: datetime | None = None
) -> tuple[Verdict, Receipt | None]:
    """Return the verdict on a receipt, and its content when the verdict passed.

    Raises ReceiptRefused when it is properly signed and yet says nothing a receipt says.
    """
    verdict = jws.verify(data, trust, at=at, typ=TYPE)
    return verdict, _read(verdict.signed) if verdict.passed else None


def verify(
    data: bytes,
    trust: TrustStore,
    *,
    message_id: str,
    sha256: str,
    at: datetime | None = None,
) -> Receipt:
    """Return the receipt of this very delivery; raises ReceiptRefused for any other."""
    verdict, receipt = check(data, trust, at=at)
    if receipt is None:
        raise ReceiptRefused(reason=verdict.reason.en if verdict.reason else "not verified")
    if receipt.message_id != message_id:
        raise ReceiptRefused(reason=f"it is for message {receipt.message_id!r}")
    if receipt.sha256 != sha256:
        raise ReceiptRefused(reason="it names another digest than that of what was sent")
    return receipt


def _read(payload: bytes) -> Receipt:
    try:
        body = json.loads(payload)
        if set(body) != _FIELDS or not _SHA256.fullmatch(body["sha256"]):
            raise ReceiptRefused(reason="it does not have the fields of a receipt")
        return Receipt(
            message_id=str(body["message_id"]),
            sha256=body["sha256"],
            recipient=str(body["recipient"]),
            received_at=datetime.fromisoformat(body["received_at"]),
            result=Result(body["result"]),
        )
    except (ValueError, TypeError) as error:
        raise ReceiptRefused(reason="it does not have the fields of a receipt") from error
