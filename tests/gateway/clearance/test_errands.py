"""Errands and references on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.store import errands, references
from gateway.store.database import Store
from gateway.store.errands import Errand

NOW = datetime(2026, 3, 20, tzinfo=UTC)
LEASE = timedelta(seconds=30)


def errand(name: str, due_in: float = 0.0) -> Errand:
    """An errand that is due after so many seconds."""
    due_at = NOW + timedelta(seconds=due_in)
    return Errand(id=name, clearance_id="c1", kind="declare", body={"n": 1}, due_at=due_at)


def take(store: Store, after: float = 0.0, limit: int = 9) -> list[str]:
    """Take what is due after so many seconds."""
    with store.begin() as tx:
        now = NOW + timedelta(seconds=after)
        return [e.id for e in errands.take(tx, now=now, lease=LEASE, limit=limit)]


def test_an_errand_is_kept_until_it_is_done(store: Store) -> None:
    """Taken twice only after its lease ends; done, it is gone."""
    with store.begin() as tx:
        errands.add(tx, [errand("a"), errand("b", 10)])
        errands.add(tx, [errand("a", 99)])
    assert take(store) == ["a"]
    assert take(store) == []
    assert take(store, 31) == ["a", "b"]
    with store.begin() as tx:
        errands.done(tx, ["a"])
    assert take(store, 99) == ["b"]


def test_attempts_are_counted_and_errands_put_off(store: Store) -> None:
    """Each taking counts; a postponed errand waits for its new time."""
    with store.begin() as tx:
        errands.add(tx, [errand("a")])
    take(store)
    with store.begin() as tx:
        errands.postpone(tx, "a", NOW + timedelta(seconds=5))
        assert not errands.waiting(tx, NOW)
        assert errands.waiting(tx, NOW + timedelta(seconds=6))
    with store.begin() as tx:
        [taken] = errands.take(tx, now=NOW + timedelta(seconds=6), lease=LEASE, limit=1)
    assert (taken.attempts, taken.body) == (2, {"n": 1})


def test_a_reference_keeps_its_first_meaning(store: Store) -> None:
    """A number that means a clearance goes on meaning it; kinds do not mix."""
    with store.begin() as tx:
        references.refer(tx, "c1", {"cn:seq": "I1", "cn:lrn": "X"})
        references.refer(tx, "c2", {"cn:seq": "I1", "gb:lrn": "X"})
        assert references.find(tx, "cn:seq", "I1") == "c1"
        assert references.find(tx, "gb:lrn", "X") == "c2"
        assert references.find(tx, "gb:seq", "I1") is None
