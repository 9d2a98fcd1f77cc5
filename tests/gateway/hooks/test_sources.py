"""What is put down where things happen: with the state, and for its own tenant alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateway.store import clearances, hooks, ladings
from gateway.store.clearances import StoredClearance, StoredStatus
from gateway.store.database import Store
from gateway.store.hooks import Delivery, Hook
from gateway.store.ladings import Bill

NOW = datetime(2026, 3, 20, tzinfo=UTC)


def hook(store: Store, *tenants: str) -> None:
    """Register a hook for each tenant, under its name."""
    with store.begin() as tx:
        for tenant in tenants:
            hooks.add(tx, Hook(id=tenant, tenant=tenant, url="x", events=("*",), created_at=NOW))


def put_down(store: Store, tenant: str) -> list[Delivery]:
    """Return what is to be told to a tenant."""
    with store.read() as tx:
        return sorted(hooks.deliveries(tx, tenant), key=lambda one: one.n)


def test_a_bill_tells_of_its_states_and_of_a_new_tenant(store: Store) -> None:
    """Each new state once; a change of its body alone is nothing; who gets the bill is told."""
    hook(store, "a", "b")
    bill = Bill(checksum="c" * 64, reference="BL-1", live="BL-1", tenant="a", state="held",
                body={}, created_at=NOW, updated_at=NOW)  # fmt: skip
    steps: list[dict[str, Any]] = [
        {"state": "offered"},
        {"body": {"x": 1}},
        {"state": "offered", "tenant": "b"},
        {"state": "ended", "live": None},
    ]
    with store.begin() as tx:
        ladings.add(tx, bill)
    for values in steps:
        with store.begin() as tx:
            found = ladings.find(tx, bill.checksum)
            assert found is not None
            ladings.change(tx, found, now=NOW, **values)
    told = [(one.n, one.event, one.body["state"]) for one in put_down(store, "a")]
    assert told == [(1, "lading.state", "held"), (2, "lading.state", "offered")]
    assert [(one.n, one.body["state"]) for one in put_down(store, "b")] == [
        (4, "offered"),
        (5, "ended"),
    ]


def test_a_status_is_told_once_however_often_it_comes(store: Store) -> None:
    """A receipt read twice is one status, and one event."""
    hook(store, "a", "b")
    clearance = StoredClearance(id="c-1", tenant="a", corridor="cn-sg", version=1, body={},
                                created_at=NOW, updated_at=NOW)  # fmt: skip
    status = StoredStatus(clearance_id="c-1", status_id="s-1", side="import", status="RELEASED",
                          at=NOW, recorded_at=NOW, body={"code": "08"})  # fmt: skip
    with store.begin() as tx:
        clearances.add(tx, clearance)
    for _ in range(2):
        with store.begin() as tx:
            clearances.add_statuses(tx, [status])
    (one,) = put_down(store, "a")
    assert (one.event, one.subject, one.n) == ("clearance.status", "clearance/c-1", 1)
    assert one.body == {"clearance": "c-1", "side": "import", "status": "RELEASED"}
    assert put_down(store, "b") == []
