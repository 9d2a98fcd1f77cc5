"""Taking parcels to partners, and cosignatures from them, over the transports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from certs import encryption
from certs.x509.certificate import Certificate
from gateway.exchange.problem import Problem
from gateway.exchange.rooms import Delivered, NotDelivered, Outcome, Parcel
from gateway.transport.courier import Courier, Delivery
from gateway.transport.errors import TransportError


class Deliveries:
    """The pipeline's courier over HTTPS."""

    def __init__(
        self, courier: Courier, sender: str, encrypted_to: Mapping[str, Certificate]
    ) -> None:
        """Deliver as gateway `sender`; containers for some partners are encrypted to them."""
        self._courier = courier
        self._sender = sender
        self._encrypted_to = encrypted_to

    def deliver(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Return one outcome per parcel, in order."""
        deliveries = [
            Delivery(
                message_id=parcel.message_id,
                sender=self._sender,
                recipient=parcel.exchange.receiver,
                container=self._wrapped(parcel),
            )
            for parcel in parcels
        ]
        return [_outcome(result) for result in self._courier.deliver_all(deliveries)]

    def _wrapped(self, parcel: Parcel) -> bytes:
        recipient = self._encrypted_to.get(parcel.exchange.receiver)
        if recipient is None:
            return parcel.container
        return encryption.encrypt(parcel.container, [recipient])


def _outcome(result: bytes | TransportError) -> Outcome:
    if isinstance(result, bytes):
        return Delivered(result)
    return NotDelivered(
        Problem.of(result),
        permanent=not result.retryable,
        retry_after=result.retry_after or None,
    )
