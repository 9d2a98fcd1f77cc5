"""What the routes share: the gateway, the door and the metrics."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from gateway.api.door import Door
from gateway.api.limits import RateLimit
from gateway.api.metrics import Metrics
from gateway.api.ports import Gateway


@dataclass(frozen=True, slots=True)
class Face:
    """One gateway's API."""

    gateway: Gateway
    door: Door
    metrics: Metrics

    @property
    def body_limit(self) -> int:
        """The longest body taken, in bytes."""
        return self.gateway.settings.limits.body_bytes


def build(gateway: Gateway) -> Face:
    """Return the face of a gateway."""
    limits = gateway.settings.limits
    rate = RateLimit(limits.requests_per_second, limits.burst)
    return Face(
        gateway=gateway,
        door=Door(gateway.find_key, rate, gateway.clock),
        metrics=Metrics(gateway.store),
    )


def face_of(request: Request) -> Face:
    """Return the face of the application that answers a request."""
    face: Face = request.app.state.face
    return face


def url(request: Request, *parts: str) -> str:
    """Return a path of the API, below whatever prefix the application is mounted at."""
    return "/".join([request.scope.get("root_path", "").rstrip("/"), "v1", *parts])
