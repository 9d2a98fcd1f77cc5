"""Amending and cancelling a clearance from either side.

What changes is told to the partner field by field, in a signed statement. Before the importer
has declared, a change is simply made; after that it is a proposal, because the other declarant is
another legal person: once confirmed it goes to the customs of that side; declined, it goes to
nobody, and its author is told why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.clearance import records, requests, statements, twoside
from gateway.clearance.amend import Change, Kind, applied, differences, window_request
from gateway.clearance.build import outbound
from gateway.clearance.changes import (
    as_declared,
    change_numbered,
    is_cancelled,
    is_declared,
    kept_changes,
    with_change,
)
from gateway.clearance.desk import Desk
from gateway.clearance.errors import AlreadyCancelled, NothingToAmend, UnknownTerm
from gateway.clearance.opening import documents_of, joined, version_key
from gateway.clearance.records import Record, Role
from gateway.clearance.statements import AGREEMENT, APPLIED, CONFIRMED, PROPOSED, REFUSAL, SENT
from gateway.store import payloads
from gateway.store.errors import NotFound
from gateway.store.model import Payload
from gateway.store.model import Role as Kept
from schemas import terms
from schemas.clock import iso
from schemas.document import Document, plain

if TYPE_CHECKING:
    from gateway.store.database import Transaction


def amend(desk: Desk, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Record:
    """Amend the declaration of this side to a new version; its customs and the partner are told.

    Raises NothingToAmend, or DocumentsDisagree when the new version contradicts the invoice.
    """
    new = desk.documents.read(declaration)
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id, tenant=tenant)
        if record.role is Role.IMPORTER:
            changes = differences(as_declared(tx, desk, record), new, reason)
        else:
            before, related = documents_of(tx, record)
    if record.role is Role.IMPORTER:
        return _correct_import(desk, tenant, clearance_id, changes, reason)
    old, others = desk.documents.read(before), [desk.documents.read(data) for data in related]
    joined(new, others)
    local = differences(old, new, reason)
    if not local:
        raise NothingToAmend(where=clearance_id)
    views = [_as_sent(desk, record, version, others) for version in (old, new)]
    crossing = differences(views[0], views[1], reason)
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        record = _new_version(tx, desk, record, declaration)
        return _record(tx, desk, record, crossing, kind=Kind.AMENDMENT, reason=reason, local=local)


def correct(
    desk: Desk, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
) -> Record:
    """Amend the declaration of this side by new values per term id; an empty one removes a field.

    Raises UnknownTerm, NothingToAmend, and NotFound where nothing is declared yet.
    """
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id, tenant=tenant)
        if record.role is Role.EXPORTER:
            document = desk.documents.read(documents_of(tx, record)[0])
        else:
            document = as_declared(tx, desk, record)
    changes = _changes_to(document, values, reason)
    if record.role is Role.IMPORTER:
        return _correct_import(desk, tenant, clearance_id, changes, reason)
    if not changes:
        raise NothingToAmend(where=clearance_id)
    version = desk.documents.render(applied(document, changes), record.corridor.export.format)
    return amend(desk, tenant, clearance_id, version, reason)


def cancel(desk: Desk, tenant: str, clearance_id: str, reason: str) -> Record:
    """Cancel the declaration of this side and tell the other; twice is once."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        if is_cancelled(record):
            return record
        undeclared = record.role is Role.IMPORTER and not is_declared(tx, record)
        if undeclared or not statements.reaches_partner(record):
            record = record.with_body(form=False, cancelled=True)
        return _record(
            tx, desk, record, [], kind=Kind.CANCELLATION, reason=reason, to_customs=not undeclared
        )


def confirm(desk: Desk, tenant: str, clearance_id: str, number: int) -> Record:
    """Confirm a change the partner proposed, and send it to this side's customs; twice is once."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        known = change_numbered(record, number)
        if known["state"] != PROPOSED:
            return record
        known = statements.agree(tx, desk, record, known, CONFIRMED)
        requests.plan(tx, desk, record, number)
        record = twoside.renewed(tx, desk, with_change(record, known))
        return records.save(tx, record, now=desk.now())


def decline(desk: Desk, tenant: str, clearance_id: str, number: int, reason: str) -> Record:
    """Decline a change the partner proposed and tell it why; one that was answered stays so."""
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        known = change_numbered(record, number)
        if known["state"] != PROPOSED:
            return record
        record = with_change(record, statements.refuse(tx, desk, record, known, reason))
        return records.save(tx, record, now=desk.now())


def told(tx: Transaction, desk: Desk, record: Record, sender: str, signed: bytes) -> Record:
    """Take a partner's statement: a change, or its answer to one; known ones change nothing."""
    said = statements.opened(desk, record, sender, signed)
    if said["kind"] in (AGREEMENT, REFUSAL):
        return _answered(tx, desk, record, said, signed)
    changes = kept_changes(record)
    if any((one["by"], one["their_number"]) == (said["by"], said["number"]) for one in changes):
        return record
    where = statements.place(record.id, said["by"], said["number"])
    kept: dict[str, Any] = {
        **{name: said[name] for name in ("kind", "by", "at", "reason", "changes")},
        "number": len(changes) + 1,
        "their_number": said["number"],
        "state": PROPOSED,
        "sha256": statements.keep(tx, desk, where, signed),
    }
    if record.role is Role.EXPORTER:
        made = [Change.from_dict(change) for change in said["changes"]]
        kept["request"] = _request(record, Kind(said["kind"]), made, said["reason"])
    elif not is_declared(tx, record):
        kept = statements.agree(tx, desk, record, kept, APPLIED)
        if said["kind"] == Kind.CANCELLATION.value:
            record = record.with_body(form=False, cancelled=True)
    return twoside.renewed(tx, desk, record.with_body(changes=[*changes, kept]))


def agreed(record: Record, arrived: Document) -> Document:
    """Return what arrived, with the changes made before it was declared."""
    for one in kept_changes(record):
        if one["state"] == APPLIED:
            arrived = applied(arrived, [Change.from_dict(change) for change in one["changes"]])
    return arrived


def _answered(
    tx: Transaction, desk: Desk, record: Record, said: Mapping[str, Any], signed: bytes
) -> Record:
    """Note the partner's answer to a change of ours, the very one it names by its digest."""
    of = said["of"]
    for one in kept_changes(record):
        if (one["by"], one["number"], one["sha256"]) == (of["by"], of["number"], of["sha256"]):
            if "answer" in one or "declined" in one:
                return record
            keep = statements.agreed if said["kind"] == AGREEMENT else statements.refused
            record = with_change(record, keep(tx, desk, one, said, signed))
            return twoside.renewed(tx, desk, record)
    raise NotFound(what="change of clearance", where=f"{record.id}/{of['number']}")


def _record(
    tx: Transaction,
    desk: Desk,
    record: Record,
    changes: Sequence[Change],
    *,
    kind: Kind,
    reason: str,
    local: Sequence[Change] = (),
    to_customs: bool = True,
) -> Record:
    """Note a change of ours, tell the partner what of it may cross, and this side's customs."""
    if is_cancelled(record):
        raise AlreadyCancelled(where=record.id)
    number = len(kept_changes(record)) + 1
    said = {
        "number": number,
        "kind": kind.value,
        "by": record.role.value,
        "at": iso(desk.now()),
        "reason": reason,
        "changes": [c.as_dict() for c in changes if record.corridor.crosses(c.term)],
    }
    digest = statements.make(tx, desk, record, said)
    state = SENT if statements.reaches_partner(record) else APPLIED
    kept: dict[str, object] = {**said, "their_number": number, "state": state, "sha256": digest}
    if record.role is Role.EXPORTER:
        kept["request"] = _request(record, kind, local, reason)
    else:
        kept["changes"] = [change.as_dict() for change in changes]
    if to_customs:
        requests.plan(tx, desk, record, number)
    return records.save(tx, record.with_body(changes=[*kept_changes(record), kept]), now=desk.now())


def _correct_import(
    desk: Desk, tenant: str, clearance_id: str, changes: Sequence[Change], reason: str
) -> Record:
    if not changes:
        raise NothingToAmend(where=clearance_id)
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        return _record(tx, desk, record, changes, kind=Kind.AMENDMENT, reason=reason)


def _changes_to(document: Document, values: Mapping[str, str], reason: str) -> list[Change]:
    found = document.index()
    changes = []
    for name, value in values.items():
        term = found.get(plain(name))
        if term is None and terms.name(name).en == name:
            raise UnknownTerm(where=name, value=name)
        old = "" if term is None else term.value
        if value != old:
            attrs = {} if term is None else term.attrs
            path = "" if term is None else term.path
            changes.append(
                Change(term=name, old=old, new=value, reason=reason, path=path, attrs=attrs)
            )
    return changes


def _new_version(tx: Transaction, desk: Desk, record: Record, declaration: bytes) -> Record:
    version = int(record.body.get("version", 1)) + 1
    media_type = desk.documents.media_type(record.corridor.export.format)
    kept = Payload(Kept.SOURCE, media_type, declaration)
    payloads.write(tx, [(version_key(record.id, version), kept)], now=desk.now())
    return record.with_body(version=version)


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
