"""Entries of a title: each action signed by its party, bound to the entry before it.

An entry names register, title, its number and the digest of its predecessor, so that it can
stand in one place alone; action, arguments, time, place and remark are under one signature. The
first entry is the issue, with the terms and the digest of the document.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

from ledger.title import mandate, token
from ledger.title.errors import EntryRefused
from ledger.title.fields import NAME, moment, name, text
from ledger.title.machine import Move
from ledger.title.party import PartySigner, decode, encode, is_party
from ledger.title.state import Kind, Roles, Terms
from ledger.title.token import Json
from schemas.clock import iso

TYP: Final = "silkgate-title-entry"
MAX_REMARK: Final = 120
"""Bytes, as on TradeTrust's escrow: a remark fits every register."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_NAMES: Final = frozenset(
    {"action", "actor", "args", "at", "n", "place", "previous", "register", "remark", "title"}
)
_BESIDE: Final = frozenset({"issue", "mandate", "statement"})
_MOST_ARGUMENTS: Final = 4
_MOST_TITLES: Final = 20
"""Titles that one replaces: each of them is followed from its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement on a change of medium or document, with the digest of its evidence.

    `paper` is the serial of the paper that is replaced (or replaces), `titles` the ids of titles
    that a new one replaces; at an end, the place of the one that goes on. MLETR, articles 17
    and 18.
    """

    text: str
    evidence: str = ""
    paper: str = ""
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What the first entry fixes: kind, terms, and the document by its SHA-256 (hex)."""

    kind: Kind
    terms: Terms
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action on a title, as its party orders it."""

    register: str
    title: str
    n: int
    previous: str
    move: Move
    at: datetime
    place: str = ""
    remark: bytes = b""
    issue: Issue | None = None
    statement: Statement | None = None
    mandate: str = ""
    signer: str = field(default="", compare=False)

    @property
    def parties(self) -> frozenset[str]:
        """Every party it names: who acts and who signs, to whom, and in the terms of an issue."""
        found = {self.signer, self.move.actor, *self.move.args}
        if self.issue is not None:
            terms = self.issue.terms
            found |= {terms.shipper, terms.consignee, *astuple(terms.roles)}
        return frozenset(each for each in found if each and is_party(each))

    def sealed(self, signer: PartySigner) -> str:
        """Return the entry signed by the actor, or by who acts on mandate."""
        return token.sealed(self._payload(), TYP, signer)

    def _payload(self) -> Json:
        made: Json = {
            "action": self.move.action,
            "actor": self.move.actor,
            "args": list(self.move.args),
            "at": iso(self.at),
            "n": self.n,
            "place": self.place,
            "previous": self.previous,
            "register": self.register,
            "remark": encode(self.remark),
            "title": self.title,
        }
        if self.issue is not None:
            made["issue"] = _issue(self.issue)
        if self.statement is not None:
            made["statement"] = _statement(self.statement)
        if self.mandate:
            made["mandate"] = self.mandate
        return made


def digest(signed: str) -> str:
    """Return the digest by which the next entry names this one: SHA-256 of its JWS, hex."""
    return sha256(signed.encode()).hexdigest()


def read(signed: str) -> Entry:
    """Return a verified entry: signed by its actor, or by an agent whom the actor mandated.

    Raises EntryRefused.
    """
    opened = token.opened(signed, TYP)
    entry = _entry(opened.payload, opened.signer)
    if entry.mandate:
        mandate.check(entry.mandate, entry.move.actor, entry.signer, _use(entry))
    elif entry.signer != entry.move.actor:
        raise EntryRefused(reason="it is signed by another party than its actor")
    return entry


def _use(entry: Entry) -> mandate.Use:
    return mandate.Use(entry.register, entry.title, entry.move.action, entry.at)


def _entry(said: Json, signer: str) -> Entry:
    names = said.keys()
    if not (names >= _NAMES and names <= _NAMES | _BESIDE):
        raise EntryRefused(reason="fields are missing or unknown")
    n = said["n"]
    if type(n) is not int or n < 0:
        raise EntryRefused(reason="n is no number")
    remark = decode(text(said, "remark"))
    place, previous = text(said, "place"), text(said, "previous")
    if len(remark) > MAX_REMARK or len(place) > len("CNSHA"):
        raise EntryRefused(reason="the remark or the place is too long")
    if previous and not _DIGEST.fullmatch(previous):
        raise EntryRefused(reason="previous is no digest")
    if (n == 0) is not ("issue" in said) or (n == 0) is (previous != ""):
        raise EntryRefused(reason="the issue, and it alone, is number 0 and has no previous")
    return Entry(
        register=name(said, "register"),
        title=name(said, "title"),
        n=n,
        previous=previous,
        move=Move(text(said, "action"), name(said, "actor"), _args(said["args"])),
        at=moment(said, "at"),
        place=place,
        remark=remark,
        issue=_read_issue(said["issue"]) if n == 0 else None,
        statement=_read_statement(said["statement"]) if "statement" in said else None,
        mandate=text(said, "mandate") if "mandate" in said else "",
        signer=signer,
    )


def _args(found: object) -> tuple[str | None, ...]:
    if not isinstance(found, list) or len(found) > _MOST_ARGUMENTS:
        raise EntryRefused(reason="args is no list of at most four")
    for each in found:
        if each is not None and not (isinstance(each, str) and NAME.fullmatch(each)):
            raise EntryRefused(reason="an argument is no name")
    return tuple(found)


def _issue(issue: Issue) -> Json:
    roles = issue.terms.roles
    return {
        "accepter": roles.accepter,
        "consignee": issue.terms.consignee,
        "content": issue.content,
        "kind": issue.kind.value,
        "minter": roles.minter,
        "pauser": roles.pauser,
        "restorer": roles.restorer,
        "shipper": issue.terms.shipper,
    }


def _read_issue(found: object) -> Issue:
    said = _same_names(found, _issue(_SHAPE), "issue")
    content = text(said, "content")
    if not _DIGEST.fullmatch(content):
        raise EntryRefused(reason="content is no SHA-256 in hex")
    roles = Roles(
        **{role: name(said, role) for role in ("minter", "restorer", "accepter", "pauser")}
    )
    shipper, consignee = (
        None if said[each] is None else name(said, each) for each in ("shipper", "consignee")
    )
    try:
        kind = Kind(text(said, "kind"))
    except ValueError as error:
        raise EntryRefused(reason="the kind is unknown") from error
    terms = Terms(roles=roles, shipper=shipper, consignee=consignee)
    return Issue(kind=kind, terms=terms, content=content)


def _statement(statement: Statement) -> Json:
    return {
        "evidence": statement.evidence,
        "paper": statement.paper,
        "text": statement.text,
        "titles": list(statement.titles),
    }


def _read_statement(found: object) -> Statement:
    said = _same_names(found, _statement(Statement(text="")), "statement")
    titles = said["titles"]
    if not isinstance(titles, list) or not all(isinstance(each, str) for each in titles):
        raise EntryRefused(reason="titles is no list of names")
    if len(titles) > _MOST_TITLES:
        raise EntryRefused(reason="the statement names too many titles")
    words, evidence = text(said, "text"), text(said, "evidence")
    if not words.strip() or (evidence and not _DIGEST.fullmatch(evidence)):
        raise EntryRefused(reason="the statement is empty, or its evidence no digest")
    return Statement(text=words, evidence=evidence, paper=text(said, "paper"), titles=tuple(titles))


def _same_names(found: object, shape: Json, what: str) -> Json:
    if not isinstance(found, dict) or found.keys() != shape.keys():
        raise EntryRefused(reason="{field} lacks fields, or has unknown ones", field=what)
    return found


_SHAPE: Final = Issue(kind=Kind.ESCROW, terms=Terms(roles=Roles.of("")), content="")
