"""Transfers to us that were begun and never finished: listed, and forgotten after a time.

Such a transfer gave no control to anybody, and a sender that comes back starts it anew: of a
reference that was forgotten it gets an unsigned 404, which in PINT decides nothing. What may have
been taken already is never forgotten: all documents there, and a registry of control that may
have been told before we stopped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.lading import tasks
from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.lading.envelope import registry_of
from gateway.store import lading_errands, ladings
from gateway.store.database import Transaction
from gateway.store.lading_errands import Errand
from gateway.store.ladings import Transfer
from schemas.clock import iso

_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A transfer that lies: whose, since when nothing came, what is missing, what it holds.

    `kept`: it may have been taken, and is not forgotten.
    """

    transfer: Transfer
    missing: tuple[str, ...]
    documents: int
    kept: bool

    def as_dict(self) -> Json:
        """Return plain JSON values."""
        document = self.transfer.body["envelope"]["transportDocument"]
        return {
            "id": self.transfer.id,
            "reference": document["transportDocumentReference"],
            "platform": self.transfer.peer,
            "since": iso(self.transfer.updated_at),
            "missing": list(self.missing),
            "documents": self.documents,
            "kept": self.kept,
        }


class Retention:
    """Keeps unfinished transfers of one desk for so long; for ever with no time at all."""

    def __init__(self, desk: Desk, time: timedelta) -> None:
        """Keep them for `time` after their last sign of life."""
        self._desk = desk
        self._time = time

    def schedule(self) -> None:
        """Plan the next look, at once if none is planned; nothing when all is kept for ever."""
        if self._time:
            with self._desk.store.begin() as tx:
                self._plan(tx, self._desk.clock())

    def tidy(self) -> None:
        """Forget what is due, and plan to look again in a day."""
        self.purge(self._time)
        with self._desk.store.begin() as tx:
            self._plan(tx, self._desk.clock() + _EVERY)

    def unfinished(self, older: timedelta) -> list[Unfinished]:
        """Return the transfers of which nothing came for so long, oldest first."""
        with self._desk.store.read() as tx:
            return list(self._found(tx, self._desk.clock() - older))

    def purge(self, older: timedelta) -> list[Unfinished]:
        """Forget those that may be, with the documents that nothing else needs; return them."""
        before = self._desk.clock() - older
        return [
            each
            for each in self.unfinished(older)
            if not each.kept and self._forgotten(each.transfer, before)
        ]

    def _found(self, tx: Transaction, before: datetime) -> Iterator[Unfinished]:
        for transfer in ladings.unfinished(tx, before):
            there = ladings.kept(tx, transfer.bill)
            listed = transfer.body["documents"]
            missing = tuple(each for each in listed if each not in there)
            kept = not missing and bool(registry_of(transfer.body["envelope"]))
            yield Unfinished(transfer, missing, len(listed) - len(missing), kept)

    def _forgotten(self, transfer: Transfer, before: datetime) -> bool:
        """Forget a transfer unless it moved meanwhile."""
        with self._desk.store.begin() as tx:
            if not ladings.forget(tx, transfer.id, before):
                return False
            needed = set(_needed(tx, transfer.bill))
            unneeded = transfer.body["documents"].keys() - needed
            ladings.drop_documents(tx, transfer.bill, unneeded)
        return True

    def _plan(self, tx: Transaction, due: datetime) -> None:
        """Plan a look; there is one errand a day, however many processes plan it."""
        name = f"{tasks.TIDY}-{due.date().isoformat()}"
        lading_errands.add(tx, Errand(id=name, kind=tasks.TIDY, body={}, due_at=due))


def _needed(tx: Transaction, checksum: str) -> Iterator[str]:
    """Yield the documents of a bill that other transfers list, and the carrier's picture of it."""
    for other in ladings.transfers(tx, bill=checksum):
        yield from other.body.get("documents", ())
    bill = ladings.find(tx, checksum)
    picture = None if bill is None else bill.body.get("visualisation")
    if picture is not None:
        yield str(picture["documentChecksum"])
