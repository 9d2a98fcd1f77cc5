"""A receipt comes in: its status is kept, mirrored, and may open the other side."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from gateway.clearance import records, requests, twoside
from gateway.clearance.desk import MIRROR, RECEIPT, Desk
from gateway.clearance.errors import ReferenceUnknown
from gateway.clearance.machine import Observation
from gateway.clearance.observe import Receipt, as_dict, observation, receipt, status_id
from gateway.clearance.opening import documents_of
from gateway.clearance.records import Record, Role
from gateway.exchange.intake import accept_in
from gateway.exchange.submission import Accepted, Submission
from gateway.store import payloads
from gateway.store import references as register
from gateway.store.model import Payload
from gateway.store.model import Role as Kept

if TYPE_CHECKING:
    from gateway.store.database import Transaction

DECLARATION: Final = "import-declaration"
COMPANION: Final = "export-data"
_XML: Final = "application/xml"


def take_receipt(
    desk: Desk, authority: str, data: bytes, *, clearance_id: str = ""
) -> tuple[Record, Observation, bool]:
    """Take a receipt of an authority; return its clearance, what it says, and whether it is new.

    The receipt, its status, the mirror message and, at the release, the other side's declaration
    commit together. Raises NotAReceipt, ReferenceUnknown.
    """
    found = receipt(desk.documents.read(data), data)
    with desk.store.begin() as tx:
        place = clearance_id or _place(tx, authority, found)
        record = records.load(tx, place, for_update=True)
        side = record.role.side
        code_list = (
            record.corridor.export if record.role is Role.EXPORTER else record.corridor.import_
        ).receipts
        seen = observation(found, side, code_list, desk.now())
        record, seen = requests.answered(record, found.references.get("lrn", ""), seen)
        references = {f"{authority}:{kind}": value for kind, value in found.references.items()}
        register.refer(tx, record.id, references)
        record, fresh = records.observe(tx, record, [seen], now=desk.now())
        if fresh:
            kept = Payload(Kept.RECEIPT, _XML, data)
            payloads.write(tx, [(status_id(seen), kept)], now=desk.now())
            _mirror(tx, desk, record, fresh)
            record = _open_if_due(tx, desk, record)
        record = records.save(tx, record, now=desk.now())
        return record, seen, bool(fresh)


def hold_receipt(desk: Desk, authority: str, data: bytes) -> None:
    """Keep a receipt that came before the reference it names was known, to take it soon."""
    digest = receipt(desk.documents.read(data), data).digest
    body = {"authority": authority, "data": base64.b64encode(data).decode()}
    with desk.store.begin() as tx:
        desk.plan(tx, RECEIPT, "", body, key=digest)


def _place(tx: Transaction, authority: str, found: Receipt) -> str:
    for kind, value in found.references.items():
        place = register.find(tx, f"{authority}:{kind}", value)
        if place is not None:
            return place
    raise ReferenceUnknown(value=", ".join(found.references.values()) or "(none)")


def _mirror(tx: Transaction, desk: Desk, record: Record, fresh: Sequence[Observation]) -> None:
    for seen in fresh:
        message = {
            "clearance": record.id,
            "corridor": record.corridor.id,
            "document": record.body.get("document", ""),
            "statuses": [as_dict(seen)],
        }
        body = {"partner": record.partner, "message": message}
        desk.plan(tx, MIRROR, record.id, body, key=status_id(seen))


def _open_if_due(tx: Transaction, desk: Desk, record: Record) -> Record:
    """Hand the other side's declaration to the exchange, in the transaction of the release."""
    released = record.state.release(record.corridor.trigger)
    if record.role is not Role.EXPORTER or record.state.opened or released is None:
        return record
    if record.body.get("cancelled"):
        return record
    evidence = payloads.read(tx, status_id(released), Kept.RECEIPT).data
    submissions = _submissions(tx, desk, record, evidence)
    accepted = [_accepted(one) for one in accept_in(tx, submissions, desk.now())]
    companions = dict(zip(record.corridor.companions, accepted[1:], strict=True))
    record = record.with_body(opened=accepted[0], companions=companions)
    twoside.begin(tx, desk, record.id, key="1")
    return record


def _submissions(
    tx: Transaction, desk: Desk, record: Record, released_by: bytes
) -> list[Submission]:
    declaration, related = documents_of(tx, record)
    profile = record.corridor
    targets = [(DECLARATION, profile.import_.format), *((COMPANION, c) for c in profile.companions)]
    return [
        Submission(
            tenant=record.tenant,
            data=declaration,
            kind=kind,
            sender=desk.gateway,
            receiver=record.partner,
            target_format=target,
            source_format=profile.export.format,
            media_type=desk.documents.media_type(profile.export.format),
            profile=profile.id,
            clearance_id=record.id,
            correlation=profile.id,
            key=f"{record.id}:{target}",
            related=(*related, released_by),
        )
        for kind, target in targets
    ]


def _accepted(outcome: Accepted | Exception) -> str:
    if isinstance(outcome, Exception):
        raise outcome
    return outcome.id
