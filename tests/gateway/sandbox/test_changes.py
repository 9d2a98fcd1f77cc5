"""Amending and cancelling over HTTP: both customs answer, and both desks hear of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.clearance.opening import Opening
from gateway.sandbox import shipments
from gateway.store.errors import NotFound
from tests.gateway.clearance.world import EXPORTER, IMPORTER, World
from tests.gateway.sandbox.test_journey import journey

NAME = "BorderTransportMeans.Name"
REASON = "another vessel"
Shown = dict[str, Any]


@contextmanager
def under_way(folder: Path, cn: str, gb: str, more: str = "") -> Iterator[tuple[World, str]]:
    """A clearance of g06 with customs that send the receipts `cn` and `gb` and no more."""
    paths = []
    for name, codes in (("cn", cn), ("gb", gb)):
        path = folder / f"{name}.toml"
        path.write_text(f"[timing]\ndelay = 0.01\n[[story]]\nreceipts = {codes}\n{more}", "utf-8")
        paths.append(str(path))
    with journey(folder, *paths) as world:
        found = shipments.load("g06")
        opening = Opening(
            tenant=EXPORTER,
            declaration=found.declaration,
            related=(found.invoice, found.lading),
        )
        yield world, str(world.export.open(opening)["id"])


def until(world: World, clearance_id: str, done: Callable[[Shown, Shown], bool]) -> None:
    """Wait until both desks show what is wanted; deliver and answer the form meanwhile."""
    deadline = time.monotonic() + 30
    here: Shown = {}
    there: Shown = {}
    while time.monotonic() < deadline:
        world.deliver()
        here, there = looked(world, clearance_id)
        if there.get("form"):
            world.import_.answer(IMPORTER, clearance_id, shipments.load("g06").answers)
        if there and done(here, there):
            return
        time.sleep(0.02)
    pytest.fail(f"it did not come to that: {here} {there}")


def looked(world: World, clearance_id: str) -> tuple[Shown, Shown]:
    """What both desks show; nothing where the clearance is not known yet."""
    here: Shown = world.export.show(EXPORTER, clearance_id)
    try:
        return here, world.import_.show(IMPORTER, clearance_id)
    except NotFound:
        return here, {}


def reaches(side: str, status: str) -> Callable[[Shown, Shown], bool]:
    """Both desks show this status of a side."""
    return lambda *both: all((shown[side]["status"] or {}).get("name") == status for shown in both)


def events(shown: Shown, side: str) -> list[str]:
    """The side events of a customs."""
    return [event["status"] for event in shown[side]["events"]]


def test_an_amendment_of_the_export_side_is_granted_by_both_customs(tmp_path: Path) -> None:
    """Declare, release, amend one field: the importer sees it, confirms, its customs grants it."""
    with under_way(tmp_path, '["7", "L", "J", "P"]', '["02", "01"]') as (world, clearance_id):
        until(world, clearance_id, reaches("import", "ASSESSED"))
        world.export.correct(EXPORTER, clearance_id, {NAME: "SAMPLE BALTIC"}, REASON)
        until(world, clearance_id, lambda _, there: bool(there["changes"]))
        [change] = looked(world, clearance_id)[1]["changes"]
        assert [(c["term"], c["old"], c["new"]) for c in change["changes"]] == [
            (NAME, "SAMPLE NORTH SEA", "SAMPLE BALTIC")
        ]
        assert (change["by"], change["state"], change["reason"]) == ("exporter", "proposed", REASON)
        world.import_.confirm(IMPORTER, clearance_id, change["number"])
        until(
            world,
            clearance_id,
            lambda here, there: (
                events(here, "import") == events(there, "import") == ["AMENDED"]
                and here["changes"][0]["state"] == "confirmed"
                and [seen["code"] for seen in there["export"]["timeline"]][-2:] == ["M", "J"]
            ),
        )
        here, there = looked(world, clearance_id)
    assert there["changes"][0]["customs"]["state"] == "granted"
    assert here["changes"][0]["sha256"] == there["changes"][0]["sha256"]
    assert here["changes"][0]["answer"] == there["changes"][0]["answer"]
    assert here["export"]["status"]["name"] == "RELEASED"


def test_a_refused_amendment_leaves_the_declaration_as_it_was(tmp_path: Path) -> None:
    """Customs rejects the correction; the declaration stays declared and says the old value."""
    refusing = 'amendment = ["03"]\n'
    with under_way(tmp_path, '["7", "L", "J", "P"]', '["02", "01"]', refusing) as (world, place):
        until(world, place, reaches("import", "ASSESSED"))
        world.import_.correct(IMPORTER, place, {"TotalPackageQuantity": "14"}, "counted")
        until(world, place, lambda *both: all(events(s, "import") for s in both))
        here, there = looked(world, place)
        again = world.import_.correct(IMPORTER, place, {"TotalPackageQuantity": "15"}, "counted")
    for shown in (here, there):
        assert events(shown, "import") == ["REQUEST_ANSWERED"]
        assert shown["import"]["status"]["name"] == "ASSESSED"
    assert there["changes"][0]["customs"]["state"] == "refused"
    assert again["changes"][1]["changes"][0]["old"] == "13"  # type: ignore[index]


def test_cancelled_before_the_release_nothing_is_opened(tmp_path: Path) -> None:
    """Customs deletes the declaration, its release never comes, and the clearance has ended."""
    with under_way(tmp_path, '["7", "L", {code = "P", delay = 2}]', "[]") as (world, clearance_id):
        until(world, clearance_id, reaches("export", "RECEIVED_BY_CUSTOMS"))
        shown: Any = world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
        assert shown["changes"][0]["request"]["DecModHead"]["DecModType"] == "2"
        until(world, clearance_id, reaches("export", "DELETED"))
        time.sleep(2.2)
        here, there = looked(world, clearance_id)
    for shown in (here, there):
        assert shown["opened"] == ""
        assert [seen["code"] for seen in shown["export"]["timeline"]][-1] == "D"
        assert (shown["ended"], shown["cleared"]) == (True, False)


def test_cancelled_after_the_release_both_customs_delete(tmp_path: Path) -> None:
    """The importer confirms the cancellation; both declarations are void on both desks."""
    with under_way(tmp_path, '["7", "L", "J", "P"]', '["02", "01"]') as (world, clearance_id):
        until(world, clearance_id, reaches("import", "ASSESSED"))
        world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
        until(world, clearance_id, lambda _, there: bool(there["changes"]))
        assert looked(world, clearance_id)[1]["import"]["status"]["name"] == "ASSESSED"
        world.import_.confirm(IMPORTER, clearance_id, 1)
        until(world, clearance_id, reaches("import", "DELETED"))
        until(world, clearance_id, reaches("export", "DELETED"))
        here, there = looked(world, clearance_id)
    for shown in (here, there):
        assert (shown["ended"], shown["cleared"]) == (True, False)
