"""The console's pages of bills of lading."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.api.keys import Scope
from gateway.lading.refusals import UnknownThing
from tests.gateway.api.world import World
from tests.gateway.console.conftest import sign_in

LADING = Path(__file__).parents[2] / "golden" / "related" / "g06" / "lading.json"
BILL: dict[str, Any] = json.loads(LADING.read_bytes())
REFERENCE = BILL["transportDocumentReference"]
EVIL = "<script>alert(1)</script>"
SHIPPER = {"partyName": "Sample Songjiang Machine Works", "eblPlatform": "WAVE"}


class Ladings:
    """A gateway's bills: one of the account `cn`, as `gateway.lading.view` shows it."""

    def __init__(self) -> None:
        """Hold one bill."""
        self.asked: list[str | None] = []
        self.title: dict[str, Any] = {}

    def listed(self, tenant: str | None) -> list[dict[str, Any]]:
        """Return the only row."""
        self.asked.append(tenant)
        return [_row()]

    def shown(self, reference: str, tenant: str | None) -> dict[str, Any]:
        """Return the bill with a chain; raises UnknownThing."""
        self.asked.append(tenant)
        if reference != REFERENCE:
            raise UnknownThing(where=reference, what="bill of lading")
        step: dict[str, Any] = {"actionDateTime": "2026-03-25T08:00:00.000Z", "actor": SHIPPER}
        chain: list[dict[str, Any]] = [
            {**step, "actionCode": "ISSUE", "recipient": SHIPPER, "entry": "ab" * 32, "n": 0},
            {
                **step,
                "actionCode": "ENDORSE_TO_ORDER",
                "comments": EVIL,
                "recipient": {"partyName": EVIL, "eblPlatform": "BOLE"},
                "entry": "",
                "n": None,
            },
        ]
        found = {
            **_row(),
            "title_holder": SHIPPER,
            "status": "ISSUED",
            "document": BILL,
            "chain": chain,
            "arrival": None,
            "papers": [],
        }
        if self.title:
            chain[0]["moved"] = {"action": "issue", "reference": "0x" + "ef" * 32}
            found["title"] = self.title
        return found


def _row() -> dict[str, Any]:
    return {
        "reference": REFERENCE,
        "checksum": "cd" * 32,
        "state": "held",
        "kind": "straight",
        "account": "cn",
        "possessor": EVIL,
        "platform": "WAVE",
        "carrier": "SMPL",
        "updated_at": "2026-03-25T08:00:00.000Z",
    }


def _titled(*, agrees: bool) -> dict[str, Any]:
    state = {"beneficiary": "0xA", "holder": "0xA", "location": "escrow", "active": True}
    link = {"action": "issue", "args": ["0xA", "0xA"], "reference": "0x" + "ef" * 32}
    return {
        "place": "eip155:1:0xC/" + "cd" * 32,
        "kind": "straight",
        "state": state,
        "paper": "",
        "beneficiary": "CARX",
        "holder": "CARX",
        "agrees": agrees,
        "history": [{**link, "time": "2026-03-25T08:00:00.000Z", "beneficiary": "CARX",
                     "holder": "CARX"}],
    }  # fmt: skip


@pytest.fixture
def desk(world: World) -> Ladings:
    """The gateway's bills."""
    made = Ladings()
    world.ladings = made
    return made


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("issued", "endorsed to order", "not yet signed")), ("zh", ("签发", "指示背书"))],
)
def test_a_bill_is_shown_with_its_chain(
    reader: httpx.Client, lang: str, words: tuple[str, ...]
) -> None:
    """State, possessor and each step in order, in both languages; names are never markup."""
    text = reader.get(f"/console/ladings/{REFERENCE}", params={"lang": lang}).text
    assert all(word in text for word in words)
    assert text.index(words[0]) < text.index(words[1])
    assert EVIL not in text
    listed = reader.get("/console/ladings").text
    assert f'href="/console/ladings/{REFERENCE}"' in listed
    assert EVIL not in listed


@pytest.mark.parametrize("agrees", [True, False])
def test_the_registers_title_stands_beside_the_bill(
    reader: httpx.Client, desk: Ladings, *, agrees: bool
) -> None:
    """Its state, its moves, the move of each step, and a warning where the two differ."""
    desk.title = _titled(agrees=agrees)
    text = reader.get(f"/console/ladings/{REFERENCE}", params={"lang": "en"}).text
    assert all(word in text for word in ("eip155:1:0xC/", "On the register:", "CARX"))
    assert ("where this bill says" in text) is not agrees


@pytest.mark.usefixtures("desk")
def test_the_bill_is_a_page_of_its_own(reader: httpx.Client) -> None:
    """The page people know; its policy allows its own style by digest, no script, no frame."""
    answer = reader.get(f"/console/ladings/{REFERENCE}/bill")
    assert "Bill of Lading" in answer.text
    assert "Felixstowe (GBFXT)" in answer.text
    policy = answer.headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "style=" not in answer.text


def test_an_account_sees_its_own_bills(reader: httpx.Client, desk: Ladings) -> None:
    """The account of the reader is asked for; a bill that is not there is a 404."""
    reader.get("/console/ladings")
    assert desk.asked[-1] == "port"
    assert reader.get("/console/ladings/NOBODY").status_code == 404


@pytest.mark.usefixtures("desk")
def test_a_key_without_the_scope_sees_no_bill(visitor: httpx.Client, world: World) -> None:
    """Bills are shown to keys that may read them."""
    sign_in(visitor, world.key(scopes=frozenset({Scope.BOARD})))
    for path in ("ladings", f"ladings/{REFERENCE}", f"ladings/{REFERENCE}/bill"):
        assert visitor.get(f"/console/{path}").status_code == 403
