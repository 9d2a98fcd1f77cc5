"""What a gateway needs to make signatures last: its authority, and words about revocation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Final

from certs.authority.ca import CertificateAuthority
from certs.authority.register import Register
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, SHA384, SHA512, Digest
from certs.keys import KeyStore
from certs.trust import TrustStore
from certs.validation.fetched import Fetched
from certs.validation.kept import Kept
from certs.validation.online import asking
from certs.validation.sources import Gatherer, Lists, OwnAuthority, Source
from certs.x509.certificate import load_all
from gateway import setup
from gateway.settings import FILE_NAME, Settings, load
from gateway.transport.fetching import fetch
from schemas.clock import Clock, utc_now

Asking = Callable[[], AbstractContextManager[None]]

_AUTHORITY: Final = "tsa"
_ROOT: Final = "root"
_DIGESTS: Final = {each.name: each for each in (SHA256, SHA384, SHA512)}


def stamper(home: Path) -> TimeStamper | None:
    """Return the time-stamp authority of the gateway in `home`; None without one."""
    if (home / FILE_NAME).is_file():
        settings = load(home)
        store = setup.key_store(settings)
        if _AUTHORITY in store.names():
            return setup.stamper(settings, store)
    return None


def gatherer(home: Path) -> Gatherer:
    """Return what gathers validation data for the gateway in `home`."""
    settings = load(home)
    return gathering(settings, setup.key_store(settings), utc_now)


def gathering(settings: Settings, keys: KeyStore, clock: Clock) -> Gatherer:
    """Return what gathers validation data for a gateway.

    Revocation lists of the trust folder come first, then allowed hosts, then the gateway's own
    authorities, whose keys may be at hand: they say what was revoked with `silkgate keys revoke`.
    """
    trust = TrustStore.from_folder(settings.path(settings.trust))
    sources: list[Source] = [Lists(trust.lists)]
    if settings.revocation_hosts:
        sources.append(fetched(settings))
    for name in keys.names():
        leaf = load_all(keys.chain_file(name).read_bytes())[0]
        if leaf.is_authority:
            authority = CertificateAuthority(keys.load(name))
            sources.append(OwnAuthority(authority, Register(keys.folder, leaf).revoked))
    return Gatherer(trust, sources, clock)


def own(settings: Settings, keys: KeyStore, clock: Clock) -> Gatherer | None:
    """Return what gathers validation data where the root's key is at hand, else None.

    Without it a package is sealed and stamped, and archived later (`silkgate archive renew`).
    """
    return gathering(settings, keys, clock) if _ROOT in keys.names() else None


def fetched(settings: Settings) -> Fetched:
    """Return a source that asks the hosts in `revocation_hosts`, and no other."""
    return Fetched(fetch, settings.revocation_hosts)


def watching(settings: Settings) -> Asking:
    """Return what opens a context in which verification asks the allowed hosts, answers kept."""
    source = Kept(fetched(settings)) if settings.revocation_hosts else None
    return partial(asking, source)


def online(home: Path, *, offline: bool) -> AbstractContextManager[None]:
    """Return a context in which verification asks the allowed hosts, unless `offline`."""
    if offline or not (home / FILE_NAME).is_file():
        return nullcontext()
    settings = load(home)
    return asking(fetched(settings) if settings.revocation_hosts else None)


def digest(name: str) -> Digest:
    """Return the digest of this name: sha256, sha384 or sha512."""
    return _DIGESTS[name]
