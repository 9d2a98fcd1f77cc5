"""Who may be asked about a record of title and its issuer: nobody, unless the settings say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from certs.records import contexts
from certs.records.contexts import given
from gateway.settings import FILE_NAME, Settings, load
from gateway.transport.asking import Allowed, Asked
from gateway.wiring.records.lookups import Lookups
from gateway.wiring.records.nodes import connected
from gateway.wiring.records.records import RecordAuditor
from gateway.wiring.records.registers import ChainRegister


def allowed(settings: Settings) -> Allowed:
    """Return whom a gateway may ask."""
    said = settings.identity
    return Allowed(
        resolvers=said.resolvers,
        hosts=said.hosts,
        authority=said.tls_ca and settings.path(said.tls_ca),
        private=said.private,
        seconds=said.seconds,
    )


def of_home(home: Path) -> Allowed:
    """Return whom the gateway in a folder may ask; nobody where there is no gateway."""
    return allowed(load(home)) if (home / FILE_NAME).is_file() else Allowed()


def chains(home: Path) -> tuple[str, ...]:
    """Return the nodes that the gateway in a folder may ask; none where there is no gateway."""
    return load(home).identity.rpc if (home / FILE_NAME).is_file() else ()


def joined(first: Allowed, more: Allowed) -> Allowed:
    """Return whom either allows; the authority of the latter counts if it names one."""
    return replace(
        first,
        resolvers=more.resolvers + first.resolvers,
        hosts=more.hosts + first.hosts,
        authority=more.authority or first.authority,
    )


def contexts_of(home: Path) -> Path | None:
    """Return the folder of contexts of the gateway in a folder, None where there is none."""
    if not (home / FILE_NAME).is_file():
        return None
    settings = load(home)
    said = settings.identity.contexts
    return said and settings.path(said)


def auditor(settings: Settings) -> RecordAuditor:
    """Return what a gateway judges records of title with."""
    asked, chains = Asked(allowed(settings)), connected(settings.identity.rpc)
    folder = settings.identity.contexts
    known = contexts.NONE if folder is None else given.read(settings.path(folder))
    return RecordAuditor(asked, ChainRegister(*chains), Lookups(asked, chains), known)
