"""Accepting documents."""

from __future__ import annotations

import threading

import pytest

from gateway.exchange.errors import KeyReused
from gateway.exchange.intake import accept, accept_all
from gateway.exchange.submission import Accepted
from gateway.store import exchanges, payloads
from gateway.store.database import Store
from gateway.store.model import Role, State
from tests.gateway.exchange.standins import submission


def test_what_is_accepted_is_stored(store: Store) -> None:
    """When the caller has the id, row and bytes are durable and ready for a worker."""
    one = accept(store, submission("a document", media_type="text/plain"))
    with store.read() as tx:
        exchange = exchanges.get(tx, one.id)
        source = payloads.read(tx, one.id, Role.SOURCE)
    assert (exchange.state, exchange.stage, exchange.tenant) == (State.READY, "receive", "tenant")
    assert (source.data, source.media_type) == (b"a document", "text/plain")
    assert exchange.digest == source.digest


def test_a_repeated_submission_gets_the_same_exchange(store: Store) -> None:
    """The same content comes back with the first id, with a key or without, marked as known."""
    first = accept(store, submission("one"))
    keyed = accept(store, submission("one", key="k"))
    assert not first.duplicate
    assert not keyed.duplicate
    assert accept(store, submission("one")) == Accepted(first.id, duplicate=True)
    assert accept(store, submission("one", key="k")) == Accepted(keyed.id, duplicate=True)


def test_a_key_with_other_content_is_refused(store: Store) -> None:
    """A key that comes back with another document is a conflict (409), naming the first one."""
    first = accept(store, submission("one", key="k"))
    with pytest.raises(KeyReused) as refused:
        accept(store, submission("two", key="k"))
    assert refused.value.details["exchange"] == first.id
    assert refused.value.status == 409


@pytest.mark.parametrize("change", ["receiver", "target_format", "profile", "clearance_id", "kind"])
def test_the_way_belongs_to_the_content(store: Store, change: str) -> None:
    """The same bytes for another receiver, format or clearance are another submission."""
    first = accept(store, submission("one"))
    assert accept(store, submission("one", **{change: "other"})).id != first.id


def test_keys_of_tenants_are_apart(store: Store) -> None:
    """Two tenants may use the same key for different documents."""
    one = accept(store, submission("one", key="k"))
    two = accept(store, submission("two", key="k", tenant="other"))
    assert one.id != two.id


def test_a_batch_answers_each_for_itself(store: Store) -> None:
    """In one batch a duplicate finds its first, a conflict is refused, and the rest is accepted."""
    given = [
        submission("one", key="a"),
        submission("one", key="a"),
        submission("two", key="a"),
        submission("three"),
    ]
    first, again, conflict, other = accept_all(store, given)
    assert isinstance(first, Accepted)
    assert again == Accepted(first.id, duplicate=True)
    assert isinstance(conflict, KeyReused)
    assert isinstance(other, Accepted)
    with store.read() as tx:
        assert len(exchanges.listed(tx)) == 2


def test_one_that_cannot_be_stored_does_not_spoil_the_batch(store: Store) -> None:
    """Of a batch, only the submission that the database refuses is refused."""
    bad = submission("bad", receiver=object())
    good, refused = accept_all(store, [submission("good"), bad])
    assert isinstance(good, Accepted)
    assert isinstance(refused, Exception)


def test_the_same_document_from_many_threads_is_accepted_once(store: Store) -> None:
    """Whoever hands in the same document at the same time gets the same exchange."""
    start = threading.Barrier(6)
    results: list[Accepted] = []

    def hand_in() -> None:
        start.wait()
        results.append(accept(store, submission("one")))

    threads = [threading.Thread(target=hand_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.id for one in results}) == 1
    assert sum(not one.duplicate for one in results) == 1


def test_exchanges_are_listed_newest_first_and_by_page(store: Store) -> None:
    """Pages follow each other without gap or repetition; tenants see only their own."""
    ids = [accept(store, submission(f"document {n}")).id for n in range(5)]
    accept(store, submission("theirs", tenant="other"))
    with store.read() as tx:
        page = exchanges.listed(tx, tenant="tenant", limit=3)
        rest = exchanges.listed(tx, tenant="tenant", limit=3, before=page[-1].id)
    assert [one.id for one in page + rest] == ids[::-1]
