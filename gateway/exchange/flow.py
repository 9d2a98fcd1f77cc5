"""The way of a document, told in one file.

    receive -> detect -> validate -> translate -> sign -> stamp -> log -> deliver -> acknowledge

and for what a partner delivers (verified in the request, before anything is stored):

    log -> hand over

A stage is a function over a batch. What it makes is committed, with one journal event per
document, before the next stage begins; a crash resumes behind the last commit. `record` is the
part of a stage that has to happen inside that commit. `needs` is what is read back for documents
that come to the stage from the store and not from the stage before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gateway.exchange.batch import Batch, Item, Stopped
from gateway.exchange.handling import (
    ASICE,
    JSON,
    arrived,
    committed,
    envelope,
    judged,
    opened,
    parcel,
    read,
    related,
)
from gateway.exchange.rooms import Rooms
from gateway.store.model import Role

if TYPE_CHECKING:
    from gateway.store.database import Transaction


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: `work` outside of any transaction, `record` inside the one that commits it."""

    name: str
    work: Callable[[Batch, Rooms], Batch]
    needs: tuple[Role, ...] = ()
    record: Callable[[Batch, Rooms, Transaction], Batch] | None = None
    drops: tuple[Role, ...] = ()


def receive(batch: Batch, rooms: Rooms) -> Batch:  # noqa: ARG001 - the shape of a stage
    """Take up each accepted document exactly as it was handed in."""
    return batch.each(lambda item: item.say(bytes=len(item[Role.SOURCE].data)))


def detect(batch: Batch, rooms: Rooms) -> Batch:
    """Find the format of each document whose sender did not name it."""

    def recognise(item: Item) -> Item:
        if not item.exchange.source_format:
            found = rooms.translator.detect(item[Role.SOURCE].data)
            item = item.learn(source_format=found)
        return item.say(format=item.exchange.source_format)

    return batch.each(recognise)


def validate(batch: Batch, rooms: Rooms) -> Batch:
    """Check structure, code lists and business rules; a fatal finding refuses the document."""

    def check(item: Item) -> Item | Stopped:
        reading = read(item, rooms)
        findings = rooms.translator.validate(reading)
        return judged(item, findings, Role.FINDINGS)

    return batch.each(check)


def translate(batch: Batch, rooms: Rooms) -> Batch:
    """Write each document in the receiver's format, with its loss report."""

    def render(item: Item) -> Item | Stopped:
        reading = read(item, rooms)
        rendered = rooms.translator.render(item.exchange, reading, related(item))
        item = item.make(Role.LOSS, JSON, rendered.loss)
        item = item.make(Role.RENDERED, rendered.media_type, rendered.data)
        item = item.say(format=item.exchange.target_format)
        return judged(item, rendered.findings, Role.TARGET_FINDINGS)

    return batch.each(render)


def sign(batch: Batch, rooms: Rooms) -> Batch:
    """Sign each translated document with the key of the tenant that sends it."""

    def seal(item: Item) -> Item:
        rendered = item[Role.RENDERED]
        signed = rooms.sealer.sign(item.exchange, rendered.data, rendered.media_type)
        return item.make(Role.SIGNED, signed.media_type, signed.data)

    return batch.each(seal)


def stamp(batch: Batch, rooms: Rooms) -> Batch:
    """Add a time-stamp to each signature."""

    def date(item: Item) -> Item:
        signed = item[Role.SIGNED]
        stamped = rooms.sealer.stamp(item.exchange, signed.data, signed.media_type)
        return item.make(Role.SEALED, signed.media_type, stamped)

    return batch.each(date)


def pack(batch: Batch, rooms: Rooms) -> Batch:
    """Commit to each document's fields and close the container that will travel."""

    def close(item: Item) -> Item:
        item = committed(item, rooms)
        document = item[Role.SEALED].data
        container = rooms.sealer.pack(item.exchange, envelope(item), document)
        return item.make(Role.CONTAINER, ASICE, container)

    return batch.each(close)


def log(batch: Batch, rooms: Rooms, tx: Transaction) -> Batch:
    """Append the digest of each sealed document, and the root of its commitments beside it."""
    entries: list[bytes] = []
    for item in batch.items:
        entries.append(item[Role.SEALED].digest)
        if item.commitment is not None:
            entries.append(item.commitment.root)
    places = rooms.logbook.append(tx, entries)
    indices = iter(places.indices)

    def placed(item: Item) -> Item:
        at = {"log": places.origin, "leaf": next(indices)}
        fields = {} if item.commitment is None else {"fields": next(indices)}
        return item.learn(**at).say(**at, digest=item[Role.SEALED].digest.hex(), **fields)

    return replace(batch, items=tuple([placed(item) for item in batch.items]))


def deliver(batch: Batch, rooms: Rooms) -> Batch:
    """Take each container to its receiver's gateway, many at a time, and bring the receipt back."""
    parcels = [parcel(item) for item in batch.items]
    outcomes = rooms.courier.deliver(parcels)
    came_back = dict(zip((item.exchange.id for item in batch.items), outcomes, strict=True))
    return batch.each(lambda item: arrived(item, came_back[item.exchange.id]))


def acknowledge(batch: Batch, rooms: Rooms) -> Batch:
    """Check that each receipt is the partner's and names the digest of what was sent."""

    def check(item: Item) -> Item:
        sent = item[Role.CONTAINER].digest
        facts = rooms.receipts.check(item.exchange, item[Role.RECEIPT].data, sent)
        return item.say(**facts)

    return batch.each(check)


def tell_done(batch: Batch, rooms: Rooms, tx: Transaction) -> Batch:
    """Tell whoever waits for these documents that they arrived."""
    rooms.hooks.on_done(tx, [item.exchange for item in batch.items])
    return batch


def keep(batch: Batch, rooms: Rooms) -> Batch:  # noqa: ARG001 - the shape of a stage
    """Take up each document that was verified when it was delivered."""
    return batch


def log_received(batch: Batch, rooms: Rooms, tx: Transaction) -> Batch:
    """Append the digest of each received document, the same that its sender logged."""
    places = rooms.logbook.append(tx, [item[Role.DOCUMENT].digest for item in batch.items])
    items = [
        item.learn(log=places.origin, leaf=leaf).say(
            log=places.origin, leaf=leaf, digest=item[Role.DOCUMENT].digest.hex()
        )
        for item, leaf in zip(batch.items, places.indices, strict=True)
    ]
    return replace(batch, items=tuple(items))


def hand_over(batch: Batch, rooms: Rooms, tx: Transaction) -> Batch:
    """Give each received document to the clearance it belongs to."""
    for item in batch.items:
        rooms.hooks.on_received(tx, item.exchange, opened(item))
    return batch


FLOW: Final[tuple[Stage, ...]] = (
    Stage("receive", receive, needs=(Role.SOURCE, Role.RELATED)),
    Stage("detect", detect, needs=(Role.SOURCE, Role.RELATED)),
    Stage("validate", validate, needs=(Role.SOURCE, Role.RELATED)),
    Stage("translate", translate, needs=(Role.SOURCE, Role.RELATED)),
    Stage("sign", sign, needs=(Role.RENDERED, Role.SOURCE)),
    Stage("stamp", stamp, needs=(Role.SIGNED, Role.SOURCE), drops=(Role.SIGNED,)),
    Stage("log", pack, needs=(Role.SEALED, Role.SOURCE), record=log),
    Stage("deliver", deliver, needs=(Role.CONTAINER,)),
    Stage("acknowledge", acknowledge, needs=(Role.CONTAINER, Role.RECEIPT), record=tell_done),
)

INBOUND: Final[tuple[Stage, ...]] = (
    Stage("log", keep, needs=(Role.DOCUMENT,), record=log_received),
    Stage("hand-over", keep, needs=(Role.DOCUMENT,), record=hand_over),
)
