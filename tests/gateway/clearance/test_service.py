"""One declaration, two sides, on real databases and real documents."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event

import adapters
from gateway.clearance.complete import AnswersRefused
from gateway.clearance.errors import (
    AlreadyOpen,
    DocumentsDisagree,
    NotAReceipt,
    NotYours,
    WrongSide,
)
from gateway.sandbox import messages
from gateway.store import errands, exchanges
from gateway.store.errors import NotFound
from schemas.errors import SilkgateError
from tests.gateway.clearance import world as play
from tests.gateway.clearance.test_complete import good
from tests.gateway.clearance.world import CN, EXPORTER, GB, IMPORTER, World


def released(world: World) -> str:
    """A clearance whose export was declared and released, and that reached the other side."""
    clearance_id = world.open()
    world.run()
    for minute, channel in enumerate("7LJP"):
        world.cn_says(channel, minute)
    world.run()
    return clearance_id


def cleared(world: World) -> str:
    """A clearance that both customs have closed."""
    clearance_id = released(world)
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    for minute, function in enumerate(("01", "02", "13", "08", "09"), 10):
        world.gb_says(function, minute)
    world.cn_says("R", 30)
    world.run()
    return clearance_id


def both(world: World, clearance_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The clearance as each desk shows it."""
    return (
        world.export.show(EXPORTER, clearance_id),
        world.import_.show(IMPORTER, clearance_id),
    )


def names(shown: dict[str, Any]) -> tuple[str, str]:
    """The names of both sides' status."""
    export, import_ = (shown[side]["status"] or {"name": ""} for side in ("export", "import"))
    return str(export["name"]), str(import_["name"])


def timelines(shown: dict[str, Any]) -> tuple[object, object]:
    """Every status of both sides."""
    return shown["export"]["timeline"], shown["import"]["timeline"]


def accepted(world: World) -> int:
    """How many documents the exporting exchange was given."""
    with world.export.desk.store.read() as tx:
        return len(exchanges.listed(tx))


def test_one_declaration_clears_on_both_sides(world: World) -> None:
    """From the entry to both customs' closing, and both desks show the same."""
    clearance_id = cleared(world)
    here, there = both(world, clearance_id)
    assert names(here) == names(there) == ("CLEARED_CLOSED", "CLEARED_CLOSED")
    assert timelines(here) == timelines(there)
    assert (here["cleared"], there["cleared"]) == (True, True)
    assert (here["role"], there["role"]) == ("exporter", "importer")
    assert here["export"]["reference"] == play.ENTRY
    assert there["import"]["reference"] == play.MRN
    assert here["problem"] is None


def test_the_entry_opens_nothing_and_the_release_opens_once(world: World) -> None:
    """Until customs releases, nothing is handed to the exchange; then exactly one document is."""
    clearance_id = world.open()
    world.run()
    for minute, channel in enumerate("7LJC"):
        world.cn_says(channel, minute)
    world.run()
    assert accepted(world) == 0
    world.cn_says("P", 5)
    world.cn_says("P", 5)
    world.cn_says("I", 6)
    world.run()
    assert accepted(world) == 1
    assert world.export.show(EXPORTER, clearance_id)["opened"]


@pytest.mark.parametrize("order", list(itertools.permutations("7JPR"))[::5])
def test_receipts_in_any_order_end_in_the_same_state(world: World, order: tuple[str, ...]) -> None:
    """Permuted and repeated receipts open the other side once and show the same on both desks."""
    clearance_id = world.open()
    world.run()
    for channel in (*order, *order):
        world.cn_says(channel, "7JPR".index(channel))
        world.run()
    here, there = both(world, clearance_id)
    assert names(here)[0] == names(there)[0] == "CLEARED_CLOSED"
    assert sorted(seen["code"] for seen in here["export"]["timeline"]) == ["0", *"7JPR"]
    assert timelines(here) == timelines(there)
    assert accepted(world) == 1


def test_statuses_reach_the_other_side_before_the_declaration_does(world: World) -> None:
    """The importer sees the export side's progress from the first receipt on."""
    clearance_id = world.open()
    world.run()
    world.cn_says("7")
    world.run()
    there = world.import_.show(IMPORTER, clearance_id)
    assert names(there) == ("ACCEPTED_BY_SW", "")
    assert there["document"] == "SMPLSH26030777"


def test_the_form_is_asked_once(world: World) -> None:
    """The first shipment asks the importer; the second of the same goods goes straight through."""
    first = cleared(world)
    assert world.import_.form(IMPORTER, first)["fields"] == []
    second = world.open(SMPL20260320G06="SMPL20260321G06")
    world.cn.answer = messages.import_response("SMPL20260321G06", seq="I20260000000000002")
    world.run()
    world.export.receipt(
        CN, messages.channel_receipt("P", seq="I20260000000000002",
                                          entry="220020260000000002", at=play.START)
    )  # fmt: skip
    world.run()
    assert world.import_.show(IMPORTER, second)["form"] is False
    assert len(world.gb.taken) == 2


def test_the_import_declaration_has_the_importer_s_answers(world: World) -> None:
    """What the importing customs takes is valid and carries both sides' data."""
    clearance_id = released(world)
    assert world.gb.taken == []
    fields: Any = world.import_.form(IMPORTER, clearance_id)["fields"]
    assert {field["id"] for field in fields} == set(good())
    world.import_.answer(IMPORTER, clearance_id, good())
    world.run()
    [(authority, _, message)] = world.gb.taken
    reading = adapters.read(message)
    document = reading.document
    assert authority == GB
    assert document.value("TypeCode") == "IMD"
    assert document.value("GoodsShipment.TradeTerms.ConditionCode") == "FCA"
    assert document.value("GoodsShipment.PreviousDocument.ID") == play.ENTRY
    classification = "GoodsShipment.GovernmentAgencyGoodsItem[2].Commodity.Classification"
    assert document.value(f"{classification}[1].ID") == "84581120"
    assert not [term.id for term in document if "ext.cn" in term.id]


def test_wrong_answers_declare_nothing(world: World) -> None:
    """A form with a wrong answer is refused; a good one after it goes through, once."""
    clearance_id = released(world)
    with pytest.raises(AnswersRefused):
        world.import_.answer(IMPORTER, clearance_id, {**good(), "TypeCode": "XX"})
    world.run()
    assert world.gb.taken == []
    for _ in range(2):
        world.import_.answer(IMPORTER, clearance_id, good())
        world.run()
    assert len(world.gb.taken) == 1


def test_a_receipt_before_its_reference_is_known_is_held(world: World) -> None:
    """A receipt that overtakes the window's answer is taken when the answer has come."""
    clearance_id = world.open()
    assert world.cn_says("L")["held"] is True
    world.run()
    for _ in range(10):
        world.time.tick(5)
        world.run()
    assert names(world.export.show(EXPORTER, clearance_id))[0] == "RECEIVED_BY_CUSTOMS"


def test_an_outage_of_customs_delays_and_loses_nothing(world: World) -> None:
    """While customs is out of reach the clearance says so; afterwards it is declared once."""
    world.cn.down = True
    clearance_id = world.open()
    world.run()
    problem: Any = world.export.show(EXPORTER, clearance_id)["problem"]
    assert problem["message"]["zh"]
    world.cn.down = False
    for _ in range(10):
        world.time.tick(5)
        world.run()
    assert len(world.cn.taken) == 1
    assert world.export.show(EXPORTER, clearance_id)["problem"] is None


def test_a_cut_wire_delays_statuses_and_loses_none(world: World) -> None:
    """Statuses that could not be mirrored arrive when the partner is back."""
    clearance_id = world.open()
    world.run()
    world.to_import.cut = True
    for minute, channel in enumerate("7LJ"):
        world.cn_says(channel, minute)
    world.run()
    world.to_import.cut = False
    for _ in range(10):
        world.time.tick(5)
        world.run()
    here, there = both(world, clearance_id)
    assert timelines(here) == timelines(there)
    assert names(there)[0] == "ASSESSED"


def test_a_crash_after_sending_sends_the_same_message_again(world: World) -> None:
    """An errand done but not taken off is done again under the same message id."""
    world.open()
    runner = world.export.runner
    with world.export.desk.store.begin() as tx:
        [errand] = errands.take(tx, now=world.time(), lease=timedelta(seconds=30), limit=9)
    runner._one(errand)
    world.time.tick(60)
    world.run()
    assert len({message_id for _, message_id, _ in world.cn.taken}) == 1


def test_opening_again_returns_the_same_clearance(world: World) -> None:
    """The same bytes, with or without a key, are one clearance."""
    assert world.open() == world.open()
    assert world.open(key="k1", SMPL20260320G06="OTHER1") == world.open(
        key="k1", SMPL20260320G06="OTHER1"
    )


def test_the_same_local_reference_is_not_opened_twice(world: World) -> None:
    """Other bytes under a ClientSeqNo in use, or under a used key, are refused by name."""
    first = world.open(key="k1")
    with pytest.raises(AlreadyOpen) as refusal:
        world.open(key="k2", SAMPLE="EXAMPLE")
    assert first in refusal.value.message.en
    with pytest.raises(AlreadyOpen):
        world.open(key="k1", SMPL20260320G06="OTHER1")


def test_documents_that_disagree_in_money_are_refused(world: World) -> None:
    """A line amount that the invoice contradicts opens nothing."""
    with pytest.raises(DocumentsDisagree) as refusal:
        world.open(**{"<DeclTotal>83000.00": "<DeclTotal>83000.01"})
    assert refusal.value.findings[0].rule.startswith("match")
    assert world.export.board(EXPORTER) == []


def test_an_import_declaration_is_not_opened_here(world: World) -> None:
    """A gateway declares for its own country."""
    with pytest.raises(WrongSide):
        world.import_.open(play.opening())


def test_another_tenant_sees_nothing(world: World) -> None:
    """A clearance of another tenant does not exist for the caller."""
    clearance_id = world.open()
    with pytest.raises(NotFound):
        world.export.show("somebody", clearance_id)
    assert world.export.board("somebody") == []
    with pytest.raises(NotFound):
        world.import_.answer("somebody", clearance_id, {})


def test_a_partner_speaks_only_for_its_own_side(world: World) -> None:
    """Statuses of our own customs, or of another partner's clearance, are refused whole."""
    clearance_id = released(world)
    stolen = [dict(message) for message in world.to_import.sent]
    with pytest.raises(NotYours):
        world.export.mirrored(IMPORTER, stolen)
    with pytest.raises(NotYours):
        world.import_.mirrored("stranger", stolen)
    assert names(world.import_.show(IMPORTER, clearance_id))[0] == "RELEASED"


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"clearance": "x"},
        {"clearance": "x", "corridor": "nowhere"},
        {"clearance": "x", "corridor": "cn-gb", "statuses": [{"side": "moon"}]},
        {"clearance": "x", "corridor": "cn-gb", "statuses": [
            {"side": "export", "status": "RELEASED", "at": "2026-03-10T10:00:00"}]},
        {"clearance": "x", "corridor": "cn-gb", "statuses": 7},
    ],
)  # fmt: skip
def test_a_partner_s_nonsense_is_refused_and_keeps_nothing(
    world: World, message: dict[str, Any]
) -> None:
    """Missing or wrong members are refused as such, and no clearance is begun by them."""
    with pytest.raises(SilkgateError) as refusal:
        world.import_.mirrored(EXPORTER, [message])
    assert refusal.value.status < 500
    assert world.import_.board(IMPORTER) == []


def test_one_message_that_cannot_be_taken_holds_up_no_other(world: World) -> None:
    """A partner that refuses one message still gets all the others."""
    clearance_id = world.open()
    world.run()
    desk = world.export.desk
    with desk.store.begin() as tx:
        broken = {"partner": IMPORTER, "message": {"clearance": "x"}}
        desk.plan(tx, "mirror", "x", broken, key="broken")
    world.cn_says("7")
    world.run()
    world.cn_says("L", 1)
    for _ in range(5):
        world.time.tick(5)
        world.run()
    assert names(world.import_.show(IMPORTER, clearance_id))[0] == "RECEIVED_BY_CUSTOMS"


def test_what_is_no_receipt_is_refused(world: World) -> None:
    """A declaration sent to the receipts' door is refused as what it is."""
    with pytest.raises(NotAReceipt):
        world.export.receipt(CN, play.opening().declaration)


def test_the_board_takes_no_query_per_row(world: World) -> None:
    """Ten times the clearances are read with as many statements."""
    counts = []
    for n in range(2):
        for m in range(1 + 4 * n):
            world.open(key=f"{n}/{m}", SMPL20260320G06=f"SMPL{n}{m}")
        seen: list[str] = []

        def note(_c: Any, _u: Any, statement: str, *_rest: Any, seen: list[str] = seen) -> None:
            seen.append(statement)

        engine = world.export.desk.store.engine
        event.listen(engine, "before_cursor_execute", note)
        for look in (world.export.board, world.export.page):
            assert len(look(EXPORTER)) == 1 + 5 * n
        event.remove(engine, "before_cursor_execute", note)
        counts.append(len([text for text in seen if text.startswith("SELECT")]))
    assert counts == [4, 4]


def test_the_board_shows_both_sides(world: World) -> None:
    """One row per clearance, with the status of both customs in two languages."""
    clearance_id = cleared(world)
    [row] = world.export.board(EXPORTER)
    assert row["id"] == clearance_id
    export: Any = row["export"]
    assert export["en"]
    assert export["zh"] == "已结关"
    assert row["cleared"] is True


def test_singapore_gets_the_export_data_as_well(world: World) -> None:
    """Towards Singapore the ACDD document goes beside the import declaration."""
    world.cn.answer = play.import_response("SMPL20260310G01")
    clearance_id = world.open("g01")
    world.run()
    world.cn_says("P", 5)
    world.run()
    shown: Any = world.export.show(EXPORTER, clearance_id)
    assert shown["corridor"]["id"] == "cn-sg"
    assert list(shown["companions"]) == ["acdd"]
    assert accepted(world) == 2
    there: Any = world.import_.show(IMPORTER, clearance_id)
    assert there["companions"]["arrived"]


def test_a_status_is_on_the_other_side_within_a_second(world: World) -> None:
    """With both desks running, a receipt is seen at the partner in well under a second."""
    clearance_id = world.open()
    with world.export, world.import_:
        world.time.now = datetime.now(UTC)
        took = []
        for minute, channel in enumerate("7LJ"):
            world.time.now = datetime.now(UTC)
            _until(lambda: bool(world.cn.taken))
            began = time.monotonic()
            world.cn_says(channel, minute)
            _until(partial(_has, world, clearance_id, channel))
            took.append(time.monotonic() - began)
    assert max(took) < 1.0, took


def _has(world: World, clearance_id: str, code: str) -> bool:
    try:
        shown: Any = world.import_.show(IMPORTER, clearance_id)
    except NotFound:
        return False
    return code in {seen["code"] for seen in shown["export"]["timeline"]}


def _until(true: Any) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline, "nothing happened in five seconds"
        time.sleep(0.005)
