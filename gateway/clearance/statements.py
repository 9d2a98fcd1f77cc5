"""Signed statements about changes: who changed what and when, and who agreed or declined.

A statement is canonical JSON signed by the gateway that makes it. Both gateways keep the same
bytes and enter their SHA-256 in their logs, so neither can change its story later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from gateway.clearance import records
from gateway.clearance.desk import MIRROR, Desk
from gateway.clearance.errors import NotYours
from gateway.clearance.records import Record, Role
from gateway.store import payloads
from gateway.store.model import Payload
from gateway.store.model import Role as Kept
from schemas.clock import iso

if TYPE_CHECKING:
    from gateway.store.database import Transaction

PROPOSED: Final = "proposed"
CONFIRMED: Final = "confirmed"
APPLIED: Final = "applied"
SENT: Final = "sent"
DECLINED: Final = "declined"
AGREEMENT: Final = "agreement"
REFUSAL: Final = "refusal"
_MEDIA_TYPE: Final = "application/jose"


def place(clearance_id: str, by: str, number: object, *, answer: bool = False) -> str:
    """Return where the statement of a change is kept, or that of the answer to it."""
    return f"{clearance_id}/{by}-{number}" + ("/answer" if answer else "")


def make(tx: Transaction, desk: Desk, record: Record, said: Mapping[str, object]) -> str:
    """Sign, keep and log a change of ours, tell the partner, and return the digest (hex).

    Before the other side is opened there is nobody to tell: what crosses then is the new version.
    """
    number = said["number"]
    where = place(record.id, record.role.value, number)
    return _issue(tx, desk, record, said, where, key=f"change-{number}")


def agree(
    tx: Transaction, desk: Desk, record: Record, change: Mapping[str, Any], state: str
) -> dict[str, object]:
    """Agree to a change of the partner's, in a signed statement; return the change as agreed.

    `state` is `applied` (made before anything was declared) or `confirmed`.
    """
    number = change["their_number"]
    agreed = sum("answer" in one for one in record.body.get("changes", ()))
    said = {
        "kind": AGREEMENT,
        "state": state,
        "version": agreed + 2,
        "of": {"by": change["by"], "number": number, "sha256": change["sha256"]},
    }
    where = place(record.id, change["by"], number, answer=True)
    whole = {**said, "by": record.role.value, "at": iso(desk.now())}
    digest = _issue(tx, desk, record, whole, where, key=f"agreement-{number}")
    return {**change, "state": state, "answer": _answer(whole, digest)}


def agreed(
    tx: Transaction, desk: Desk, change: Mapping[str, Any], said: Mapping[str, Any], signed: bytes
) -> dict[str, object]:
    """Keep the partner's agreement to a change of ours; return the change as agreed."""
    where = place(said["clearance"], change["by"], change["number"], answer=True)
    digest = keep(tx, desk, where, signed)
    return {**change, "state": str(said["state"]), "answer": _answer(said, digest)}


def refuse(
    tx: Transaction, desk: Desk, record: Record, change: Mapping[str, Any], reason: str
) -> dict[str, object]:
    """Decline a change of the partner's, in a signed statement; return the change as declined."""
    number = change["their_number"]
    said = {
        "kind": REFUSAL,
        "reason": reason,
        "of": {"by": change["by"], "number": number, "sha256": change["sha256"]},
        "by": record.role.value,
        "at": iso(desk.now()),
    }
    where = place(record.id, change["by"], number, answer=True)
    digest = _issue(tx, desk, record, said, where, key=f"refusal-{number}")
    return {**change, "state": DECLINED, "declined": _refusal(said, digest)}


def refused(
    tx: Transaction, desk: Desk, change: Mapping[str, Any], said: Mapping[str, Any], signed: bytes
) -> dict[str, object]:
    """Keep the partner's refusal of a change of ours; return the change as declined."""
    where = place(said["clearance"], change["by"], change["number"], answer=True)
    digest = keep(tx, desk, where, signed)
    return {**change, "state": DECLINED, "declined": _refusal(said, digest)}


def held(tx: Transaction, tenant: str, clearance_id: str) -> list[tuple[str, bytes]]:
    """Return every signed statement of a clearance with what it is, each before its answer."""
    changes = records.load(tx, clearance_id, tenant=tenant).body.get("changes", ())
    labels = {
        place(clearance_id, one["by"], one["their_number"], answer=answer): label
        for one in changes
        for answer, label in (
            (False, f"{one['by']}-{one['kind']}"),
            (True, REFUSAL if "declined" in one else AGREEMENT),
        )
    }
    kept = payloads.read_many(tx, list(labels), [Kept.SIGNED])
    return [
        (label, kept[where][Kept.SIGNED].data)
        for where, label in labels.items()
        if Kept.SIGNED in kept[where]
    ]


def opened(desk: Desk, record: Record, sender: str, signed: bytes) -> Mapping[str, Any]:
    """Return what a partner's statement says; raises NotYours when it is not its to say."""
    said = desk.notary.open(sender, signed)
    theirs = Role.IMPORTER if record.role is Role.EXPORTER else Role.EXPORTER
    if (said["clearance"], said["by"]) != (record.id, theirs.value):
        raise NotYours(sender=sender, side=str(said["by"]), where=record.id)
    return said


def keep(tx: Transaction, desk: Desk, where: str, signed: bytes) -> str:
    """Keep a signed statement, enter its digest in the log, and return the digest (hex)."""
    payloads.write(tx, [(where, Payload(Kept.SIGNED, _MEDIA_TYPE, signed))], now=desk.now())
    digest = hashlib.sha256(signed).digest()
    if desk.common is not None:
        desk.common.append(tx, [digest])
    return digest.hex()


def reaches_partner(record: Record) -> bool:
    """Tell whether the partner knows this clearance; the exporter's does once it is opened."""
    return record.role is Role.IMPORTER or bool(record.state.opened)


def _issue(
    tx: Transaction,
    desk: Desk,
    record: Record,
    said: Mapping[str, object],
    where: str,
    *,
    key: str,
) -> str:
    signed = desk.notary.sign({**said, "clearance": record.id, "corridor": record.corridor.id})
    digest = keep(tx, desk, where, signed)
    if reaches_partner(record):
        told = {"clearance": record.id, "corridor": record.corridor.id, "change": signed.decode()}
        desk.plan(tx, MIRROR, record.id, {"partner": record.partner, "message": told}, key=key)
    return digest


def _refusal(said: Mapping[str, Any], digest: str) -> dict[str, object]:
    return {"by": said["by"], "at": said["at"], "reason": said["reason"], "sha256": digest}


def _answer(said: Mapping[str, Any], digest: str) -> dict[str, object]:
    return {"by": said["by"], "at": said["at"], "version": said["version"], "sha256": digest}
