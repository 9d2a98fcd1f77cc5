"""Delivery to the partner gateway: one ASiC-E container per exchange, answered by a receipt.

Containers for the same partner travel together, up to sixteen in a request, each answered for
itself: on a busy corridor most of the cost of a small delivery is the request around it.
The message id stays the same over all attempts, so a delivery whose answer was lost is
recognised by the other side and answered with the receipt it already gave.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from gateway.transport import bundle
from gateway.transport.errors import AnswerNotUsable, TransportError, Unreachable
from gateway.transport.headers import (
    ASICE,
    BUNDLE,
    BUNDLES,
    DELIVERIES,
    DIGEST,
    JOSE,
    MESSAGE_ID,
    PROBLEM,
    RECIPIENT,
    SENDER,
    digest_of,
)
from gateway.transport.line import Answer, Line

_TOGETHER: Final = 16
_MOST_BYTES: Final = 4 * 1024 * 1024


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
        groups = _groups(deliveries)
        if len(groups) == 1:
            return self._attempt(groups[0], round_)
        outcomes = self._threads.map(lambda group: self._attempt(group, round_), groups)
        came_back = {
            id(delivery): outcome
            for group, found in zip(groups, outcomes, strict=True)
            for delivery, outcome in zip(group, found, strict=True)
        }
        return [came_back[id(delivery)] for delivery in deliveries]

    def _attempt(self, group: Sequence[Delivery], round_: _Round) -> list[bytes | TransportError]:
        recipient = group[0].recipient
        if time.monotonic() > round_.until or recipient in round_.silent:
            reason = "not attempted, others before it were not answered in time"
            silent = Unreachable(where=recipient, party=recipient, reason=reason)
            return [silent] * len(group)
        try:
            return [self.deliver(group[0])] if len(group) == 1 else self._bundle(group)
        except Unreachable as error:
            round_.silent.add(recipient)
            return [error] * len(group)
        except TransportError as error:
            return [error] * len(group)

    def _bundle(self, group: Sequence[Delivery]) -> list[bytes | TransportError]:
        """Deliver several containers in one request; each its receipt or its refusal."""
        line = self._lines[group[0].recipient]
        body = bundle.pack((each.message_id, each.container) for each in group)
        headers = {
            "Content-Type": BUNDLE,
            "Accept": BUNDLE,
            SENDER: group[0].sender,
            RECIPIENT: group[0].recipient,
        }
        answer = line.post(BUNDLES, body, headers)
        try:
            frames = bundle.unpack(answer.body) if answer.media_type == BUNDLE else []
        except bundle.BundleRefused:
            frames = []
        if len(frames) != len(group):
            raise AnswerNotUsable(
                where=line.address.url,
                party=group[0].recipient,
                reason="the bundle was not answered container by container",
            )
        return [_answered(line, status, said) for status, said in frames]


def _groups(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """Return the deliveries by recipient, in requests of bounded number and size."""
    groups: list[list[Delivery]] = []
    open_: dict[tuple[str, str], tuple[list[Delivery], int]] = {}
    for delivery in deliveries:
        place = (delivery.sender, delivery.recipient)
        group, size = open_.get(place, ([], _MOST_BYTES))
        if len(group) == _TOGETHER or size + len(delivery.container) > _MOST_BYTES:
            group, size = [], 0
            groups.append(group)
        group.append(delivery)
        open_[place] = (group, size + len(delivery.container))
    return groups


def _answered(line: Line, status: str, said: bytes) -> bytes | TransportError:
    if status == str(int(HTTPStatus.OK)):
        return said
    code = int(status) if status.isdecimal() else int(HTTPStatus.BAD_GATEWAY)
    return line.refusal(BUNDLES, Answer(code, PROBLEM, said))
