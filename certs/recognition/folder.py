"""The lists a verifier holds, in a folder `domains` inside its trust folder.

    settings.toml   domain = "SG": the domain in which levels are accorded
    signers/        certificates of those who may sign lists (pinned, PEM or DER)
    *.jws           lists of domains; *.xml trusted lists of ETSI TS 119 612
    memory.json     the highest sequence number seen of each list, kept by this program
    issuers.toml    which DID is which organisation's, for mandates (see integrity.py)
    copies/         what was fetched, with what tells whether it has changed

A list that cannot be relied upon is left out, and `refused` says why.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from certs.errors import BadTrustList, MalformedCertificate
from certs.recognition import etsi, lists
from certs.recognition.etsi import Pointer
from certs.recognition.integrity import NOBODY, Issuers
from certs.recognition.lists import Service, TrustList
from certs.recognition.memory import Memory
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.clock import utc_now

FOLDER: Final = "domains"
_SETTINGS: Final = "settings.toml"
_SIGNERS: Final = "signers"
_MEMORY: Final = "memory.json"
_OWN: Final = "OWN"
_LARGEST: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Domains:
    """Verified lists, the domain of the verifier, and what was refused, by file name."""

    here: str = _OWN
    lists: tuple[TrustList, ...] = ()
    refused: tuple[tuple[str, BadTrustList], ...] = ()
    issuers: Issuers = NOBODY

    @classmethod
    def load(cls, trust: Path, at: datetime | None = None) -> Domains:
        """Return the lists in `trust`/domains; none at all without that folder."""
        folder = trust / FOLDER
        if not folder.is_dir():
            return cls()
        signers = pinned(folder)
        found, refused = _read_all(folder, signers, at or utc_now())
        memory = Memory(folder / _MEMORY)
        kept = []
        for name, each in found:
            try:
                memory.learn(each)
                kept.append(each)
            except BadTrustList as error:
                refused.append((name, error))
        memory.save()
        return cls(_here(folder), tuple(kept), tuple(refused), Issuers.load(folder))

    @property
    def anchors(self) -> Iterable[Certificate]:
        """The certificates of every service of every list."""
        return (service.certificate for each in self.lists for service in each.services)

    def services(self, path: Sequence[Certificate]) -> Iterable[tuple[TrustList, Service]]:
        """Yield the services that vouch for a path, with the lists that name them."""
        for each in self.lists:
            for service in each.services:
                if service.certificate in path:
                    yield each, service

    def of(self, domain: str) -> Iterable[TrustList]:
        """Yield the lists of a domain."""
        return (each for each in self.lists if each.domain == domain)


def pinned(folder: Path) -> tuple[Certificate, ...]:
    """Return the certificates of those who may sign lists; raises BadTrustList."""
    found: list[Certificate] = []
    for path in sorted((folder / _SIGNERS).glob("*")):
        try:
            found.extend(certificates.load_all(path.read_bytes()))
        except MalformedCertificate as error:
            raise BadTrustList(where=path.name, reason="no certificate") from error
    return tuple(found)


def admit(
    data: bytes,
    name: str,
    trust: Path,
    at: datetime | None = None,
    pointer: Pointer | None = None,
) -> TrustList:
    """Check a list against pins and memory, put it into the folder, and remember it.

    One that a `pointer` led to must be for its territory and signed by whom that names. Raises
    BadTrustList or RolledBack, and then nothing is changed.
    """
    folder = trust / FOLDER
    memory = Memory(folder / _MEMORY)
    if pointer is not None:
        found, suffix = _led_to(data, name, pointer, at), ".xml"
    elif etsi.is_trusted_list(data):
        found, suffix = _foreign(data, name, folder, at).list, ".xml"
    else:
        found, suffix = lists.read(data, pinned(folder), name=name, at=at), ".jws"
    memory.learn(found)
    (folder / f"{found.id}{suffix}").write_bytes(data)
    memory.save()
    return found


def pointers(found: TrustList, trust: Path, at: datetime | None = None) -> tuple[Pointer, ...]:
    """Return where a list of lists that was admitted points; none for any other list."""
    folder = trust / FOLDER
    path = folder / f"{found.id}.xml"
    if not path.is_file():
        return ()
    read = _foreign(path.read_bytes(), path.name, folder, at)
    return read.pointers if read.is_list_of_lists else ()


def _led_to(data: bytes, name: str, pointer: Pointer, at: datetime | None) -> TrustList:
    read = etsi.read(data, pointer.signers, name=name, at=at)
    if read.territory != pointer.territory:
        reason = f"it is for {read.territory or 'nowhere'}, not for {pointer.territory}"
        raise BadTrustList(where=name, reason=reason)
    return read.list


def _foreign(data: bytes, name: str, folder: Path, at: datetime | None) -> etsi.Read:
    """Return a list signed by whom the operator pinned, or a list of lists that is held."""
    own = pinned(folder)
    pointed = _pointed(_files(folder, ".xml"), own, at).get(etsi.territory_of(data), ())
    return etsi.read(data, (*own, *pointed), name=name, at=at)


_Named = tuple[str, TrustList]
_Refusals = list[tuple[str, BadTrustList]]


def _read_all(
    folder: Path, signers: Sequence[Certificate], at: datetime
) -> tuple[list[_Named], _Refusals]:
    found: list[_Named] = []
    refused: _Refusals = []
    for name, data in _files(folder, ".jws"):
        try:
            found.append((name, lists.read(data, signers, name=name, at=at)))
        except BadTrustList as error:
            refused.append((name, error))
    foreign = list(_files(folder, ".xml"))
    pointed = _pointed(foreign, signers, at)
    for name, data in foreign:
        allowed = (*signers, *pointed.get(etsi.territory_of(data), ()))
        try:
            found.append((name, etsi.read(data, allowed, name=name, at=at).list))
        except BadTrustList as error:
            refused.append((name, error))
    return found, refused


def _pointed(
    foreign: Iterable[tuple[str, bytes]], signers: Sequence[Certificate], at: datetime | None
) -> dict[str, list[Certificate]]:
    """Return by territory those whom the verified lists of lists pin."""
    found: defaultdict[str, list[Certificate]] = defaultdict(list)
    for name, data in foreign:
        try:
            read = etsi.read(data, signers, name=name, at=at)
        except BadTrustList:
            continue
        for pointer in read.pointers if read.is_list_of_lists else ():
            found[pointer.territory].extend(pointer.signers)
    return found


def _files(folder: Path, suffix: str) -> Iterable[tuple[str, bytes]]:
    for path in sorted(folder.glob(f"*{suffix}")):
        if path.stat().st_size <= _LARGEST:
            yield path.name, path.read_bytes()


def _here(folder: Path) -> str:
    settings = folder / _SETTINGS
    if not settings.is_file():
        return _OWN
    try:
        found = tomllib.loads(settings.read_text("utf-8"))
        return str(found["domain"])
    except (ValueError, KeyError) as error:
        raise BadTrustList(where=_SETTINGS, reason="it names no domain") from error
