"""Parties with accounts of their own on the register: nothing moves without their signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from click.testing import CliRunner

from gateway import setup
from gateway.cli.title.group import group
from gateway.settings import load
from gateway.wiring.titles.titling import SealParty
from ledger.anchors.account import Account
from ledger.title.party import PartyKey
from ledger.title.state import Kind
from tests.gateway.lading.envelopes import document, party
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_lives import BUYER, BUYER_HERE, _moved
from tests.gateway.lading.titled import Ledger, Titled, serving_all
from tests.ledger.title.rpcserver import Node, serving

_URN = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"


class Key(Protocol):
    """A party's key, as a file that the command line signs with."""

    def save(self, path: Path, passphrase: bytes | None = None) -> None:
        """Write it."""


@dataclass
class Scene:
    """A trade in which the shipper has an account of its own, and its key."""

    trade: Titled
    key: Path
    account: str
    other: Path
    stranger: str

    def prepared(self, reference: str, made: dict[str, Any], key: Path) -> dict[str, Any]:
        """Ask over the API what to sign, and sign it with the command line."""
        answer = self._call(f"/v1/ladings/{reference}/orders", made)
        assert answer.status_code == 200, answer.text
        file = key.parent / "asked.json"
        file.write_text(answer.text, "utf-8")
        run = CliRunner().invoke(group, ["sign", str(file), "--key", str(key)])
        assert run.exit_code == 0, run.output
        signed: dict[str, Any] = json.loads(run.stdout)
        return signed

    def act(self, reference: str, made: dict[str, Any], signed: dict[str, Any]) -> None:
        """Make the transaction over the API, with the orders."""
        answer = self._call(f"/v1/ladings/{reference}/transactions", {**made, **signed})
        assert answer.status_code == 202, answer.text
        self.trade.work()

    def _call(self, path: str, body: dict[str, Any]) -> httpx.Response:
        token = self.trade.carx.token("shipper", "all")
        return self.trade.http.post(
            f"{self.trade.carx.url}{path}",
            json=body,
            headers={"authorization": f"Bearer {token}"},
        )


@contextmanager
def on_chain(folder: Path) -> Iterator[Scene]:
    """Give the scene over a contract."""
    node, key, other = Node(), Account.generate(), Account.generate()
    with serving(node) as url:
        ledger = Ledger(url, node.fund)
        more = [ledger.settings(issues=issues) for issues in (True, False)]
        houses = _houses(folder, more)
        for house, issues in zip(houses[1:], (True, False), strict=True):
            ledger.admit(house, issues=issues)
        form = f"did:pkh:eip155:{ledger.chain.chain_id()}:"
        known = (f"{form}{key.address.lower()}", key.address, f"{form}{other.address}")
        with _scene(folder, houses, ledger.uri, (key, other), known) as scene:
            yield scene


@contextmanager
def on_log(folder: Path) -> Iterator[Scene]:
    """Give the scene over the register of the first platform."""
    key, other, uri = PartyKey.generate(), PartyKey.generate(), "https://carx.example/v1/titles"
    own = f'[[lading.registers]]\nkind = "log"\nuri = "{uri}"\n'
    more = [f'registry = "{uri}"\n{own}', f'{own}peer = "CARX"\nname = "carx/log"\n']
    houses = _houses(folder, more)
    for house in houses[1:]:
        seal = setup.key_store(load(house.home)).load("seal")
        house.accounts.append(SealParty(seal).party)
    carx = houses[1]
    carx.peers_may = "ladings:peer titles:read titles:write"
    file = carx.home / "silkgate.toml"
    issuers = f'\n[titles]\nissuers = ["{carx.accounts[0]}"]\n'
    file.write_text(file.read_text("utf-8") + issuers, "utf-8")
    known = (f"{_URN}{key.party}", key.party, f"{_URN}{other.party}")
    with _scene(folder, houses, uri, (key, other), known) as scene:
        yield scene


def _houses(folder: Path, more: list[str]) -> tuple[House, House, House]:
    return (
        House(folder, carrier="MAEU"),
        House(folder, platform="CARX", parties=["Shipper", "Buyer"], more=more[0]),
        House(folder, platform="BOLE", parties=["Buyer"], more=more[1]),
    )


@contextmanager
def _scene(
    folder: Path,
    houses: tuple[House, House, House],
    uri: str,
    keys: tuple[Key, Key],
    known: tuple[str, str, str],
) -> Iterator[Scene]:
    """Enter the shipper's account in the list of parties, and serve everybody."""
    code, account, stranger = known
    file = houses[1].home / "lading-parties.toml"
    said = file.read_text("utf-8").replace('["ZZZ", "SHIPPER"]', f'["W3C", "{code}"]')
    file.write_text(said, "utf-8")
    paths = (folder / "shipper.pem", folder / "other.pem")
    for key, path in zip(keys, paths, strict=True):
        key.save(path)
    acquaint(*houses)
    trade = Titled(*houses, uri)
    with serving_all(trade):
        yield Scene(trade, paths[0], account, paths[1], stranger)


@pytest.fixture(scope="module", params=[on_chain, on_log])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """Give the scene over each kind of register."""
    with request.param(tmp_path_factory.mktemp("parties")) as made:
        yield made


def test_a_title_is_issued_to_the_partys_own_account(scene: Scene):
    """The shipper's code names its account: the platform has no title of this bill."""
    reference = scene.trade.issued()
    state = scene.trade.title(reference).state
    assert (state.beneficiary, state.holder) == (scene.account, scene.account)
    assert scene.trade.shown(scene.trade.carx, reference)["title"]["agrees"] is True


def test_without_the_partys_order_nothing_moves(scene: Scene):
    """The gateway alone cannot: the bill is as it was, and says why."""
    reference = scene.trade.issued()
    scene.trade.carx.ladings.inhouse.act("shipper", reference, _moved("TRANSFER", BUYER_HERE))
    scene.trade.work()
    assert scene.trade.state(scene.trade.carx, reference) == ("held", "shipper")
    refused = scene.trade.shown(scene.trade.carx, reference)["refused"]
    assert refused["actionCode"] == "TRANSFER"
    assert scene.trade.moved(reference) == ["issue"]
    transfer = scene.trade.carx.ladings.sender.offer(
        "shipper", reference, _moved("TRANSFER", BUYER)
    )
    scene.trade.work()
    assert scene.trade.carx.ladings.carriage.carry(transfer).code == ""
    assert scene.trade.state(scene.trade.carx, reference) == ("held", "shipper")


def test_with_another_partys_order_nothing_moves(scene: Scene):
    """An order or mandate by a stranger's key is refused by the register."""
    reference = scene.trade.issued()
    made = _moved("TRANSFER", BUYER)
    scene.act(reference, made, scene.prepared(reference, made, scene.other))
    assert scene.trade.moved(reference) == ["issue"]
    assert scene.trade.state(scene.trade.carx, reference) == ("held", "shipper")


def test_an_account_that_the_other_platform_does_not_know_gets_nothing(scene: Scene):
    """It is asked first: a title at a stranger's account could not be given back."""
    reference = scene.trade.issued()
    code = {"codeListProvider": "W3C", "partyCode": scene.stranger}
    to = {**BUYER, "identifyingCodes": [*BUYER["identifyingCodes"], code]}
    made = _moved("TRANSFER", to)
    scene.act(reference, made, scene.prepared(reference, made, scene.key))
    assert scene.trade.moved(reference) == ["issue"]
    assert scene.trade.state(scene.trade.carx, reference) == ("held", "shipper")


def test_the_partys_own_order_moves_the_title(scene: Scene):
    """Asked for, signed with the party's key, handed in: the bill goes to the other platform."""
    reference = scene.trade.issued()
    made = _moved("TRANSFER", BUYER)
    scene.act(reference, made, scene.prepared(reference, made, scene.key))
    assert scene.trade.state(scene.trade.bole, reference) == ("held", "buyer")
    assert scene.trade.holder(reference) == ("BOLE", "BOLE")


def test_an_endorsement_in_blank_is_ordered_too(scene: Scene):
    """Inside a platform as well; and a bill that was moved cannot be moved by the old order."""
    trade = scene.trade
    made = document(f"SGP{id(scene) % 100_000:05}", to_order=True)
    made["documentParties"]["endorsee"]["identifyingCodes"] = [
        {"codeListProvider": "CARX", "partyCode": "shipper"}
    ]
    issue_to = {**party("Shipper", "CARX"), "sendToPlatform": "CARX"}
    issue_to.pop("eblPlatform")
    reference = trade.carrier.ladings.carrier_issuing.ask(made, issue_to)
    trade.work()
    blank = _moved("BLANK_ENDORSE")
    signed = scene.prepared(reference, blank, scene.key)
    scene.act(reference, blank, signed)
    assert trade.title(reference).state.kind is Kind.BLANK
    assert trade.moved(reference) == ["issue", "changeKind"]
    scene.act(reference, blank, signed)
    assert trade.moved(reference) == ["issue", "changeKind"]
