"""Cargo release: nothing leaves without surrender and customs, and each container leaves once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta

import pytest

from gateway.lading.refusals import (
    LadingError,
    NotNow,
    NotYours,
    SignatureRefused,
    UnknownThing,
)
from gateway.lading.release.bundle import bundle_id
from gateway.lading.release.cargo import Release
from gateway.lading.release.presentation import Presentations, examined_by, last_day
from gateway.lading.service import LadingService
from gateway.store import papers
from tests.gateway.lading.envelopes import Json, document, party
from tests.gateway.lading.platforms import House, acquaint

BUYER, FORWARDER, TRUCKER, BANK = (
    party(name, "CARX") for name in ("Buyer", "Forwarder", "Trucker", "Bank")
)
BOX = "NARU3472484"
_numbers = iter(range(1, 1000))


class Port:
    """A carrier with its terminal, a platform, and customs that say what the test lets them."""

    def __init__(self, carrier: House, platform: House) -> None:
        """Put them together."""
        self.carrier, self.platform = carrier, platform
        self.released: set[str] = set()
        self.release = Release(carrier.ladings.desk, lambda reference: reference in self.released)

    def issued(self) -> str:
        """Have a bill issued to the buyer; return its reference."""
        reference = f"REL{next(_numbers):05}"
        issue_to = {
            "partyName": "Buyer",
            "sendToPlatform": "CARX",
            "identifyingCodes": BUYER["identifyingCodes"],
        }
        self.carrier.ladings.carrier_issuing.ask(document(reference), issue_to)
        self.work()
        return reference

    def surrendered(self, code: str = "SREQ") -> str:
        """Return a bill that was surrendered, and accepted by the carrier."""
        reference = self.issued()
        asked = self.platform.ladings.surrender("buyer", reference, code)
        self.work()
        self.carrier.ladings.surrendered.decide(asked, "SURR")
        self.work()
        return reference

    def work(self) -> None:
        """Let both do what is planned."""
        for _ in range(3):
            self.carrier.work()
            self.platform.work()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    """Give the carrier and the platform, each serving."""
    folder = tmp_path_factory.mktemp("port")
    names = ["Buyer", "Bank", "Forwarder"]
    houses = House(folder, carrier="MAEU"), House(folder, platform="CARX", parties=names)
    acquaint(*houses)
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.open())
        yield Port(*houses)


def test_a_container_leaves_with_the_last_agent_of_the_chain(port: Port):
    """Consignee, forwarder, haulier: the order is handed on twice and used once."""
    reference = port.surrendered()
    number = port.release.order(reference, BUYER)["deliveryOrderReference"]
    port.release.delegate(number, BUYER, FORWARDER)
    shown = port.release.delegate(number, FORWARDER, TRUCKER)
    assert [step["to"]["partyName"] for step in shown["chain"]] == ["Forwarder", "Trucker"]
    with pytest.raises(NotYours):
        port.release.delegate(number, BUYER, TRUCKER)
    port.release.pay(number)
    port.released.add(reference)
    with pytest.raises(NotYours):
        port.release.gate_out(number, BOX, FORWARDER)
    left = port.release.gate_out(number, BOX, TRUCKER)
    assert (left["state"], list(left["gateOut"])) == ("used", [BOX])
    with pytest.raises(NotNow):
        port.release.gate_out(number, BOX, TRUCKER)
    with pytest.raises(NotNow):
        port.release.order(reference, BUYER)


@pytest.mark.parametrize("code", ["", "AREQ"])
def test_there_is_no_order_without_a_surrender_for_delivery(port: Port, code: str):
    """Neither an issued bill nor one surrendered for amendment releases anything."""
    reference = port.surrendered(code) if code else port.issued()
    with pytest.raises(NotNow):
        port.release.order(reference, BUYER)


@pytest.mark.parametrize("missing", ["customs", "charges", "container"])
def test_the_gate_stays_shut_while_anything_is_missing(port: Port, missing: str):
    """Customs, charges and the container on the order: each is needed."""
    reference = port.surrendered()
    number = port.release.order(reference, BUYER)["deliveryOrderReference"]
    if missing != "charges":
        port.release.pay(number)
    if missing != "customs":
        port.released.add(reference)
    with pytest.raises(NotNow):
        port.release.gate_out(number, "OTHR1234567" if missing == "container" else BOX, BUYER)
    assert port.release.shown(number)["gateOut"] == {}


def test_an_order_that_was_tampered_with_opens_nothing(port: Port):
    """An order or a delegation that the carrier did not sign is refused at the gate."""
    reference = port.surrendered()
    number = port.release.order(reference, BUYER)["deliveryOrderReference"]
    port.release.pay(number)
    port.released.add(reference)
    desk = port.carrier.ladings.desk
    with desk.store.begin() as tx:
        paper = papers.get(tx, "delivery-order", number)
        broken = {**paper.body, "signed": paper.body["signed"][:-6] + "AAAAAA"}
        papers.change(tx, paper, "open", broken, now=desk.clock())
    with pytest.raises(SignatureRefused):
        port.release.gate_out(number, BOX, BUYER)


def test_no_order_of_actions_releases_without_both(port: Port):
    """Whatever is tried in whatever order, a container leaves only after SURR and customs."""
    rng = random.Random(7)
    for _ in range(6):
        reference, number, surr = port.issued(), "", False
        asked = port.platform.ladings.surrender("buyer", reference, "SREQ")
        port.work()
        for _ in range(14):
            step = rng.choice(["answer", "order", "pay", "customs", "gate", "gate"])
            try:
                if step == "answer":
                    action = rng.choice(["SURR", "SREJ"])
                    port.carrier.ladings.surrendered.decide(asked, action, "why")
                    surr = action == "SURR"
                elif step == "order":
                    number = port.release.order(reference, BUYER)["deliveryOrderReference"]
                elif step == "pay":
                    port.release.pay(number)
                elif step == "customs":
                    port.released.add(reference)
                else:
                    port.release.gate_out(number, BOX, BUYER)
                    assert surr
                    assert reference in port.released
            except LadingError:
                continue


def _act(port: Port, tenant: str, reference: str, made: Json) -> str:
    return port.platform.ladings.act(tenant, reference, made)


def test_the_policy_follows_the_title(port: Port):
    """The assignee is whoever holds the bill; another assignee than the recipient is refused."""
    reference = port.issued()
    bundles = port.platform.ladings.bundles
    made = bundles.bind("buyer", reference, "POL-1", "INV-1")
    with pytest.raises(NotNow):
        bundles.bind("buyer", reference, "POL-2", "INV-1")
    wrong = {"actionCode": "TRANSFER", "recipient": BANK, "assignee": FORWARDER}
    with pytest.raises(NotNow):
        _act(port, "buyer", reference, wrong)
    assert bundles.shown(reference)["assignee"]["partyName"] == "Buyer"
    _act(port, "buyer", reference, {"actionCode": "TRANSFER", "recipient": BANK})
    shown = bundles.shown(reference)
    assert (shown["id"], shown["assignee"]["partyName"]) == (made, "Bank")
    assert len(shown["assignments"]) == 1


def test_claims_end_with_the_bill(port: Port):
    """Once the bill is surrendered and accepted the policy is no longer in force."""
    reference = port.issued()
    port.platform.ladings.bundles.bind("buyer", reference, "POL-1", "INV-1")
    asked = port.platform.ladings.surrender("buyer", reference, "SREQ")
    port.work()
    port.carrier.ladings.surrendered.decide(asked, "SURR")
    port.work()
    assert port.platform.ladings.bundles.shown(reference)["state"] == "ended"


def test_a_bundle_is_named_by_all_three():
    """Another bill, policy or invoice makes another bundle."""
    names = {bundle_id("b", "p", "i"), bundle_id("c", "p", "i"), bundle_id("b", "q", "i")}
    assert len({*names, bundle_id("b", "p", "j")}) == 4


EXPIRY = date(2099, 12, 31)


def _presentations(port: Port, **at: timedelta) -> Presentations:
    service: LadingService = port.platform.ladings
    clock = service.desk.clock
    moved = replace(service.desk, clock=lambda: clock() + at.get("later", timedelta(0)))
    return Presentations(moved, service.act)


def test_nothing_is_presented_before_the_notice_of_completeness(port: Port):
    """Records come one by one; the notice presents them, and the bank becomes holder."""
    reference = port.issued()
    made = _presentations(port)
    number = made.open("buyer", reference, credit="LC-1", expiry=EXPIRY, bank=BANK)
    with pytest.raises(NotNow):
        made.complete("buyer", number)
    assert made.add("buyer", number, name="invoice", content=b"i", credit="LC-1")
    assert not made.add("buyer", number, name="list", content=b"l", credit="LC-2")
    shown = made.complete("buyer", number)
    assert [each["name"] for each in shown["records"]] == ["invoice"]
    bill = port.platform.ladings.shown(reference, None)
    assert (bill["account"], bill["possessor"]) == ("bank", "Bank")
    assert bill["title_holder"]["partyName"] == "Buyer Ltd"


def test_a_presentation_after_the_last_day_is_none(port: Port):
    """After expiry the notice of completeness is refused and the holder keeps the bill."""
    reference = port.issued()
    made = _presentations(port)
    number = made.open("buyer", reference, credit="LC-1", expiry=date(2020, 1, 1), bank=BANK)
    made.add("buyer", number, name="invoice", content=b"i", credit="LC-1")
    with pytest.raises(NotNow):
        made.complete("buyer", number)
    assert port.platform.ladings.shown(reference, None)["account"] == "buyer"


@pytest.mark.parametrize(("days", "taken"), [(29, True), (31, False)])
def test_a_corrupted_record_stops_the_examination_for_thirty_days(
    port: Port, days: int, *, taken: bool
):
    """The bank asks again; within thirty days the record takes its place, later it does not."""
    reference = port.issued()
    made = _presentations(port)
    number = made.open("buyer", reference, credit="LC-1", expiry=EXPIRY, bank=BANK)
    made.add("buyer", number, name="invoice", content=b"i", credit="LC-1")
    made.complete("buyer", number)
    with pytest.raises(NotYours):
        made.corrupted("buyer", number, "invoice")
    with pytest.raises(UnknownThing):
        made.corrupted("forwarder", number, "invoice")
    stopped = made.corrupted("bank", number, "invoice")
    assert stopped["state"] == "stopped"
    afterwards = _presentations(port, later=timedelta(days=days))
    if not taken:
        with pytest.raises(NotNow):
            afterwards.add("buyer", number, name="invoice", content=b"j", credit="LC-1")
        return
    assert afterwards.add("buyer", number, name="invoice", content=b"j", credit="LC-1")
    with port.platform.ladings.desk.store.read() as tx:
        paper = papers.get(tx, "presentation", number)
    assert (paper.state, paper.body["examined_by"]) == ("presented", stopped["examined_by"])


def test_the_last_day_moves_to_the_next_on_which_the_bank_can_receive():
    """A weekend, and then a day on which the bank's system is down, move the date on."""
    saturday, monday, tuesday = date(2026, 11, 28), date(2026, 11, 30), date(2026, 12, 1)
    assert last_day(saturday, lambda _: True) == monday
    assert last_day(saturday, lambda day: day != monday) == tuesday
    assert examined_by(date(2026, 11, 27)) == date(2026, 12, 4)
