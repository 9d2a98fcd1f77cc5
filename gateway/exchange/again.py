"""Taking up again, by hand, what was given up."""

from __future__ import annotations

from gateway.exchange.errors import NotGivenUp
from gateway.store import claims, exchanges, journal
from gateway.store.database import Store
from gateway.store.model import Event
from schemas.clock import Clock, utc_now


def retry(
    store: Store, exchange_id: str, *, actor: str, tenant: str | None = None, clock: Clock = utc_now
) -> None:
    """Continue a failed exchange at its stage; raises NotFound, or NotGivenUp for any other."""
    now = clock()
    with store.begin() as tx:
        exchange = exchanges.get(tx, exchange_id, tenant=tenant)
        if not claims.requeue(tx, exchange_id, now=now):
            raise NotGivenUp(where=exchange_id, state=exchange.state.value)
        event = Event(
            exchange_id=exchange_id,
            n=exchange.events + 1,
            stage=exchange.stage,
            at=now,
            actor=actor,
            code="requeued",
        )
        journal.write(tx, [event])
