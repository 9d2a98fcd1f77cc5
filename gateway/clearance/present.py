"""Clearances as people and programs see them: plain JSON values, texts in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.clearance.complete import Asked
from gateway.clearance.corridor import SideProfile
from gateway.clearance.machine import Observation, OneSide
from gateway.clearance.observe import as_dict
from gateway.clearance.records import Record
from gateway.clearance.status import Status
from schemas.clock import iso

Json = dict[str, object]


def clearance(record: Record) -> Json:
    """Return one clearance with every status of both sides."""
    profile, state, body = record.corridor, record.state, record.body
    return {
        "id": record.id,
        "corridor": {"id": profile.id, "edition": profile.edition, **profile.title.as_dict()},
        "tenant": record.tenant,
        "role": record.role.value,
        "partner": record.partner,
        "document": body.get("document", ""),
        "opened": state.opened,
        "export": _side(state.export, profile.export),
        "import": _side(state.import_, profile.import_),
        "form": bool(body.get("form")),
        "findings": body.get("findings", []),
        "changes": body.get("changes", []),
        "companions": body.get("companions", {}),
        "two_side": _two_side(body.get("two_side") or {}),
        "consent": {
            "purpose": profile.purpose.as_dict(),
            "legal_basis": profile.legal_basis.as_dict(),
            **body.get("consent", {}),
        },
        "problem": body.get("problem"),
        "created_at": iso(record.stored.created_at),
        "updated_at": iso(record.stored.updated_at),
        "ended": state.ended,
        "cleared": state.cleared,
    }


def row(record: Record) -> Json:
    """Return one row of the board: the clearance with the current status of both sides."""
    state = record.state
    return {
        "id": record.id,
        "corridor": record.corridor.id,
        "document": record.body.get("document", ""),
        "role": record.role.value,
        "partner": record.partner,
        "export": _current(state.export),
        "import": _current(state.import_),
        "opened": state.opened,
        "form": bool(record.body.get("form")),
        "problem": record.body.get("problem"),
        "created_at": iso(record.stored.created_at),
        "updated_at": iso(record.stored.updated_at),
        "ended": state.ended,
        "cleared": state.cleared,
    }


def form(record: Record, asked: Sequence[Asked]) -> Json:
    """Return what the importer must still add."""
    return {
        "clearance": record.id,
        "corridor": record.corridor.id,
        "fields": [field.as_dict() for field in asked],
    }


def meant(record: Record, seen: Observation, *, new: bool) -> Json:
    """Return what a receipt meant for its clearance."""
    side = record.state.side(seen.side)
    return {
        "clearance": record.id,
        "side": seen.side.value,
        "observed": _seen(seen),
        "new": new,
        "status": _current(side),
        "opened": record.state.opened,
    }


def status(found: Status) -> Json:
    """Return a canonical status with its names."""
    return {
        "name": found.name,
        **found.title.as_dict(),
        "rank": found.rank,
        "terminal": found.terminal,
    }


def _side(side: OneSide, profile: SideProfile) -> Json:
    return {
        "country": profile.country,
        "format": profile.format,
        "status": _current(side),
        "reference": side.reference,
        "timeline": [_seen(seen) for seen in side.timeline],
        "events": [_seen(seen) for seen in side.events],
        "notices": [_seen(seen) for seen in side.notices],
        "ended": side.ended,
    }


def _current(side: OneSide) -> Json | None:
    current = side.current
    if current is None:
        return None
    return {**status(current.status), "since": iso(current.at), "code": current.code}


def _seen(seen: Observation) -> Json:
    texts: Mapping[str, str] = seen.status.title.as_dict()
    return {**as_dict(seen), **texts}


def _two_side(known: Mapping[str, Any]) -> Json:
    """Return what may be shown of the two-side proof: the root and fields, never the salts."""
    return {
        "version": known.get("version", 1),
        "root": known.get("root", ""),
        "alike": known.get("alike"),
        "fields": known.get("fields", {}),
        "proof": known.get("proof", ""),
    }
