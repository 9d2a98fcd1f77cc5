"""Opening a log to read it: the one in a folder, or a gateway's in its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self

from ledger.folder import FolderLog
from ledger.log import Log
from ledger.proof import TlogProof
from ledger.shards import base_of, signer_for
from ledger.vkey import VerifierKey

if TYPE_CHECKING:
    from gateway.settings import Settings

_SETTINGS: Final = "silkgate.toml"


class ReadableLog(Protocol):
    """A log as `silkgate log` reads it."""

    @property
    def key(self) -> VerifierKey:
        """Its verifier key."""
        ...

    def reading(self) -> AbstractContextManager[Log]:
        """Give the log as it is now."""
        ...

    def proof(self, index: int, size: int | None = None) -> TlogProof:
        """Return the proof file of a leaf; raises NotInTree."""
        ...

    def __enter__(self) -> Self:
        """Return the log; leaving closes it."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close it."""
        ...


class GatewayLog:
    """The log of a gateway, read from its database; only its pipeline appends to it."""

    def __init__(self, settings: Settings, shard: str = "") -> None:
        """Open the log, or its shard of this origin; raises StoreNotReady without tables."""
        from gateway import setup
        from gateway.store import open_store

        signer = setup.log_signer(settings, setup.key_store(settings))
        self._signer = signer_for(signer, shard) if shard else signer
        self._store = open_store(settings.database_url)
        try:
            self._store.check()
        except BaseException:
            self._store.close()
            raise

    @property
    def key(self) -> VerifierKey:
        """Its verifier key."""
        return self._signer.key

    @contextmanager
    def reading(self) -> Iterator[Log]:
        """Give the log as it is now."""
        from gateway.store.tiles import StoredTiles

        with self._store.read() as tx:
            yield Log(StoredTiles(tx, self.key.name), self._signer)

    def proof(self, index: int, size: int | None = None) -> TlogProof:
        """Return the proof of a leaf under a published checkpoint; raises NotInTree."""
        with self.reading() as log:
            return log.proof(index, size)

    def __enter__(self) -> Self:
        """Return the log; leaving closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the database."""
        self._store.close()


def open_all(home: Path) -> Iterator[ReadableLog]:
    """Yield the log in a folder, or the gateway's and then its shards; raises NoLog."""
    if not (home / _SETTINGS).is_file():
        yield FolderLog(home)
        return
    from gateway.settings import load
    from gateway.store import open_store
    from gateway.store.tiles import origins_below

    settings = load(home)
    yield GatewayLog(settings)
    with closing(open_store(settings.database_url)) as store, store.read() as tx:
        shards = [o for o in origins_below(tx, settings.origin) if base_of(o) == settings.origin]
    for origin in shards:
        yield GatewayLog(settings, origin)


def open_log(home: Path) -> ReadableLog:
    """Return the log in a folder, or the gateway's whose folder it is; raises NoLog."""
    if (home / _SETTINGS).is_file():
        from gateway.settings import load

        return GatewayLog(load(home))
    return FolderLog(home)
