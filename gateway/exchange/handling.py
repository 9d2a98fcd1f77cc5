"""The small acts the stages of the flow are made of."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Final

from gateway.exchange.batch import Item, Stop, Stopped
from gateway.exchange.errors import DocumentInvalid
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import (
    Delivered,
    Envelope,
    Opened,
    Outcome,
    Parcel,
    Reading,
    Rooms,
)
from gateway.store.model import Role
from schemas.finding import Finding, Flag

JSON: Final = "application/json"
ASICE: Final = "application/vnd.etsi.asic-e+zip"
JOSE: Final = "application/jose"


def envelope(item: Item) -> Envelope:
    """Return what the container says of the document it carries."""
    exchange, sealed = item.exchange, item[Role.SEALED]
    return Envelope(
        message_id=exchange.message_id,
        kind=exchange.kind,
        sender=exchange.sender,
        receiver=exchange.receiver,
        format=exchange.target_format,
        media_type=sealed.media_type,
        digest=sealed.digest,
        clearance_id=exchange.clearance_id,
        correlation=exchange.correlation,
    )


def read(item: Item, rooms: Rooms) -> Reading:
    """Read the source of an item unless it was read before in this batch."""
    if item.reading is not None:
        return item.reading
    item.reading = rooms.translator.read(item.exchange, item[Role.SOURCE].data)
    return item.reading


def judged(item: Item, findings: Sequence[Finding], role: Role) -> Item | Stopped:
    """Keep the findings under `role`; one that is fatal refuses the document."""
    fatal = [finding for finding in findings if finding.flag is Flag.FATAL]
    item = item.say(findings=len(findings), fatal=len(fatal))
    if findings:
        rows = [finding.as_dict() for finding in findings]
        item = item.make(role, JSON, json.dumps(rows, ensure_ascii=False).encode())
    if not fatal:
        return item
    first = fatal[0]
    problem = DocumentInvalid(
        where=first.path,
        count=len(fatal),
        rule=first.rule,
        found=first.found,
        expected=first.expected,
    )
    return Stopped(item, Stop.REFUSE, Problem.of(problem))


def related(item: Item) -> list[bytes]:
    """Return the documents that were handed in with the source."""
    joined = item.payloads.get(Role.RELATED)
    return [] if joined is None else [base64.b64decode(text) for text in json.loads(joined.data)]


def committed(item: Item, rooms: Rooms) -> Item:
    """Commit to the fields of the source with salts, where the corridor asks for it."""
    reading = read(item, rooms)
    commitment = rooms.logbook.commit(item.exchange, reading.document)
    if commitment is None:
        return item
    item.commitment = commitment
    return item.make(Role.COMMITMENTS, JSON, commitment.private)


def parcel(item: Item) -> Parcel:
    """Return what the courier takes along."""
    container = item[Role.CONTAINER]
    return Parcel(item.exchange, item.exchange.message_id, container.digest, container.data)


def arrived(item: Item, outcome: Outcome) -> Item | Stopped:
    """Keep the receipt of a delivery, or stop the document with what went wrong."""
    if isinstance(outcome, Delivered):
        return item.make(Role.RECEIPT, JOSE, outcome.receipt)
    stop = Stop.REFUSE if outcome.permanent else Stop.RETRY
    return Stopped(item, stop, outcome.problem, outcome.retry_after)


def opened(item: Item) -> Opened:
    """Return what was verified when a received document was stored."""
    exchange, document = item.exchange, item[Role.DOCUMENT]
    return Opened(
        tenant=exchange.tenant,
        envelope=Envelope(
            message_id=exchange.message_id,
            kind=exchange.kind,
            sender=exchange.sender,
            receiver=exchange.receiver,
            format=exchange.source_format,
            media_type=document.media_type,
            digest=document.digest,
            clearance_id=exchange.clearance_id,
            correlation=exchange.correlation,
        ),
        document=document.data,
    )
