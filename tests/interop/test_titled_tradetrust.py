"""Bills of two platforms whose titles lie in a TradeTrust registry, version 5, on a local node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.settings import load
from gateway.wiring.log.chainaccount import chain_account
from ledger.title.evm import connect
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_lives import BUYER, _moved
from tests.gateway.lading.titled import KEY, Titled, serving_all
from tests.interop.node import Node, anvil
from tests.interop.tradetrust import deployed, installed

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]


def _uses(house: House, node: Node, uri: str, *, issues: bool) -> None:
    """Write the registry into a house's settings, and give its account ether."""
    file = house.home / "silkgate.toml"
    said = file.read_text("utf-8")
    if issues:
        said = said.replace("[lading]\n", f'[lading]\nregistry = "{uri}"\n')
    said += (
        f'[[lading.registers]]\nkind = "tradetrust"\nuri = "{uri}"\n'
        f'rpc_url = "{node.url}"\nkey = "{KEY}"\n'
    )
    file.write_text(said, "utf-8")


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Titled]:
    """Give a carrier and two platforms; the first has all roles in the registry."""
    installed()
    folder = tmp_path_factory.mktemp("tradetrust")
    carrier = House(folder, carrier="MAEU")
    carx = House(folder, platform="CARX", parties=["Shipper", "Bank", "Buyer"])
    bole = House(folder, platform="BOLE", parties=["Buyer"])
    with anvil() as node:
        accounts = [chain_account(load(house.home), KEY) for house in (carx, bole)]
        for house, account in zip((carx, bole), accounts, strict=True):
            node.fund(account.address)
            house.accounts.append(account.address)
        registry = deployed(connect(node.url), accounts[0])
        uri = f"eip155:{node.chain.chain_id()}:{registry.address}"
        for house in (carx, bole):
            _uses(house, node, uri, issues=house is carx)
        acquaint(carrier, carx, bole)
        made = Titled(carrier, carx, bole, uri)
        with serving_all(made):
            yield made


def test_a_life_in_tradetrusts_escrow(trade: Titled) -> None:
    """Issued, moved, surrendered elsewhere, rejected, surrendered again, ended: in both."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.state(trade.bole, reference) == ("held", "buyer")
    assert trade.holder(reference) == ("BOLE", "BOLE")
    for answer, comments in (("SREJ", "charges are open"), ("SURR", "")):
        trade.bole.ladings.surrender("buyer", reference, "SREQ")
        trade.work()
        asked = trade.paper(trade.carrier, "surrender-request", reference).reference
        trade.carrier.ladings.surrendered.decide(asked, answer, comments)
        trade.work()
    assert trade.state(trade.bole, reference)[0] == "ended"
    moves = ["transferOwners", "returnToIssuer", "restore", "returnToIssuer", "burn"]
    assert trade.moved(reference) == ["issue", *moves]


def test_title_and_possession_part_in_the_escrow(trade: Titled) -> None:
    """An endorsement moves the title alone, the transfer the possession after it."""
    reference = trade.issued(to="Buyer", to_order=True)
    notice = _moved("ENDORSE_TO_ORDER", BUYER)
    trade.carx.ladings.sender.offer("buyer", reference, notice)
    trade.work()
    assert trade.holder(reference) == ("BOLE", "CARX")
    trade.carx.ladings.sender.offer("buyer", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.holder(reference) == ("BOLE", "BOLE")


def test_a_refused_transfer_is_rejected_in_the_escrow(trade: Titled) -> None:
    """BENV: the receiver's account rejects it, and the sender has it again."""
    reference = trade.issued()
    nobody = {**BUYER, "partyName": "Nobody", "identifyingCodes": [
        {"codeListProvider": "BOLE", "partyCode": "nobody"}]}  # fmt: skip
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", nobody))
    trade.work()
    assert trade.state(trade.carx, reference) == ("held", "shipper")
    assert trade.moved(reference) == ["issue", "transferOwners", "rejectTransferOwners"]


def test_paper_in_place_of_the_title_burns_the_token(trade: Titled) -> None:
    """The escrow knows no paper: AREQ with SWTP and SURR end the token."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, "AREQ", reason="SWTP")
    trade.work()
    trade.carrier.ladings.surrendered.decide(asked, "SURR")
    trade.work()
    assert trade.state(trade.carx, reference)[0] == "ended"
    assert trade.moved(reference)[-1] == "burn"
