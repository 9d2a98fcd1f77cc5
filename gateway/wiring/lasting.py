"""What a gateway needs to make signatures last: its authority, and words about revocation."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from certs.ca import CertificateAuthority
from certs.certificate import load_all
from certs.digests import SHA256, SHA384, SHA512, Digest
from certs.register import Register
from certs.trust import TrustStore
from certs.tsa import Authority, TimeStamper
from certs.validation.sources import Gatherer, Lists, OwnAuthority, Source
from gateway import setup
from gateway.settings import FILE_NAME, load

_AUTHORITY: Final = "tsa"
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

    Revocation lists of the trust folder come first, then the gateway's own authorities, whose keys
    may be at hand: they say what was revoked with `silkgate keys revoke`.
    """
    settings = load(home)
    trust = TrustStore.from_folder(settings.path(settings.trust))
    sources: list[Source] = [Lists(trust.lists)]
    store = setup.key_store(settings)
    for name in store.names():
        leaf = load_all(store.chain_file(name).read_bytes())[0]
        if leaf.is_authority:
            authority = CertificateAuthority(store.load(name))
            sources.append(OwnAuthority(authority, Register(store.folder, leaf).revoked))
    return Gatherer(trust, sources)


def digest(name: str) -> Digest:
    """Return the digest of this name: sha256, sha384 or sha512."""
    return _DIGESTS[name]
