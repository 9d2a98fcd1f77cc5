"""Titles on a chain by command, with private remarks: the parties hold the keys in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from gateway.cli.title.move import OnChain
from ledger.anchors.account import Account
from ledger.title.epochsfile import EpochsFile
from ledger.title.evm import connect
from ledger.title.machine import Move, issue
from ledger.title.slot import SlotRegister
from ledger.title.state import Kind, Roles, Terms
from tests.gateway.cli.conftest import Run, Silkgate
from tests.ledger.title.rpcserver import Node, serving

NAMES = ("shipper", "bank", "consignee")


@dataclass(frozen=True)
class World:
    """A chain behind JSON-RPC with our contract, and the parties' funded accounts."""

    url: str
    register: SlotRegister
    owner: Account
    accounts: dict[str, Account]

    def issue(self, token: str) -> None:
        """Issue a title to the shipper."""
        office, shipper = self.register.address, self.accounts["shipper"].address
        first = issue(
            Terms(roles=Roles.of(office)),
            Kind.ESCROW,
            Move("issue", office, (shipper, shipper)),
            content="5a" * 32,
        )
        self.register.issue(self.owner, bytes.fromhex(token[2:]), first)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A chain for all tests here."""
    node, owner = Node(), Account.generate()
    accounts = {name: Account.generate() for name in NAMES}
    for account in (owner, *accounts.values()):
        node.fund(account.address)
    with serving(node) as url:
        yield World(url, SlotRegister.deployed(connect(url), owner), owner, accounts)


class Chain:
    """A title of the shipper's on the chain, and parties with keys and cards in a folder."""

    def __init__(self, silkgate: Silkgate, world: World) -> None:
        """Issue a new title, and make keys, reading keys and cards."""
        self.silkgate, self.world = silkgate, world
        self.token = f"0x{token_hex(32)}"
        world.issue(self.token)
        number = str(world.register.chain.chain_id())
        at = ("--rpc", world.url, "--registry", world.register.address.lower(), "--ours")
        self.at = (*at, "--chain-id", number, "--epochs", "bl.epochs", "--json")
        self.accounts, self.ids = world.accounts, {}
        for name, account in world.accounts.items():
            account.save(Path(f"{name}-chain.pem"))
            made = silkgate("title", "key", "-o", f"{name}.pem", "--json")
            self.ids[name] = made.row["party"]
            card = silkgate(
                *("title", "reader", "--key", f"{name}.pem", "-o", f"{name}-reader.pem"),
                *("--account", f"{name}-chain.pem", "--chain-id", number),
            )
            Path(f"{name}.card").write_text(card.out)

    def run(self, command: str, by: str, *words: str) -> Run:
        """Run a command on the title with the keys of a party."""
        account = ("--key", f"{by}-chain.pem") if command == "move" else ("--key", f"{by}.pem")
        keyed = (*account, "--reader-key", f"{by}-reader.pem")
        card = ("--card", f"{by}.card") if command == "share" else ()
        return self.silkgate("title", command, self.token, *words, *keyed, *card, *self.at)

    def moved(self, by: str, action: str, *to: str, remark: str) -> Run:
        """Move the title with a private remark."""
        parties = [self.accounts[name].address for name in to]
        return self.run("move", by, action, *parties, "--remark", remark, "--private")

    def seen(self, by: str = "") -> Any:
        """Return the moves as a party sees them."""
        key = ("--reader-key", f"{by}-reader.pem") if by else ()
        return self.silkgate("title", "moves", self.token, *key, *self.at).row

    def texts(self, by: str = "") -> list[Any]:
        """Return the private remarks as a party reads them."""
        return [link["sealed"]["text"] for link in self.seen(by)["history"] if "sealed" in link]


@pytest.fixture
def chain(silkgate: Silkgate, world: World) -> Chain:
    """A title of the shipper's."""
    return Chain(silkgate, world)


def test_whoever_left_reads_nothing_later_on_a_chain(chain: Chain) -> None:
    """Shared, sealed, moved, and shared anew without the bank; the chain has digests alone."""
    bank = chain.accounts["bank"].address
    begun = chain.run("share", "shipper", "--with", "bank.card", "--name", f"{bank}=Sample Bank")
    assert begun.row["readers"] == sorted(chain.ids[name] for name in ("shipper", "bank"))
    pledged = chain.moved("shipper", "transferHolder", "bank", remark="pledged")
    assert (pledged.code, pledged.row["state"]["holder"]) == (0, bank)
    assert chain.moved("bank", "transferHolder", "shipper", remark="paid back").code == 0
    left = ("--without", chain.ids["bank"], "--with", "consignee.card")
    keys = ("--key", "shipper.pem", "--reader-key", "shipper-reader.pem")  # its card is known now
    again = chain.silkgate("title", "share", chain.token, *left, *keys, *chain.at)
    assert again.row["epoch"] == 1
    sold = chain.moved("shipper", "transferOwners", "consignee", "consignee", remark="sold at 9")
    assert sold.code == 0
    assert chain.texts("shipper") == ["pledged", "paid back", "sold at 9"]
    assert chain.texts("bank") == ["pledged", "paid back", None]
    assert chain.texts("consignee") == [None, None, "sold at 9"]
    assert chain.texts() == [None] * 3
    assert chain.seen("consignee")["names"] == {bank: "Sample Bank"}
    Path("bl.epochs").write_text('{"epochs":[]}')
    assert {len(link["remark"]) for link in chain.seen()["history"][1:]} == {64}


def test_who_has_no_part_on_the_chain_shares_and_seals_nothing(chain: Chain) -> None:
    """Another's account, an account that did not sign the card, a card without one: refused."""
    early = chain.moved("shipper", "transferHolder", "bank", remark="x").row["error"]["code"]
    assert early == "SG-1120"
    Path("bl.epochs").write_text('{"epochs":[]}')
    early = chain.moved("shipper", "transferHolder", "bank", remark="x").row["error"]["code"]
    assert early == "SG-4071"
    Path("bl.epochs").unlink()
    barred = chain.run("share", "bank").row["error"]
    assert barred["details"]["guard"] == "NO_ROLE"
    plain = ("title", "share", chain.token, "--key", "shipper.pem", *chain.at)
    unnamed = chain.silkgate(*plain, "--reader-key", "shipper-reader.pem").row["error"]
    assert unnamed["details"]["guard"] == "NO_ROLE"
    assert not Path("bl.epochs").exists()
    assert chain.run("share", "shipper", "--with", "bank.card").code == 0
    to = chain.accounts["bank"].address
    foreign = ("title", "move", chain.token, "transferHolder", to, "--private", "--remark", "x")
    for name in ("bank", "consignee"):
        keys = ("--key", "shipper-chain.pem", "--reader-key", f"{name}-reader.pem")
        assert chain.silkgate(*foreign, *keys, *chain.at).row["error"]["code"] == "SG-4072"
    assert len(chain.seen()["history"]) == 1


def test_epochs_of_one_title_open_no_other(chain: Chain) -> None:
    """The file of a title is refused under another id; a changed remark is no remark of it."""
    chain.run("share", "shipper")
    chain.moved("shipper", "nominate", "bank", remark="hold")
    chain.world.issue(other_token := f"0x{token_hex(32)}")
    other = ("title", "moves", other_token, "--reader-key", "shipper-reader.pem", *chain.at)
    assert chain.silkgate(*other).row["error"]["code"] == "SG-4065"
    held = json.loads(Path("bl.epochs").read_text())
    (sealed,) = held["remarks"]
    changed = sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1]
    Path("bl.epochs").write_text(json.dumps({**held, "remarks": [changed]}))
    assert chain.texts("shipper") == []


def test_what_the_machine_forbids_is_not_sent(chain: Chain) -> None:
    """A move that the contract would refuse, an id and an address that are none: told before."""
    Path("bl.epochs").write_text('{"epochs":[]}')
    late = chain.run("move", "bank", "returnToIssuer").row["error"]
    assert late["details"]["guard"] == "NOT_BOTH"
    vague = chain.run("move", "bank", "amend", "no digest").row["error"]
    assert vague["details"]["guard"] == "ARGUMENTS"
    assert chain.run("move", "bank", "amend", "5a" * 32, "--remark", "lost").code == 2
    to = ("title", "move", chain.token, "transferHolder", "bank", "--key", "shipper-chain.pem")
    assert chain.silkgate(*to, *chain.at).row["error"]["code"] == "SG-1140"
    none = ("title", "moves", "0x5a", *chain.at)
    assert chain.silkgate(*none).row["error"]["code"] == "SG-1170"


def test_no_remark_is_lost_between_two_commands(tmp_path: Path) -> None:
    """Of remarks that several commands add to one file at once, all are there afterwards."""
    file = tmp_path / "bl.epochs"
    file.write_bytes(EpochsFile().encode())
    chain, remarks = OnChain("", "", 1, keys=file), [bytes([each]) * 40 for each in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(chain.note, remarks))
    assert sorted(EpochsFile.decode(file.read_bytes()).remarks) == remarks
