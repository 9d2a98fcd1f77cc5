"""The changes that a record keeps: which stand, and what is declared with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gateway.clearance import requests
from gateway.clearance.amend import Change, Kind, applied
from gateway.clearance.desk import Desk
from gateway.clearance.records import Record, Role
from gateway.clearance.statements import CONFIRMED, DECLINED, PROPOSED
from gateway.store import payloads
from gateway.store.errors import NotFound
from gateway.store.model import Role as Kept
from schemas.document import Document

if TYPE_CHECKING:
    from gateway.store.database import Transaction


def as_declared(tx: Transaction, desk: Desk, record: Record) -> Document:
    """Return the import declaration as it was sent, with the corrections since."""
    data = payloads.read(tx, record.id, Kept.RENDERED).data
    document = desk.documents.read(data)
    for one in kept_changes(record):
        mine = one["by"] == Role.IMPORTER.value
        refused = one.get("customs", {}).get("state") == requests.REFUSED
        if (mine or one["state"] == CONFIRMED) and not refused:
            document = applied(document, [Change.from_dict(change) for change in one["changes"]])
    return document


def is_declared(tx: Transaction, record: Record) -> bool:
    """Tell whether this side's import declaration was sent."""
    return bool(payloads.read_many(tx, [record.id], [Kept.RENDERED])[record.id])


def kept_changes(record: Record) -> list[dict[str, Any]]:
    """Return the changes of both sides, in the order of their numbers."""
    return [dict(change) for change in record.body.get("changes", ())]


def change_numbered(record: Record, number: int) -> dict[str, Any]:
    """Return the change of this number; raises NotFound."""
    for one in kept_changes(record):
        if one["number"] == number:
            return one
    raise NotFound(what="change of clearance", where=f"{record.id}/{number}")


def is_cancelled(record: Record) -> bool:
    """Tell whether a cancellation of this side stands: its own, or one it agreed to."""
    return any(
        one["kind"] == Kind.CANCELLATION.value
        and (one["by"] == record.role.value or one["state"] not in (PROPOSED, DECLINED))
        and one.get("customs", {}).get("state") != requests.REFUSED
        for one in kept_changes(record)
    )


def with_change(record: Record, change: Mapping[str, Any]) -> Record:
    """Return the record with a change in place of the one of its number."""
    changes = [change if one["number"] == change["number"] else one for one in kept_changes(record)]
    return record.with_body(changes=changes)
