"""Receipts of authorities as observations, and the references by which they find a clearance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from gateway.clearance.errors import NotAReceipt
from gateway.clearance.machine import Observation, Side
from gateway.clearance.status import named
from schemas import codes
from schemas.clock import iso
from schemas.document import Document, Family

_CHINA: Final = timezone(timedelta(hours=8))
_KEYS: Final = ("side", "source", "code", "status", "at", "reference", "digest", "note")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says: a status, and the references it goes by.

    `references` are kinds (`lrn` the declarant's, `seq` the single window's, `number` the
    authority's) with their values.
    """

    document: Document
    digest: str
    references: Mapping[str, str]


def receipt(document: Document, data: bytes) -> Receipt:
    """Return what a receipt says; raises NotAReceipt for a document without status."""
    if document.family is not Family.RECEIPT or not document.value("Status.Code"):
        raise NotAReceipt(value=document.format)
    found = {
        "lrn": document.value("FunctionalReferenceID"),
        "seq": document.value("ext.cn.SeqNo"),
        "number": document.value("ID"),
    }
    references = {kind: value for kind, value in found.items() if value}
    return Receipt(document, hashlib.sha256(data).hexdigest(), references)


def observation(found: Receipt, side: Side, code_list: str, received_at: datetime) -> Observation:
    """Return the receipt as an observation of a side whose receipts use `code_list`.

    A code outside that list (the window's answer to an upload) counts under the format's name.
    A receipt without a time of its own has the time it was received.
    """
    document = found.document
    code = document.value("Status.SourceCode")
    listed = codes.table(code_list).has(code)
    stated = document.value("Status.DateTime")
    return Observation(
        side=side,
        source=code_list if listed else document.format,
        code=code,
        status=named(document.value("Status.Code")),
        at=_time(stated) if stated else _to_millisecond(received_at),
        reference=found.references.get("number", ""),
        digest=found.digest,
        note=document.value("Status.Text"),
    )


def status_id(seen: Observation) -> str:
    """Return the identity of an observation: the same receipt always has the same."""
    parts = (seen.side.value, seen.source, seen.code, seen.digest)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def as_dict(seen: Observation) -> dict[str, str]:
    """Return an observation as plain JSON values, the form it is kept and mirrored in."""
    return {
        "side": seen.side.value,
        "source": seen.source,
        "code": seen.code,
        "status": seen.status.name,
        "at": iso(seen.at),
        "reference": seen.reference,
        "digest": seen.digest,
        "note": seen.note,
    }


def from_dict(data: Mapping[str, object]) -> Observation:
    """Return the observation of plain JSON values; raises ValueError for what is none."""
    text = {key: str(data.get(key, "")) for key in _KEYS}
    at = datetime.fromisoformat(text["at"])
    if at.tzinfo is None:
        raise ValueError(text["at"])
    return Observation(
        side=Side(text["side"]),
        source=text["source"],
        code=text["code"],
        status=named(text["status"]),
        at=at.astimezone(UTC),
        reference=text["reference"],
        digest=text["digest"],
        note=text["note"],
    )


def _time(text: str) -> datetime:
    """Return an ISO time; one without zone is Chinese standard time, as the window writes it."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=_CHINA)


def _to_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
