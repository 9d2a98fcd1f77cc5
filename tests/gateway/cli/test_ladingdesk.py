"""`silkgate lading` at a platform and a carrier, between two gateways over HTTP."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.store import ladings
from gateway.store.ladings import Transfer
from tests.gateway.cli.conftest import Run, Silkgate
from tests.gateway.lading.envelopes import document, party
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_arrival import KNOWN
from tests.gateway.lading.test_pint import CARX, ONE, fresh, moved, sums


def said(run: Run) -> list[Any]:
    """Return what the command printed; the houses' own log goes to the same place."""
    return [json.loads(line) for line in run.out.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House, House]]:
    """Give a carrier and two platforms, each serving."""
    folder = tmp_path_factory.mktemp("desk")
    made = (
        House(folder, carrier="MAEU"),
        House(folder, platform="CARX", parties=["Shipper"]),
        House(folder, platform="BOLE", parties=["Buyer"]),
    )
    acquaint(*made)
    with ExitStack() as stack:
        for house in made:
            stack.enter_context(house.open())
        yield made


def test_a_bill_is_issued_moved_surrendered_and_released(
    silkgate: Silkgate, houses: tuple[House, House, House], tmp_path: Path
):
    """From the carrier's request to the gate, each step by one command."""
    carrier, carx, bole = houses

    def file(name: str, value: Any) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(value), "utf-8")
        return path

    shipper, buyer = party("Shipper", "CARX"), party("Buyer", "BOLE")
    issue_to = {
        "partyName": "Shipper",
        "sendToPlatform": "CARX",
        "identifyingCodes": shipper["identifyingCodes"],
    }
    bill = file("bill", document("SGZ00001"))
    at_carrier = ("--home", carrier.home, "--json")
    asked = silkgate("lading", "ask", bill, "--to", file("to", issue_to), *at_carrier)
    assert (asked.code, said(asked)[0]) == (0, {"reference": "SGZ00001"})
    silkgate("lading", "work", "--home", carx.home)
    (row,) = said(silkgate("lading", "list", "--home", carx.home, "--json"))
    assert (row["state"], row["account"]) == ("held", "shipper")
    home = ("--home", carx.home, "--tenant", "shipper", "--json")
    moved = silkgate("lading", "act", "SGZ00001", "TRANSFER", "--to", file("b", buyer), *home)
    assert said(moved)[0]["answer"] == "RECE"
    late = silkgate("lading", "surrender", "SGZ00001", *home)
    assert (late.code, said(late)[0]["error"]["code"]) == (1, "SG-5606")
    there = ("--home", bole.home, "--tenant", "buyer", "--json")
    assert silkgate("lading", "surrender", "SGZ00001", *there).code == 0
    silkgate("lading", "work", "--home", carx.home)
    papers = said(silkgate("lading", "papers", *at_carrier))
    waiting = [(each["kind"], each["bill"]) for each in papers if each["state"] == "pending"]
    assert waiting == [("surrender-request", "SGZ00001")]
    assert silkgate("lading", "decide", "SGZ00001", "SURR", *at_carrier).code == 0
    again = silkgate("lading", "decide", "SGZ00001", "SURR", *at_carrier)
    assert said(again)[0]["error"]["code"] == "SG-5605"
    agent = file("agent", buyer)
    order = said(silkgate("lading", "order", "SGZ00001", "--to", agent, *at_carrier))[0]
    number = order["deliveryOrderReference"]
    gate = ("lading", "gate-out", number, "NARU3472484", "--agent", agent)
    unpaid = said(silkgate(*gate, *at_carrier))[0]["error"]
    assert unpaid["message"]["en"].endswith("charges are open")
    silkgate("lading", "pay", number, *at_carrier)
    shut = silkgate(*gate, *at_carrier)
    assert (shut.code, said(shut)[0]["error"]["code"]) == (1, "SG-5606")
    told = silkgate("lading", "pay", number, "--home", carrier.home).out
    for line in ("Held by: Buyer", "Charges paid: yes", "Customs released: no"):
        assert line in told


def test_what_is_no_object_is_refused(
    silkgate: Silkgate, houses: tuple[House, House, House], tmp_path: Path
):
    """A party that is not JSON is wrong usage."""
    (tmp_path / "x.json").write_text("[]", "utf-8")
    home = ("--home", houses[0].home, "--json")
    run = silkgate("lading", "order", "SGZ00001", "--to", tmp_path / "x.json", *home)
    assert (run.code, said(run)[0]["error"]["code"]) == (2, "SG-1143")


def test_the_policy_follows_the_bill(
    silkgate: Silkgate, houses: tuple[House, House, House], tmp_path: Path
):
    """Bound once, with its invoice; whoever holds the bill is its assignee."""
    carrier, carx, _ = houses
    codes = party("Shipper", "CARX")["identifyingCodes"]
    to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": codes}
    for name, value in {"bill": document("SGZ00003"), "to": to}.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value), "utf-8")
    ask = ("lading", "ask", tmp_path / "bill.json", "--to", tmp_path / "to.json")
    silkgate(*ask, "--home", carrier.home, "--json")
    silkgate("lading", "work", "--home", carx.home)
    home = ("--tenant", "shipper", "--home", carx.home, "--json")
    bind = ("lading", "bundle", "SGZ00003", "--policy", "POL-1")
    assert silkgate(*bind, *home).code == 2
    made = said(silkgate(*bind, "--invoice", "INV-1", *home))[0]
    assert (made["policy"], made["assignee"]["partyName"]) == ("POL-1", "Shipper")
    twice = said(silkgate(*bind, "--invoice", "INV-1", *home))[0]
    assert twice["error"]["code"] == "SG-5606"


def test_the_key_is_printed_before_the_peers_have_given_theirs(
    silkgate: Silkgate, home: Path, tmp_path: Path
):
    """Two that begin with each other can both begin."""
    shutil.copytree(home, tmp_path / "new")
    settings = tmp_path / "new" / "silkgate.toml"
    peer = (
        '[lading]\nplatform = "CARX"\n[[lading.peers]]\ncode = "BOLE"\nurl = "https://b.example"\n'
    )
    settings.write_text(settings.read_text("utf-8") + f'{peer}keys = "none.jwk"\n', "utf-8")
    assert said(silkgate("lading", "jwk", "--home", tmp_path / "new"))[0]["kty"] == "EC"


def test_the_key_that_others_know_us_by_is_public(
    silkgate: Silkgate, houses: tuple[House, House, House]
):
    """`jwk` prints the public key without any private part."""
    (found,) = said(silkgate("lading", "jwk", "--home", houses[0].home))
    assert found["kid"] == houses[0].signer.published()["kid"]
    assert "d" not in found


def test_arrival_is_announced_by_the_carrier_and_fetched_by_the_platform(
    silkgate: Silkgate, houses: tuple[House, House, House], tmp_path: Path
):
    """The document gives the notice, with what the carrier knows; what is missing is told."""
    carrier, carx, _ = houses
    codes = party("Shipper", "CARX")["identifyingCodes"]
    to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": codes}
    files = {"bill": document("SGZ00002"), "to": to, "known": KNOWN}
    for name, value in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value), "utf-8")
    asked = ("SGZ00002", "--home", carrier.home, "--json")
    silkgate("lading", "ask", tmp_path / "bill.json", "--to", tmp_path / "to.json", *asked[1:])
    silkgate("lading", "work", "--home", carx.home)
    missing = said(silkgate("lading", "arrival", *asked))[0]["error"]
    assert missing["code"] == "SG-5601"
    there = ("SGZ00002", "--fetch", "--home", carx.home, "--json")
    assert said(silkgate("lading", "arrival", *there))[0]["error"]["code"] == "SG-5605"
    known = ("--with", tmp_path / "known.json")
    made = said(silkgate("lading", "arrival", *asked, *known))[0]
    assert made["vesselVoyageAtPOD"]["carrierImportVoyageNumber"] == "402W"
    assert said(silkgate("lading", "arrival", *there))[0] == made
    shown = silkgate("lading", "show", "SGZ00002", "--home", carx.home, "--json")
    assert said(shown)[0]["arrival"] == made


def test_unfinished_transfers_are_listed_and_forgotten(
    silkgate: Silkgate, houses: tuple[House, House, House]
):
    """Younger than the setting: not listed; with --days it is, and with --purge it is gone."""
    bole = houses[2]
    envelope = moved(fresh()).envelope(CARX, ONE)
    now = bole.ladings.desk.clock()
    with bole.ladings.desk.store.begin() as tx:
        body = {"last": "", "documents": {sums(ONE)[0]: {}}, "envelope": envelope}
        lying = Transfer(
            id="lying",
            bill="00",
            direction="in",
            peer="CARX",
            content="00",
            state="open",
            body=body,
            created_at=now,
            updated_at=now,
        )
        ladings.start(tx, lying)
    listed = ("lading", "unfinished", "--home", bole.home, "--json")
    assert said(silkgate(*listed)) == []
    (row,) = said(silkgate(*listed, "--days", "0"))
    assert (row["id"], row["platform"], row["missing"]) == ("lying", "CARX", sums(ONE))
    assert len(said(silkgate(*listed, "--days", "0", "--purge"))) == 1
    assert said(silkgate(*listed, "--days", "0")) == []
