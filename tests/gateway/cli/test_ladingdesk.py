"""`silkgate lading` at a platform and a carrier, between two gateways over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.cli.conftest import Run, Silkgate
from tests.gateway.lading.envelopes import document, party
from tests.gateway.lading.platforms import House, acquaint


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
    rows = [
        each["reference"]
        for each in carrier.ladings.papers("surrender-request")
        if each["bill"] == "SGZ00001"
    ]
    assert silkgate("lading", "decide", rows[0], "SURR", *at_carrier).code == 0
    agent = file("agent", buyer)
    order = said(silkgate("lading", "order", "SGZ00001", "--to", agent, *at_carrier))[0]
    number = order["deliveryOrderReference"]
    gate = ("lading", "gate-out", number, "NARU3472484", "--agent", agent)
    unpaid = said(silkgate(*gate, *at_carrier))[0]["error"]
    assert unpaid["message"]["en"].endswith("charges are open")
    silkgate("lading", "pay", number, *at_carrier)
    shut = silkgate(*gate, *at_carrier)
    assert (shut.code, said(shut)[0]["error"]["code"]) == (1, "SG-5606")


def test_what_is_no_object_is_refused(
    silkgate: Silkgate, houses: tuple[House, House, House], tmp_path: Path
):
    """A party that is not JSON is wrong usage."""
    (tmp_path / "x.json").write_text("[]", "utf-8")
    home = ("--home", houses[0].home, "--json")
    run = silkgate("lading", "order", "SGZ00001", "--to", tmp_path / "x.json", *home)
    assert (run.code, said(run)[0]["error"]["code"]) == (2, "SG-1143")


def test_the_key_that_others_know_us_by_is_public(
    silkgate: Silkgate, houses: tuple[House, House, House]
):
    """`jwk` prints the public key without any private part."""
    (found,) = said(silkgate("lading", "jwk", "--home", houses[0].home))
    assert found["kid"] == houses[0].signer.published()["kid"]
    assert "d" not in found
