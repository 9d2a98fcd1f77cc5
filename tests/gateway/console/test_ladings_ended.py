"""What has become of a bill is on its page and stamped on its print, and release is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import httpx
import pytest
from fastapi.testclient import TestClient

from gateway import console
from gateway.api.app import create_app
from gateway.lading.view import status
from tests.gateway.console.conftest import sign_in
from tests.gateway.lading.envelopes import document, party
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_arrival import KNOWN

STATES = {
    "HELD1": ("held here", "本平台持有", None),
    "ASKED1": ("surrender asked", "已申请交单", "SURRENDER PENDING"),
    "DELIVERED1": ("surrendered for delivery", "已交单提货", "SURRENDERED"),
    "AMENDED1": ("surrendered for amendment", "已收回更改", "SURRENDERED"),
    "PAPER1": ("switched to paper", "已改为纸质", "SWITCHED TO PAPER"),
    "REFUSED1": ("held here", "本平台持有", None),
}
SURRENDERS = {
    "ASKED1": ("SREQ", "", ""),
    "DELIVERED1": ("SREQ", "", "SURR"),
    "AMENDED1": ("AREQ", "", "SURR"),
    "PAPER1": ("AREQ", "SWTP", "SURR"),
    "REFUSED1": ("SREQ", "", "SREJ"),
}


@dataclass(frozen=True)
class Trade:
    """A carrier and a platform, and a browser at each, signed in as its operator."""

    carrier: House
    at_platform: httpx.Client
    at_carrier: httpx.Client


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """Give a platform that has a bill in every state, with their carrier beside it."""
    folder = tmp_path_factory.mktemp("ended")
    carrier = House(folder, carrier="MAEU")
    platform = House(folder, platform="CARX", parties=["Buyer"])
    acquaint(carrier, platform)

    def work() -> None:
        for _ in range(3):
            carrier.work()
            platform.work()

    with ExitStack() as stack:
        for house in (carrier, platform):
            stack.enter_context(house.open())
        codes = party("Buyer", "CARX")["identifyingCodes"]
        issue_to = {"partyName": "Buyer", "sendToPlatform": "CARX", "identifyingCodes": codes}
        for reference in STATES:
            carrier.ladings.carrier_issuing.ask(document(reference), issue_to)
        work()
        for reference, (code, reason, answer) in SURRENDERS.items():
            asked = platform.ladings.surrender("buyer", reference, code, reason=reason)
            work()
            if answer:
                comments = "charges are open" if answer == "SREJ" else ""
                carrier.ladings.surrendered.decide(asked, answer, comments)
        work()
        carrier.ladings.arrivals.derive("HELD1", KNOWN)
        platform.ladings.arrivals.fetch("HELD1", None)
        platform_, carrier_ = (stack.enter_context(_browser(each)) for each in (platform, carrier))
        yield Trade(carrier, platform_, carrier_)


@contextmanager
def _browser(house: House) -> Iterator[httpx.Client]:
    assert house.gateway is not None
    app = create_app(house.gateway, console.mount)
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        sign_in(client, house.token(house.code.lower(), "all"))
        yield client


@pytest.fixture
def reader(trade: Trade) -> httpx.Client:
    """Give the browser at the platform."""
    return trade.at_platform


@pytest.mark.parametrize(("reference", "said"), STATES.items())
def test_a_page_says_what_has_become_of_the_bill(
    reader: httpx.Client, reference: str, said: tuple[str, str, str | None]
) -> None:
    """In both languages at the head of the page, and across the print of what is not in force."""
    english, chinese, stamp = said
    for language, words in (("en", english), ("zh", chinese)):
        text = reader.get(f"/console/ladings/{reference}?lang={language}").text
        head = text.partition('class="head-side"')[2].partition("</div>")[0]
        assert words in head
    sheet = reader.get(f"/console/ladings/{reference}/bill?lang=en").text
    assert ('class="stamp"' in sheet) is (stamp is not None)
    assert stamp is None or stamp in sheet


def test_an_ended_bill_is_in_nobodys_possession(reader: httpx.Client) -> None:
    """The page says who had it last, and why it became paper."""
    ended = reader.get("/console/ladings/PAPER1?lang=en").text
    assert "Last in possession" in ended
    assert "In possession" not in ended
    assert "Reason: switch to paper" in ended
    assert "In possession" in reader.get("/console/ladings/HELD1?lang=en").text


def test_release_is_shown_with_the_bill(reader: httpx.Client) -> None:
    """The carrier's arrival notice, and what it answered to a surrender."""
    held = reader.get("/console/ladings/HELD1?lang=en").text
    for word in ("2026-12-31", "402W", "NARU3472484", "Forwarder"):
        assert word in held
    refused = reader.get("/console/ladings/REFUSED1?lang=en").text
    assert "refused" in refused.partition('id="release"')[2]
    assert "charges are open" in refused


def test_a_carrier_sees_what_it_had_issued(trade: Trade) -> None:
    """With what became of each: surrendered, refused, expected to arrive, released to an agent."""
    agent = party("Buyer", "CARX")
    trade.carrier.ladings.release.order("DELIVERED1", agent)
    text = trade.at_carrier.get("/console/ladings?lang=en").text
    rows = {row.split()[0]: row for row in text.partition('id="issued"')[2].split("<li>")[1:]}
    assert set(rows) == set(STATES)
    assert "2026-12-31" in rows["HELD1"]
    assert "for delivery · accepted" in rows["DELIVERED1"]
    assert "Delivery order: open" in rows["DELIVERED1"]
    assert "for amendment · accepted" in rows["PAPER1"]
    assert "for delivery · refused" in rows["REFUSED1"]
    assert "waiting for an answer" in rows["ASKED1"]
    assert "作为承运人签发" in trade.at_carrier.get("/console/ladings?lang=zh").text
    assert 'id="issued"' not in trade.at_platform.get("/console/ladings").text


def test_a_chain_leads_to_a_status() -> None:
    """Asked, answered, asked again: the last surrender counts."""

    def after(*codes: str, reason: str = "") -> str:
        return status([{"actionCode": code, "reasonCode": reason} for code in codes])

    delivery, amendment = "SURRENDER_FOR_DELIVERY", "SURRENDER_FOR_AMENDMENT"
    assert after("ISSUE", "TRANSFER") == "ISSUED"
    assert after("ISSUE", delivery) == "PENDING_SURRENDER_FOR_DELIVERY"
    assert after("ISSUE", delivery, "SREJ") == "ISSUED"
    assert after("ISSUE", delivery, "SREJ", amendment) == "PENDING_SURRENDER_FOR_AMENDMENT"
    assert after("ISSUE", delivery, "SREJ", amendment, "SACC") == "SURRENDERED_FOR_AMENDMENT"
    assert after("ISSUE", amendment, "SACC", reason="SWTP") == "SWITCHED_TO_PAPER"
