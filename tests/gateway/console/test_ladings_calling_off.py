"""Calling a transfer off by page, by API and by command; where it is not safe each says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from gateway import console
from gateway.api.app import create_app
from gateway.lading.transfer import reach
from gateway.store import ladings
from tests.gateway.cli.conftest import Silkgate, silkgate
from tests.gateway.console.conftest import sign_in
from tests.gateway.lading.envelopes import document, issuance, new_signer, party
from tests.gateway.lading.platforms import House

__all__ = ["silkgate"]

CARRIER, BOLE = new_signer(), new_signer()
BILL = "SGX20260009"
MOVED = {"actionCode": "TRANSFER", "recipient": party("Buyer", "BOLE")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a platform with a bill, and a platform to transfer it to that nobody runs."""
    made = House(tmp_path_factory.mktemp("off"), platform="CARX", parties=["Shipper"])
    made.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    made.knows("BOLE", "http://127.0.0.1:9", BOLE)
    made.ladings.issuing.request(issuance(CARRIER, document(BILL), "Shipper", "CARX"), "MAEU")
    made.ladings.issuing.decide(BILL, "ISSU")
    yield made
    made.close()


@pytest.fixture
def shipper(house: House) -> Iterator[httpx.Client]:
    """Give the shipper's browser, which also calls the API."""
    assert house.gateway is not None
    app = create_app(house.gateway, console.mount)
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        sign_in(client, house.token("shipper", "all"))
        yield client


def _offered(house: House) -> str:
    """Offer the bill to the platform that is down, try once, and return the transfer."""
    transfer = house.ladings.act("shipper", BILL, dict(MOVED))
    house.work()
    return transfer


def _state(house: House) -> str:
    return str(house.ladings.shown(BILL, "shipper")["state"])


def _call(client: httpx.Client, house: House, account: str = "shipper") -> httpx.Response:
    headers = {"authorization": f"Bearer {house.token(account, 'all')}"}
    return client.post(f"/v1/ladings/{BILL}/call-off", headers=headers)


def test_the_page_has_a_button_for_its_holder(house: House, shipper: httpx.Client) -> None:
    """Pressed with the page's own token the bill is held again; without it nothing happens."""
    _offered(house)
    page = shipper.get(f"/console/ladings/{BILL}?lang=zh").text
    assert "撤回转让" in page
    assert shipper.post(f"/console/ladings/{BILL}/call-off", data={}).status_code >= 400
    assert _state(house) == "offered"
    token = page.partition('name="token" value="')[2].partition('"')[0]
    done = shipper.post(f"/console/ladings/{BILL}/call-off", data={"token": token})
    assert (done.status_code, _state(house)) == (303, "held")
    assert "撤回转让" not in shipper.get(f"/console/ladings/{BILL}?lang=zh").text


def test_the_api_calls_off_and_says_why_not(house: House, shipper: httpx.Client) -> None:
    """200 where nothing can have been accepted, 409 in both languages where it may have been."""
    _offered(house)
    assert _call(shipper, house, "carx").status_code == 403
    assert _call(shipper, house).json()["state"] == "held"
    assert _call(shipper, house).status_code == 409
    transfer = _offered(house)
    desk = house.ladings.desk
    assert reach.let_go(desk, transfer)
    refused = _call(shipper, house)
    assert refused.status_code == 409
    assert set(refused.json()["message"]) == {"en", "zh"}
    assert _state(house) == "offered"
    reach.came_back(desk, transfer)


def test_the_command_calls_off(house: House, silkgate: Silkgate, tmp_path: Path) -> None:
    """`silkgate lading call-off` gives the bill back to the account."""
    del tmp_path
    if _state(house) == "held":
        _offered(house)
    told = silkgate("lading", "call-off", BILL, "--tenant", "shipper", "--home", house.home)
    assert told.code == 0, told.out
    assert _state(house) == "held"
    with house.ladings.desk.store.read() as tx:
        states = [each.state for each in ladings.transfers(tx)]
    assert set(states) == {"rejected"}
    again = silkgate("lading", "call-off", BILL, "--tenant", "shipper", "--home", house.home)
    assert again.code == 1
