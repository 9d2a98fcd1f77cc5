"""What the routes share: the gateway, the door, group commits and the metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request

from gateway.api.door import Door
from gateway.api.gather import Gatherer
from gateway.api.limits import RateLimit
from gateway.api.logports import Logged
from gateway.api.metrics import Metrics
from gateway.api.ports import Gateway
from gateway.api.tokens import Tokens, issuers_of
from gateway.exchange import inbound, intake
from gateway.exchange.inbound import Delivery, Taken
from gateway.exchange.submission import Accepted, Submission
from gateway.store import tenants
from gateway.store.database import Store
from gateway.store.tenants import StoredKey


@dataclass(frozen=True, slots=True)
class Face:
    """One gateway's API."""

    gateway: Gateway
    door: Door
    metrics: Metrics
    submissions: Gatherer[Submission, Accepted]
    deliveries: Gatherer[Delivery, Taken]
    entries: Gatherer[Sequence[bytes], Logged]

    def take(self, batch: Sequence[Delivery]) -> Sequence[Taken | Exception]:
        """Keep deliveries that came together, in one commit; called from a thread."""
        return _take(self.gateway, batch)

    @property
    def body_limit(self) -> int:
        """The longest body taken, in bytes."""
        return self.gateway.settings.limits.body_bytes

    def close(self) -> None:
        """Finish the commits under way."""
        self.submissions.close()
        self.deliveries.close()
        self.entries.close()


def build(gateway: Gateway) -> Face:
    """Return the face of a gateway."""
    limits = gateway.settings.limits
    rate = RateLimit(limits.requests_per_second, limits.burst)
    return Face(
        gateway=gateway,
        door=Door(partial(_find_key, gateway.store), rate, gateway.clock, _tokens(gateway)),
        metrics=Metrics(gateway.store),
        submissions=Gatherer("submissions", partial(_accept, gateway)),
        deliveries=Gatherer("deliveries", partial(_take, gateway)),
        entries=Gatherer("entries", gateway.log.append_all, most=256),
    )


def _tokens(gateway: Gateway) -> Tokens:
    """Return what checks the tokens of the issuers that the settings name."""
    active = partial(_is_active, gateway.store)
    return Tokens(issuers_of(gateway.settings), active, gateway.clock)


def _is_active(store: Store, tenant: str) -> bool:
    with store.read() as tx:
        return tenants.is_active(tx, tenant)


def _find_key(store: Store, key_id: str) -> StoredKey | None:
    with store.read() as tx:
        return tenants.find_key(tx, key_id)


def _accept(gateway: Gateway, batch: Sequence[Submission]) -> Sequence[Accepted | Exception]:
    outcomes = intake.accept_all(gateway.store, batch, clock=gateway.clock)
    gateway.wake()
    return outcomes


def _take(gateway: Gateway, batch: Sequence[Delivery]) -> Sequence[Taken | Exception]:
    outcomes = inbound.take_all(gateway.store, batch, clock=gateway.clock)
    gateway.wake()
    return outcomes


def face_of(request: Request) -> Face:
    """Return the face of the application that answers a request."""
    face: Face = request.app.state.face
    return face


def url(request: Request, *parts: str) -> str:
    """Return a path of the API, below whatever prefix the application is mounted at."""
    return "/".join([request.scope.get("root_path", "").rstrip("/"), "v1", *parts])
