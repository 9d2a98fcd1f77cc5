"""Tenants and their API keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from gateway.store import tenants
from gateway.store.database import Store
from gateway.store.errors import Collision, NotFound
from gateway.store.tables.tenancy import TENANT
from gateway.store.tenants import StoredKey, Tenant

NOW = datetime(2026, 3, 14, 8, 0, 0, 123456, tzinfo=UTC)
ACME = Tenant(id="acme", name="Acme 贸易", created_at=NOW)
KEY = StoredKey(
    id="k1",
    tenant="acme",
    name="port system",
    hash=b"\0" * 32,
    scopes=frozenset({"read", "write"}),
    created_at=NOW,
    expires_at=NOW + timedelta(days=1),
)


def test_a_tenant_and_its_key_come_back_as_they_were(store: Store) -> None:
    """Names in any script, bytes, sets and moments to the microsecond survive."""
    with store.begin() as tx:
        tenants.add(tx, ACME)
        tenants.add_key(tx, KEY)
    with store.read() as tx:
        assert tenants.get(tx, "acme") == ACME
        assert tenants.listed(tx) == [ACME]
        assert tenants.find_key(tx, "k1") == KEY
        assert tenants.keys(tx, ["acme"]) == [KEY]
        assert tenants.keys(tx, ["other"]) == []


def test_moments_are_kept_in_utc(store: Store) -> None:
    """A moment given in another zone is the same moment, read in UTC; a naive one is refused."""
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))
    with store.begin() as tx:
        tenants.add(tx, Tenant(id="acme", name="Acme", created_at=shanghai))
    with store.read() as tx:
        kept = tenants.get(tx, "acme").created_at
    assert kept == NOW
    assert kept.tzinfo is UTC
    naive = Tenant(id="naive", name="Naive", created_at=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="offset-naive"), store.begin() as tx:
        tenants.add(tx, naive)


def add_both(
    store: Store, one: Tenant, two: Tenant, callback: Callable[[], None] = lambda: None
) -> None:
    """Add two tenants in one transaction."""
    with store.begin() as tx:
        tx.after_commit(callback)
        tenants.add(tx, one)
        tenants.add(tx, two)


def test_a_taken_id_is_a_collision_and_nothing_changes(store: Store) -> None:
    """Writing the same tenant twice is refused, and the transaction leaves no trace."""
    with store.begin() as tx:
        tenants.add(tx, ACME)
    with pytest.raises(Collision):
        add_both(store, Tenant(id="other", name="Other", created_at=NOW), ACME)
    with store.read() as tx:
        assert [tenant.id for tenant in tenants.listed(tx)] == ["acme"]


def test_keys_belong_to_tenants(store: Store) -> None:
    """A key of nobody is refused; one of an inactive tenant is not found; unknown is None."""
    with pytest.raises(IntegrityError), store.begin() as tx:
        tenants.add_key(tx, KEY)
    with store.begin() as tx:
        tenants.add(tx, ACME)
        tenants.add_key(tx, KEY)
        tx.execute(TENANT.update().values(active=False))
    with store.read() as tx:
        assert tenants.find_key(tx, "k1") is None
        assert tenants.find_key(tx, "k2") is None


def test_a_revoked_key_says_so(store: Store) -> None:
    """Revoking is kept with its time; revoking what is not there is refused."""
    with store.begin() as tx:
        tenants.add(tx, ACME)
        tenants.add_key(tx, KEY)
        tenants.revoke_key(tx, "k1", now=NOW)
    with store.read() as tx:
        found = tenants.find_key(tx, "k1")
    assert found is not None
    assert found.revoked_at == NOW
    with pytest.raises(NotFound), store.begin() as tx:
        tenants.revoke_key(tx, "k2", now=NOW)


def test_what_waits_for_a_commit_runs_after_it_and_only_then(store: Store) -> None:
    """A callback runs once its transaction is durable, never when it is rolled back."""
    told = []
    with store.begin() as tx:
        tx.after_commit(lambda: told.append("kept"))
        assert told == []
    with pytest.raises(Collision):
        add_both(store, ACME, ACME, lambda: told.append("lost"))
    assert told == ["kept"]
