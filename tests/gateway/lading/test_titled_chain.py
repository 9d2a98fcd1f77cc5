"""A bill whose title lies in a contract: its life, and a chain that is slow or away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.lading.group import group as lading_commands
from gateway.cli.title.group import group as title_commands
from gateway.lading.refusals import PeerSilent
from gateway.lading.service import LadingService
from gateway.lading.shapes import check
from gateway.lading.titlebook import Opening
from gateway.settings import load
from gateway.settings.lading import LadingSettings, TitleRegister
from gateway.store import ladings
from gateway.wiring.doctor.check import State
from gateway.wiring.doctor.diagnosis import examine
from gateway.wiring.titles import books as titlebooks
from gateway.wiring.titles.chain import ChainBook
from ledger.title.evm import connect
from ledger.title.machine import Move
from ledger.title.state import Kind, Location
from tests.gateway.lading.envelopes import checksum, document
from tests.gateway.lading.platforms import House, free_port
from tests.gateway.lading.test_lives import BUYER, _moved
from tests.gateway.lading.titled import Ledger, Titled, on_chain
from tests.ledger.title.rpcserver import Node, serving


@dataclass
class Scene:
    """The operators and their chain."""

    trade: Titled
    node: Node

    def with_book(self, house: House, **changed: Any) -> LadingService:
        """Return a house's room with another view of the contract."""
        desk = house.ladings.desk
        book = desk.books[self.trade.uri]
        assert isinstance(book, ChainBook)
        return LadingService(replace(desk, books={self.trade.uri: replace(book, **changed)}))

    def known(self, house: House, reference: str) -> bool:
        """Tell whether a house has the bill."""
        with house.ladings.desk.store.read() as tx:
            return bool(ladings.of_reference(tx, reference))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Give three operators over a contract."""
    node = Node()
    with serving(node) as url:
        folder = tmp_path_factory.mktemp("chain")
        with on_chain(folder, Ledger(url, node.fund)) as trade:
            yield Scene(trade, node)


def test_bill_and_title_live_and_end_together(scene: Scene):
    """Issued, moved to another platform, surrendered there, ended: in both at once."""
    trade = scene.trade
    reference = trade.issued()
    assert trade.holder(reference) == ("CARX", "CARX")
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert (trade.state(trade.bole, reference), trade.holder(reference)) == (
        ("held", "buyer"),
        ("BOLE", "BOLE"),
    )
    trade.bole.ladings.surrender("buyer", reference, "SREQ")
    trade.work()
    assert trade.title(reference).state.location is Location.ISSUER
    asked = trade.paper(trade.carrier, "surrender-request", reference).reference
    trade.carrier.ladings.surrendered.decide(asked, "SURR")
    trade.work()
    assert [trade.state(house, reference)[0] for house in trade.houses[1:]] == ["ended", "ended"]
    assert trade.moved(reference) == ["issue", "transferOwners", "returnToIssuer", "burn"]


def test_a_move_counts_once_it_is_final(scene: Scene):
    """Until enough blocks follow, the envelope is not sent and the receiver has nothing."""
    trade = scene.trade
    reference = trade.issued()
    patient = scene.with_book(trade.carx, confirmations=2)
    transfer = patient.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    with pytest.raises(PeerSilent):
        patient.carriage.carry(transfer)
    assert not scene.known(trade.bole, reference)
    scene.node.mine(2)
    assert patient.carriage.carry(transfer).code == "RECE"
    assert trade.moved(reference) == ["issue", "transferOwners"]


def test_without_an_answer_of_the_chain_nothing_is_decided(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
):
    """The receiver answers 503, unsigned, and keeps nothing; later the same transfer is taken."""
    trade = scene.trade
    reference = trade.issued()
    gone = f"http://127.0.0.1:{free_port()}"
    blind = scene.with_book(trade.bole, connect=lambda: connect(gone))
    transfer = trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    assert trade.bole.gateway is not None
    with monkeypatch.context() as patched:
        patched.setitem(vars(trade.bole.gateway), "ladings", blind)
        with pytest.raises(PeerSilent):
            trade.carx.ladings.carriage.carry(transfer)
        with trade.carx.ladings.desk.store.read() as tx:
            envelope = ladings.transfer(tx, transfer).body["envelope"]
        answer = trade.http.post(
            f"{trade.bole.url}/v3/envelopes",
            json=envelope,
            headers={"authorization": f"Bearer {trade.bole.token('CARX')}"},
        )
    assert (answer.status_code, check(answer.json(), "ErrorResponse")) == (503, [])
    assert not scene.known(trade.bole, reference)
    assert trade.holder(reference) == ("BOLE", "BOLE")
    assert trade.carx.ladings.carriage.carry(transfer).code == "RECE"
    assert trade.state(trade.bole, reference) == ("held", "buyer")


def test_a_sender_whose_chain_is_away_sends_nothing(scene: Scene):
    """The transfer waits: the bill is offered, and the receiver is not asked."""
    trade = scene.trade
    reference = trade.issued()
    gone = f"http://127.0.0.1:{free_port()}"
    blind = scene.with_book(trade.carx, connect=lambda: connect(gone))
    transfer = blind.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    with pytest.raises(PeerSilent):
        blind.carriage.carry(transfer)
    assert trade.state(trade.carx, reference)[0] == "offered"
    assert trade.holder(reference) == ("CARX", "CARX")
    trade.carx.ladings.carriage.carry(transfer)
    assert trade.holder(reference) == ("BOLE", "BOLE")


def test_title_that_left_by_another_way_makes_a_dispute(scene: Scene):
    """The account gave the title away on the chain itself: the bill cannot be transferred here."""
    trade = scene.trade
    reference = trade.issued()
    book = trade.carx.ladings.desk.books[trade.uri]
    assert isinstance(book, ChainBook)
    title = str(trade.shown(trade.carx, reference)["checksum"])
    other = trade.bole.accounts[0]
    book.perform(title, Move("transferOwners", book.own, (other, other)), b"")
    transfer = trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    sent = trade.carx.ladings.carriage.carry(transfer)
    assert sent.code == "DISE"
    assert trade.state(trade.carx, reference)[0] == "disputed"
    assert not scene.known(trade.bole, reference)


def test_a_title_that_others_issued_is_no_bill_of_ours(scene: Scene):
    """The id is taken on the register: the carrier gets BREQ with the reason, and no bill."""
    trade = scene.trade
    made = document("SGTAKEN1")
    issue_to = {
        "partyName": "Shipper",
        "sendToPlatform": "CARX",
        "identifyingCodes": [{"codeListProvider": "CARX", "partyCode": "shipper"}],
    }
    book = trade.carx.ladings.desk.books[trade.uri]
    other = trade.bole.accounts[0]
    book.issue(checksum(made), Opening(kind=Kind.ESCROW, beneficiary=other, holder=other), b"")
    trade.carrier.ladings.carrier_issuing.ask(made, issue_to)
    trade.work()
    answer = trade.paper(trade.carrier, "issuance-request", "SGTAKEN1").body["answer"]
    assert answer["issuanceResponseCode"] == "BREQ"
    assert not scene.known(trade.carx, "SGTAKEN1")


def test_a_contract_that_nobody_can_ask_is_no_registry():
    """A registry that bills would name has to be among the registers of the settings."""
    uri = "eip155:1:0x" + "11" * 20
    with pytest.raises(ValueError, match="not among the registers"):
        LadingSettings(registry=uri)
    register = TitleRegister(uri=uri, rpc_url="http://127.0.0.1:8545")
    assert LadingSettings(registry=uri, registers=(register,)).registry == uri
    with pytest.raises(ValueError, match="same uri"):
        LadingSettings(registers=(register, register))
    with pytest.raises(ValueError, match="rpc_url"):
        TitleRegister(uri=uri)


def test_the_doctor_asks_each_contract(scene: Scene):
    """One that answers is fine, with our account; one that is not there is a warning."""
    house = scene.trade.bole
    settings = load(house.home)
    [(place, wrong)] = titlebooks.examined(settings)
    assert (wrong, house.accounts[0] in place) == (None, True)
    (register,) = settings.lading.registers
    dead = register.model_copy(update={"rpc_url": f"http://127.0.0.1:{free_port()}"})
    part = settings.lading.model_copy(update={"registers": (dead,)})
    [(_, wrong)] = titlebooks.examined(settings.model_copy(update={"lading": part}))
    assert wrong is not None
    checks = {each.name: each.state for each in examine(house.home)}
    assert checks["title register"] is State.OK


def test_both_command_lines_show_the_same_state(scene: Scene):
    """`lading show` has the title beside the bill, `title status` asks the contract: one state."""
    trade = scene.trade
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    home = ("--home", str(trade.bole.home), "--json")
    shown = CliRunner().invoke(lading_commands, ["show", reference, *home])
    title = json.loads(shown.stdout)["title"]
    (register,) = load(trade.bole.home).lading.registers
    chain_id, contract = register.on_chain
    asked = ["status", f"0x{title['title']}", "--registry", contract, "--chain-id", str(chain_id)]
    status = CliRunner().invoke(
        title_commands, [*asked, "--rpc", register.rpc_url, "--ours", "--json"]
    )
    found = json.loads(status.stdout)
    assert (found["title"], title["agrees"]) == ("live", True)
    assert found["holder"] == title["state"]["holder"] == trade.bole.accounts[0]
    listed = CliRunner().invoke(lading_commands, ["registers", *home])
    assert json.loads(listed.stdout)["account"] == trade.bole.accounts[0]
    told = CliRunner().invoke(lading_commands, ["show", reference, *home[:2]]).stdout
    assert "transferOwners" in told
    assert title["place"] in told
