"""Two desks and two simulated customs over HTTP, on good days and on bad ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway.api.serve import Listen, serving
from gateway.clearance.opening import Opening
from gateway.clearance.service import ClearanceService
from gateway.sandbox import shipments
from gateway.sandbox.app import Kind, Sandbox, create_app
from gateway.sandbox.script import load
from gateway.store.errors import NotFound
from gateway.transport.authority import AuthorityClient
from gateway.transport.line import Address, Line
from schemas.errors import SilkgateError
from tests.gateway.clearance import world as play
from tests.gateway.clearance.world import CN, EXPORTER, GB, IMPORTER, World


@contextmanager
def journey(folder: Path, cn: str, gb: str) -> Iterator[World]:
    """A world whose customs are the sandbox, told by the scripts `cn` and `gb`."""
    with play.world(folder) as world, ExitStack() as stack:
        world.time = Wall()
        for service, kind, authority, script in (
            (world.export, Kind.CHINA, CN, cn),
            (world.import_, Kind.WCO, GB, gb),
        ):
            door = stack.enter_context(serving(_door(service, authority), Listen(port=0)))
            sandbox = Sandbox(kind=kind, script=load(script), receipts=f"{door}/receipts")
            url = stack.enter_context(serving(create_app(sandbox), Listen(port=0)))
            line = stack.enter_context(
                Line(Address(party=authority, url=f"{url}/declarations", timeout=10.0))
            )
            client = AuthorityClient({authority: line}, service.desk.gateway)
            service.desk = replace(service.desk, authority=client, clock=world.time)
            service.runner._desk = service.desk
        stack.enter_context(world.export)
        stack.enter_context(world.import_)
        yield world


class Wall(play.Time):
    """The wall's clock."""

    def __call__(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def tick(self, seconds: float = 0.5) -> None:
        """Time passes by itself."""


def _door(service: ClearanceService, authority: str) -> FastAPI:
    app = FastAPI()

    async def take(request: Request) -> Response:
        try:
            data = await request.body()
            return JSONResponse(await run_in_threadpool(service.receipt, authority, data))
        except SilkgateError as error:
            return JSONResponse(error.as_dict(), status_code=error.status)

    app.add_api_route("/receipts", take, methods=["POST"], response_model=None)
    return app


def through(world: World, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open a shipment, answer the form when it is asked, and wait until both sides have ended."""
    found = shipments.load(name)
    clearance_id = str(
        world.export.open(
            Opening(
                tenant=EXPORTER,
                declaration=found.declaration,
                related=(found.invoice, found.lading),
            )
        )["id"]
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        world.deliver()
        here: Any = world.export.show(EXPORTER, clearance_id)
        try:
            there: Any = world.import_.show(IMPORTER, clearance_id)
        except NotFound:
            there = {"form": False, "ended": False}
        if there["form"]:
            world.import_.answer(IMPORTER, clearance_id, found.answers)
        if here["ended"] and there["ended"]:
            return here, there
        time.sleep(0.02)
    pytest.fail(f"the clearance did not end: {here['problem']} {there}")


@pytest.mark.parametrize("name", shipments.NAMES)
def test_a_shipment_clears_on_both_sides(tmp_path: Path, name: str) -> None:
    """Real messages over HTTP, from the entry to both closings."""
    with journey(tmp_path, "cn-release", "wco-clear") as world:
        here, there = through(world, name)
    assert here["cleared"] is there["cleared"] is True
    assert here["export"]["timeline"] == there["export"]["timeline"]
    assert len(here["export"]["reference"]) == 18


@pytest.mark.faults
def test_faults_of_both_customs_lead_to_the_same_end(tmp_path: Path) -> None:
    """Busy, slow, swapped, doubled, lost and broken receipts: both desks end alike, cleared."""
    with journey(tmp_path, "cn-faults", "wco-faults") as world:
        clearance_id = str(through(world, "g06")[0]["id"])
        for _ in range(200):
            here: Any = world.export.show(EXPORTER, clearance_id)
            there: Any = world.import_.show(IMPORTER, clearance_id)
            if len(here["import"]["timeline"]) == len(there["export"]["timeline"]) - 1 == 5:
                break
            time.sleep(0.05)
    assert here["cleared"] is there["cleared"] is True
    for side, codes in (("export", {"0", *"7LJPR"}), ("import", {"01", "02", "13", "08", "09"})):
        assert here[side]["timeline"] == there[side]["timeline"]
        assert {seen["code"] for seen in here[side]["timeline"]} == codes


def test_a_rejection_ends_the_journey_on_the_export_side(tmp_path: Path) -> None:
    """A rejected export opens nothing; both desks show why."""
    with journey(tmp_path, "cn-rejection", "wco-clear") as world:
        found = shipments.load("g06")
        opening = Opening(tenant=EXPORTER, declaration=found.declaration)
        clearance_id = str(world.export.open(opening)["id"])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            shown: Any = world.export.show(EXPORTER, clearance_id)
            if shown["export"]["ended"]:
                break
            time.sleep(0.02)
    assert shown["export"]["status"]["name"] == "REJECTED"
    assert shown["opened"] == ""
    assert shown["cleared"] is False
