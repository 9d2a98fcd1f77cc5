"""Giving out API keys and taking them back: the token is shown once, only its digest is stored."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from datetime import datetime, timedelta

from gateway.api.keys import ALL_SCOPES, id_of, mint
from gateway.settings import Settings
from gateway.store import open_store, tenants
from gateway.store.errors import NotFound
from gateway.store.tenants import StoredKey, Tenant
from schemas.clock import iso, utc_now
from schemas.errors import AccessError
from schemas.text import Text


class NoSuchScope(AccessError):
    """A scope that no call needs."""

    code = "SG-6090"
    title = Text("There is no scope {where}.", "没有权限范围 {where}。")
    hint = Text("Use of: {known}.", "可用的有:{known}。")


def issue(settings: Settings, *, tenant: str, scopes: Collection[str], days: int) -> str:
    """Return the token of a new key of `tenant`, who is made if new; raises NoSuchScope."""
    wanted = ALL_SCOPES if "all" in scopes else frozenset(scopes)
    for scope in wanted - ALL_SCOPES:
        raise NoSuchScope(where=scope, known=", ".join(sorted(ALL_SCOPES)))
    now, made = utc_now(), mint()
    key = StoredKey(
        id=made.id,
        tenant=tenant,
        name=tenant,
        hash=made.digest,
        scopes=frozenset(str(scope) for scope in wanted),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    with closing(open_store(settings.database_url)) as store:
        store.migrate()
        with store.begin() as tx:
            try:
                tenants.get(tx, tenant)
            except NotFound:
                tenants.add(tx, Tenant(id=tenant, name=tenant, created_at=now))
            tenants.add_key(tx, key)
    return made.token


def listed(settings: Settings, tenant: str = "") -> list[dict[str, object]]:
    """Return the keys of a tenant, or of all, oldest first, as plain JSON values."""
    now = utc_now()
    with closing(open_store(settings.database_url)) as store:
        store.check()
        with store.read() as tx:
            found = tenants.keys(tx, [tenant] if tenant else None)
    return [_shown(key, now) for key in found]


def revoke(settings: Settings, key: str) -> dict[str, object]:
    """Revoke a key, named by its id or as a whole; returns it as plain JSON values.

    Raises NotFound. A key that was revoked before keeps the time of that.
    """
    now, key_id = utc_now(), id_of(key) or key
    with closing(open_store(settings.database_url)) as store:
        store.check()
        with store.begin() as tx:
            return _shown(tenants.revoke_key(tx, key_id, now=now), now)


def _shown(key: StoredKey, now: datetime) -> dict[str, object]:
    ended = key.expires_at is not None and key.expires_at <= now
    return {
        "id": key.id,
        "tenant": key.tenant,
        "scopes": sorted(key.scopes),
        "state": "revoked" if key.revoked_at else "expired" if ended else "valid",
        "created_at": iso(key.created_at),
        "expires_at": key.expires_at and iso(key.expires_at),
        "revoked_at": key.revoked_at and iso(key.revoked_at),
    }
