"""Clearances, their statuses, forms and importer profiles as they are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.store import clearances
from gateway.store.clearances import StoredClearance, StoredStatus
from gateway.store.database import Store
from gateway.store.errors import Collision, NotFound

NOW = datetime(2026, 3, 14, 8, tzinfo=UTC)


def clearance(name: str = "c1", tenant: str = "acme") -> StoredClearance:
    """Return a new clearance."""
    return StoredClearance(
        id=name,
        tenant=tenant,
        corridor="cn-sg",
        version=1,
        body={"名": ["值", 1, None]},
        created_at=NOW,
        updated_at=NOW,
    )


def status(name: str, minute: int) -> StoredStatus:
    """Return a status of the export side."""
    return StoredStatus(
        clearance_id="c1",
        status_id=name,
        side="export",
        status="RELEASED",
        at=NOW + timedelta(minutes=minute),
        recorded_at=NOW,
        body={"code": name},
    )


def test_a_change_passes_no_other_change(store: Store) -> None:
    """Of two who read the same version one writes; the other is told to read again."""
    with store.begin() as tx:
        clearances.add(tx, clearance())
    with store.begin() as tx:
        read = clearances.get(tx, "c1", for_update=True)
        clearances.change(tx, read, {"state": 2}, now=NOW + timedelta(seconds=1))
    assert read == clearance()
    with pytest.raises(Collision), store.begin() as tx:
        clearances.change(tx, read, {"state": 3}, now=NOW)
    with store.read() as tx:
        now = clearances.get(tx, "c1", tenant="acme")
    assert (now.version, now.body) == (2, {"state": 2})


def test_a_clearance_is_its_tenants(store: Store) -> None:
    """Another tenant is told that there is none, and does not find it in a list."""
    with store.begin() as tx:
        for name, tenant in (("c1", "acme"), ("c2", "other"), ("c3", "acme")):
            clearances.add(tx, clearance(name, tenant))
    with store.read() as tx:
        assert [one.id for one in clearances.listed(tx, tenant="acme")] == ["c3", "c1"]
        assert [one.id for one in clearances.listed(tx, before="c3", limit=1)] == ["c2"]
        with pytest.raises(NotFound):
            clearances.get(tx, "c1", tenant="other")


def test_the_same_status_is_kept_once(store: Store) -> None:
    """A status read again, even within a batch, is one row; rows are numbered as they came."""
    with store.begin() as tx:
        fresh = clearances.add_statuses(tx, [status("b", 2), status("a", 1), status("b", 2)])
        assert [one.status_id for one in fresh] == ["b", "a"]
    with store.begin() as tx:
        fresh = clearances.add_statuses(tx, [status("a", 1), status("c", 3)])
        assert [one.status_id for one in fresh] == ["c"]
        assert clearances.add_statuses(tx, []) == []
    with store.read() as tx:
        kept = clearances.statuses_of(tx, "c1")
    assert [(one.n, one.status_id) for one in kept] == [(1, "b"), (2, "a"), (3, "c")]
    assert kept[1].at == NOW + timedelta(minutes=1)


def test_a_form_is_asked_anew_until_it_is_answered(store: Store) -> None:
    """A newer form replaces an open one; after the answer it stays what was answered."""
    with store.begin() as tx:
        clearances.ask(tx, "c1", {"ask": 1}, now=NOW)
        clearances.ask(tx, "c1", {"ask": 2}, now=NOW)
        clearances.answer(tx, "c1", {"value": "x"}, now=NOW)
        clearances.ask(tx, "c1", {"ask": 3}, now=NOW)
        form = clearances.form(tx, "c1")
        with pytest.raises(NotFound):
            clearances.answer(tx, "c2", {}, now=NOW)
    assert (form.body, form.answer, form.answered_at) == ({"ask": 2}, {"value": "x"}, NOW)


def test_a_profile_is_kept_per_importer_and_corridor(store: Store) -> None:
    """What an importer answered last on a corridor is found there, and nowhere else."""
    with store.begin() as tx:
        clearances.keep_profile(tx, "acme", "importer", "cn-sg", {"n": 1}, now=NOW)
        clearances.keep_profile(tx, "acme", "importer", "cn-sg", {"n": 2}, now=NOW)
        assert clearances.profile(tx, "acme", "importer", "cn-sg") == {"n": 2}
        assert clearances.profile(tx, "acme", "importer", "cn-gb") is None
