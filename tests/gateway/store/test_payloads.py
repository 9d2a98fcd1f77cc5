"""Payloads and idempotency keys."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from gateway.store import idempotency, payloads
from gateway.store.database import Store
from gateway.store.errors import Collision, NotFound, PayloadDamaged
from gateway.store.idempotency import Remembered
from gateway.store.model import Payload, Role
from gateway.store.tables.exchange import PAYLOAD

NOW = datetime(2026, 3, 14, 8, tzinfo=UTC)
ANY_BYTES = bytes(range(256)) * 300


def test_bytes_come_back_as_they_were(store: Store) -> None:
    """Any bytes survive, found by exchange and role, with media type and digest."""
    one = Payload(Role.SOURCE, "application/xml", ANY_BYTES)
    with store.begin() as tx:
        payloads.write(
            tx, [("x", one), ("x", Payload(Role.LOSS, "application/json", b""))], now=NOW
        )
    with store.read() as tx:
        assert payloads.read(tx, "x", Role.SOURCE) == one
        assert payloads.read(tx, "x", Role.LOSS).data == b""
        assert payloads.kept(tx, "x")[0][0] in {Role.SOURCE, Role.LOSS}
        with pytest.raises(NotFound):
            payloads.read(tx, "x", Role.SIGNED)
    assert one.digest == hashlib.sha256(ANY_BYTES).digest()


def test_what_lost_its_digest_is_not_given_out(store: Store) -> None:
    """One changed byte in the database is found on reading, and names exchange and role."""
    with store.begin() as tx:
        payloads.write(tx, [("x", Payload(Role.SOURCE, "text/plain", b"whole"))], now=NOW)
        tx.execute(PAYLOAD.update().values(data=b"whale"))
    with store.read() as tx, pytest.raises(PayloadDamaged) as damaged:
        payloads.read(tx, "x", Role.SOURCE)
    assert damaged.value.where == "x"
    assert damaged.value.details == {"role": "source"}


def test_a_payload_is_written_once(store: Store) -> None:
    """What is kept is never overwritten."""
    with store.begin() as tx:
        payloads.write(tx, [("x", Payload(Role.SOURCE, "text/plain", b"one"))], now=NOW)
    with pytest.raises(Collision), store.begin() as tx:
        payloads.write(tx, [("x", Payload(Role.SOURCE, "text/plain", b"two"))], now=NOW)


def test_what_a_later_payload_contains_can_be_dropped(store: Store) -> None:
    """Dropping takes the roles named of the exchanges named, and nothing else."""
    with store.begin() as tx:
        rows = [
            (one, Payload(role, "", b"b")) for one in "xy" for role in (Role.SIGNED, Role.SEALED)
        ]
        payloads.write(tx, rows, now=NOW)
        payloads.drop(tx, ["x"], [Role.SIGNED])
        found = payloads.read_many(tx, ["x", "y"], [Role.SIGNED, Role.SEALED])
    assert {one: set(roles) for one, roles in found.items()} == {
        "x": {Role.SEALED},
        "y": {Role.SIGNED, Role.SEALED},
    }


def test_keys_are_remembered(store: Store) -> None:
    """A key is found with its digest and exchange by its tenant only, and never overwritten."""
    one = Remembered(tenant="t", key="k", digest=b"d" * 32, exchange_id="x")
    with store.begin() as tx:
        idempotency.remember(tx, [one], now=NOW)
        assert idempotency.recall(tx, [("t", "k"), ("u", "k")]) == {("t", "k"): one}
    with pytest.raises(Collision), store.begin() as tx:
        idempotency.remember(tx, [one], now=NOW)
