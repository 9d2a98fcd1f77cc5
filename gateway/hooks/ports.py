"""What hooks need of the other rooms; `gateway.wiring` fills it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Teller(Protocol):
    """Signs and sends what is told, to addresses that the operator allows."""

    def allows(self, url: str) -> None:
        """Raise NotAllowed for an address that may not be told anything."""
        ...

    def tell(self, url: str, body: bytes) -> int:
        """Post a signed message and return the status; raises TransportError without an answer."""
        ...

    def keys(self) -> Mapping[str, object]:
        """Return the public keys (JWK Set) that receivers check signatures with."""
        ...
