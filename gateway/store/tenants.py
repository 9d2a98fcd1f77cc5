"""Tenants and their API keys. Of a key only the digest of its secret is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select, update

from gateway.store.database import Transaction
from gateway.store.errors import NotFound
from gateway.store.tables.tenancy import API_KEY, TENANT

_KEYS: Final = select(API_KEY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Somebody who uses this gateway; an inactive one keeps its documents but has no access."""

    id: str
    name: str
    active: bool = True
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """An API key: whose it is, what it may do, and the digest of its secret (32 bytes)."""

    id: str
    tenant: str
    name: str
    hash: bytes
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


def add(tx: Transaction, tenant: Tenant) -> None:
    """Write a new tenant; raises Collision where the id is taken."""
    row = {"id": tenant.id, "name": tenant.name, "active": tenant.active}
    tx.execute(TENANT.insert(), {**row, "created_at": tenant.created_at})


def get(tx: Transaction, tenant_id: str) -> Tenant:
    """Return a tenant; raises NotFound."""
    row = tx.execute(select(TENANT).where(TENANT.c.id == tenant_id)).one_or_none()
    if row is None:
        raise NotFound(what="tenant", where=tenant_id)
    return Tenant(**row._mapping)  # noqa: SLF001 - the documented way to the names


def is_active(tx: Transaction, tenant_id: str) -> bool:
    """Tell whether there is such a tenant, and it has access."""
    query = select(TENANT.c.active).where(TENANT.c.id == tenant_id)
    return bool(tx.execute(query).scalar())


def listed(tx: Transaction) -> list[Tenant]:
    """Return all tenants by id."""
    rows = tx.execute(select(TENANT).order_by(TENANT.c.id))
    return [Tenant(**row._mapping) for row in rows]  # noqa: SLF001 - as above


def add_key(tx: Transaction, key: StoredKey) -> None:
    """Write a new API key of an existing tenant."""
    tx.execute(
        API_KEY.insert(),
        {
            "id": key.id,
            "tenant": key.tenant,
            "name": key.name,
            "hash": key.hash,
            "scopes": sorted(key.scopes),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "revoked_at": key.revoked_at,
        },
    )


def find_key(tx: Transaction, key_id: str) -> StoredKey | None:
    """Return a key of an active tenant, or None."""
    query = _KEYS.join(TENANT).where(API_KEY.c.id == key_id, TENANT.c.active)
    row = tx.execute(query).one_or_none()
    return None if row is None else _key(row)


def keys(tx: Transaction, tenants: Collection[str] | None = None) -> list[StoredKey]:
    """Return the keys of some tenants, or of all, oldest first."""
    query = _KEYS.order_by(API_KEY.c.created_at)
    if tenants is not None:
        query = query.where(API_KEY.c.tenant.in_(list(tenants)))
    return [_key(row) for row in tx.execute(query)]


def revoke_key(tx: Transaction, key_id: str, *, now: datetime) -> StoredKey:
    """Revoke a key from now on, unless it is; returns it as it then is. Raises NotFound."""
    valid = update(API_KEY).where(API_KEY.c.id == key_id, API_KEY.c.revoked_at.is_(None))
    tx.execute(valid.values(revoked_at=now))
    row = tx.execute(_KEYS.where(API_KEY.c.id == key_id)).one_or_none()
    if row is None:
        raise NotFound(what="API key", where=key_id)
    return _key(row)


def _key(row: Row[Any]) -> StoredKey:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to the names
    values["scopes"] = frozenset(values["scopes"])
    values["hash"] = bytes(values["hash"])
    return StoredKey(**values)
