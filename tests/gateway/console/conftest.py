"""A gateway with its console, and a browser's client that is signed in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from gateway import console
from gateway.api.app import create_app
from tests.gateway.api.world import Clearances, World, build


class Shown(Clearances):
    """Clearances whose page has the sides in full."""

    def show(self, tenant: str, clearance_id: str) -> Any:
        """Return a clearance as `gateway.clearance.present.clearance` does."""
        found: Any = super().show(tenant, clearance_id)
        corridor = {"id": found["corridor"], "en": "China to Singapore", "zh": "中国至新加坡"}
        return {**found, **found["sides"], "form": bool(found["form"]), "corridor": corridor}

    def form(self, tenant: str, clearance_id: str) -> Any:
        """Return the form itself."""
        found: Any = super().show(tenant, clearance_id)
        return found["form"]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway of its own for each test."""
    made = build(tmp_path)
    made.clearances = Shown()
    yield made
    made.store.close()


@pytest.fixture
def visitor(world: World) -> Iterator[httpx.Client]:
    """A browser that is not signed in; follows no redirects by itself."""
    app = create_app(world, console.mount)
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        yield client


@pytest.fixture
def reader(world: World, visitor: httpx.Client) -> httpx.Client:
    """The same browser, signed in with a key of all scopes."""
    sign_in(visitor, world.key())
    return visitor


def sign_in(client: httpx.Client, token: str) -> httpx.Response:
    """Send the sign-in form."""
    return client.post("/console/login", data={"key": token, "next": ""})
