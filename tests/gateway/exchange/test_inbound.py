"""Taking what partners deliver."""

from __future__ import annotations

import pytest

from gateway.exchange.errors import EnvelopeMismatch, MessageReused
from gateway.exchange.inbound import Taken, take_all, verify
from gateway.exchange.policy import Policy
from gateway.exchange.runner import Runner
from gateway.exchange.worker import carry_once
from gateway.store import exchanges, journal
from gateway.store.database import Store
from gateway.store.model import Direction, State
from gateway.store.tiles import StoredTiles
from schemas.errors import InputError
from tests.gateway.exchange import standins
from tests.gateway.exchange.standins import ORIGIN, Gatekeeper, Hooks


def take(store: Store, container: bytes) -> Taken | Exception:
    """Verify and store one container."""
    return take_all(store, [verify(Gatekeeper(), container)])[0]


def test_a_delivery_is_stored_logged_and_handed_over(store: Store) -> None:
    """A verified container is kept with its receipt, its document logged and handed over."""
    taken = take(store, b"m1|a document")
    assert isinstance(taken, Taken)
    hooks = Hooks()
    rooms = standins.rooms(hooks=hooks)
    while carry_once(Runner(store=store, rooms=rooms, policy=Policy(), actor="w"), 10):
        pass
    assert hooks.received == [(taken.exchange_id, b"a document")]
    with store.read() as tx:
        exchange = exchanges.get(tx, taken.exchange_id)
        events = [(event.stage, event.code) for event in journal.read(tx, exchange.id)]
        assert StoredTiles(tx, ORIGIN).size() == 1
    assert (exchange.direction, exchange.state) == (Direction.IN, State.DONE)
    assert (exchange.leaf, exchange.message_id) == (0, "m1")
    assert events == [("verify", "accepted"), ("log", "passed"), ("hand-over", "passed")]


def test_the_same_delivery_gets_the_same_receipt(store: Store) -> None:
    """A repeated delivery is recognised and answered with the receipt of the first, stored once."""
    first = take(store, b"m1|a document")
    again = take(store, b"m1|a document")
    assert isinstance(first, Taken)
    assert again == Taken(first.exchange_id, first.receipt, duplicate=True)
    together = take_all(store, [verify(Gatekeeper(), b"m2|x")] * 2)
    assert [one.duplicate for one in together if isinstance(one, Taken)] == [False, True]
    with store.read() as tx:
        assert len(exchanges.listed(tx)) == 2


def test_a_message_id_with_another_content_is_refused(store: Store) -> None:
    """The same message id with a different container is a conflict; nothing is stored of it."""
    take(store, b"m1|a document")
    assert isinstance(take(store, b"m1|another"), MessageReused)
    with store.read() as tx:
        assert len(exchanges.listed(tx)) == 1


def test_what_is_not_in_order_is_never_stored(store: Store) -> None:
    """A container that does not verify, or is not what its request says, leaves no trace."""
    with pytest.raises(InputError):
        take(store, b"m1|tampered")
    with pytest.raises(EnvelopeMismatch):
        verify(Gatekeeper(), b"m1|a document", message_id="m2")
    with store.read() as tx:
        assert exchanges.listed(tx) == []
