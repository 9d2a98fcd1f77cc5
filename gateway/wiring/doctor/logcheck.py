"""Whether the database answers, and whether the newest end of the log is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from certs.x509 import certificate as certificates
from gateway.settings import Settings
from gateway.store import open_store
from gateway.wiring.audit.trusting import raw_key
from ledger import merkle
from ledger.checkpoint import open_checkpoint
from ledger.errors import LogDamaged
from ledger.shards import base_of, key_for
from ledger.signature import Ed25519Verifier
from ledger.store import ENTRIES, TileKey, TileStore
from ledger.tiles import WIDTH, build, chunks
from ledger.vkey import KeyType, VerifierKey
from schemas.errors import SilkgateError
from schemas.text import Text

_SQLITE: Final = "sqlite:///"


class NoAnswer(SilkgateError):
    """The database cannot be reached."""

    code = "SG-9062"
    title = Text("The database does not answer: {reason}", "数据库无应答:{reason}")
    hint = Text(
        "Check `database` in the settings, and that the server runs and lets this user in.",
        "请检查配置项 `database`,并确认数据库服务已运行且允许该用户访问。",
    )


def absent(url: str) -> bool:
    """Tell whether the database is a SQLite file that is not there yet."""
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists()


def reach(url: str, *, mend: bool = False) -> str:
    """Return the kind of database once it answers with this version's tables.

    Raises NoAnswer, StoreNotReady, StoreUnknown; `mend` makes or migrates the tables first.
    """
    store = open_store(url)
    try:
        if mend:
            store.migrate()
        store.check()
    except SilkgateError:
        raise
    except Exception as error:  # a driver's own errors have no common base
        raise NoAnswer(reason=str(error).split("\n", 1)[0][:200]) from error
    finally:
        store.close()
    return store.dialect


def newest(settings: Settings) -> Text | None:
    """Check the newest checkpoint of the log and of each shard, and each last tile.

    Says what it found in the newest, None before the first checkpoint. Raises LogDamaged,
    NoteRefused.
    """
    url = settings.database_url
    if absent(url):
        return None
    reach(url)
    from gateway.store.tiles import StoredTiles, origins_below

    store, key = open_store(url), _log_key(settings)
    try:
        with store.read() as tx:
            shards = [o for o in origins_below(tx, key.name) if base_of(o) == key.name]
            logs = (key.name, *shards)
            said = [_check(StoredTiles(tx, each), key_for(key, each)) for each in logs]
            return next((text for text in reversed(said) if text is not None), None)
    finally:
        store.close()


def _log_key(settings: Settings) -> VerifierKey:
    chain = settings.path(settings.keys) / "log.cert.pem"
    public = raw_key(certificates.load_all(chain.read_bytes())[0])
    return VerifierKey(settings.origin, KeyType.ED25519, public or b"")


def _check(tiles: TileStore, key: VerifierKey) -> Text | None:
    last = tiles.published()
    if last is None:
        return None
    signed = open_checkpoint(last.note, Ed25519Verifier(key)).checkpoint
    if tiles.size() < signed.size:
        raise LogDamaged(where="head", what="it is smaller than the last checkpoint")
    root = build(tiles, lambda get: merkle.root(get, signed.size))
    if (last.size, root) != (signed.size, signed.root):
        raise LogDamaged(where="checkpoint", what="the tiles have another root")
    number = max(signed.size - 1, 0) // WIDTH
    _check_tile(tiles, number)
    return Text(
        f"{signed.origin}: {signed.size} entries signed, the last tile is sound.",
        f"{signed.origin}:已签名 {signed.size} 个条目,末尾瓦片完好。",
    )


def _check_tile(tiles: TileStore, number: int) -> None:
    keys = [TileKey(ENTRIES, number), TileKey(0, number)]
    stored = tiles.read(keys)
    leaves = b"".join(merkle.leaf_hash(entry) for entry in chunks(stored.get(keys[0], b"")))
    if leaves != stored.get(keys[1], b""):
        raise LogDamaged(where=f"tile/0/{number}", what="it is not what its entries say")
