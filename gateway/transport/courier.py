"""Delivery to the partner gateway: one ASiC-E container per exchange, answered by a receipt.

The message id stays the same over all attempts, so a delivery whose answer was lost is
recognised by the other side and answered with the receipt it already gave.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from gateway.transport.errors import AnswerNotUsable, TransportError, Unreachable
from gateway.transport.headers import (
    ASICE,
    DELIVERIES,
    DIGEST,
    JOSE,
    MESSAGE_ID,
    RECIPIENT,
    SENDER,
    digest_of,
)
from gateway.transport.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One container on its way from gateway `sender` to gateway `recipient`."""

    message_id: str
    sender: str
    recipient: str
    container: bytes


@dataclass(frozen=True, slots=True)
class _Round:
    """One batch under way: when to stop starting, and who was found not to answer."""

    until: float
    silent: set[str] = field(default_factory=set)


class Courier:
    """Delivers containers over the lines of the settings, several at a time."""

    def __init__(
        self, lines: Mapping[str, Line], *, threads: int = 4, patience: float = 15.0
    ) -> None:
        """Use `threads` connections at most, and start nothing after `patience` seconds."""
        self._lines = lines
        self._patience = patience
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="courier")

    def close(self) -> None:
        """Wait for the deliveries under way and stop; the lines stay open."""
        self._threads.shutdown()

    def deliver(self, delivery: Delivery) -> bytes:
        """Deliver one container and return the receipt (compact JWS), not yet verified.

        Raises a TransportError; `retryable` tells whether another attempt makes sense.
        """
        line = self._lines[delivery.recipient]
        answer = line.post(
            DELIVERIES,
            delivery.container,
            {
                "Content-Type": ASICE,
                "Accept": JOSE,
                MESSAGE_ID: delivery.message_id,
                SENDER: delivery.sender,
                RECIPIENT: delivery.recipient,
                DIGEST: digest_of(delivery.container),
            },
        )
        if answer.media_type != JOSE or not answer.body:
            raise AnswerNotUsable(
                where=line.address.url,
                party=delivery.recipient,
                reason=f"{answer.media_type or 'nothing'} instead of a receipt",
            )
        return answer.body

    def deliver_all(self, deliveries: Sequence[Delivery]) -> list[bytes | TransportError]:
        """Deliver a batch concurrently; each receipt, or what went wrong, in the order given.

        Ends within `patience` and one timeout of a line: what is not under way by then, or goes
        to a party found not to answer, comes back as Unreachable without an attempt.
        """
        round_ = _Round(time.monotonic() + self._patience)
        if len(deliveries) == 1:
            return [self._attempt(deliveries[0], round_)]
        return list(self._threads.map(lambda one: self._attempt(one, round_), deliveries))

    def _attempt(self, delivery: Delivery, round_: _Round) -> bytes | TransportError:
        if time.monotonic() > round_.until or delivery.recipient in round_.silent:
            return Unreachable(
                where=delivery.recipient,
                party=delivery.recipient,
                reason="not attempted, others before it were not answered in time",
            )
        try:
            return self.deliver(delivery)
        except Unreachable as error:
            round_.silent.add(delivery.recipient)
            return error
        except TransportError as error:
            return error
