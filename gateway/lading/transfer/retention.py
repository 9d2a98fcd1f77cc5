"""Transfers to us that were begun and never finished: listed, and forgotten after a time.

Such a transfer gave no control to anybody, and a sender that comes back starts it anew: of a
reference that was forgotten it gets an unsigned 404, which in PINT decides nothing. What may have
been taken already is never forgotten: all documents there, and a control tracking registry that
may have been told before we stopped.

Where the bill names a title register the title came before the envelope, and we have it. It is
given back: the transfer is kept as `returned`, is never accepted from then on, and the sender
finds its title again and is told DISE.
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

    `kept`: it may have been taken, and is not forgotten. `titled`: its title is to be given back.
    """

    transfer: Transfer
    missing: tuple[str, ...]
    documents: int
    kept: bool
    titled: bool

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
            "titled": self.titled,
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
            if not each.kept and self._forgotten(each, before)
        ]

    def _found(self, tx: Transaction, before: datetime) -> Iterator[Unfinished]:
        for transfer in ladings.unfinished(tx, before):
            there = ladings.kept(tx, transfer.bill)
            listed = transfer.body["documents"]
            missing = tuple(each for each in listed if each not in there)
            registry = registry_of(transfer.body["envelope"])
            titled = registry in self._desk.books
            kept = not missing and bool(registry) and not titled
            yield Unfinished(transfer, missing, len(listed) - len(missing), kept, titled)

    def _forgotten(self, found: Unfinished, before: datetime) -> bool:
        """Forget a transfer unless it moved meanwhile, or have its title given back."""
        transfer = found.transfer
        with self._desk.store.begin() as tx:
            if found.titled:
                gone = ladings.give_back(tx, transfer.id, before)
            else:
                gone = ladings.forget(tx, transfer.id, before)
            if not gone:
                return False
            if found.titled:
                tasks.plan(self._desk, tx, tasks.GIVE_BACK, {"transfer": transfer.id})
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
        if other.state != ladings.RETURNED:
            yield from other.body.get("documents", ())
    bill = ladings.find(tx, checksum)
    picture = None if bill is None else bill.body.get("visualisation")
    if picture is not None:
        yield str(picture["documentChecksum"])
