"""Bills of lading in the store: the bill, its chain, its transfers and the documents with it.

Changes of a bill name the version that was read: whoever comes second is told by a Collision.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, select, update

from gateway.store import outbox
from gateway.store.database import Transaction
from gateway.store.errors import Collision, NotFound
from gateway.store.tables.lading import BILL, DOCUMENT, ENTRY, TRANSFER
from gateway.store.upsert import insert_into

Json = Mapping[str, Any]

_B: Final = BILL.c
_E: Final = ENTRY.c
_T: Final = TRANSFER.c
_D: Final = DOCUMENT.c
_TOLD: Final = frozenset({"state", "tenant"})
RETURNED: Final = "returned"
"""The state of a transfer to us whose title was given back: it is never accepted."""

_UNFINISHED: Final = (_T.direction == "in", _T.state == "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """One bill of lading, by the checksum of its transport document."""

    checksum: str
    reference: str
    live: str | None
    tenant: str
    state: str
    version: int = 1
    body: Json
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a bill's transfer chain, `n` from 0."""

    bill: str
    n: int
    text: str
    checksum: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One envelope transfer, in or out; `content` is what it transfers, free of signatures."""

    id: str
    bill: str
    direction: str
    peer: str
    content: str
    state: str
    body: Json = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


def add(tx: Transaction, bill: Bill) -> None:
    """Write a new bill; raises Collision where the bill or its live reference is there."""
    tx.execute(BILL.insert(), {**_values(bill), "version": 1})
    outbox.put(tx, [_told(bill, 1, bill.created_at)])


def find(tx: Transaction, checksum: str) -> Bill | None:
    """Return the bill of a transport document, or None."""
    row = tx.execute(select(BILL).where(_B.checksum == checksum)).one_or_none()
    return None if row is None else Bill(**row._mapping)  # noqa: SLF001


def live(tx: Transaction, reference: str) -> Bill | None:
    """Return the bill that stands under a reference now, or None."""
    row = tx.execute(select(BILL).where(_B.live == reference)).one_or_none()
    return None if row is None else Bill(**row._mapping)  # noqa: SLF001


def of_reference(tx: Transaction, reference: str) -> list[Bill]:
    """Return every bill that ever stood under a reference, the latest first."""
    query = select(BILL).where(_B.reference == reference).order_by(_B.created_at.desc())
    return [Bill(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def listed(tx: Transaction, *, tenant: str | None, limit: int = 200) -> list[Bill]:
    """Return bills, those touched last first."""
    query = select(BILL).order_by(_B.updated_at.desc(), _B.checksum).limit(limit)
    if tenant is not None:
        query = query.where(_B.tenant == tenant)
    return [Bill(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def change(tx: Transaction, bill: Bill, *, now: datetime, **values: Any) -> None:  # noqa: ANN401
    """Write new values over the version that was read; raises Collision if it has moved on."""
    statement = (
        update(BILL)
        .where(_B.checksum == bill.checksum, _B.version == bill.version)
        .values(version=_B.version + 1, updated_at=now, **values)
    )
    if tx.execute(statement).rowcount != 1:
        raise Collision(where=bill.reference)
    now_is = replace(bill, **{name: values[name] for name in _TOLD & values.keys()})
    if now_is != bill:
        outbox.put(tx, [_told(now_is, now_is.version + 1, now)])


def entries(tx: Transaction, checksum: str) -> list[Entry]:
    """Return the transfer chain of a bill in order."""
    query = select(ENTRY).where(_E.bill == checksum).order_by(_E.n)
    return [Entry(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def extend(tx: Transaction, added: Sequence[Entry]) -> None:
    """Write new entries; raises Collision where one has that place already."""
    if added:
        tx.execute(ENTRY.insert(), [_values(each) for each in added])


def start(tx: Transaction, transfer: Transfer) -> Transfer:
    """Keep a transfer, or the new body of the one with the same content; return what is kept.

    One that was accepted stays as it is.
    """
    insert = insert_into(tx, TRANSFER)
    statement = insert.on_conflict_do_update(
        index_elements=["bill", "direction", "content"],
        set_={
            "body": insert.excluded.body,
            "state": insert.excluded.state,
            "updated_at": insert.excluded.updated_at,
        },
        where=TRANSFER.c.state.in_(("open", "rejected")),
    )
    tx.execute(statement, _values(transfer))
    found = transferred(tx, transfer.bill, transfer.direction, transfer.content)
    assert found is not None  # noqa: S101 - just written
    return found


def transfer(tx: Transaction, transfer_id: str, *, for_update: bool = False) -> Transfer:
    """Return a transfer, for nobody else to change before the end; raises NotFound."""
    query = select(TRANSFER).where(_T.id == transfer_id)
    row = tx.execute(query.with_for_update() if for_update else query).one_or_none()
    if row is None:
        raise NotFound(what="envelope", where=transfer_id)
    return Transfer(**row._mapping)  # noqa: SLF001


def transferred(tx: Transaction, bill: str, direction: str, content: str) -> Transfer | None:
    """Return the transfer of some content, or None."""
    query = select(TRANSFER).where(
        _T.bill == bill, _T.direction == direction, _T.content == content
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else Transfer(**row._mapping)  # noqa: SLF001


def transfers(tx: Transaction, *, bill: str | None = None, state: str = "") -> list[Transfer]:
    """Return transfers, oldest first."""
    query = select(TRANSFER).order_by(_T.created_at, _T.id)
    if bill is not None:
        query = query.where(_T.bill == bill)
    if state:
        query = query.where(_T.state == state)
    return [Transfer(**row._mapping) for row in tx.execute(query)]  # noqa: SLF001


def unfinished(tx: Transaction, before: datetime) -> list[Transfer]:
    """Return transfers to us that are open and had no sign of life since, oldest first."""
    query = select(TRANSFER).where(*_UNFINISHED, _T.updated_at < before)
    found = tx.execute(query.order_by(_T.updated_at, _T.id))
    return [Transfer(**row._mapping) for row in found]  # noqa: SLF001


def touch(tx: Transaction, transfer_id: str, now: datetime) -> bool:
    """Note a sign of life of an open transfer; False where it is not open any more."""
    statement = update(TRANSFER).where(_T.id == transfer_id, *_UNFINISHED)
    return tx.execute(statement.values(updated_at=now)).rowcount == 1


def forget(tx: Transaction, transfer_id: str, before: datetime) -> bool:
    """Take a transfer away if it is still unfinished and had no sign of life since."""
    statement = delete(TRANSFER).where(_T.id == transfer_id, *_UNFINISHED, _T.updated_at < before)
    return tx.execute(statement).rowcount == 1


def give_back(tx: Transaction, transfer_id: str, before: datetime) -> bool:
    """Mark a transfer as returned, for good, if it is unfinished and had no sign of life since."""
    statement = update(TRANSFER).where(_T.id == transfer_id, *_UNFINISHED, _T.updated_at < before)
    return tx.execute(statement.values(state=RETURNED)).rowcount == 1


def conclude(tx: Transaction, found: Transfer, state: str, body: Json, *, now: datetime) -> None:
    """Write the end of a transfer that is open, or a new body while it stays so."""
    statement = update(TRANSFER).where(_T.id == found.id, _T.state == found.state)
    changed = tx.execute(statement.values(state=state, body={**body}, updated_at=now))
    if changed.rowcount != 1:
        raise Collision(where=found.id)


def keep_document(tx: Transaction, bill: str, checksum: str, data: bytes) -> None:
    """Keep a document of a bill; the same one twice is kept once."""
    insert = insert_into(tx, DOCUMENT).on_conflict_do_nothing()
    tx.execute(insert, {"bill": bill, "checksum": checksum, "data": data})


def kept(tx: Transaction, bill: str) -> set[str]:
    """Return the checksums of the documents kept with a bill."""
    return set(tx.execute(select(_D.checksum).where(_D.bill == bill)).scalars())


def document(tx: Transaction, bill: str, checksum: str) -> bytes:
    """Return a document of a bill; raises NotFound."""
    query = select(_D.data).where(_D.bill == bill, _D.checksum == checksum)
    data = tx.execute(query).scalar()
    if data is None:
        raise NotFound(what="document", where=checksum)
    return bytes(data)


def drop_documents(tx: Transaction, bill: str, checksums: Collection[str]) -> None:
    """Take documents of a bill away."""
    tx.execute(delete(DOCUMENT).where(_D.bill == bill, _D.checksum.in_(list(checksums))))


def documents_size(tx: Transaction, bill: str) -> int:
    """Return how many bytes of documents are kept with a bill."""
    query = select(func.coalesce(func.sum(func.length(_D.data)), 0)).where(_D.bill == bill)
    return int(tx.execute(query).scalar_one())


def _told(bill: Bill, version: int, at: datetime) -> outbox.Happening:
    return outbox.Happening(
        tenant=bill.tenant,
        subject=f"lading/{bill.checksum}",
        n=version,
        event=outbox.LADING_STATE,
        at=at,
        data={"bill": bill.checksum, "reference": bill.reference, "state": bill.state},
    )


def _values(row: Bill | Entry | Transfer) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}
