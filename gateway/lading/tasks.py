"""What is left to do with other parties: planned in the transaction it follows from."""

from __future__ import annotations

from typing import Final

from gateway.lading.chain import Json
from gateway.lading.desk import Desk
from gateway.store import lading_errands
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.lading_errands import Errand
from gateway.store.ladings import Entry

POST: Final = "post"
CARRY: Final = "carry"
RETURN: Final = "return"
DECIDE: Final = "decide"
SURRENDER: Final = "surrender"
REGISTER: Final = "register"
MOVE: Final = "move"
TIDY: Final = "tidy"
ARRIVAL: Final = "arrival"
GIVE_BACK: Final = "give-back"


def message(
    desk: Desk, tx: Transaction, *, to: str, path: str, said: Json, method: str = "POST"
) -> None:
    """Plan to send a message to a peer until it is taken, or refused for good.

    The message goes when the transaction is committed.
    """
    plan(desk, tx, POST, {"peer": to, "method": method, "path": path, "message": said})


def plan(desk: Desk, tx: Transaction, kind: str, body: Json) -> None:
    """Plan an errand for now."""
    lading_errands.add(tx, Errand(id=new_id(), kind=kind, body=body, due_at=desk.clock()))
    tx.after_commit(desk.wake)


def register(desk: Desk, tx: Transaction, move: str, uri: str, entry: Entry) -> None:
    """Plan a record of a control tracking registry; nothing where the bill names none."""
    if uri:
        body = {"move": move, "uri": uri, "bill": entry.bill, "entry": entry.checksum}
        plan(desk, tx, REGISTER, body)
