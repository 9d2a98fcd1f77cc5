"""Payloads: the bytes an exchange carried at each point, read back only with their digest.

Texts (XML, JSON) are kept deflated: a loss report shrinks to a tenth, and what is not written need
not be flushed. The digest is that of the bytes as they travelled.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select

from gateway.store.database import Transaction
from gateway.store.errors import NotFound, PayloadDamaged
from gateway.store.model import Payload, Role
from gateway.store.tables.exchange import PAYLOAD

_C: Final = PAYLOAD.c
_WRITE: Final = PAYLOAD.insert()
_TEXTS: Final = ("xml", "json")
_SHORT: Final = 512


def write(tx: Transaction, payloads: Iterable[tuple[str, Payload]], *, now: datetime) -> None:
    """Write payloads by exchange id; one role is written once."""
    rows = [
        {
            "exchange_id": exchange_id,
            "role": payload.role.value,
            "media_type": payload.media_type,
            "digest": payload.digest,
            **_stored(payload),
            "created_at": now,
        }
        for exchange_id, payload in payloads
    ]
    if rows:
        tx.execute(_WRITE, rows)


def read(tx: Transaction, exchange_id: str, role: Role) -> Payload:
    """Return one payload; raises NotFound or PayloadDamaged."""
    found = read_many(tx, [exchange_id], [role])
    try:
        return found[exchange_id][role]
    except KeyError:
        raise NotFound(what=f"{role.value} of exchange", where=exchange_id) from None


def read_many(
    tx: Transaction, exchange_ids: Collection[str], roles: Collection[Role]
) -> dict[str, dict[Role, Payload]]:
    """Return the payloads of these roles by exchange id and role; raises PayloadDamaged."""
    query = select(_C.exchange_id, _C.role, _C.media_type, _C.digest, _C.deflated, _C.data).where(
        _C.exchange_id.in_(list(exchange_ids)), _C.role.in_([role.value for role in roles])
    )
    found: dict[str, dict[Role, Payload]] = {exchange_id: {} for exchange_id in exchange_ids}
    for row in tx.execute(query):
        payload = _intact(row)
        found[row.exchange_id][payload.role] = payload
    return found


def kept(tx: Transaction, exchange_id: str) -> list[tuple[Role, str, bytes]]:
    """Return role, media type and digest of everything kept for an exchange."""
    query = select(_C.role, _C.media_type, _C.digest).where(_C.exchange_id == exchange_id)
    return [(Role(row.role), row.media_type, bytes(row.digest)) for row in tx.execute(query)]


def drop(tx: Transaction, exchange_ids: Collection[str], roles: Collection[Role]) -> None:
    """Delete payloads that later ones contain."""
    tx.execute(
        delete(PAYLOAD).where(
            _C.exchange_id.in_(list(exchange_ids)), _C.role.in_([role.value for role in roles])
        )
    )


def _stored(payload: Payload) -> dict[str, object]:
    """Return the columns of the bytes: a text is deflated, fast rather than small."""
    if payload.media_type.endswith(_TEXTS) and len(payload.data) > _SHORT:
        return {"deflated": True, "data": zlib.compress(payload.data, 1)}
    return {"deflated": False, "data": payload.data}


def _intact(row: Row[Any]) -> Payload:
    data, digest = bytes(row.data), bytes(row.digest)
    if row.deflated:
        try:
            data = zlib.decompress(data)
        except zlib.error:
            raise PayloadDamaged(where=row.exchange_id, role=row.role) from None
    if hashlib.sha256(data).digest() != digest:
        raise PayloadDamaged(where=row.exchange_id, role=row.role)
    return Payload(Role(row.role), row.media_type, data, digest)
