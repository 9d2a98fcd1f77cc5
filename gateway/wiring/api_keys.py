"""Giving out API keys: the token is shown once, only its digest is stored."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from datetime import timedelta

from gateway.api.keys import ALL_SCOPES, mint
from gateway.settings import Settings
from gateway.store import open_store, tenants
from gateway.store.errors import NotFound
from gateway.store.tenants import StoredKey, Tenant
from schemas.clock import utc_now
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
