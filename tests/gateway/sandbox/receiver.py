"""A gateway's receipt door, reduced to keeping what comes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic, sleep

from fastapi import FastAPI, Request, Response

from gateway.api.serve import Listen, serving


@dataclass
class Receiver:
    """What came, in order; the first `failures` requests are answered with 500."""

    url: str = ""
    failures: int = 0
    bodies: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def wait(self, count: int, seconds: float = 10.0) -> list[bytes]:
        """Wait until so many receipts have come and return them."""
        deadline = monotonic() + seconds
        while len(self.bodies) < count:
            assert monotonic() < deadline, f"{len(self.bodies)} of {count} receipts came"
            sleep(0.01)
        return list(self.bodies)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Take receipts on a loopback port."""
    found = Receiver()
    app = FastAPI()

    async def take(request: Request) -> Response:
        if found.failures:
            found.failures -= 1
            return Response(status_code=500)
        found.bodies.append(await request.body())
        found.keys.append(request.headers.get("authorization", ""))
        return Response(status_code=200)

    app.add_api_route("/receipts", take, methods=["POST"])
    with serving(app, Listen(port=0)) as url:
        found.url = f"{url}/receipts"
        yield found
