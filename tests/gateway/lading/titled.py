"""A carrier and two platforms whose bills have their titles on one register: a chain, or a log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gateway import setup
from gateway.lading.titlebook import Chronicle
from gateway.settings import load
from gateway.wiring.log.chainaccount import chain_account
from gateway.wiring.titles.titling import SealParty
from ledger.anchors.account import Account
from ledger.title.evm import connect
from ledger.title.slot import ACCEPTER, MINTER, RESTORER, SlotRegister
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.test_lives import Trade

KEY = "file:title-chain.key"


class Titled(Trade):
    """A trade, and what the register says of its bills."""

    def __init__(self, carrier: House, carx: House, bole: House, uri: str) -> None:
        """Put the three together over the register at `uri`."""
        super().__init__(carrier, carx, bole)
        self.uri = uri

    def title(self, reference: str) -> Chronicle:
        """Return what the register says of the latest bill under a reference."""
        desk = self.carx.ladings.desk
        sum_ = str(self.shown(self.carx, reference)["checksum"])
        found = desk.books[self.uri].read(sum_)
        assert found is not None
        return found

    def holder(self, reference: str) -> tuple[str, str]:
        """Return the platforms whose accounts have title and possession."""
        names = {each.ladings.desk.books[self.uri].own: each.code for each in self.houses[1:]}
        state = self.title(reference).state
        return names.get(state.beneficiary or "", "-"), names.get(state.holder or "", "-")

    def shown(self, house: House, reference: str) -> dict[str, Any]:
        """Return a bill as a house shows it."""
        return house.ladings.shown(reference, None)

    def moved(self, reference: str) -> list[str]:
        """Return the actions on the register."""
        return [link.move.action for link in self.title(reference).links]


class Ledger:
    """A chain with our contract, for houses that are not made yet."""

    def __init__(self, url: str, fund: Callable[[str], object]) -> None:
        """Deploy the contract on the chain at `url`; `fund` gives an account ether."""
        self.url, self.fund = url, fund
        self.chain = connect(url)
        self.office = Account.generate()
        self.fund(self.office.address)
        self.register = SlotRegister.deployed(self.chain, self.office)
        self.uri = f"eip155:{self.chain.chain_id()}:{self.register.address}"

    def settings(self, *, issues: bool, confirmations: int = 0) -> str:
        """Return the TOML of a platform that uses the contract."""
        said = f'registry = "{self.uri}"\n' if issues else ""
        return (
            f'{said}[[lading.registers]]\nuri = "{self.uri}"\nrpc_url = "{self.url}"\n'
            f'key = "{KEY}"\nconfirmations = {confirmations}\nsince = 1\n'
        )

    def admit(self, house: House, *, issues: bool) -> None:
        """Give a house's account ether, and its roles where it issues."""
        account = chain_account(load(house.home), KEY)
        self.fund(account.address)
        house.accounts.append(account.address)
        if issues:
            roles = MINTER | RESTORER | ACCEPTER
            self.register.give_roles(self.office, account.address, roles)


@contextmanager
def on_chain(folder: Path, ledger: Ledger) -> Iterator[Titled]:
    """Give a trade with the titles on a chain, every operator serving."""
    carrier = House(folder, carrier="MAEU")
    carx = House(
        folder,
        platform="CARX",
        parties=["Shipper", "Bank", "Buyer"],
        more=ledger.settings(issues=True),
    )
    bole = House(
        folder,
        platform="BOLE",
        parties=["Buyer", "Forwarder"],
        more=ledger.settings(issues=False),
    )
    ledger.admit(carx, issues=True)
    ledger.admit(bole, issues=False)
    acquaint(carrier, carx, bole)
    with serving_all(Titled(carrier, carx, bole, ledger.uri)) as trade:
        yield trade


@contextmanager
def on_log(folder: Path) -> Iterator[Titled]:
    """Give a trade with the titles in the register of the platform of issue."""
    uri = "https://carx.example/v1/titles"
    own = f'registry = "{uri}"\n[[lading.registers]]\nkind = "log"\nuri = "{uri}"\n'
    there = f'{own.partition(chr(10))[2]}peer = "CARX"\nname = "carx/log"\n'
    carrier = House(folder, carrier="MAEU")
    carx = House(folder, platform="CARX", parties=["Shipper", "Bank", "Buyer"], more=own)
    bole = House(folder, platform="BOLE", parties=["Buyer", "Forwarder"], more=there)
    for house in (carx, bole):
        seal = setup.key_store(load(house.home)).load("seal")
        house.accounts.append(SealParty(seal).party)
    carx.peers_may = "ladings:peer titles:read titles:write"
    file = carx.home / "silkgate.toml"
    issuers = f'\n[titles]\nissuers = ["{carx.accounts[0]}"]\n'
    file.write_text(file.read_text("utf-8") + issuers, "utf-8")
    acquaint(carrier, carx, bole)
    with serving_all(Titled(carrier, carx, bole, uri)) as trade:
        yield trade


@contextmanager
def serving_all(trade: Titled) -> Iterator[Titled]:
    """Serve every operator of a trade."""
    with ExitStack() as stack:
        for house in trade.houses:
            stack.enter_context(house.open())
        with trade.http:
            yield trade
