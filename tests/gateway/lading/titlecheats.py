"""Two platforms on one title register, and a third that transfers one bill to both of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import httpx

from certs.jose.compact import open_signed
from gateway import setup
from gateway.settings import load
from gateway.store import ladings
from gateway.wiring.titles.titling import SealParty
from ledger.anchors.account import Account
from ledger.title.entry import Entry, Issue
from ledger.title.errors import CallReverted
from ledger.title.machine import Move, issue
from ledger.title.party import PartyKey
from ledger.title.sequence import follow_all
from ledger.title.slot import MINTER
from ledger.title.slotcall import Head
from ledger.title.state import Kind, Roles, Terms
from schemas.clock import utc_now
from tests.gateway.lading.envelopes import (
    Chain,
    Json,
    book_of,
    checksum,
    document,
    new_signer,
    party,
    transaction,
)
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.titled import Ledger

CARRIER, CARX = new_signer(), new_signer()
SHIPPER = party("Shipper", "CARX")
RECEIVERS = ("BOLE", "WAVE")
_UNTIL = 10**10
_numbers = iter(range(1, 100_000))


class Register(Protocol):
    """A register that the cheat has an account on."""

    uri: str

    def issue(self, title: str) -> None:
        """Issue a title to the cheat."""

    def pass_on(self, title: str, mark: bytes, to: str, through: int) -> bool:
        """Give the title to an account from the state after the issue; tell whether it counted."""
        ...

    def holder(self, title: str) -> str:
        """Return the account in possession."""
        ...


class OnChain:
    """Our contract; of each order of the cheat another account pays for the mining."""

    def __init__(self, ledger: Ledger) -> None:
        """Cheat on the contract of `ledger`."""
        self.uri, self.register = ledger.uri, ledger.register
        self.cheat, *self.payers = (Account.generate() for _ in range(3))
        for account in (self.cheat, *self.payers):
            ledger.fund(account.address)
        self.register.give_roles(ledger.office, self.cheat.address, MINTER)

    def issue(self, title: str) -> None:
        """Issue a title to the cheat."""
        office, own = self.register.address, self.cheat.address
        terms = Terms(roles=Roles.of(office))
        first = issue(terms, Kind.ESCROW, Move("issue", office, (own, own)), content=title)
        self.register.issue(self.cheat, bytes.fromhex(title), first)

    def pass_on(self, title: str, mark: bytes, to: str, through: int) -> bool:
        """Have one of the two orders mined."""
        id_ = bytes.fromhex(title)
        move = Move("transferOwners", self.cheat.address, (to, to))
        first = self.register.history(id_)[0].state

        order = self.register.order(
            self.cheat, id_, move, until=_UNTIL, remark=mark, head=Head(first, 0)
        )
        try:
            self.register.relay(self.payers[through], order)
        except CallReverted:
            return False
        return True

    def holder(self, title: str) -> str:
        """Return the account in possession."""
        return str(self.register.head(bytes.fromhex(title)).state.holder)


class OnLog:
    """A register of signed entries that a third platform runs."""

    def __init__(self, house: House) -> None:
        """Cheat on the register of `house`."""
        self.uri, self.house, self.cheat = f"{house.url}/v1/titles", house, PartyKey.generate()
        self.http = httpx.Client(base_url=house.url, timeout=30.0)
        token = house.token("CARX", "titles:read titles:write")
        self._may = {"authorization": f"Bearer {token}"}

    def issue(self, title: str) -> None:
        """Issue a title to the cheat."""
        own = self.cheat.party
        told = Issue(kind=Kind.ESCROW, terms=Terms(roles=Roles.of(own)), content=title)
        assert self._enter(self._entry(title, 0, "", Move("issue", own, (own, own)), issue=told))

    def pass_on(self, title: str, mark: bytes, to: str, through: int) -> bool:  # noqa: ARG002 - there is but one way
        """Enter one of the two entries for the same place."""
        first = follow_all(self._entries(title)[:1])[0]
        move = Move("transferOwners", self.cheat.party, (to, to))
        return self._enter(self._entry(title, 1, first.digest, move, remark=mark))

    def holder(self, title: str) -> str:
        """Return the account in possession."""
        return str(follow_all(self._entries(title))[-1].state.holder)

    def _entries(self, title: str) -> Sequence[str]:
        answer = self.http.get("/v1/titles/entries", params={"title": title}, headers=self._may)
        found: list[str] = answer.json()["entries"]
        return found

    def _entry(self, title: str, n: int, previous: str, move: Move, **more: Any) -> Entry:
        return Entry(
            register=f"{self.house.code.lower()}/log",
            title=title,
            n=n,
            previous=previous,
            move=move,
            at=utc_now(),
            **more,
        )

    def _enter(self, entry: Entry) -> bool:
        headers = {**self._may, "content-type": "application/jose"}
        signed = entry.sealed(self.cheat)
        answer = self.http.post("/v1/titles/entries", content=signed, headers=headers)
        assert answer.status_code in {200, 201, 409}
        return answer.status_code != 409


@dataclass
class Race:
    """Two receiving platforms, the register, and the cheat between them."""

    houses: Sequence[House]
    register: Register
    http: httpx.Client

    def run(self, pool: ThreadPoolExecutor) -> tuple[list[str], list[str], str]:
        """Race one bill to both; return the answers, who holds it, and whom the register names."""
        chain = Chain(document(f"SGT{next(_numbers):05}"), CARRIER, registry=self.register.uri)
        chain.add("CARX", CARX, transaction("ISSUE", party("Carrier", "CARX"), SHIPPER))
        title = checksum(chain.document)
        self.register.issue(title)

        def cheat(number: int) -> str:
            house = self.houses[number]
            moved = transaction("TRANSFER", SHIPPER, party("Buyer", house.code))
            mark = bytes.fromhex(checksum([title, moved]))
            self.register.pass_on(title, mark, house.accounts[0], number)
            return self._post(house, chain.copy().add("CARX", CARX, moved))

        answers = sorted(pool.map(cheat, range(len(self.houses))))
        holder = self.register.holder(title)
        named = {house.accounts[0]: house.code for house in self.houses}
        return answers, self._holders(title), named.get(holder, holder)

    def unnamed(self) -> tuple[str, str]:
        """Send a second chain of a bill with a title, which names no register; return answers.

        The first is that to the chain that names it, whose title was passed on as it says.
        """
        chain = Chain(document(f"SGT{next(_numbers):05}"), CARRIER, registry=self.register.uri)
        bare = Chain(chain.document, CARRIER)
        title, house = checksum(chain.document), self.houses[0]
        issued_ = transaction("ISSUE", party("Carrier", "CARX"), SHIPPER)
        moved = transaction("TRANSFER", SHIPPER, party("Buyer", house.code))
        other = transaction("TRANSFER", SHIPPER, party("Buyer", self.houses[1].code))
        self.register.issue(title)
        mark = bytes.fromhex(checksum([title, moved]))
        self.register.pass_on(title, mark, house.accounts[0], 0)
        first = chain.add("CARX", CARX, issued_).add("CARX", CARX, moved)
        second = bare.add("CARX", CARX, issued_).add("CARX", CARX, other)
        return self._post(house, first), self._post(self.houses[1], second)

    def _post(self, house: House, chain: Chain) -> str:
        headers = {"authorization": f"Bearer {house.token('CARX')}"}
        answer = self.http.post(
            f"{house.url}/v3/envelopes", json=chain.envelope(CARX), headers=headers
        )
        book = book_of(**{house.code: house.signer})
        return str(json.loads(open_signed(answer.json(), book, utc_now()).payload)["responseCode"])

    def _holders(self, title: str) -> list[str]:
        found = []
        for house in self.houses:
            with house.ladings.desk.store.read() as tx:
                bill = ladings.find(tx, title)
            if bill is not None and bill.state == "held":
                found.append(house.code)
        return found


def wrong(race: Race, count: int) -> list[tuple[list[str], list[str], str]]:
    """Return the races that did not end with one RECE, one DISE, and the same one holder."""
    with ThreadPoolExecutor(2) as pool:
        found = [race.run(pool) for _ in range(count)]
    return [each for each in found if each[0] != ["DISE", "RECE"] or each[1] != [each[2]]]


@contextmanager
def on_chain(folder: Path, ledger: Ledger, *, processes: bool = False) -> Iterator[Race]:
    """Give the race over a contract; the platforms serve from threads, or are processes."""
    houses = [
        House(folder, platform=code, parties=["Buyer"], more=ledger.settings(issues=False))
        for code in RECEIVERS
    ]
    for house in houses:
        ledger.admit(house, issues=False)
    with _ready(houses, OnChain(ledger), processes=processes) as race:
        yield race


@contextmanager
def on_log(folder: Path, *, processes: bool = False) -> Iterator[Race]:
    """Give the race over a register of entries that a third platform runs."""
    keeper = House(folder, platform="SGTD")
    keeper.peers_may = "ladings:peer titles:read titles:write"
    register = OnLog(keeper)
    file = keeper.home / "silkgate.toml"
    issuers = f'\n[titles]\nissuers = ["{register.cheat.party}"]\n'
    file.write_text(file.read_text("utf-8") + issuers, "utf-8")
    uses = (
        f'[[lading.registers]]\nkind = "log"\nuri = "{register.uri}"\n'
        'peer = "SGTD"\nname = "sgtd/log"\n'
    )
    houses = [House(folder, platform=code, parties=["Buyer"], more=uses) for code in RECEIVERS]
    for house in houses:
        seal = setup.key_store(load(house.home)).load("seal")
        house.accounts.append(SealParty(seal).party)
    with _ready(houses, register, keeper, processes=processes) as race, register.http:
        yield race


@contextmanager
def _ready(
    houses: Sequence[House], register: Register, *more: House, processes: bool
) -> Iterator[Race]:
    everybody = (*houses, *more)
    acquaint(*everybody)
    for house in everybody:
        house.knows("CARX", "http://127.0.0.1:9", CARX)
        house.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
        house.token("CARX")
    with ExitStack() as stack:
        for house in everybody:
            stack.enter_context(house.process() if processes else house.open())
        yield Race(houses, register, stack.enter_context(httpx.Client(timeout=60.0)))


__all__ = ["Json", "Race", "on_chain", "on_log", "wrong"]
