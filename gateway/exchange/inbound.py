"""Taking what partners deliver: verified first, then stored once, whatever how often it comes.

The receipt is signed before the commit and kept with the document, and given only after it. The
same message with the same container gets the same receipt, byte for byte; the same message with
another container is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.exchange.errors import EnvelopeMismatch, MessageReused
from gateway.exchange.flow import INBOUND
from gateway.exchange.group import together
from gateway.exchange.handling import ASICE, JOSE, JSON
from gateway.exchange.rooms import Gatekeeper, Opened
from gateway.store import exchanges, journal, payloads
from gateway.store.database import Store, Transaction
from gateway.store.ids import new_id
from gateway.store.model import Direction, Event, Exchange, Payload, Role
from schemas.clock import Clock, utc_now


@dataclass(frozen=True, slots=True)
class Delivery:
    """A container that was verified, with the receipt signed for it, not given yet."""

    opened: Opened
    container: Payload
    receipt: bytes

    @property
    def message_id(self) -> str:
        """The id its sender gave it."""
        return self.opened.envelope.message_id


@dataclass(frozen=True, slots=True)
class Taken:
    """What the partner gets: our signed receipt; `duplicate`: it had been taken before."""

    exchange_id: str
    receipt: bytes
    duplicate: bool = False


def verify(gatekeeper: Gatekeeper, container: bytes, *, message_id: str = "") -> Delivery:
    """Verify a container and sign its receipt; nothing is stored. Raises when not in order.

    `message_id` is what the request said, where it said it: the envelope must agree.
    """
    container = gatekeeper.unwrap(container)
    payload = Payload(Role.CONTAINER, ASICE, container)
    opened = gatekeeper.open(container)
    envelope = opened.envelope
    digest = hashlib.sha256(opened.document).digest()
    if envelope.digest != digest or (message_id and message_id != envelope.message_id):
        raise EnvelopeMismatch(where=message_id or envelope.message_id)
    return Delivery(opened, payload, gatekeeper.receipt(envelope, payload.digest))


def take_all(
    store: Store, deliveries: Sequence[Delivery], *, clock: Clock = utc_now
) -> Sequence[Taken | Exception]:
    """Store verified deliveries in one commit; each its receipt, or what refuses it, in order."""
    return together(store, lambda tx, given: take_in(tx, given, clock()), deliveries)


def take_in(
    tx: Transaction, deliveries: Sequence[Delivery], now: datetime
) -> list[Taken | Exception]:
    """Store verified deliveries in a transaction of the caller; one outcome each, in order."""
    known = _known(tx, deliveries)
    fresh: list[tuple[str, Delivery]] = []
    outcomes: list[Taken | Exception] = []
    for delivery in deliveries:
        before = known.get(delivery.message_id)
        if before is None:
            exchange_id = new_id()
            known[delivery.message_id] = (exchange_id, delivery.container.digest, delivery.receipt)
            fresh.append((exchange_id, delivery))
            outcomes.append(Taken(exchange_id, delivery.receipt))
        elif before[1] == delivery.container.digest:
            outcomes.append(Taken(before[0], before[2], duplicate=True))
        else:
            outcomes.append(MessageReused(where=delivery.message_id))
    if fresh:
        _write(tx, fresh, now)
    return outcomes


def _known(tx: Transaction, deliveries: Sequence[Delivery]) -> dict[str, tuple[str, bytes, bytes]]:
    wanted = {delivery.message_id for delivery in deliveries}
    before = exchanges.by_messages(tx, Direction.IN, wanted)
    if not before:
        return {}
    ids = [exchange.id for exchange in before.values()]
    receipts = payloads.read_many(tx, ids, [Role.RECEIPT])
    return {
        message_id: (exchange.id, exchange.digest, receipts[exchange.id][Role.RECEIPT].data)
        for message_id, exchange in before.items()
    }


def _write(tx: Transaction, fresh: Sequence[tuple[str, Delivery]], now: datetime) -> None:
    exchanges.insert(tx, [_exchange(exchange_id, one, now) for exchange_id, one in fresh])
    rows = [(exchange_id, payload) for exchange_id, one in fresh for payload in _payloads(one)]
    payloads.write(tx, rows, now=now)
    journal.write(tx, [_event(exchange_id, one, now) for exchange_id, one in fresh])


def _exchange(exchange_id: str, delivery: Delivery, now: datetime) -> Exchange:
    envelope = delivery.opened.envelope
    return Exchange(
        id=exchange_id,
        tenant=delivery.opened.tenant,
        direction=Direction.IN,
        kind=envelope.kind,
        sender=envelope.sender,
        receiver=envelope.receiver,
        message_id=envelope.message_id,
        source_format=envelope.format,
        clearance_id=envelope.clearance_id,
        correlation=envelope.correlation,
        stage=INBOUND[0].name,
        digest=delivery.container.digest,
        events=1,
        due_at=now,
        created_at=now,
        updated_at=now,
    )


def _payloads(delivery: Delivery) -> list[Payload]:
    opened = delivery.opened
    kept = [
        delivery.container,
        Payload(Role.DOCUMENT, opened.envelope.media_type, opened.document),
        Payload(Role.RECEIPT, JOSE, delivery.receipt),
    ]
    if opened.verdict:
        kept.append(Payload(Role.VERDICT, JSON, opened.verdict))
    return kept


def _event(exchange_id: str, delivery: Delivery, now: datetime) -> Event:
    return Event(
        exchange_id=exchange_id,
        n=1,
        stage="verify",
        at=now,
        actor=delivery.opened.envelope.sender,
        code="accepted",
        detail={"sha256": delivery.container.digest.hex()},
    )
