"""What the faces show of a bill: where it is, who controls it, and every step of its chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from certs import jose
from gateway.lading.chain import SURRENDERS, Action, Json, platform_code
from gateway.lading.desk import Desk
from gateway.lading.history import control_of
from gateway.lading.machine import Status, kind_of
from gateway.lading.refusals import UnknownThing
from gateway.lading.transfer import reach
from gateway.store import ladings, papers
from gateway.store.database import Transaction
from gateway.store.ladings import Bill, Transfer
from gateway.store.papers import Paper
from schemas.clock import iso

ARRIVAL: Final = "arrival-notice"
PAPER: Final = "SWITCHED_TO_PAPER"
_PENDING: Final[Mapping[str, Status]] = {
    Action.SURRENDER_FOR_DELIVERY: Status.PENDING_SURRENDER_FOR_DELIVERY,
    Action.SURRENDER_FOR_AMENDMENT: Status.PENDING_SURRENDER_FOR_AMENDMENT,
}
_DONE: Final[Mapping[str, Status]] = {
    Action.SURRENDER_FOR_DELIVERY: Status.SURRENDERED_FOR_DELIVERY,
    Action.SURRENDER_FOR_AMENDMENT: Status.SURRENDERED_FOR_AMENDMENT,
}
_PAPERS: Final = ("surrender", "delivery-order", "presentation")


def row(bill: Bill) -> Json:
    """Return a bill in one line."""
    document = bill.body["document"]
    possessor = bill.body["possessor"]
    return {
        "reference": bill.reference,
        "checksum": bill.checksum,
        "state": bill.state,
        "kind": kind(document),
        "account": bill.tenant,
        "possessor": possessor["partyName"],
        "platform": platform_code(possessor["eblPlatform"]),
        "carrier": document["carrierCode"],
        "updated_at": iso(bill.updated_at),
    }


def kind(document: Json) -> str:
    """Return straight, to-order, blank or sea-waybill."""
    parties = document.get("documentParties") or {}
    return kind_of(
        type_code=str(document["transportDocumentTypeCode"]),
        to_order=bool(document["isToOrder"]),
        endorsee="endorsee" in parties,
    ).value


def listed(desk: Desk, tenant: str | None) -> list[Json]:
    """Return the bills of an account, all of them for None; those touched last first."""
    with desk.store.read() as tx:
        return [row(bill) for bill in ladings.listed(tx, tenant=tenant)]


def found(tx: Transaction, reference: str, tenant: str | None) -> Bill:
    """Return the latest bill under a reference; raises UnknownThing, also for another account."""
    for bill in ladings.of_reference(tx, reference):
        if tenant in {None, bill.tenant}:
            return bill
    raise UnknownThing(where=reference, what="bill of lading")


def shown(desk: Desk, reference: str, tenant: str | None) -> Json:
    """Return a bill with its arrival notice, chain, transfers and papers; raises UnknownThing."""
    with desk.store.read() as tx:
        bill = found(tx, reference, tenant)
        arrival = papers.find(tx, ARRIVAL, bill.reference)
        control = control_of(tx, bill, desk.platform)
        chain = _chain(tx, bill)
        return {
            **row(bill),
            "status": status(chain),
            "registry": bill.body.get("registry", ""),
            "possessor_party": bill.body["possessor"],
            "refused": bill.body.get("refused"),
            "title_holder": control.title_holder,
            "document": bill.body["document"],
            "arrival": None if arrival is None else arrival.body,
            "chain": chain,
            "transfers": [_transfer(each) for each in ladings.transfers(tx, bill=bill.checksum)],
            "papers": [
                _paper(each)
                for kind_ in _PAPERS
                for each in papers.listed(tx, kind_, bill=bill.reference)
            ],
        }


def _transfer(each: Transfer) -> Json:
    return {
        "id": each.id,
        "direction": each.direction,
        "platform": each.peer,
        "state": each.state,
        "answer": each.body.get("answer", {}),
        "refused": each.body.get("refused"),
        "called_off": each.state == "open" and reach.stopped(each),
        "documents": list(each.body.get("documents", {}).values()),
        "updated_at": iso(each.updated_at),
    }


def _paper(each: Paper) -> Json:
    return {
        "kind": each.kind,
        "reference": each.reference,
        "state": each.state,
        "created_at": iso(each.created_at),
        "updated_at": iso(each.updated_at),
    }


def status(chain: Sequence[Json]) -> str:
    """Return the transportDocumentStatus that a chain leads to, SWITCHED_TO_PAPER for paper.

    An accepted surrender for amendment with the reason SWTP is the change of medium (DCSA SUR).
    """
    asked = accepted = None
    for step in chain:
        action = step["actionCode"]
        if action in SURRENDERS:
            asked = step
        elif action == Action.SREJ:
            asked = None
        elif action == Action.SACC:
            accepted = asked
    if asked is None:
        return Status.ISSUED
    if accepted is None:
        return _PENDING[asked["actionCode"]]
    return PAPER if accepted.get("reasonCode") == "SWTP" else _DONE[accepted["actionCode"]]


def _chain(tx: Transaction, bill: Bill) -> list[Json]:
    """Return every transaction, with the entry that signed it ('' while none has)."""
    steps: list[Json] = []
    for entry in ladings.entries(tx, bill.checksum):
        payload = jose.parse(jose.decode(entry.text.split(".")[1]))
        made: Sequence[Json] = payload["transactions"]  # type: ignore[assignment]
        steps += [_step(each, entry.checksum, entry.n) for each in made]
    pending: Any = bill.body.get("pending", ())
    return steps + [_step(each, "", None) for each in pending]


def _step(made: Json, entry: str, number: int | None) -> Json:
    return {**made, "entry": entry, "n": number}
