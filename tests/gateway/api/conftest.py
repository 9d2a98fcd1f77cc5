"""A gateway, its application, and clients that talk to it in process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest

from gateway.api.app import create_app
from tests.gateway.api.world import World, build

Ask = Callable[..., httpx.Response]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own for each test."""
    made = build(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def ask(world: World) -> Ask:
    """Make one request of the application in process, with a key of all scopes unless told."""
    return asker(world)


def asker(world: World) -> Ask:
    """Return a function that makes one request of the gateway's application."""
    token = world.key()
    app = create_app(world)

    def ask(method: str, path: str, *, key: str | None = token, **more: object) -> httpx.Response:
        headers = dict(more.pop("headers", None) or {})  # type: ignore[call-overload]
        if key is not None:
            headers["authorization"] = f"Bearer {key}"

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
                return await client.request(method, path, headers=headers, **more)  # type: ignore[arg-type]

        return anyio.run(once)

    return ask
