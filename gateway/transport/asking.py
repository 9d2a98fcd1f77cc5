"""Asking about an issuer: TXT records over HTTPS (RFC 8484), documents of did:web, status lists.

Only the resolvers and hosts of the settings are asked, by default nobody. What was answered can
be written down, and verified with again where there is no network.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from certs.records import Lookup, Recorded
from certs.records.multikey import document_of
from gateway.transport import didweb, dnsmessage
from gateway.transport.errors import AnswerNotUsable, Refused, TransportError
from gateway.transport.guarded import Guard, Reply, Request, ask, place
from schemas.clock import Clock, iso, utc_now
from schemas.jsondepth import loads

_MESSAGE: Final = "application/dns-message"
_DOCUMENT: Final = "application/did+json, application/did, application/json"
_PAGE: Final = "application/vc, application/json"
_LARGEST_MESSAGE: Final = 65535
_LARGEST_PAGE: Final = 4 * 1024 * 1024
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_KEPT_SECONDS: Final = 60.0
_MOST_KEPT: Final = 1000

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Whom one may ask: resolvers by their https address, in this order, and hosts.

    Hosts are those of did:web, status lists and responders. `authority` (PEM) is trusted instead of
    the system's; `private` allows hosts at addresses that are not public; `seconds` is for one
    answer.
    """

    resolvers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    authority: Path | None = None
    private: bool = False
    seconds: float = 5.0

    def guard(self) -> Guard:
        """Return the guard for hosts that documents name."""
        return Guard(
            hosts=frozenset(each.lower() for each in self.hosts),
            authority=self.authority,
            private=self.private,
            seconds=self.seconds,
        )


@dataclass(frozen=True, slots=True)
class _Found(Generic[_T]):
    """An answer (None: nobody answered), how it came, and until when it is not asked for anew.

    Of what nobody was asked there is neither answer nor way.
    """

    answer: _T | None = None
    how: Lookup | None = None
    until: float = 0.0


@dataclass(frozen=True)
class Asked:
    """`certs.records.Identities` and `Pages` over the network; an answer counts for a minute.

    At most `most` answers of a kind are kept.
    """

    allowed: Allowed
    clock: Clock = utc_now
    most: int = _MOST_KEPT
    _dns: dict[str, _Found[Sequence[str]]] = field(default_factory=dict)
    _didweb: dict[str, _Found[Mapping[str, Any]]] = field(default_factory=dict)
    _pages: dict[str, _Found[bytes]] = field(default_factory=dict)
    _ways: dict[str, Lookup] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def txt(self, name: str) -> Sequence[str] | None:
        """Return the TXT records of a domain name; None when no resolver answers."""
        return self._kept(self._dns, name.lower().rstrip("."), self._resolved).answer

    def did_document(self, did: str) -> Mapping[str, Any] | None:
        """Return the document of a did:web from its host, of a did:key from itself."""
        return document_of(did) or self._kept(self._didweb, did, self._fetched).answer

    def page(self, url: str) -> bytes | None:
        """Return what is at an address; None when nobody answers, or there is nothing."""
        return self._kept(self._pages, url, self._read).answer

    def how(self, name: str) -> Lookup | None:
        """Return whom this was asked of, and when; None if it was not asked."""
        return self._ways.get(name) or self._ways.get(name.lower().rstrip("."))

    def recorded(self) -> Recorded:
        """Return every answer so far, to be written down."""
        return Recorded(
            {name: each.answer for name, each in self._dns.items()},
            {did: each.answer for did, each in self._didweb.items()},
            dict(self._ways),
            {
                url: None if each.answer is None else each.answer.decode()
                for url, each in self._pages.items()
            },
        )

    def _kept(
        self, kept: dict[str, _Found[_T]], name: str, find: Callable[[str], _Found[_T]]
    ) -> _Found[_T]:
        """Return a recent answer, or ask; when `most` are kept all are dropped."""
        now = time.monotonic()
        found = kept.get(name)
        if found is None or found.until < now:
            found = replace(find(name), until=now + _KEPT_SECONDS)
            with self._lock:
                if len(kept) >= self.most:
                    kept.clear()
                    self._ways.clear()
                kept[name] = found
                if found.how is not None:
                    self._ways[name] = found.how
        return found

    def _resolved(self, name: str) -> _Found[Sequence[str]]:
        if not self.allowed.resolvers:
            return _Found()
        if not dnsmessage.is_name(name):
            return _Found(None, self._lookup("", problem="it is no name of the DNS"))
        problems = []
        for resolver in self.allowed.resolvers:
            try:
                found = _queried(resolver, name, self.allowed)
            except TransportError as error:
                problems.append(error.message.en)
                continue
            return _Found(found.records, self._lookup(resolver, secure=found.authenticated))
        return _Found(None, self._lookup(resolver, problem="; ".join(problems)))

    def _fetched(self, did: str) -> _Found[Mapping[str, Any]]:
        url = didweb.address(did)
        if url is None or not self.allowed.hosts:
            return _Found()
        try:
            document = _document(url, self.allowed)
        except TransportError as error:
            return _Found(None, self._lookup(url, problem=error.message.en))
        return _Found(document, self._lookup(url))

    def _read(self, url: str) -> _Found[bytes]:
        if not self.allowed.hosts:
            return _Found()
        try:
            return _Found(_page(url, self.allowed), self._lookup(url))
        except TransportError as error:
            return _Found(None, self._lookup(url, problem=error.message.en))

    def _lookup(self, by: str, *, secure: bool = False, problem: str = "") -> Lookup:
        return Lookup(by=by, at=iso(self.clock()), authenticated=secure, problem=problem)


def _queried(resolver: str, name: str, allowed: Allowed) -> dnsmessage.TxtAnswer:
    """Ask one resolver, which the operator named: it may be at any address."""
    guard = Guard(
        hosts=frozenset({place(urlsplit(resolver))}),
        authority=allowed.authority,
        private=True,
        seconds=allowed.seconds,
        largest=_LARGEST_MESSAGE,
    )
    headers = {"Content-Type": _MESSAGE, "Accept": _MESSAGE}
    body = dnsmessage.question(name)
    reply = ask(Request(url=resolver, method="POST", body=body, headers=headers), guard)
    if reply.status != HTTPStatus.OK:
        raise _refused(resolver, reply)
    if reply.media_type != _MESSAGE:
        raise _unusable(resolver, f"{reply.media_type or 'nothing'} instead of {_MESSAGE}")
    try:
        return dnsmessage.answer(reply.body, name)
    except dnsmessage.BadMessage as error:
        raise _unusable(resolver, str(error)) from error


def _document(url: str, allowed: Allowed) -> Mapping[str, Any]:
    """Return the JSON object at an address, empty when there is none."""
    reply = ask(Request(url=url, headers={"Accept": _DOCUMENT}), allowed.guard())
    if reply.status in _GONE:
        return {}
    if reply.status != HTTPStatus.OK:
        raise _refused(url, reply)
    try:
        found = loads(reply.body)
    except ValueError as error:
        raise _unusable(url, "it is no JSON") from error
    if not isinstance(found, dict):
        raise _unusable(url, "it is no JSON object")
    return found


def _page(url: str, allowed: Allowed) -> bytes:
    """Return the text at an address: a status list, what a responder says."""
    guard = replace(allowed.guard(), largest=_LARGEST_PAGE)
    reply = ask(Request(url=url, headers={"Accept": _PAGE}), guard)
    if reply.status != HTTPStatus.OK:
        raise _refused(url, reply)
    try:
        reply.body.decode()
    except UnicodeDecodeError as error:
        raise _unusable(url, "it is no text") from error
    return reply.body


def _refused(url: str, reply: Reply) -> Refused:
    return Refused(where=url, party=place(urlsplit(url)), status=reply.status, reason="no document")


def _unusable(url: str, reason: str) -> AnswerNotUsable:
    return AnswerNotUsable(where=url, party=place(urlsplit(url)), reason=reason)
