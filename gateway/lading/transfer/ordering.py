"""What a party with an account of its own on the title register signs before its bill is moved.

The transaction is told as it would be made, with the moves that it is on the register; the party
signs them, and gives its orders along with the transaction. Nothing is kept meanwhile: an order
fits one state of the title, and one transaction at one time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gateway.lading.chain import SURRENDERS, Json, step
from gateway.lading.control.registry import Step
from gateway.lading.desk import Desk
from gateway.lading.history import control_of
from gateway.lading.refusals import NotNow, NotYours, UnknownThing
from gateway.lading.titles.titled import TitleRegistry
from gateway.store import ladings
from schemas.clock import iso
from schemas.text import Text

_LONGEST: Final = timedelta(hours=1)
_TIME: Final = "actionDateTime"


@dataclass(frozen=True, slots=True)
class Ordering:
    """Tells the parties of one platform what to sign."""

    desk: Desk

    def prepare(self, tenant: str, reference: str, transaction: Json) -> Json:
        """Return a transaction as the holder would make it now, and what to sign for it.

        `{"actionDateTime", "moves": [{"action", "args"}], "sign": ...}`: the digests to sign on a
        chain, or the mandate to give on a log. Raises UnknownThing, NotYours, NotNow,
        EnvelopeRefused, or as the register refuses.
        """
        desk, now = self.desk, self.desk.clock()
        with desk.store.read() as tx:
            bill = ladings.live(tx, reference)
            if bill is None:
                raise UnknownThing(where=reference, what="bill of lading")
            if bill.tenant != tenant:
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            book = desk.books.get(str(bill.body.get("registry")))
            if bill.state != "held" or book is None:
                raise NotNow(Text(f"the bill is {bill.state}", f"提单状态为 {bill.state}"))
            control = control_of(tx, bill, desk.platform)
        member = desk.parties.of_tenant(tenant)
        made = {
            **transaction,
            "actor": member.as_party(desk.platform) if member else control.possessor,
            _TIME: iso(now),
        }
        if made["actionCode"] in set(SURRENDERS):
            here = {"eblPlatform": desk.platform} if bill.body.get("issued_here") else {}
            made["recipient"] = {**control.issuer, **here}
        asked = Step(
            bill=bill.checksum,
            document=bill.body["document"],
            made=made,
            after=step(control, desk.platform, made),
        )
        due = TitleRegistry(desk, book).due(asked)
        return {
            _TIME: made[_TIME],
            "moves": [{"action": each.action, "args": list(each.args)} for each in due],
            "sign": book.to_sign(bill.checksum, due, asked.mark, now + _LONGEST),
        }


def dated(transaction: Mapping[str, Any], now: datetime) -> Json:
    """Return a transaction with its time: now, or the one for which orders were signed.

    Raises NotNow for one that is more than an hour past, or not yet.
    """
    said = transaction.get(_TIME)
    if said is None:
        return {**transaction, _TIME: iso(now)}
    try:
        at = datetime.fromisoformat(str(said))
        fits = iso(at) == said and timedelta(0) <= now - at <= _LONGEST
    except (ValueError, TypeError):
        fits = False
    if not fits:
        raise NotNow(Text("the time of the order does not fit", "指令时间不符"))
    return dict(transaction)
