"""A title that goes from the log to a contract and back: never alive in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable
from ledger.title.entry import Entry, Issue
from ledger.title.errors import CallReverted, MediumRefused, NoSuchTitle
from ledger.title.evm import TitleNode, in_process
from ledger.title.folder import FolderRegister, make
from ledger.title.machine import Move
from ledger.title.medium import Office
from ledger.title.party import PartyKey
from ledger.title.sequence import Standing, follow_all
from ledger.title.slot import SlotRegister
from ledger.title.state import Kind, Location, Roles, Terms
from schemas.clock import utc_now

CARRIER, SHIPPER = PartyKey.generate(), PartyKey.generate()
ACCOUNT, HOLDER, STRANGER = Account.generate(), Account.generate(), Account.generate()
CONTENT = sha256(b"the bill").hexdigest()
URN = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"


@pytest.fixture(scope="module")
def chain() -> TitleNode:
    """One chain in this process."""
    return in_process(ACCOUNT.address, HOLDER.address, STRANGER.address)


@pytest.fixture(scope="module")
def slots(chain: TitleNode) -> SlotRegister:
    """One contract of ours."""
    return SlotRegister.deployed(chain, ACCOUNT)


@dataclass
class World:
    """A register in a folder, a contract, and a title's holder on both sides."""

    book: FolderRegister
    slots: SlotRegister

    @property
    def office(self) -> Office:
        """The issuer."""
        return Office(self.book, self.slots, CARRIER, ACCOUNT)

    @property
    def wish(self) -> str:
        """What the holder says when it returns the title for the chain."""
        return f"did:pkh:eip155:{self.slots.chain.chain_id()}:{HOLDER.address}"

    def standings(self, title: str) -> list[Standing]:
        """Return the title's entries, followed."""
        with self.book.looking() as register:
            return follow_all(register.entries(title))

    def act(self, title: str, action: str, remark: str = "", key: PartyKey = SHIPPER) -> None:
        """Enter an action of the holder."""
        last = self.standings(title)[-1]
        entry = Entry(
            register=last.register,
            title=title,
            n=last.n + 1,
            previous=last.digest,
            move=Move(action, key.party),
            at=utc_now(),
            remark=remark.encode(),
        )
        self.book.submit(entry.sealed(key))

    def issued(self, title: str, kind: Kind = Kind.TO_ORDER) -> str:
        """Issue a title to the shipper."""
        terms = Terms(roles=Roles.of(CARRIER.party), shipper=SHIPPER.party)
        with self.book.looking() as register:
            name = register.name
        entry = Entry(
            register=name,
            title=title,
            n=0,
            previous="",
            move=Move("issue", CARRIER.party, (SHIPPER.party, SHIPPER.party)),
            at=utc_now(),
            issue=Issue(kind=kind, terms=terms, content=CONTENT),
        )
        self.book.submit(entry.sealed(CARRIER))
        return title

    def crossed(self, title: str) -> bytes:
        """Move a title to the chain; return its id there."""
        self.act(title, "returnToIssuer", self.wish)
        made = self.office.to_chain(title)
        return bytes.fromhex(made.after.rpartition("/0x")[2])

    def alive(self, title: str, id_: bytes) -> tuple[bool, bool]:
        """Tell whether the title is in force on the log, and on the chain."""
        try:
            there = self.slots.head(id_).state.active
        except NoSuchTitle:
            there = False
        return self.standings(title)[-1].state.active, there


@pytest.fixture
def world(tmp_path: Path, slots: SlotRegister) -> Iterator[World]:
    """A register of its own over the shared contract."""
    with make(tmp_path / "titles", "port.example/titles") as book:
        yield World(book, slots)


def test_a_title_goes_to_the_chain_and_comes_back(world: World) -> None:
    """Kind, document and holder are those the holder named; each side tells of the other."""
    title = world.issued("BL-1", Kind.BLANK)
    id_ = world.crossed(title)
    state = world.slots.head(id_).state
    assert (state.kind, state.content, state.holder) == (Kind.BLANK, CONTENT, HOLDER.address)
    assert world.alive(title, id_) == (False, True)
    end = world.standings(title)[-1]
    assert end.last.statement is not None
    assert end.last.statement.titles[0].endswith(id_.hex())
    issue = world.slots.history(id_)[0]
    assert issue.remark == sha256(bytes.fromhex(end.digest)).digest()
    world.slots.perform(
        HOLDER, id_, Move("returnToIssuer", HOLDER.address), f"{URN}{SHIPPER.party}".encode()
    )
    back = world.office.to_log(id_, SHIPPER.party)
    again = back.after.rpartition("/")[2]
    last = world.standings(again)[-1]
    assert (last.state.kind, last.state.content) == (Kind.BLANK, CONTENT)
    assert last.state.holder == last.state.beneficiary == SHIPPER.party
    assert last.last.statement is not None
    assert f"0x{last.last.statement.evidence}" == world.slots.history(id_)[-1].reference
    assert not world.slots.head(id_).state.active


@pytest.mark.parametrize("wish", ["", "did:pkh:eip155:1:0x" + "11" * 20, "0x" + "11" * 20])
def test_a_title_that_was_surrendered_for_something_else_stays(world: World, wish: str) -> None:
    """Without the holder's word for an account on this chain nothing ends."""
    title = world.issued("BL-2")
    with pytest.raises(MediumRefused):
        world.office.to_chain(title)
    world.act(title, "returnToIssuer", wish)
    with pytest.raises(MediumRefused):
        world.office.to_chain(title)
    assert world.standings(title)[-1].state.location is Location.ISSUER


def test_who_was_interrupted_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended on the log and not issued yet: alive nowhere; the same command issues it, once."""
    title = world.issued("BL-3")
    world.act(title, "returnToIssuer", world.wish)
    id_ = bytes.fromhex(world.standings(title)[-1].digest)

    def gone(*_: object) -> None:
        raise AnchorUnavailable(where="chain", reason="away")

    with monkeypatch.context() as patched:
        patched.setattr(SlotRegister, "issue", gone)
        with pytest.raises(AnchorUnavailable):
            world.office.to_chain(title)
    assert world.alive(title, id_) == (False, False)
    first = world.office.to_chain(title)
    assert world.office.to_chain(title) == first
    assert world.alive(title, id_) == (False, True)


def test_who_was_interrupted_on_the_way_back_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Burnt on the chain and not entered yet: the same command enters it, once."""
    id_ = world.crossed(world.issued("BL-4"))
    wish = f"{URN}{SHIPPER.party}".encode()
    world.slots.perform(HOLDER, id_, Move("returnToIssuer", HOLDER.address), wish)
    with monkeypatch.context() as patched:
        patched.setattr(FolderRegister, "submit", lambda *_: (_ for _ in ()).throw(OSError()))
        with pytest.raises(OSError):  # noqa: PT011 - ours, from the line above
            world.office.to_log(id_, SHIPPER.party)
    assert not world.slots.head(id_).state.active
    first = world.office.to_log(id_, SHIPPER.party)
    assert world.office.to_log(id_, SHIPPER.party) == first


def test_nothing_ends_where_the_other_side_would_refuse(world: World) -> None:
    """An account without the role to issue is found out before the log's title ends."""
    title = world.issued("BL-5")
    world.act(title, "returnToIssuer", world.wish)
    office = Office(world.book, world.slots, CARRIER, STRANGER)
    with pytest.raises(CallReverted):
        office.to_chain(title)
    assert world.standings(title)[-1].state.location is Location.ISSUER


def test_a_return_for_one_party_is_not_for_another(world: World) -> None:
    """The digest on chain is that of the party the holder named, and no other's."""
    id_ = world.crossed(world.issued("BL-6"))
    wish = f"{URN}{SHIPPER.party}".encode()
    world.slots.perform(HOLDER, id_, Move("returnToIssuer", HOLDER.address), wish)
    with pytest.raises(MediumRefused):
        world.office.to_log(id_, CARRIER.party)
    assert world.slots.head(id_).state.active


def test_the_two_media_are_never_alive_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at after every move of either side, on the way there."""
    title = world.issued("BL-7")
    world.act(title, "returnToIssuer", world.wish)
    id_ = bytes.fromhex(world.standings(title)[-1].digest)
    seen: list[tuple[bool, bool]] = []
    submit, issue = FolderRegister.submit, SlotRegister.issue

    def submitted(book: FolderRegister, signed: str) -> object:
        found = submit(book, signed)
        seen.append(world.alive(title, id_))
        return found

    def issued(*asked: object) -> object:
        found = issue(*asked)  # type: ignore[arg-type]
        seen.append(world.alive(title, id_))
        return found

    monkeypatch.setattr(FolderRegister, "submit", submitted)
    monkeypatch.setattr(SlotRegister, "issue", issued)
    world.office.to_chain(title)
    assert seen == [(False, False), (False, True)]
