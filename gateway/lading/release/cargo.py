"""Release of the cargo: delivery order, delegation, customs flag, gate-out.

The carrier gives a delivery order when the bill was surrendered to it for delivery (SURR). It
names its containers and one agent; the agent may hand it on, consignee to forwarder to haulier,
each step signed by the house that keeps it. The terminal lets a container out when the order is
signed, names the container and has not been used for it, the agent is the last one named,
charges are paid and customs have released the goods. Without both SURR and the customs flag
nothing leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from certs import jose
from certs.jose.compact import open_signed
from certs.verdict import Refused
from gateway.lading import checksums
from gateway.lading.chain import Json, codes_of
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import (
    MessageInvalid,
    NotNow,
    NotYours,
    SignatureRefused,
    UnknownThing,
)
from gateway.lading.shapes import Fault
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.papers import Paper
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.text import Text

ORDER: Final = "delivery-order"
_SURRENDER: Final = "surrender-request"
_ISSUANCE: Final = "issuance-request"
_LONGEST: Final = 8

Customs = Callable[[str], bool]
"""Tells whether customs have released the goods of a transport document."""


class Release:
    """Gives delivery orders for one carrier and lets containers out at its terminals."""

    def __init__(self, desk: Desk, customs: Customs) -> None:
        """Release at `desk`; `customs` knows the flag of the clearance."""
        self._desk = desk
        self._customs = customs

    def order(self, reference: str, agent: Json, containers: Sequence[str] = ()) -> Json:
        """Give the delivery order of a surrendered document to an agent; return it as shown.

        `containers` are some of the document's, all of those left by default. Raises NotNow
        without a surrender for delivery, or where a container is in another order.
        """
        desk, now = self._desk, self._desk.clock()
        _check_party(agent)
        with desk.store.begin() as tx:
            self._surrendered(tx, reference)
            issued = papers.get(tx, _ISSUANCE, reference)
            free = self._free(tx, issued)
            wanted = list(containers) or sorted(free)
            if not wanted or not set(wanted) <= free:
                raise NotNow(Text("no such container is left", "没有可放行的该集装箱"))
            said = {
                "deliveryOrderReference": new_id(),
                "transportDocumentReference": reference,
                "equipmentReferences": wanted,
                "agent": agent,
                "issuedBy": desk.carrier,
                "issuedAt": iso(now),
            }
            text = desk.signer.sign(canonical_json(said))
            body: Json = {"signed": text, "steps": [], "used": {}, "paid": False}
            number = str(said["deliveryOrderReference"])
            # Of two orders at once the second finds another version, and gets no container.
            papers.change(tx, issued, issued.state, issued.body, now=now)
            papers.add(
                tx, new_paper(ORDER, number, state="open", bill=reference, body=body, now=now)
            )
            desk.say(tx, checksums.of_text(text))
        return self.shown(number)

    def delegate(self, number: str, by: Json, to: Json) -> Json:
        """Hand an order on from its agent to another one; raises NotYours or NotNow."""
        desk, now = self._desk, self._desk.clock()
        _check_party(to)
        with desk.store.begin() as tx:
            paper = self._open(tx, number)
            if not _alike(self._agent(paper), by):
                raise NotYours(Text("another agent holds the order", "提货单由另一代理持有"))
            steps = list(paper.body["steps"])
            if len(steps) >= _LONGEST:
                raise NotNow(Text("it was handed on too often", "转委托次数过多"))
            before = steps[-1] if steps else paper.body["signed"]
            said = {
                "deliveryOrderReference": number,
                "from": by,
                "to": to,
                "previous": checksums.of_text(before),
                "at": iso(now),
            }
            text = desk.signer.sign(canonical_json(said))
            body = {**as_json(paper.body), "steps": [*steps, text]}
            papers.change(tx, paper, paper.state, body, now=now)
            desk.say(tx, checksums.of_text(text))
        return self.shown(number)

    def pay(self, number: str) -> Json:
        """Note that the carrier's charges are paid; raises UnknownThing or NotNow."""
        with self._desk.store.begin() as tx:
            paper = self._open(tx, number)
            body = {**as_json(paper.body), "paid": True}
            papers.change(tx, paper, paper.state, body, now=self._desk.clock())
        return self.shown(number)

    def gate_out(self, number: str, container: str, agent: Json) -> Json:
        """Let a container out to an agent, once.

        Raises UnknownThing, SignatureRefused, NotYours for another agent, NotNow while anything
        is missing or when it left before.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            paper = self._open(tx, number)
            said = self._said(paper)
            if container not in said["equipmentReferences"]:
                raise NotNow(Text("the order is not for it", "提货单不含该集装箱"))
            if container in paper.body["used"]:
                raise NotNow(Text("it has left before", "该集装箱已提离"))
            if not _alike(self._agent(paper), agent):
                raise NotYours(Text("another agent holds the order", "提货单由另一代理持有"))
            self._surrendered(tx, paper.bill)
            if not paper.body["paid"]:
                raise NotNow(Text("charges are open", "费用未结清"))
            if not self._customs(paper.bill):
                raise NotNow(Text("customs have not released it", "海关未放行"))
            used = {**paper.body["used"], container: iso(now)}
            done = len(used) == len(said["equipmentReferences"])
            body = {**as_json(paper.body), "used": used}
            papers.change(tx, paper, "used" if done else "open", body, now=now)
        return self.shown(number)

    def shown(self, number: str) -> Json:
        """Return an order: what it says, who holds it, what has left; raises UnknownThing."""
        with self._desk.store.read() as tx:
            paper = papers.find(tx, ORDER, number)
            if paper is None:
                raise UnknownThing(where=number, what="delivery order")
            released = self._customs(paper.bill)
        said = self._said(paper)
        return {
            **said,
            "state": paper.state,
            "holder": self._agent(paper),
            "chain": [self._opened(each) for each in paper.body["steps"]],
            "chargesPaid": paper.body["paid"],
            "customsReleased": released,
            "gateOut": dict(paper.body["used"]),
            "signed": paper.body["signed"],
        }

    def _surrendered(self, tx: Transaction, reference: str) -> None:
        """Refuse unless the carrier answered a surrender for delivery with SURR."""
        for paper in papers.listed(tx, _SURRENDER, bill=reference, state="surr"):
            if paper.body["request"]["surrenderRequestCode"] == "SREQ":
                return
        raise NotNow(Text("the bill was not surrendered for delivery", "提单尚未为提货而交单"))

    def _free(self, tx: Transaction, issued: Paper) -> set[str]:
        """Return the containers of a document that no order covers."""
        boxes = issued.body["request"]["document"]["utilizedTransportEquipments"]
        listed = {str((each.get("equipment") or each)["equipmentReference"]) for each in boxes}
        for paper in papers.listed(tx, ORDER, bill=issued.reference):
            listed -= set(self._said(paper)["equipmentReferences"])
        return listed

    def _open(self, tx: Transaction, number: str) -> Paper:
        paper = papers.find(tx, ORDER, number)
        if paper is None:
            raise UnknownThing(where=number, what="delivery order")
        if paper.state != "open":
            raise NotNow(Text(f"the order is {paper.state}", f"提货单状态为 {paper.state}"))
        return paper

    def _said(self, paper: Paper) -> Json:
        """Return what the carrier signed; raises SignatureRefused for anything else."""
        return self._opened(str(paper.body["signed"]))

    def _opened(self, text: str) -> Json:
        desk = self._desk
        try:
            opened = open_signed(text, desk.book, desk.clock())
        except Refused as refused:
            raise SignatureRefused(refused.reason) from refused
        if opened.signer.owner not in {desk.carrier, desk.platform}:
            raise SignatureRefused(Text("another party signed it", "签名方不符"))
        return jose.parse(opened.payload)

    def _agent(self, paper: Paper) -> Json:
        """Return who holds the order now: the last of an unbroken chain of delegations."""
        before, holder = str(paper.body["signed"]), self._said(paper)["agent"]
        for text in paper.body["steps"]:
            said = self._opened(text)
            sound = said["previous"] == checksums.of_text(before) and _alike(holder, said["from"])
            if not sound:
                raise SignatureRefused(Text("the chain of agents is broken", "委托链不连续"))
            before, holder = text, said["to"]
        found: Json = holder
        return found


def _check_party(party: Json) -> None:
    if not party.get("partyName") or not codes_of(party):
        raise MessageInvalid([Fault("$.agent", "agent", "", "partyName and identifyingCodes")])


def _alike(one: Json, other: Json) -> bool:
    return bool(codes_of(one) & codes_of(other))
