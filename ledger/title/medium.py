"""A title that changes its medium: from a log to a contract of ours, and back.

Its holder returns it to the issuer and names, under the same signature, the account on the other
side that is to have it. The issuer ends it where it is and issues it there, in that order: there
is a moment with no live medium, and none with two. Each side names the other, and the id on the
new side is that of the return on the old one, so that whoever was interrupted goes on where it
was, and no return is used twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final, Protocol

from ledger.anchors.transaction import ChainSigner
from ledger.title.entry import Entry, Issue, Statement
from ledger.title.errors import MediumRefused, NoSuchTitle
from ledger.title.link import Link
from ledger.title.machine import Move, issue
from ledger.title.party import PartySigner, party_id
from ledger.title.pkh import ChainAccount
from ledger.title.register import Register
from ledger.title.sequence import Standing, follow_all
from ledger.title.slot import SlotRegister
from ledger.title.state import Location, Roles, State, Terms
from schemas.clock import Clock, utc_now

_URN: Final = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
_RETURN: Final = "returnToIssuer"


class Book(Protocol):
    """A register of signed entries: in a folder, or a gateway's."""

    def submit(self, signed: str) -> object:
        """Accept a signed entry, durably; raises what the register refuses with."""
        ...

    def looking(self) -> AbstractContextManager[Register]:
        """Give the register as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """The accounts on the new side of the parties that a straight bill names."""

    shipper: str | None = None
    consignee: str | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """What a title was and is: its places, and where end and issue are recorded."""

    before: str
    after: str
    ended: str
    issued: str


@dataclass(frozen=True)
class Office:
    """The issuer of titles on both sides: its key in the log's register, its account on chain."""

    book: Book
    slots: SlotRegister
    key: PartySigner
    account: ChainSigner
    clock: Clock = utc_now

    def to_chain(self, title: str, named: Named | None = None) -> Crossing:
        """Move a title that was returned for it from the log to the contract.

        The return's remark is `did:pkh:eip155:CHAIN:ADDRESS`, signed by its holder with the rest.
        Raises NoSuchTitle, MediumRefused, or what either side refuses with.
        """
        with self.book.looking() as register:
            standings = follow_all(register.entries(title) or _none(title))
            before = f"{register.name}/{title}"
        returned = _returned(standings)
        id_ = bytes.fromhex(returned.digest)
        first = self._first(standings[-1].state, self._wished(returned), named or Named())
        after = self._place(id_)
        ended = self._end_entry(standings, after)
        known = self._history(id_)
        if ended is None:
            self._may_issue(id_, first, known)
            ended = self._entered(self._burnt(standings[-1], after))
        if known:
            return Crossing(before, after, ended, known[0].reference)
        self.slots.issue(self.account, id_, first, bytes.fromhex(ended))
        return Crossing(before, after, ended, self.slots.history(id_)[0].reference)

    def to_log(self, title: bytes, party: str, named: Named | None = None) -> Crossing:
        """Move a title that was returned for it from the contract to the log.

        The return's remark is the URN (RFC 9278) of `party`, who is to have it; on chain is its
        digest. Raises NoSuchTitle, MediumRefused, or what either side refuses with.
        """
        links = self.slots.history(title)
        returned = next((each for each in reversed(links) if each.move.action == _RETURN), None)
        wished = sha256(f"{_URN}{party}".encode()).digest()
        if returned is None or returned.remark != wished:
            raise MediumRefused(reason="its holder did not return it for this party")
        with self.book.looking() as register:
            name, entries = register.name, register.entries(returned.reference)
            allowed = register.may_issue(self._party)
        before, after = self._place(title), f"{name}/{returned.reference}"
        ended = _end_link(links, after)
        if ended is None:
            if entries or not allowed:
                raise MediumRefused(reason="the register does not take its issue")
            self.slots.perform(
                self.account, title, Move("burn", self.account.address), after.encode()
            )
            ended = self.slots.history(title)[-1]
        if entries:
            return Crossing(before, after, ended.reference, follow_all(entries)[0].digest)
        made = self._issue(name, returned.reference, links[-1].state, party, named or Named())
        issued = self._entered(_linked(made, before, ended))
        return Crossing(before, after, ended.reference, issued)

    @property
    def _party(self) -> str:
        return party_id(self.key.jwk)

    def _place(self, title: bytes) -> str:
        chain = self.slots.chain.chain_id()
        return f"eip155:{chain}:{self.slots.address}/0x{title.hex()}"

    def _wished(self, returned: Standing) -> str:
        """Return the address that the holder named when it returned the title."""
        remark = returned.last.remark.decode("ascii", "replace")
        found = ChainAccount.read(remark)
        if found is None or found.chain_id != self.slots.chain.chain_id():
            raise MediumRefused(reason="its holder did not return it for an account on this chain")
        return found.address

    def _first(self, state: State, party: str, named: Named) -> State:
        office = self.slots.address
        terms = Terms(roles=Roles.of(office), shipper=named.shipper, consignee=named.consignee)
        return issue(
            terms, state.kind, Move("issue", office, (party, party)), content=state.content
        )

    def _history(self, title: bytes) -> Sequence[Link]:
        try:
            return self.slots.history(title)
        except NoSuchTitle:
            return ()

    def _may_issue(self, title: bytes, first: State, known: Sequence[Link]) -> None:
        """Have the contract try the issue before anything ends; raises CallReverted."""
        if known:
            raise MediumRefused(reason="the contract has issued it already")
        call = self.slots.issue_call(title, first)
        self.slots.chain.estimate(self.account.address, self.slots.address, call)

    def _burnt(self, last: Standing, after: str) -> Entry:
        said = Statement(text="This title goes on in another medium.", titles=(after,))
        return last.then(Move("burn", self._party), self.clock(), statement=said)

    def _issue(self, register: str, title: str, state: State, party: str, named: Named) -> Entry:
        terms = Terms(roles=Roles.of(self._party), shipper=named.shipper, consignee=named.consignee)
        return Entry(
            register=register,
            title=title,
            n=0,
            previous="",
            move=Move("issue", self._party, (party, party)),
            at=self.clock(),
            issue=Issue(kind=state.kind, terms=terms, content=state.content),
        )

    def _entered(self, entry: Entry) -> str:
        """Enter what we sign; return its digest."""
        signed = entry.sealed(self.key)
        self.book.submit(signed)
        return sha256(signed.encode()).hexdigest()

    def _end_entry(self, standings: Sequence[Standing], after: str) -> str | None:
        """Return the entry that ended the title for this very crossing, None while it stands."""
        last = standings[-1]
        if last.state.location is Location.ISSUER:
            return None
        said = last.last.statement
        if last.last.move.action != "burn" or said is None or said.titles != (after,):
            raise MediumRefused(reason="it was not returned for it, or has ended")
        return last.digest


def _none(title: str) -> Sequence[str]:
    raise NoSuchTitle(where=title)


def _returned(standings: Sequence[Standing]) -> Standing:
    for each in reversed(standings):
        if each.last.move.action == _RETURN:
            return each
    raise MediumRefused(reason="it was not returned for it")


def _end_link(links: Sequence[Link], after: str) -> Link | None:
    """Return the move that ended the title for this very crossing, None while it stands."""
    last = links[-1]
    if last.state.location is Location.ISSUER:
        return None
    if last.move.action != "burn" or last.remark != sha256(after.encode()).digest():
        raise MediumRefused(reason="it was not returned for it, or has ended")
    return last


def _linked(made: Entry, before: str, ended: Link) -> Entry:
    """Return an issue with the statement of what it continues, and the end as evidence."""
    said = Statement(text=f"It goes on from {before}.", evidence=ended.reference.removeprefix("0x"))
    return replace(made, statement=said)
