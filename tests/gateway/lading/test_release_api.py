"""Release, insurance and presentation over HTTP: who may call what, and what comes back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from gateway.lading.shapes import check
from tests.gateway.lading.envelopes import Json, document, party
from tests.gateway.lading.platforms import House, acquaint

BUYER, FORWARDER, BANK = (
    {
        **party(name, "CARX"),
        "identifyingCodes": [{"codeListProvider": "ZZZ", "partyCode": name.upper()}],
    }
    for name in ("Buyer", "Forwarder", "Bank")
)
BOX = "NARU3472484"
_numbers = iter(range(1, 1000))


class Line:
    """A carrier with accounts of its own, and the platform its bills are issued on."""

    def __init__(self, carrier: House, platform: House) -> None:
        """Put both together."""
        self.carrier, self.platform = carrier, platform
        self.http = httpx.Client(timeout=30.0)

    def call(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the carrier as an account; `who` ending in @ calls the platform."""
        house = self.platform if who.endswith("@") else self.carrier
        name = who.removesuffix("@")
        scope = "ladings:peer" if name.isupper() else "all"
        headers = {"authorization": f"Bearer {house.token(name, scope)}"}
        answer = self.http.request(method, house.url + path, json=body, headers=headers)
        return answer.status_code, answer.json() if answer.content else None

    def work(self) -> None:
        """Let both do what is planned."""
        for _ in range(3):
            self.carrier.work()
            self.platform.work()

    def issued(self) -> str:
        """Return a bill issued to the buyer."""
        reference = f"API{next(_numbers):05}"
        issue_to = {
            "partyName": "Buyer",
            "sendToPlatform": "CARX",
            "identifyingCodes": BUYER["identifyingCodes"],
        }
        self.carrier.ladings.carrier_issuing.ask(document(reference), issue_to)
        self.work()
        return reference

    def surrendered(self) -> str:
        """Return a bill that was surrendered and accepted."""
        reference = self.issued()
        asked = self.platform.ladings.surrender("buyer", reference, "SREQ")
        self.work()
        self.carrier.ladings.surrendered.decide(asked, "SURR")
        self.work()
        return reference


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Give the two, each serving; the carrier is a platform of its own besides."""
    folder = tmp_path_factory.mktemp("line")
    names = ["Buyer", "Forwarder", "Bank"]
    houses = (
        House(folder, platform="SGTD", carrier="MAEU", parties=names),
        House(folder, platform="CARX", parties=names),
    )
    acquaint(*houses)
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.open())
        made = Line(*houses)
        with made.http:
            yield made


def _ordered(line: Line) -> Json:
    said = {"transportDocumentReference": line.surrendered(), "agent": BUYER}
    status, made = line.call("sgtd", "POST", "/v1/delivery-orders", said)
    assert status == 201, made
    order: Json = made
    return order


def test_an_order_is_handed_on_by_who_holds_it(line: Line):
    """The agent's own account hands it on; another account cannot, nor look at it."""
    number = _ordered(line)["deliveryOrderReference"]
    path = f"/v1/delivery-orders/{number}"
    step = {"from": BUYER, "to": FORWARDER}
    assert line.call("bank", "POST", f"{path}/delegations", step)[0] == 403
    assert line.call("buyer", "POST", f"{path}/delegations", step)[0] == 200
    assert line.call("buyer", "POST", f"{path}/delegations", step)[0] == 403
    assert line.call("buyer", "GET", path)[0] == 403
    shown = line.call("forwarder", "GET", path)[1]
    assert (shown["holder"]["partyName"], shown["customsReleased"]) == ("Forwarder", False)


def test_only_the_operator_releases(line: Line):
    """Order, payment and gate are the operator's; without customs the gate stays shut."""
    number = _ordered(line)["deliveryOrderReference"]
    path = f"/v1/delivery-orders/{number}"
    out = {"equipmentReference": BOX, "agent": BUYER}
    for place, body in (("payment", {}), ("gate-out", out)):
        assert line.call("buyer", "POST", f"{path}/{place}", body)[0] == 403
    assert line.call("sgtd", "POST", f"{path}/payment", {})[0] == 200
    status, said = line.call("sgtd", "POST", f"{path}/gate-out", out)
    assert (status, said["code"]) == (409, "SG-5606")
    assert line.call("sgtd", "GET", path)[1]["gateOut"] == {}
    other = {"transportDocumentReference": line.issued(), "agent": BUYER}
    assert line.call("sgtd", "POST", "/v1/delivery-orders", other)[0] == 409
    assert line.call("buyer", "POST", "/v1/delivery-orders", other)[0] == 403


def test_an_arrival_notice_speaks_dcsas_language(line: Line):
    """What is not there is an ErrorResponse; what is no notice is refused."""
    status, said = line.call("CARX", "GET", "/v1/arrival-notice/NONE")
    assert (status, check(said, "ErrorResponse")) == (404, [])
    assert line.call("sgtd", "POST", "/v1/arrival-notices", {"x": 1})[0] == 400


def test_a_policy_and_a_presentation_follow_the_bill(line: Line):
    """The holder binds a policy and presents; after completeness the bank holds both."""
    reference = line.issued()
    bound = {"policy": "POL-1", "invoice": "INV-1"}
    place = f"/v1/ladings/{reference}"
    assert line.call("bank@", "POST", f"{place}/bundle", bound)[0] == 403
    assert line.call("buyer@", "POST", f"{place}/bundle", bound)[0] == 201
    said = {"credit": "LC-1", "expiry": "2099-12-31", "bank": BANK}
    assert line.call("buyer@", "POST", f"{place}/presentations", {**said, "expiry": "x"})[0] == 422
    number = line.call("buyer@", "POST", f"{place}/presentations", said)[1]["presentation"]
    record = {"name": "invoice", "content": base64.b64encode(b"i").decode(), "credit": "LC-1"}
    path = f"/v1/presentations/{number}"
    assert line.call("bank@", "POST", f"{path}/records", record)[0] == 404
    assert line.call("buyer@", "POST", f"{path}/records", record) == (200, {"received": True})
    unnamed = {**record, "credit": ""}
    assert line.call("buyer@", "POST", f"{path}/records", unnamed) == (200, {"received": False})
    assert line.call("buyer@", "POST", f"{path}/completeness", {})[1]["state"] == "presented"
    again = {"name": "invoice"}
    assert line.call("buyer@", "POST", f"{path}/corruptions", again)[0] == 403
    assert line.call("forwarder@", "POST", f"{path}/corruptions", again)[0] == 404
    assert line.call("bank@", "POST", f"{path}/corruptions", {"name": "x"})[0] == 409
    assert line.call("bank@", "POST", f"{path}/corruptions", again)[1]["state"] == "stopped"
    assert line.call("forwarder@", "GET", path)[0] == 404
    assert line.call("buyer@", "GET", path)[1]["corrupted"] == "invoice"
    assert line.call("buyer@", "POST", f"{path}/records", record) == (200, {"received": True})
    assert line.call("carx@", "GET", path)[1]["state"] == "presented"
    shown = line.call("bank@", "GET", f"{place}/bundle")[1]
    assert (shown["assignee"]["partyName"], shown["state"]) == ("Bank", "in force")
    assert line.call("buyer@", "GET", f"{place}/bundle")[0] == 404
