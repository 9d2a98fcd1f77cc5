"""`silkgate lading instructions`: a shipper's gateway and a carrier's, over HTTP, to the draft."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.lading.shapes import check
from tests.gateway.cli.conftest import Silkgate
from tests.gateway.lading.envelopes import document
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_carrier import instructions

MAEU = ("--carrier", "MAEU")


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    """Give a carrier and the platform that its shipper is at."""
    folder = tmp_path_factory.mktemp("instruct")
    made = (
        House(folder, carrier="MAEU"),
        House(folder, platform="CARX", parties=["Shipper", "Other"]),
    )
    acquaint(*made)
    with ExitStack() as stack:
        for house in made:
            stack.enter_context(house.open())
        yield made


class Desk:
    """The command at both houses, with files."""

    def __init__(self, silkgate: Silkgate, folder: Path, houses: tuple[House, House]) -> None:
        """Run in `folder`."""
        self.silkgate, self.folder = silkgate, folder
        self.carrier, self.shipper = houses

    def file(self, value: Any) -> Path:
        """Write JSON."""
        path = self.folder / f"{len(list(self.folder.iterdir()))}.json"
        path.write_text(json.dumps(value), "utf-8")
        return path

    def run(self, house: House, *words: str | Path) -> tuple[int, Any]:
        """Run one of the commands; return its exit code and what it printed last."""
        run = self.silkgate("lading", *words, "--home", house.home, "--json")
        said = [json.loads(line) for line in run.out.splitlines() if line.startswith("{")]
        return run.code, said[-1] if said else None

    def shipping(self, *words: str | Path, tenant: str = "shipper") -> tuple[int, Any]:
        """Run one as a shipper."""
        return self.run(self.shipper, "instructions", *words, *MAEU, "--tenant", tenant)


@pytest.fixture
def desk(silkgate: Silkgate, tmp_path: Path, houses: tuple[House, House]) -> Desk:
    """Give the command."""
    return Desk(silkgate, tmp_path, houses)


def _added(reference: str) -> dict[str, Any]:
    """Return what the carrier adds to instructions: of the parties itself alone."""
    said, made = instructions(), document(reference)
    more = {name: value for name, value in made.items() if name not in said}
    return {**more, "documentParties": {"issuingParty": made["documentParties"]["issuingParty"]}}


def test_from_instructions_to_an_approved_draft(desk: Desk):
    """Given, asked to be updated, confirmed, drafted, shown and approved, each by one command."""
    status, told = desk.shipping("give", desk.file(instructions()))
    assert status == 0
    reference = told["reference"]
    assert desk.run(desk.carrier, "instructions", "list")[1]["state"] == "RECEIVED"
    asked = ("decide", reference, "PENDING_UPDATE", "--comments", "the freight")
    assert desk.run(desk.carrier, *asked)[0] == 0
    shown = desk.shipping("show", reference)[1]
    assert check(shown, "ShippingInstructions") == []
    assert shown["feedbacks"][0]["message"] == "the freight"
    changed = {
        **instructions(freightPaymentTermCode="COL"),
        "shippingInstructionsReference": reference,
    }
    assert desk.shipping("give", desk.file(changed), "--update", reference)[0] == 0
    assert desk.shipping("show", reference, "--updated")[1]["freightPaymentTermCode"] == "COL"
    assert desk.run(desk.carrier, "decide", reference, "UPDATE_CONFIRMED")[0] == 0
    drafting = ("instructions", "draft", reference, "--with", desk.file(_added("SGI00001")))
    assert desk.run(desk.carrier, *drafting) == (0, {"reference": "SGI00001"})
    out = desk.folder / "draft.json"
    assert desk.shipping("document", "SGI00001", "-o", out)[0] == 0
    draft = json.loads(out.read_text("utf-8"))
    assert (draft["transportDocumentStatus"], draft["freightPaymentTermCode"]) == ("DRAFT", "COL")
    assert set(draft["documentParties"]) == {"shipper", "consignee", "issuingParty"}
    (box,) = draft["utilizedTransportEquipments"]
    assert box["equipment"] == {"equipmentReference": "NARU3472484"}
    approved = desk.shipping("document", "SGI00001", "--approve")[1]
    assert approved["transportDocumentStatus"] == "APPROVED"
    assert desk.shipping("document", "SGI00001", "--approve")[0] == 1


def test_an_account_sees_only_what_it_gave(desk: Desk):
    """At the carrier we are one shipper; another account of ours sees and approves nothing."""
    reference = desk.shipping("give", desk.file(instructions()))[1]["reference"]
    assert desk.shipping("show", reference, tenant="other")[0] == 4
    assert desk.shipping("cancel", reference, tenant="other")[0] == 4
    drafting = ("instructions", "draft", reference, "--with", desk.file(_added("SGI00002")))
    assert desk.run(desk.carrier, *drafting)[0] == 0
    assert desk.shipping("document", "SGI00002", tenant="other")[0] == 4
    assert desk.shipping("document", "SGI00002", "--approve", tenant="other")[0] == 4
    assert desk.shipping("cancel", reference)[0] == 1
    assert desk.shipping("give", desk.file({}))[0] == 1
    assert desk.shipping("give", desk.file(instructions()), "--update", "none")[0] != 0


def test_the_same_over_the_api(houses: tuple[House, House]):
    """An account gives and approves, the carrier's operator drafts and answers; nobody else."""
    carrier, shipper = houses

    def call(house: House, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {house.token(who, 'all')}"}
        answer = httpx.request(method, house.url + path, json=body, headers=headers, timeout=30.0)
        return answer.status_code, answer.json()

    said = {"carrier": "MAEU", "instructions": instructions()}
    status, told = call(shipper, "shipper", "POST", "/v1/shipping-instructions", said)
    assert status == 202
    place = f"/v1/shipping-instructions/{told['reference']}"
    assert call(shipper, "shipper", "GET", f"{place}?carrier=MAEU")[0] == 200
    assert call(shipper, "other", "GET", f"{place}?carrier=MAEU")[0] == 404
    assert call(carrier, "stranger", "POST", f"{place}/draft", _added("SGI00003"))[0] == 403
    assert call(carrier, "maeu", "POST", f"{place}/draft", {"x": 1})[0] == 400
    assert call(carrier, "maeu", "POST", f"{place}/draft", _added("SGI00003"))[0] == 201
    assert call(carrier, "maeu", "GET", "/v1/shipping-instructions")[1]["items"]
    answered = {"status": "UPDATE_CONFIRMED"}
    assert call(carrier, "maeu", "POST", f"{place}/decision", answered)[0] == 409
    there = "/v1/transport-documents/SGI00003"
    assert call(shipper, "shipper", "GET", f"{there}?carrier=MAEU")[0] == 200
    assert call(shipper, "shipper", "POST", f"{there}/approval", {"carrier": "MAEU"})[0] == 202
    assert call(shipper, "shipper", "POST", f"{there}/approval", {"carrier": "MAEU"})[0] == 502
    assert call(shipper, "shipper", "POST", f"{there}/approval", {"carrier": "NONE"})[0] == 404
    amended = {"status": "AMENDMENT_CONFIRMED"}
    assert call(carrier, "maeu", "POST", f"{there}/amendment", amended)[0] == 404
    again = {"carrier": "MAEU", "instructions": {}}
    assert call(shipper, "shipper", "PUT", place, again)[0] == 400


def test_an_account_of_the_carrier_needs_no_peer(houses: tuple[House, House]):
    """A shipper with an account at the carrier itself: the same room, without a line between."""
    instructing = houses[0].ladings.instructing
    reference = instructing.give("trader", "MAEU", instructions())
    houses[0].ladings.carried.draft(reference, _added("SGI00004"))
    instructing.approve("trader", "MAEU", "SGI00004")
    found = instructing.document("trader", "MAEU", "SGI00004")
    assert found["transportDocumentStatus"] == "APPROVED"
