"""Changes as the customs of this side gets them, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.clearance import records
from gateway.clearance.amend import Change, Kind, additional_message
from gateway.clearance.build import lrn
from gateway.clearance.desk import CHANGE, Desk
from gateway.clearance.errors import NotYet
from gateway.clearance.machine import Observation
from gateway.clearance.records import Record, Role
from gateway.clearance.status import named
from gateway.store import references as register
from schemas.clock import iso
from schemas.jcs import canonical_json

if TYPE_CHECKING:
    from gateway.store.database import Transaction

GRANTED: Final = "granted"
REFUSED: Final = "refused"
JSON: Final = "application/json"
_GRANTS: Final = frozenset({"AMENDED", "DELETED", "REQUEST_ANSWERED"})
_REJECTED: Final = "REJECTED"


def plan(tx: Transaction, desk: Desk, record: Record, number: int) -> None:
    """Plan to send a change to the customs of this side."""
    desk.plan(tx, CHANGE, record.id, {"number": number}, key=str(number))


def send(desk: Desk, clearance_id: str, number: int, message_id: str) -> bytes:
    """Send a change to the customs of this side and return its answer.

    Raises NotYet until customs has given the declaration its number; a declaration that ended
    without one needs no change any more.
    """
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id)
    side = record.state.side(record.role.side)
    if not side.reference:
        if side.ended:
            return b""
        raise NotYet(where=clearance_id)
    known = next(one for one in record.body["changes"] if one["number"] == number)
    exporting = record.role is Role.EXPORTER
    authority = str(record.body["authority"])
    if exporting:
        message, media_type = _to_window(known, side.reference), JSON
    else:
        message, media_type = _additional(desk, record, known, side.reference)
        with desk.store.begin() as tx:
            register.refer(tx, clearance_id, {f"{authority}:lrn": reference(clearance_id, number)})
    answer = desk.authority.send(authority, message, message_id=message_id, media_type=media_type)
    return answer.body


def reference(clearance_id: str, number: object) -> str:
    """Return the importing declarant's reference of a change: 22 characters at most."""
    return f"{lrn(clearance_id)}-{number}"


def answered(record: Record, to: str, seen: Observation) -> tuple[Record, Observation]:
    """Return record and status after customs answered the change whose reference is `to`.

    A refused change leaves the declaration as it is, whatever the code says of a declaration.
    """
    changes = list(record.body.get("changes", ()))
    for n, change in enumerate(changes):
        if to != reference(record.id, change["number"]):
            continue
        name = seen.status.name
        if name == _REJECTED:
            seen = replace(seen, status=named("REQUEST_ANSWERED"))
        if name == _REJECTED or name in _GRANTS:
            said = {"state": REFUSED if name == _REJECTED else GRANTED,
                    "code": seen.code, "at": iso(seen.at), "note": seen.note}  # fmt: skip
            changes[n] = {**change, "customs": said}
        return record.with_body(changes=changes), seen
    return record, seen


def _to_window(known: Mapping[str, Any], entry: str) -> bytes:
    """Return the window's request (修撤单) as JSON, for the connector that uploads it."""
    request = known["request"]
    return canonical_json({**request, "DecModHead": {**request["DecModHead"], "EntryId": entry}})


def _additional(
    desk: Desk, record: Record, known: Mapping[str, Any], number: str
) -> tuple[bytes, str]:
    profile = record.corridor
    message = additional_message(
        [Change.from_dict(change) for change in known["changes"]],
        profile,
        kind=Kind(known["kind"]),
        reference=reference(record.id, known["number"]),
        number=number,
        note=known["reason"],
    )
    data = desk.documents.render(message, profile.import_.format)
    return data, desk.documents.media_type(profile.import_.format)
