"""The gateway's register of titles: over its database, its log, its time-stamps.

Parties sign their own entries, with keys the gateway never sees. Where a party gave it a mandate
the gateway signs with its seal: that is a party like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from certs.authority.tsa import TimeStamper
from certs.keys import SigningKey
from gateway.api.errors import FieldInvalid, NotCovered
from gateway.api.ports import Json
from gateway.store.database import Transaction
from gateway.store.titles import StoredTitles
from gateway.wiring.logbook import Logbook
from ledger.errors import NotFoundInLog, NotInTree
from ledger.note import NoteSigner
from ledger.proof import TlogProof
from ledger.title.check import check_register
from ledger.title.entry import Entry
from ledger.title.errors import EntryRefused, NoSuchTitle
from ledger.title.machine import Move
from ledger.title.party import Jwk, PartyKey, decode, party_id
from ledger.title.register import Accepted, Register
from ledger.title.sequence import Standing
from ledger.title.state import State
from schemas.clock import Clock
from schemas.finding import Finding
from schemas.text import Text

T = TypeVar("T")
_TEXTS: Final = frozenset({"action", "actor", "mandate", "place", "remark", "title"})
_EXPECTED: Final = "title, action, actor, mandate, args?, place?, remark?"


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
class _Order:
    """An action that the gateway is asked to sign on a party's mandate."""

    title: str
    move: Move
    mandate: str
    place: str
    remark: bytes

    @classmethod
    def read(cls, asked: Json) -> _Order:
        """Read what is asked for; raises FieldInvalid."""
        args = asked.get("args", [])
        texts = {name: asked.get(name, "") for name in _TEXTS}
        if not (
            asked.keys() <= _TEXTS | {"args"}
            and all(isinstance(each, str) for each in texts.values())
            and all(texts[name] for name in ("action", "actor", "mandate", "title"))
            and isinstance(args, list)
            and all(each is None or isinstance(each, str) for each in args)
        ):
            reason = Text("fields are missing or malformed", "字段缺失或格式错误")
            raise FieldInvalid(where="body", reason=reason, expected=_EXPECTED)
        said = {name: str(each) for name, each in texts.items()}
        move = Move(said["action"], said["actor"], tuple(args))
        remark = decode(said["remark"])
        return cls(said["title"], move, said["mandate"], said["place"], remark)

    def signed(self, before: Standing, at: datetime, agent: SealParty) -> str:
        """Return the entry that follows a standing, signed by the agent."""
        entry = Entry(
            register=before.register,
            title=before.title,
            n=before.n + 1,
            previous=before.digest,
            move=self.move,
            at=at,
            place=self.place,
            remark=self.remark,
            mandate=self.mandate,
        )
        return entry.sealed(agent)


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
    parties: Callable[[str], Collection[str]] = lambda _: ()
    peers: Collection[str] = ()

    def submit(self, signed: str) -> Json:
        """Accept a signed entry, durably; raises what the register refuses with."""
        return _receipt(self._entering(lambda register: register.submit(signed)))

    def order(self, asked: Json) -> Json:
        """Sign an action on the mandate of its actor, for the title as it is, and accept it."""
        order = _Order.read(asked)

        def work(register: Register) -> Accepted:
            before = register.standing(order.title)
            return register.submit(order.signed(before, self.clock(), self.agent))

        return _receipt(self._entering(work))

    def ids(self, reader: str | None = None) -> Sequence[str]:
        """Return the ids of the titles that an account may read, sorted."""
        with self.logbook.store.read() as tx:
            titles = StoredTitles(tx)
            return titles.titles() if reader is None else titles.naming(self.parties(reader))

    def show(self, title: str, reader: str | None = None) -> Json:
        """Return what a title is, and every action on it; raises NoSuchTitle."""
        with self._reading(title, reader) as register:
            standing = register.standing(title)
            history = [link.as_dict() for link in register.history(title)]
            stamped = [token is not None for token in register.stamps(title)]
            return {
                **_shown(standing),
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

    def _entering(self, work: Callable[[Register], Accepted]) -> Accepted:
        """Accept an entry, and note in the same transaction whom it names."""
        with self.logbook.store.begin() as tx:
            accepted = work(self._register(tx))
            if not accepted.repeated:
                entry = accepted.standing.last
                StoredTitles(tx).name(entry.title, entry.parties)
            return accepted

    def _writing(self, work: Callable[[Register], T]) -> T:
        with self.logbook.store.begin() as tx:
            return work(self._register(tx))

    @contextmanager
    def _reading(self, title: str, reader: str | None) -> Iterator[Register]:
        """Give the register to an account that may read a title; to others there is none."""
        with self.logbook.store.read() as tx:
            known = reader is None or reader in self.peers
            if not known and not StoredTitles(tx).names(title, self.parties(reader or "")):
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
