"""How far a transfer to another platform has got: whether that platform may have accepted it.

Acceptance follows from two requests only: the envelope itself and the finish of the transfer (PINT
3.0.0). Each is counted before it is let go, and taken off the count by an answer that shows that
nothing was accepted: documents are missing (201, or MDOC), or there was no connection to send it
by. An unsigned error shows nothing, and no answer shows nothing: what was let go stays counted.

The count is kept in the row that the call-off of a transfer locks too: of a request and a call-off
one is first, and the other sees it.
"""

from __future__ import annotations

from typing import Final

from gateway.lading.desk import Desk, as_json
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Transfer

_COUNT: Final = "unanswered"
_STOPPED: Final = "called_off"


def let_go(desk: Desk, transfer_id: str) -> bool:
    """Count a request that is about to be sent; False where nothing may be sent any more."""
    with desk.store.begin() as tx:
        current = ladings.transfer(tx, transfer_id, for_update=True)
        if current.state != "open" or stopped(current):
            return False
        _write(desk, tx, current, **{_COUNT: unanswered(current) + 1})
    return True


def came_back(desk: Desk, transfer_id: str) -> None:
    """Take a request off the count: it has led to no acceptance and never will."""
    with desk.store.begin() as tx:
        current = ladings.transfer(tx, transfer_id, for_update=True)
        if current.state == "open":
            _write(desk, tx, current, **{_COUNT: unanswered(current) - 1})


def begun(transfer: Transfer) -> bool:
    """Tell whether anything was ever let go."""
    return _COUNT in transfer.body


def unanswered(transfer: Transfer) -> int:
    """Return how many requests may have led to acceptance, or may still do so."""
    return int(transfer.body.get(_COUNT, 0))


def stopped(transfer: Transfer) -> bool:
    """Tell whether a transfer is being called off, so that nothing more is sent."""
    return bool(transfer.body.get(_STOPPED))


def stop(desk: Desk, tx: Transaction, transfer: Transfer, *, yes: bool = True) -> None:
    """Let nothing more go of a transfer, or let it go on; `transfer` was read for update."""
    _write(desk, tx, transfer, **{_STOPPED: yes})


def _write(desk: Desk, tx: Transaction, transfer: Transfer, **more: object) -> None:
    body = {**as_json(transfer.body), **more}
    ladings.conclude(tx, transfer, transfer.state, body, now=desk.clock())
