"""Which service vouches for a path, and what its level is accorded in the verifier's domain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.recognition.folder import Domains
from certs.recognition.levels import Kind, Level
from certs.recognition.lists import Record, TrustList
from certs.recognition.outcome import Home, corrected
from certs.recognition.qualified import kind_of, statements
from certs.recognition.rules import built_in
from certs.x509.certificate import Certificate
from schemas.text import Text

_OWN: Final = "OWN"


@dataclass(frozen=True, slots=True)
class Accorded:
    """The level accorded here, the record and list it rests on, and the basis in words."""

    level: Level
    basis: Text
    record: Record | None = None
    list: TrustList | None = None


def home_of(
    trail: Sequence[Certificate], domains: Domains, moment: datetime, kind: Kind | None = None
) -> Home:
    """Return the best service that vouches for the path; without any, the operators' own.

    `kind` is what the certificate is used for, else what it says of itself tells.
    """
    found = []
    for each, service in domains.services(trail):
        status = service.status(moment)
        said = corrected(trail[0], status)
        access = service.kind is Kind.ACCESS_POINT
        used = kind or (Kind.ACCESS_POINT if access else kind_of(trail[0], said))
        found.append(Home(each.domain, each.rules, used, each, service, status))
    if not found:
        used = kind or kind_of(trail[0], statements(trail[0]))
        return Home(_OWN, built_in()[_OWN], used)
    return max(found, key=lambda home: (home.fits, home.granted.rank))


def accorded(
    home: Home, level: Level, domains: Domains, document: str, moment: datetime
) -> Accorded:
    """Return what a level at home is worth in the verifier's domain, for a type of document."""
    here = domains.here
    if home.domain == here:
        basis = Text(f"It is at home in {here}.", f"该签名即来自 {here}。")
        return Accorded(level, basis)
    found = [
        Accorded(record.levels.get(level, Level.NONE), record.basis, record, each)
        for each, record in _records(domains.of(here))
        if record.source == home.domain and record.covers(home.kind, document, moment)
    ]
    if found:
        return max(found, key=lambda each: each.level.rank)
    basis = Text(
        f"{here} recognises no such service of {home.domain} for “{document}”"
        f" on {moment:%Y-%m-%d}.",
        f"{here} 在 {moment:%Y-%m-%d} 未就“{document}”承认 {home.domain} 的此类服务。",
    )
    return Accorded(Level.NONE, basis)


def _records(lists: Iterable[TrustList]) -> Iterator[tuple[TrustList, Record]]:
    for each in lists:
        for record in each.records:
            yield each, record
