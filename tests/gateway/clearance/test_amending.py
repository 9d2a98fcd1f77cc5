"""Amendments and cancellations reach the other side as differences, both ways."""

from __future__ import annotations

from typing import Any

import pytest

import adapters
from gateway.clearance.errors import DocumentsDisagree, NothingToAmend, NotYours
from gateway.sandbox import messages
from tests.gateway.clearance import world as play
from tests.gateway.clearance.test_complete import good
from tests.gateway.clearance.test_service import both, released
from tests.gateway.clearance.world import EXPORTER, IMPORTER, World

NAME = "BorderTransportMeans.Name"
VESSEL = {"SAMPLE NORTH SEA": "SAMPLE BALTIC"}


def declared(world: World) -> str:
    """A clearance that the importer has declared and customs has numbered."""
    clearance_id = released(world)
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    world.gb_says("02", 10)
    world.run()
    return clearance_id


def amend(world: World, clearance_id: str, **changes: str) -> dict[str, Any]:
    """The exporter amends its declaration."""
    shown = world.export.amend(
        EXPORTER, clearance_id, play.opening(**changes).declaration, "another vessel"
    )
    world.run()
    return shown


def last_change(shown: dict[str, Any]) -> dict[str, Any]:
    """The last change of a clearance."""
    change: dict[str, Any] = shown["changes"][-1]
    return change


def test_an_amendment_crosses_as_the_fields_that_changed(world: World) -> None:
    """Only the changed field travels; the window's list has it under its Chinese name."""
    clearance_id = declared(world)
    here = last_change(amend(world, clearance_id, **VESSEL))
    there = last_change(world.import_.show(IMPORTER, clearance_id))
    assert [(c["term"], c["old"], c["new"]) for c in there["changes"]] == [
        (NAME, "SAMPLE NORTH SEA", "SAMPLE BALTIC")
    ]
    [row] = here["request"]["DecModList"]
    assert (row["FieldCode"], row["NewValue"]) == ("TrafName", "SAMPLE BALTIC")
    assert here["request"]["DecModHead"]["EntryId"] == play.ENTRY
    assert (here["state"], there["state"]) == ("sent", "proposed")
    assert there["reason"] == "another vessel"


def test_private_fields_of_an_amendment_stay(world: World) -> None:
    """A change of a field that may not cross is in the window's list and in no message."""
    clearance_id = declared(world)
    here = last_change(amend(world, clearance_id, **{"<NoteS />": "<NoteS>secret</NoteS>",
                                                     "SAMPLE牌": "OTHER牌", **VESSEL}))  # fmt: skip
    assert len(here["request"]["DecModList"]) > 1
    there = last_change(world.import_.show(IMPORTER, clearance_id))
    assert [change["term"] for change in there["changes"]] == [NAME]


def test_a_proposed_amendment_goes_to_customs_once_it_is_confirmed(world: World) -> None:
    """The importer confirms; customs gets COR for its number, and grants it on both sides."""
    clearance_id = declared(world)
    amend(world, clearance_id, **VESSEL)
    assert len(world.gb.taken) == 1
    for _ in range(2):
        world.import_.confirm(IMPORTER, clearance_id, 1)
        world.run()
    [_, (_, _, message)] = world.gb.taken
    document = adapters.read(message).document
    assert (document.value("TypeCode"), document.value("ID")) == ("COR", play.MRN)
    assert document.value(NAME) == "SAMPLE BALTIC"
    granted = messages.notification("07", lrn="", mrn=play.MRN, at=play.START, reference="n-07")
    world.import_.receipt(play.GB, granted)
    world.run()
    for shown in both(world, clearance_id):
        assert [event["status"] for event in shown["import"]["events"]] == ["AMENDED"]


def test_a_declined_amendment_goes_to_nobodys_customs(world: World) -> None:
    """The author is told why, both keep the same signed word, and no declaration moves."""
    clearance_id = declared(world)
    amend(world, clearance_id, **VESSEL)
    for _ in range(2):
        world.import_.decline(IMPORTER, clearance_id, 1, "another carrier")
        world.run()
    here, there = (last_change(shown) for shown in both(world, clearance_id))
    for change in (here, there):
        declined = change["declined"]
        assert (change["state"], declined["by"], declined["reason"]) == (
            "declined", "importer", "another carrier",
        )  # fmt: skip
        assert "answer" not in change
    assert here["declined"]["sha256"] == there["declined"]["sha256"]
    assert len(world.gb.taken) == 1
    world.import_.confirm(IMPORTER, clearance_id, 1)
    world.run()
    assert last_change(world.import_.show(IMPORTER, clearance_id))["state"] == "declined"
    assert len(world.gb.taken) == 1


def test_a_declined_cancellation_cancels_nothing_here(world: World) -> None:
    """The importer keeps its declaration, and may still correct it."""
    clearance_id = declared(world)
    world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
    world.run()
    world.import_.decline(IMPORTER, clearance_id, 1, "the goods are here")
    world.run()
    corrected = world.import_.correct(
        IMPORTER, clearance_id, {"TotalPackageQuantity": "14"}, "counted"
    )
    assert last_change(corrected)["kind"] == "amendment"


def test_an_amendment_before_the_import_is_declared_is_simply_made(world: World) -> None:
    """While the form is open the change is applied, and customs only sees the new version."""
    clearance_id = released(world)
    amend(world, clearance_id, **VESSEL)
    assert last_change(world.import_.show(IMPORTER, clearance_id))["state"] == "applied"
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    [(_, _, message)] = world.gb.taken
    assert adapters.read(message).document.value(NAME) == "SAMPLE BALTIC"


def test_an_amendment_before_the_release_crosses_with_the_declaration(world: World) -> None:
    """What is opened at the release is the declaration as last amended."""
    clearance_id = world.open()
    world.run()
    amend(world, clearance_id, **VESSEL)
    world.cn_says("P", 5)
    world.run()
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    assert adapters.read(world.gb.taken[0][2]).document.value(NAME) == "SAMPLE BALTIC"
    assert world.import_.show(IMPORTER, clearance_id)["changes"] == []


def test_the_importer_s_correction_is_told_to_the_exporter(world: World) -> None:
    """A corrected package count goes to the importing customs and, as a proposal, back."""
    clearance_id = declared(world)
    world.import_.correct(IMPORTER, clearance_id, {"TotalPackageQuantity": "14"}, "counted")
    world.run()
    document = adapters.read(world.gb.taken[-1][2]).document
    assert document.value("TotalPackageQuantity") == "14"
    here = last_change(world.export.show(EXPORTER, clearance_id))
    assert (here["by"], here["state"]) == ("importer", "proposed")
    [row] = here["request"]["DecModList"]
    assert (row["OldValue"], row["NewValue"]) == ("13", "14")


def test_a_correction_waits_for_the_declaration_s_number(world: World) -> None:
    """Customs has to have numbered a declaration before it can be corrected."""
    clearance_id = released(world)
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    world.import_.correct(IMPORTER, clearance_id, {"TotalPackageQuantity": "14"}, "counted")
    world.run()
    assert len(world.gb.taken) == 1
    world.gb_says("02", 10)
    world.time.tick(60)
    world.run()
    assert len(world.gb.taken) == 2


@pytest.mark.parametrize("by", ["exporter", "importer"])
def test_a_cancellation_reaches_the_other_side(world: World, by: str) -> None:
    """Either side cancels with a reason; the importing customs gets INV."""
    clearance_id = declared(world)
    if by == "exporter":
        world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
        world.run()
        world.import_.confirm(IMPORTER, clearance_id, 1)
    else:
        world.import_.cancel(IMPORTER, clearance_id, "sold elsewhere")
    world.run()
    assert adapters.read(world.gb.taken[-1][2]).document.value("TypeCode") == "INV"
    for shown in both(world, clearance_id):
        assert (last_change(shown)["kind"], last_change(shown)["reason"]) == (
            "cancellation", "sold elsewhere",
        )  # fmt: skip


def test_a_cancelled_shipment_is_not_declared(world: World) -> None:
    """Cancelled while the form is open, the import is never declared."""
    clearance_id = released(world)
    world.export.cancel(EXPORTER, clearance_id, "sold elsewhere")
    world.run()
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    assert world.gb.taken == []


def test_the_same_version_is_no_amendment(world: World) -> None:
    """Sending the declaration again as it is amends nothing."""
    clearance_id = declared(world)
    with pytest.raises(NothingToAmend):
        amend(world, clearance_id)


def test_an_amendment_that_contradicts_the_invoice_is_refused(world: World) -> None:
    """A new amount that the invoice does not have goes nowhere."""
    clearance_id = declared(world)
    with pytest.raises(DocumentsDisagree):
        amend(world, clearance_id, **{"<DeclTotal>83000.00": "<DeclTotal>83000.01"})
    assert world.export.show(EXPORTER, clearance_id)["changes"] == []


def test_repeated_changes_count_once_and_strangers_not_at_all(world: World) -> None:
    """The wire may repeat a change; only the clearance's own partner may tell one."""
    clearance_id = declared(world)
    amend(world, clearance_id, **VESSEL)
    repeated = [m for m in world.to_import.sent if "change" in m]
    world.import_.mirrored(EXPORTER, repeated)
    assert len(world.import_.show(IMPORTER, clearance_id)["changes"]) == 1  # type: ignore[arg-type]
    with pytest.raises(NotYours):
        world.import_.mirrored("stranger", repeated)
