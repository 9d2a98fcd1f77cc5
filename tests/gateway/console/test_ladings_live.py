"""The pages of a real platform's bills: timeline, transfers and the bill, drawn in a browser."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gateway import console
from gateway.api.app import create_app
from gateway.api.serve import Listen, serving
from tests.gateway.console.conftest import sign_in
from tests.gateway.console.test_browser import BROWSER, SignedIn, dump
from tests.gateway.lading.envelopes import checksum, document, new_signer, party
from tests.gateway.lading.platforms import House

CARRIER = new_signer()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a platform with a bill that was issued, signed and handed on inside it."""
    made = House(tmp_path_factory.mktemp("console"), platform="CARX", parties=["Shipper", "Bank"])
    made.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    bill = document("SGX20260001")
    issue_to = {
        "partyName": "Shipper",
        "sendToPlatform": "CARX",
        "identifyingCodes": party("Shipper", "CARX")["identifyingCodes"],
    }
    manifest = {"documentChecksum": checksum(bill), "issueToChecksum": checksum(issue_to)}
    signed = CARRIER.sign(json.dumps(manifest).encode())
    request = {"document": bill, "issueTo": issue_to, "issuanceManifestSignedContent": signed}
    made.ladings.issuing.request(request, "MAEU")
    made.ladings.issuing.decide("SGX20260001", "ISSU")
    made.ladings.act("shipper", "SGX20260001", {"actionCode": "SIGN"})
    moved = {"actionCode": "TRANSFER", "recipient": party("Bank", "CARX")}
    made.ladings.act("shipper", "SGX20260001", moved)
    yield made
    made.close()


@pytest.fixture
def app(house: House) -> FastAPI:
    """Give the platform's application with its console."""
    assert house.gateway is not None
    return create_app(house.gateway, console.mount)


@pytest.fixture
def reader(house: House, app: FastAPI) -> Iterator[httpx.Client]:
    """Give a browser signed in as the operator."""
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as client:
        sign_in(client, house.token("carx", "all"))
        yield client


@pytest.mark.parametrize(
    ("language", "steps"),
    [("en", ["issued", "signed", "transferred"]), ("zh", ["签发", "签署", "转移占有"])],
)
def test_the_chain_is_a_timeline(reader: httpx.Client, language: str, steps: list[str]):
    """Every transaction is a step, with who made it and whether an entry has signed it."""
    text = reader.get(f"/console/ladings/SGX20260001?lang={language}").text
    found = [part.partition("<")[0] for part in text.split('class="stage">')[1:]]
    assert found == steps


def test_another_account_sees_nothing(house: House, reader: httpx.Client):
    """A bill of others is as if it were not there."""
    reader.cookies.clear()
    sign_in(reader, house.token("stranger", "all"))
    assert reader.get("/console/ladings/SGX20260001").status_code == 404


@pytest.mark.skipif(
    BROWSER is None, reason="no chromium here: install it to see the console in a browser"
)
def test_the_page_and_the_bill_render_in_a_browser(
    app: FastAPI, reader: httpx.Client, tmp_path: Path
):
    """The page with its timeline and the bill inside it is drawn, policy and all."""
    cookie = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    picture = tmp_path / "bill.png"
    with serving(SignedIn(app, cookie), Listen(port=0)) as url:
        place = f"{url}/console/ladings/SGX20260001"
        text = dump(f"{place}?lang=zh", tmp_path / "profile", 3000)
        bill = dump(f"{place}/bill?lang=en", tmp_path / "profile", 1000)
        subprocess.run(
            [
                str(BROWSER),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1200,2300",
                "--hide-scrollbars",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--screenshot={picture}",
                f"{place}?lang=en",
            ],
            capture_output=True,
            timeout=90,
            check=True,
        )
    assert text.count('class="stage"') == 3
    assert "SGX20260001" in bill
    assert picture.read_bytes().startswith(b"\x89PNG")
