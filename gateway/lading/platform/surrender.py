"""Surrender (DCSA SUR 3.0.4): the platform of issue asks, the carrier answers once.

The platform answers for sole possession and for the claimant being the right one: the shipper or
consignee of a straight bill, the endorsee of one to order, the possessor of a blank one. Until
the carrier answers nobody can do anything with the bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from gateway.lading import tasks
from gateway.lading.chain import Action, Json, claims
from gateway.lading.desk import Desk, as_json
from gateway.lading.envelope import open_envelope
from gateway.lading.history import control_of, entries_after, link, links
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import MessageInvalid, NotNow, NotYours, UnknownThing
from gateway.lading.shapes import check
from gateway.lading.transfer import composing
from gateway.lading.transfer.moving import Moving
from gateway.lading.transfer.ordering import dated
from gateway.store import ladings, papers
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.ladings import Bill
from gateway.store.papers import Paper
from schemas.clock import iso
from schemas.text import Text

ASKED: Final = "surrender"
ASKING: Final = "surrender"
ANSWERING: Final = "answer"
REQUESTS: Final = "/v3/ebl-surrender-requests"
_ACTIONS: Final = {"SREQ": Action.SURRENDER_FOR_DELIVERY, "AREQ": Action.SURRENDER_FOR_AMENDMENT}
_CODES: Final = {action: code for code, action in _ACTIONS.items()}
ANSWERS: Final = {"SURR": Action.SACC, "SREJ": Action.SREJ}
_REASONS: Final = frozenset({"", "SWTP", "COD", "SWI"})


class SurrenderingPlatform:
    """Surrenders bills of one title platform to their carriers."""

    def __init__(self, desk: Desk, moving: Moving) -> None:
        """Surrender from `desk`; `moving` has a title register make it first."""
        self._desk = desk
        self._moving = moving

    def ask(
        self,
        tenant: str,
        reference: str,
        code: str,
        *,
        reason: str = "",
        comments: str = "",
        orders: Sequence[str] = (),
        at: str | None = None,
    ) -> str:
        """Surrender the bill under `reference` (SREQ for delivery, AREQ for amendment).

        Returns the reference of the request. Raises UnknownThing, NotYours or NotNow.
        """
        desk, now = self._desk, self._desk.clock()
        said = self.transaction(code, reason, comments)
        with desk.store.begin() as tx:
            bill = _live(tx, reference)
            if bill.tenant != tenant:
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            if bill.state != "held":
                raise NotNow(Text(f"the bill is {bill.state}", f"提单状态为 {bill.state}"))
            control = control_of(tx, bill, desk.platform)
            member = desk.parties.of_tenant(tenant)
            actor = member.as_party(desk.platform) if member else control.possessor
            if not claims(control, bill.body["document"], actor):
                raise NotYours(Text("the claimant is not entitled to the goods", "申领方无权提货"))
            made: Json = {
                **dated({**said, **({"actionDateTime": at} if at else {})}, now),
                "actor": actor,
                "recipient": {**control.issuer, "eblPlatform": desk.platform},
            }
            self._carrier(bill)
            asked = new_id()
            more = {"reference": asked, "orders": list(orders)}
            self._moving.begin(tx, bill, ASKING, made, more)
            return asked

    def write_asked(self, tx: Transaction, bill: Bill, made: Json, more: Mapping[str, Any]) -> None:
        """Write a surrender that was made, and send it on."""
        body = {**as_json(bill.body), "pending": [*bill.body.get("pending", ()), made]}
        ladings.change(tx, bill, now=self._desk.clock(), state="surrendered", body=body)
        self.forward(tx, bill.reference, made, str(more["reference"]))

    def transaction(self, code: str, reason: str, comments: str) -> Json:
        """Return what a surrender says of itself; raises NotNow for a code that is none."""
        if code not in _ACTIONS or reason not in _REASONS or (reason and code != "AREQ"):
            raise NotNow(Text(f"{code} {reason} is no surrender", f"{code} {reason} 不是交单请求"))
        said: Json = {"actionCode": _ACTIONS[code].value}
        said.update({"reasonCode": reason} if reason else {})
        said.update({"comments": comments} if comments else {})
        return said

    def forward_from(self, checksum: str) -> None:
        """Send on to the carrier what another platform surrendered to it through us."""
        with self._desk.store.begin() as tx:
            bill = ladings.find(tx, checksum)
            if bill is None or bill.state != "surrendered":
                return
            if not papers.listed(tx, ASKED, bill=bill.reference, state="pending"):
                control = control_of(tx, bill, self._desk.platform)
                assert control.surrendered is not None  # noqa: S101 - the state says so
                made = control.surrendered
                ladings.change(tx, bill, now=self._desk.clock())
                self.forward(tx, bill.reference, made, new_id(), control.surrendered_by)

    def forward(
        self, tx: Transaction, reference: str, made: Json, asked: str, back: str = ""
    ) -> None:
        """Send a surrender on to the carrier; `back` is the platform it came from, '' for ours."""
        desk, now = self._desk, self._desk.clock()
        bill = _live(tx, reference)
        document, carrier = bill.body["document"], self._carrier(bill)
        said: Json = {
            "surrenderRequestReference": asked,
            "transportDocumentReference": reference,
            "surrenderRequestCode": _CODES[Action(made["actionCode"])],
            "endorsementChain": [link(each) for each in links(tx, bill)],
        }
        for name in ("reasonCode", "comments"):
            said.update({name: made[name]} if made.get(name) else {})
        sub = document.get("transportDocumentSubReference")
        said.update({"transportDocumentSubReference": sub} if sub else {})
        paper = new_paper(
            ASKED,
            asked,
            state="pending",
            bill=reference,
            tenant=bill.tenant,
            body={"request": said, "carrier": carrier, "back": back},
            now=now,
        )
        papers.add(tx, paper)
        tasks.message(desk, tx, to=carrier, path=REQUESTS, said=said)

    def _carrier(self, bill: Bill) -> str:
        """Return the peer that answers for the carrier of a bill; raises UnknownThing."""
        code = str(bill.body["document"]["carrierCode"])
        carrier = self._desk.peers.carriers().get(code)
        if carrier is None:
            raise UnknownThing(where=code, what="carrier")
        return carrier

    def answered(self, value: object, caller: str) -> None:
        """Take the carrier's answer; raises MessageInvalid, UnknownThing, NotYours or NotNow."""
        faults = check(value, "SurrenderRequestAnswer")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            paper = papers.find(tx, ASKED, value["surrenderRequestReference"])
            if paper is None:
                where = value["surrenderRequestReference"]
                raise UnknownThing(where=where, what="surrender request")
            if paper.body["carrier"] != caller:
                raise NotYours(Text(f"{caller} was not asked", f"未向 {caller} 提出请求"))
            if paper.state != "pending":
                raise NotNow(Text("it was answered before", "该请求已答复"))
            body = {**as_json(paper.body), "answer": value}
            papers.change(tx, paper, value["action"].lower(), body, now=now)
            self._settle(tx, paper, value, now)

    def _settle(self, tx: Transaction, paper: Paper, value: Json, now: datetime) -> None:
        """Take the carrier's answer up: the bill ends, or is given back."""
        desk = self._desk
        bill = _live(tx, paper.bill)
        control = control_of(tx, bill, desk.platform)
        waiting = control.surrendered
        assert waiting is not None  # noqa: S101 - a pending request is of a surrendered bill
        action = ANSWERS[value["action"]]
        made: Json = {
            "actionCode": action.value,
            "actor": {**control.issuer, "eblPlatform": desk.platform},
            "recipient": waiting["actor"],
            "actionDateTime": iso(now),
        }
        made.update({"comments": value["comments"]} if value.get("comments") else {})
        self._moving.begin(tx, bill, ANSWERING, made, {"back": paper.body["back"]})

    def write_answered(
        self, tx: Transaction, bill: Bill, made: Json, more: Mapping[str, Any]
    ) -> None:
        """Write the carrier's answer into the chain: the bill has ended, or is back."""
        desk, now = self._desk, self._desk.clock()
        body = {**as_json(bill.body), "pending": [*bill.body.get("pending", ()), made]}
        if more["back"]:
            ladings.change(tx, bill, now=now, body=body, state="returning")
            tasks.plan(desk, tx, tasks.RETURN, {"bill": bill.checksum})
            return
        if made["actionCode"] == Action.SACC:
            text = self._closed(tx, bill, body["pending"])
            body.pop("pending")
            desk.say(tx, text)
            ladings.change(tx, bill, now=now, body=body, state="ended", live=None)
            return
        ladings.change(tx, bill, now=now, body=body, state="held")

    def _closed(self, tx: Transaction, bill: Bill, pending: Sequence[Json]) -> str:
        """Sign the last entry of a bill that has ended; return its checksum."""
        desk, document = self._desk, bill.body["document"]
        chain = [each.text for each in ladings.entries(tx, bill.checksum)]
        payload = composing.next_entry(desk.platform, document, chain[-1], pending)
        chain.append(composing.signed(desk.signer, payload))
        made = composing.envelope(desk.signer, document, chain)
        envelope = open_envelope(made, desk.book, desk.clock())
        (entry,) = entries_after(envelope, len(chain) - 1)
        ladings.extend(tx, [entry])
        tasks.register(desk, tx, "end", str(bill.body.get("registry", "")), entry)
        return entry.checksum


def _live(tx: Transaction, reference: str) -> Bill:
    bill = ladings.live(tx, reference)
    if bill is None:
        raise UnknownThing(where=reference, what="bill of lading")
    return bill
