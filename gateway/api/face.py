"""What the routes share: the gateway, the door, the gatherers and the metrics."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from gateway.api.door import Door
from gateway.api.gather import Gatherer
from gateway.api.limits import RateLimit
from gateway.api.metrics import Metrics
from gateway.api.ports import Gateway, Incoming
from gateway.exchange.submission import Accepted, Submission


@dataclass(frozen=True, slots=True)
class Face:
    """One gateway's API."""

    gateway: Gateway
    door: Door
    submissions: Gatherer[Submission, Accepted]
    deliveries: Gatherer[Incoming, bytes]
    metrics: Metrics

    @property
    def body_limit(self) -> int:
        """The longest body taken, in bytes."""
        return self.gateway.settings.limits.body_bytes

    def close(self) -> None:
        """Finish what is under way."""
        self.submissions.close()
        self.deliveries.close()


def build(gateway: Gateway) -> Face:
    """Return the face of a gateway."""
    limits = gateway.settings.limits
    return Face(
        gateway=gateway,
        door=Door(
            gateway.find_key,
            RateLimit(limits.requests_per_second, limits.burst),
            gateway.clock,
        ),
        submissions=Gatherer("submissions", gateway.exchanges.submit),
        deliveries=Gatherer("deliveries", gateway.partners.receive),
        metrics=Metrics(gateway.exchanges.counts),
    )


def url(request: Request, *parts: str) -> str:
    """Return a path of the API, below whatever prefix the application is mounted at."""
    return "/".join([request.scope.get("root_path", "").rstrip("/"), "v1", *parts])


def face_of(request: Request) -> Face:
    """Return the face of the application that answers a request."""
    face: Face = request.app.state.face
    return face
