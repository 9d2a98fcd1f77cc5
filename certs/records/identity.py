"""Who a record's issuer is: DNS-TXT and DNS-DID records, did:web, did:key.

Nothing is looked up here. `Identities` gives the answers: recorded ones from a file, or those of
a resolver that wiring puts in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

from certs.errors import BadIdentities
from certs.records import multikey
from schemas.jsondepth import loads

Document = Mapping[str, object]

_TXT: Final = re.compile(r"openatts\s+net=(\w+)\s+netId=(\d+)\s+addr=(0x[0-9a-fA-F]{40})")
_DNS_DID: Final = re.compile(r"openatts\s+a=dns-did;\s*p=([^;\s]+);\s*v=1\.0;?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How an answer came: from whom and when, and whether DNSSEC showed it to be genuine.

    `problem` says why there is none.
    """

    by: str
    at: str
    authenticated: bool = False
    problem: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return asdict(self)


class Identities(Protocol):
    """Answers about names; None means that nobody was asked, or nobody answered."""

    def txt(self, name: str) -> Sequence[str] | None:
        """Return the TXT records of a domain name, empty when there are none."""
        ...

    def did_document(self, did: str) -> Document | None:
        """Return a DID document, empty when the DID does not resolve."""
        ...

    def how(self, name: str) -> Lookup | None:
        """Return how the answer about a domain name or DID came, None if nobody was asked."""
        ...


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody is asked: what needs an answer stays unknown."""

    def txt(self, name: str) -> Sequence[str] | None:
        """Return None."""
        return None if name else ()

    def did_document(self, did: str) -> Document | None:
        """Return the document of a did:key, which needs nobody; else None."""
        return multikey.document_of(did)

    def how(self, name: str) -> None:
        """Return None."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers written down before: `{"dns": {name: [records]}, "didweb": {did: document}}`.

    A name that is not among them does not resolve; one with null was asked for, and nobody
    answered. `asked`, if there, says by name how each answer came. `pages` are status lists and
    answers of responders, by address.
    """

    dns: Mapping[str, Sequence[str] | None] = field(default_factory=dict)
    didweb: Mapping[str, Document | None] = field(default_factory=dict)
    asked: Mapping[str, Lookup] = field(default_factory=dict)
    pages: Mapping[str, str | None] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes, where: str = "") -> Recorded:
        """Read the file; raises BadIdentities."""
        try:
            said = loads(data)
            dns = {_plain(name): _texts(found) for name, found in _part(said, "dns")}
            didweb = {did: _document(found) for did, found in _part(said, "didweb")}
            asked = {name: Lookup(**found) for name, found in _part(said, "asked")}
            pages = {url: found and str(found) for url, found in _part(said, "pages")}
        except (ValueError, TypeError, AttributeError) as error:
            raise BadIdentities(where=where, reason=str(error)) from error
        return cls(dns, didweb, asked, pages)

    def write(self) -> bytes:
        """Return the file."""
        asked = {name: found.as_dict() for name, found in self.asked.items()}
        said = {"dns": self.dns, "didweb": self.didweb, "pages": self.pages, "asked": asked}
        return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    def txt(self, name: str) -> Sequence[str] | None:
        """Return the recorded answer."""
        return self.dns.get(_plain(name), ())

    def did_document(self, did: str) -> Document | None:
        """Return the recorded document, or that of a did:key, which needs nobody."""
        return multikey.document_of(did) or self.didweb.get(did, {})

    def page(self, url: str) -> bytes | None:
        """Return the recorded page; None when nobody answered, or none was recorded."""
        found = self.pages.get(url)
        return None if found is None else found.encode()

    def how(self, name: str) -> Lookup | None:
        """Return what was written down of it."""
        return self.asked.get(_plain(name)) or self.asked.get(name)


@dataclass(frozen=True, slots=True)
class Trail:
    """Answers of others, and the names that were asked for."""

    behind: Identities
    names: dict[str, None] = field(default_factory=dict)

    def txt(self, name: str) -> Sequence[str] | None:
        """Pass the question on."""
        self.names[name] = None
        return self.behind.txt(name)

    def did_document(self, did: str) -> Document | None:
        """Pass the question on."""
        self.names[did] = None
        return self.behind.did_document(did)

    def how(self, name: str) -> Lookup | None:
        """Pass the question on."""
        return self.behind.how(name)

    def lookups(self, more: Iterable[str] = ()) -> dict[str, Lookup]:
        """Return how the answers came, by name; `more` are names beside those asked for here.

        What needed nobody is not among them.
        """
        found = {name: self.behind.how(name) for name in (*self.names, *more)}
        return {name: each for name, each in found.items() if each is not None}


@dataclass(frozen=True, slots=True)
class Registered:
    """A contract that a domain's owner says is theirs."""

    chain_id: int
    address: str


def registered(records: Sequence[str]) -> Iterator[Registered]:
    """Yield the contracts that a domain's TXT records name (OpenAttestation DNS-TXT)."""
    for record in records:
        found = _TXT.fullmatch(record.strip().strip('"'))
        if found and found[1] == "ethereum":
            yield Registered(int(found[2]), found[3].lower())


def keys_in_dns(records: Sequence[str]) -> Iterator[str]:
    """Yield the DID keys that a domain's TXT records name (OpenAttestation DNS-DID)."""
    for record in records:
        found = _DNS_DID.fullmatch(record.strip().strip('"'))
        if found:
            yield found[1]


def _plain(name: str) -> str:
    return name.lower().rstrip(".")


def _part(said: Mapping[str, Any], name: str) -> list[tuple[str, Any]]:
    return [(str(key), value) for key, value in dict(said.get(name, {})).items()]


def _texts(found: Sequence[object] | None) -> list[str] | None:
    return None if found is None else [str(each) for each in found]


def _document(found: Mapping[str, object] | None) -> Document | None:
    return None if found is None else dict(found)
