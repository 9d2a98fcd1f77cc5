"""What a gateway needs to make signatures last: its authority, and words about revocation."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from certs.ca import CertificateAuthority
from certs.digests import SHA256, SHA384, SHA512, Digest
from certs.trust import TrustStore
from certs.tsa import Authority, TimeStamper
from certs.validation.sources import Gatherer, Lists, OwnAuthority, Source
from gateway import setup
from gateway.settings import FILE_NAME, load

_AUTHORITY: Final = "tsa"
_ROOT: Final = "root"
_DIGESTS: Final = {each.name: each for each in (SHA256, SHA384, SHA512)}


def stamper(home: Path) -> TimeStamper | None:
    """Return the time-stamp authority of the gateway in `home`; None without one."""
    if (home / FILE_NAME).is_file():
        store = setup.key_store(load(home))
        if _AUTHORITY in store.names():
            return Authority(store.load(_AUTHORITY))
    return None


def gatherer(home: Path) -> Gatherer:
    """Return what gathers validation data for the gateway in `home`.

    Revocation lists of the trust folder come first, then the gateway's own root, whose key may
    be at hand.
    """
    settings = load(home)
    trust = TrustStore.from_folder(settings.path(settings.trust))
    sources: list[Source] = [Lists(trust.lists)]
    store = setup.key_store(settings)
    if _ROOT in store.names():
        sources.append(OwnAuthority(CertificateAuthority(store.load(_ROOT))))
    return Gatherer(trust, sources)


def digest(name: str) -> Digest:
    """Return the digest of this name: sha256, sha384 or sha512."""
    return _DIGESTS[name]
