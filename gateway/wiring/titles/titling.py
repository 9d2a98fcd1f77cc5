"""The gateway's register of titles: over its database, its log, its time-stamps.

Parties sign their own entries, with keys the gateway never sees. Where a party gave it a mandate
the gateway signs with its seal: that is a party like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from certs.authority.tsa import TimeStamper
from certs.keys import SigningKey
from gateway.api.errors import NotCovered, NotYourParty
from gateway.api.ports import Json
from gateway.store import outbox
from gateway.store.database import Transaction
from gateway.store.titles import StoredTitles
from gateway.wiring.log.logbook import Logbook
from gateway.wiring.titles.orders import Order
from gateway.wiring.titles.private import Confidant
from ledger.errors import NotFoundInLog, NotInTree
from ledger.note import NoteSigner
from ledger.proof import TlogProof
from ledger.title.check import check_register
from ledger.title.entry import Entry
from ledger.title.errors import EntryRefused, NoSuchTitle
from ledger.title.fields import NAME
from ledger.title.party import Jwk, PartyKey, party_id
from ledger.title.register import Accepted, Register
from ledger.title.sequence import Standing
from ledger.title.state import State
from schemas.clock import Clock
from schemas.finding import Finding

T = TypeVar("T")


@dataclass(frozen=True)
class SealParty:
    """The gateway's seal as a party of titles."""

    key: SigningKey

    @cached_property
    def _party(self) -> PartyKey:
        private = self.key.private
        if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise EntryRefused(reason="the seal is neither Ed25519 nor P-256")
        return PartyKey(private)

    @property
    def jwk(self) -> Jwk:
        """The public key."""
        return self._party.jwk

    @property
    def party(self) -> str:
        """The party's id."""
        return party_id(self.jwk)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over `data`."""
        return self._party.sign(data)


@dataclass(frozen=True, slots=True)
class _Book:
    """The log and its shards in one transaction, as a place for entries."""

    logbook: Logbook
    tx: Transaction

    @property
    def origin(self) -> str:
        return self.logbook.origin

    def signer_of(self, origin: str) -> NoteSigner:
        return self.logbook.signer_of(origin)

    def enter(self, digest: bytes) -> int:
        return self.logbook.append(self.tx, [digest]).indices[0]

    def find(self, digest: bytes) -> int:
        return self.logbook.find(self.tx, digest)[1]

    def proof(self, digest: bytes) -> TlogProof:
        log, index = self.logbook.find(self.tx, digest)
        return log.proof(index)


@dataclass(frozen=True, slots=True)
class TitleDesk:
    """Takes entries in and tells what titles are; `issuers` are the parties that may issue.

    `parties` are those that an account stands for: it reads the titles that name them. Platforms
    that ask the register about titles on their way (`peers`) read any whose id they know, for they
    have to tell whose it is. A reader None reads all.
    """

    logbook: Logbook
    stamper: TimeStamper
    agent: SealParty
    issuers: Collection[str]
    clock: Clock
    confidant: Confidant
    parties: Callable[[str], Collection[str]] = lambda _: ()
    peers: Collection[str] = ()

    def submit(self, signed: str) -> Json:
        """Accept a signed entry, durably; raises what the register refuses with."""
        return _receipt(self._entering(lambda register: register.submit(signed)))

    def order(self, asked: Json, account: str | None = None) -> Json:
        """Sign an action on the mandate of its actor, for the title as it is, and accept it.

        A mandate is in the entries that were made on it, for other parties to read: the account
        has to stand for the actor (None is the operator's); raises NotYourParty. A private remark
        is sealed with the reading key that is kept for the account.
        """
        order = Order.read(asked)
        if account is not None and order.move.actor not in self.parties(account):
            raise NotYourParty(where="actor", party=order.move.actor)

        def work(register: Register) -> Accepted:
            before = register.standing(order.title)
            said = replace(order, remark=self._remark(register, order, account))
            return register.submit(said.signed(before, self.clock(), self.agent))

        return _receipt(self._entering(work))

    def ids(self, reader: str | None = None) -> Sequence[str]:
        """Return the ids of the titles that an account may read, sorted."""
        with self.logbook.store.read() as tx:
            titles = StoredTitles(tx)
            return titles.titles() if reader is None else titles.naming(self.parties(reader))

    def show(self, title: str, reader: str | None = None) -> Json:
        """Return what a title is, and every action on it; raises NoSuchTitle.

        What is sealed is opened where the account's reading key is kept here and opens it.
        """
        with self._reading(title, reader) as register:
            standing = register.standing(title)
            opened = self.confidant.opened(register, title, reader)
            history = [opened.link(link.as_dict()) for link in register.history(title)]
            stamped = [token is not None for token in register.stamps(title)]
            return {
                **_shown(standing),
                **opened.as_dict(),
                "register": register.name,
                "history": [
                    {**link, "stamped": mark} for link, mark in zip(history, stamped, strict=True)
                ],
            }

    def entries(self, title: str, reader: str | None = None) -> Json:
        """Return the signed entries of a title: who has them can follow it; raises NoSuchTitle."""
        with self._reading(title, reader) as register:
            signed = register.entries(title)
            if not signed:
                raise NoSuchTitle(where=title)
            return {"register": register.name, "title": title, "entries": list(signed)}

    def file(self, title: str, reader: str | None = None) -> bytes:
        """Return the history file; raises NoSuchTitle, NotCovered until a checkpoint covers it."""
        try:
            with self._reading(title, reader) as register:
                return register.export(title)
        except (NotFoundInLog, NotInTree) as early:
            raise NotCovered(where=title) from early

    def share(self, signed: str) -> Json:
        """Keep a signed epoch of a title's keys."""
        epoch = self._writing(lambda register: register.share(signed))
        return {"title": epoch.title, "epoch": epoch.epoch, "signer": epoch.signer}

    def epochs(self, title: str, reader: str | None = None) -> Json:
        """Return the signed epochs of a title's keys: each opens its own; raises NoSuchTitle."""
        with self._reading(title, reader) as register:
            return {"epochs": list(register.epochs(title))}

    def _remark(self, register: Register, order: Order, account: str | None) -> bytes:
        if not order.private:
            return order.remark
        actor = order.move.actor
        return self.confidant.sealed(register, order.title, actor, order.private, account)

    def _entering(self, work: Callable[[Register], Accepted]) -> Accepted:
        """Accept an entry, and note in the same transaction whom it names."""
        with self.logbook.store.begin() as tx:
            accepted = work(self._register(tx))
            if not accepted.repeated:
                entry = accepted.standing.last
                StoredTitles(tx).name(entry.title, entry.parties)
                self._tell(tx, entry)
            return accepted

    def _tell(self, tx: Transaction, entry: Entry) -> None:
        """Put an entry down for the accounts that may read its title and ask to be told."""
        told = partial(
            outbox.Happening,
            subject=f"title/{entry.title}",
            n=entry.n,
            event=outbox.TITLE_ENTRY,
            at=self.clock(),
            data={"title": entry.title, "n": entry.n, "action": entry.move.action},
        )
        titles = StoredTitles(tx)
        asking = sorted(outbox.tenants_asking(tx, outbox.TITLE_ENTRY))
        readers = [one for one in asking if titles.names(entry.title, self.parties(one))]
        outbox.put(tx, [told(tenant=one) for one in readers])

    def _writing(self, work: Callable[[Register], T]) -> T:
        with self.logbook.store.begin() as tx:
            return work(self._register(tx))

    @contextmanager
    def _reading(self, title: str, reader: str | None) -> Iterator[Register]:
        """Give the register to an account that may read a title; to others there is none."""
        with self.logbook.store.read() as tx:
            may = reader is None or reader in self.peers
            named = NAME.fullmatch(title) is not None
            if not named or not (may or StoredTitles(tx).names(title, self.parties(reader or ""))):
                raise NoSuchTitle(where=title)
            yield self._register(tx)

    @contextmanager
    def looking(self) -> Iterator[Register]:
        """Give the register as it is now; nothing can be written."""
        with self.logbook.store.read() as tx:
            yield self._register(tx)

    def check(self) -> list[Finding]:
        """Return what does not agree when every title is derived anew from its entries."""
        with self.logbook.store.read() as tx:
            book = _Book(self.logbook, tx)
            return list(check_register(StoredTitles(tx), book, book.origin))

    def _register(self, tx: Transaction) -> Register:
        return Register(
            StoredTitles(tx),
            _Book(self.logbook, tx),
            issuers=self.issuers,
            stamper=self.stamper.stamp,
            clock=self.clock,
        )


def _receipt(accepted: Accepted) -> Json:
    return {**_shown(accepted.standing), "leaf": accepted.leaf, "repeated": accepted.repeated}


def _shown(standing: Standing) -> Json:
    state: State = standing.state
    return {
        "title": standing.title,
        "n": standing.n,
        "entry": standing.digest,
        "kind": state.kind.value,
        "content": state.content,
        "paper": state.paper,
        "paused": state.paused,
        "state": state.as_dict(),
    }
