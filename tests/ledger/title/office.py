"""A register with parties: lives of titles played by those who sign them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.log import Log
from ledger.signature import Ed25519Signer
from ledger.store import MemoryTiles
from ledger.title.entry import Entry, Issue
from ledger.title.entrylog import OneLog
from ledger.title.machine import Move
from ledger.title.party import PartyKey
from ledger.title.register import Accepted, Register, Stamper
from ledger.title.state import Kind, Roles, Terms
from ledger.title.store import MemoryTitles

ORIGIN = "port.example/titles-log"
CONTENT = sha256(b"the bill of lading").hexdigest()
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
PARTIES: Mapping[str, PartyKey] = {
    name: PartyKey(
        ec.generate_private_key(ec.SECP256R1()) if number % 2 else Ed25519PrivateKey.generate()
    )
    for number, name in enumerate(("CARRIER", "A", "B", "C", "AGENT"))
}


@dataclass
class Ticking:
    """A clock that moves on by a second with every look."""

    now: datetime = START

    def __call__(self) -> datetime:
        """Return the next second."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Office:
    """A register in memory, and what its parties need to sign."""

    clock: Ticking = field(default_factory=Ticking)
    titles: MemoryTitles = field(default_factory=MemoryTitles)
    tiles: MemoryTiles = field(default_factory=MemoryTiles)
    stamper: Stamper | None = None

    def __post_init__(self) -> None:
        """Make the log and the register over it."""
        self.signer = Ed25519Signer(ORIGIN, Ed25519PrivateKey.generate())
        self.log = Log(self.tiles, self.signer)
        carrier = PARTIES["CARRIER"].party
        self.register = Register(
            self.titles,
            OneLog(self.log),
            issuers={carrier},
            stamper=self.stamper,
            clock=self.clock,
        )

    def entry(self, title: str, actor: str, action: str, *args: str | None, **more: Any) -> Entry:
        """Return the entry that `actor` would sign now, with parties by their names."""
        head = self.titles.head(title)
        ids = tuple(_id(each) for each in args)
        values: dict[str, Any] = {
            "register": ORIGIN,
            "title": title,
            "n": 0 if head is None else head.n + 1,
            "previous": "" if head is None else head.digest,
            "move": Move(action, PARTIES[actor].party, ids),
            "at": self.clock(),
        }
        return Entry(**{**values, **more})

    def act(self, title: str, actor: str, action: str, *args: str | None, **more: Any) -> Accepted:
        """Sign and submit an action."""
        entry = self.entry(title, actor, action, *args, **more)
        return self.register.submit(entry.sealed(PARTIES[actor]))

    def issue(
        self, title: str = "BL-1", kind: Kind = Kind.TO_ORDER, to: str = "A", **more: Any
    ) -> str:
        """Issue a title; return its id."""
        self.act(title, "CARRIER", "issue", to, to, issue=issuing(kind), place="CNSHA", **more)
        return title


def _id(argument: str | None) -> str | None:
    """Return a party's id for its name; what is no name stays."""
    return PARTIES[argument].party if argument in PARTIES and argument else argument


def issuing(kind: Kind = Kind.TO_ORDER) -> Issue:
    """Return the terms of a bill of the carrier's."""
    terms = Terms(
        roles=Roles.of(PARTIES["CARRIER"].party),
        shipper=PARTIES["A"].party,
        consignee=PARTIES["B"].party,
    )
    return Issue(kind=kind, terms=terms, content=CONTENT)


def twenty_moves(office: Office, title: str = "BL-20") -> str:
    """Play a life of 20 moves after the issue; return the title."""
    office.issue(title)
    remark = bytes(range(120))
    for number in range(6):
        giver, taker = ("A", "B") if number % 2 == 0 else ("B", "A")
        office.act(title, giver, "nominate", taker, remark=remark)
        office.act(title, giver, "transferHolder", "C", remark=remark)
        office.act(title, "C", "transferOwners", taker, taker, remark=remark)
    office.act(title, "A", "returnToIssuer", place="SGSIN", remark=remark)
    office.act(title, "CARRIER", "burn", place="SGSIN")
    office.log.checkpoint()
    return title
