"""Amending and cancelling a clearance from either side.

What changes is told to the partner field by field. Before the importer has declared, a change is
simply made; after that it is a proposal, because the importing declarant is another legal person:
once confirmed it goes to the importing customs as an additional message.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from gateway.clearance import records
from gateway.clearance.amend import (
    Change,
    Kind,
    additional_message,
    applied,
    differences,
    window_request,
)
from gateway.clearance.build import lrn, outbound
from gateway.clearance.desk import CHANGE, MIRROR, Desk
from gateway.clearance.errors import NothingToAmend, NotYet
from gateway.clearance.opening import documents_of, joined, version_key
from gateway.clearance.records import Record, Role
from gateway.store import payloads
from gateway.store.errors import NotFound
from gateway.store.model import Payload
from gateway.store.model import Role as Kept
from schemas.clock import iso
from schemas.document import Document

if TYPE_CHECKING:
    from gateway.store.database import Transaction

PROPOSED: Final = "proposed"
CONFIRMED: Final = "confirmed"
APPLIED: Final = "applied"
SENT: Final = "sent"


def amend(desk: Desk, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Record:
    """Amend the export declaration: what differs goes to the window's list and to the importer.

    Raises NothingToAmend, or DocumentsDisagree when the new version contradicts the invoice.
    """
    new = desk.documents.read(declaration)
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id, tenant=tenant)
        before, related = documents_of(tx, record)
    old, others = desk.documents.read(before), [desk.documents.read(data) for data in related]
    joined(new, others)
    local = differences(old, new, reason)
    if not local:
        raise NothingToAmend(where=clearance_id)
    views = [_as_sent(desk, record, version, others) for version in (old, new)]
    crossing = differences(views[0], views[1], reason)
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        version = int(record.body.get("version", 1)) + 1
        media_type = desk.documents.media_type(record.corridor.export.format)
        kept = Payload(Kept.SOURCE, media_type, declaration)
        payloads.write(tx, [(version_key(clearance_id, version), kept)], now=desk.now())
        record = record.with_body(version=version)
        return _record(tx, desk, record, crossing, kind=Kind.AMENDMENT, reason=reason, local=local)


def correct(
    desk: Desk, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
) -> Record:
    """Correct the import declaration: new values by term id; raises NothingToAmend, NotFound."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        found = _declared(tx, desk, record).index()
        changes = [
            Change(
                term=term,
                old=found[term].value if term in found else "",
                new=value,
                reason=reason,
                attrs=found[term].attrs if term in found else {},
            )
            for term, value in values.items()
            if value != (found[term].value if term in found else "")
        ]
        if not changes:
            raise NothingToAmend(where=clearance_id)
        record = _record(tx, desk, record, changes, kind=Kind.AMENDMENT, reason=reason)
        _to_authority(tx, desk, record, len(record.body["changes"]))
        return record


def cancel(desk: Desk, tenant: str, clearance_id: str, reason: str) -> Record:
    """Cancel the declaration of this side and tell the other."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        record = _record(tx, desk, record, [], kind=Kind.CANCELLATION, reason=reason)
        if record.role is Role.IMPORTER:
            _to_authority(tx, desk, record, len(record.body["changes"]))
        return record


def confirm(desk: Desk, tenant: str, clearance_id: str, number: int) -> Record:
    """Confirm the importer's side of a change the partner proposed; twice is once."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        changes = _changes(record)
        known = next((one for one in changes if one["number"] == number), None)
        if known is None:
            raise NotFound(what="change of clearance", where=f"{clearance_id}/{number}")
        if known["state"] != PROPOSED:
            return record
        known["state"] = CONFIRMED
        _to_authority(tx, desk, record, number)
        return records.save(tx, record.with_body(changes=changes), now=desk.now())


def told(tx: Transaction, record: Record, said: Mapping[str, Any]) -> Record:
    """Keep a change the partner tells of; known ones change nothing."""
    changes = _changes(record)
    if any((one["by"], one["their_number"]) == (said["by"], said["number"]) for one in changes):
        return record
    pending = record.role is Role.IMPORTER and not _is_declared(tx, record)
    number = len(changes) + 1
    kept = {**said, "number": number, "their_number": said["number"]}
    kept["state"] = APPLIED if pending else PROPOSED
    if record.role is Role.EXPORTER:
        made = [Change.from_dict(change) for change in said["changes"]]
        kept["request"] = _request(record, Kind(said["kind"]), made, said["reason"])
    record = record.with_body(changes=[*changes, kept])
    if pending and said["kind"] == Kind.CANCELLATION.value:
        record = record.with_body(form=False, cancelled=True)
    return record


def send(desk: Desk, clearance_id: str, number: int, message_id: str) -> bytes:
    """Send a change to the importing customs and return its answer.

    Raises NotYet until customs has given the declaration its number.
    """
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id)
    mrn = record.state.import_.reference
    if not mrn:
        raise NotYet(where=clearance_id)
    known = next(one for one in _changes(record) if one["number"] == number)
    profile = record.corridor
    message = additional_message(
        [Change.from_dict(change) for change in known["changes"]],
        profile,
        kind=Kind(known["kind"]),
        reference=f"{lrn(clearance_id)}-{number}",
        number=mrn,
        note=known["reason"],
    )
    return desk.authority.send(
        str(record.body["authority"]),
        desk.documents.render(message, profile.import_.format),
        message_id=message_id,
        media_type=desk.documents.media_type(profile.import_.format),
    ).body


def agreed(record: Record, arrived: Document) -> Document:
    """Return what arrived, with the changes made before it was declared."""
    for one in _changes(record):
        if one["state"] == APPLIED:
            changes = [Change.from_dict(change) for change in one["changes"]]
            arrived = applied(arrived, changes)
    return arrived


def _record(
    tx: Transaction,
    desk: Desk,
    record: Record,
    changes: Sequence[Change],
    *,
    kind: Kind,
    reason: str,
    local: Sequence[Change] = (),
) -> Record:
    """Note a change of ours and tell the partner what of it may cross."""
    number = len(_changes(record)) + 1
    said = {
        "number": number,
        "kind": kind.value,
        "by": record.role.value,
        "at": iso(desk.now()),
        "reason": reason,
        "changes": [c.as_dict() for c in changes if record.corridor.crosses(c.term)],
    }
    kept: dict[str, object] = {**said, "their_number": number, "state": SENT}
    if record.role is Role.EXPORTER:
        kept["request"] = _request(record, kind, local, reason)
    else:
        kept["changes"] = [change.as_dict() for change in changes]
    record = records.save(tx, record.with_body(changes=[*_changes(record), kept]), now=desk.now())
    if record.state.opened:
        message = {"clearance": record.id, "corridor": record.corridor.id, "change": said}
        body = {"partner": record.partner, "message": message}
        desk.plan(tx, MIRROR, record.id, body, key=f"change-{number}")
    return record


def _to_authority(tx: Transaction, desk: Desk, record: Record, number: int) -> None:
    if record.role is Role.IMPORTER:
        desk.plan(tx, CHANGE, record.id, {"number": number}, key=str(number))


def _request(
    record: Record, kind: Kind, changes: Sequence[Change], reason: str
) -> dict[str, object]:
    entry = record.state.export.reference
    return window_request(changes, kind=kind, entry=entry, note=reason)


def _as_sent(
    desk: Desk, record: Record, declaration: Document, related: Sequence[Document]
) -> Document:
    """Return a version of the declaration as the importer reads it."""
    profile = record.corridor
    leaving = outbound(declaration, related, profile)
    return desk.documents.read(desk.documents.render(leaving.document, profile.import_.format))


def _declared(tx: Transaction, desk: Desk, record: Record) -> Document:
    """Return the import declaration as it was sent, with the corrections since."""
    data = payloads.read(tx, record.id, Kept.RENDERED).data
    document = desk.documents.read(data)
    for one in _changes(record):
        if one["by"] == Role.IMPORTER.value or one["state"] == CONFIRMED:
            changes = [Change.from_dict(change) for change in one["changes"]]
            document = applied(document, changes)
    return document


def _is_declared(tx: Transaction, record: Record) -> bool:
    return bool(payloads.read_many(tx, [record.id], [Kept.RENDERED])[record.id])


def _changes(record: Record) -> list[dict[str, Any]]:
    return [dict(change) for change in record.body.get("changes", ())]
