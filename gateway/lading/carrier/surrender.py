"""Surrender at the carrier (DCSA SUR 3.0.4): asked by the platform of issue, answered once."""

from __future__ import annotations

from typing import Final

from gateway.lading import tasks
from gateway.lading.chain import Json
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper
from gateway.lading.platform.surrender import ANSWERS
from gateway.lading.refusals import MessageInvalid, NotNow, NotYours, UnknownThing
from gateway.lading.shapes import check
from gateway.store import papers
from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.papers import Paper
from schemas.clock import iso
from schemas.text import Text

ASKED_OF: Final = "surrender-request"
_RESPONSES: Final = "/v3/ebl-surrender-responses"


class SurrenderedCarrier:
    """Answers surrenders of the bills that one carrier issued."""

    def __init__(self, desk: Desk) -> None:
        """Answer from `desk`."""
        self._desk = desk

    def request(self, value: object, caller: str) -> None:
        """Take a surrender request of the platform of issue; the answer follows.

        Raises MessageInvalid, UnknownThing, NotYours, or NotNow for a reference used before and
        for a bill that is not issued or waits for an answer already.
        """
        faults = check(value, "SurrenderRequestDetails")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        desk, now = self._desk, self._desk.clock()
        reference = value["transportDocumentReference"]
        with desk.store.begin() as tx:
            issued = papers.find(tx, "issuance-request", reference)
            if issued is None or issued.state == "pending":
                raise UnknownThing(where=reference, what="transport document")
            if issued.body["platform"] != caller:
                raise NotYours(Text("only the platform of issue may", "仅签发平台可交单"))
            self._check_free(tx, reference, issued)
            # Of two requests at once the second finds another version.
            papers.change(tx, issued, issued.state, issued.body, now=now)
            paper = new_paper(
                ASKED_OF,
                value["surrenderRequestReference"],
                state="pending",
                bill=reference,
                body={"request": value, "platform": caller},
                now=now,
            )
            try:
                papers.add(tx, paper)
            except Collision as error:
                raise NotNow(
                    Text("the reference of the request was used before", "该请求编号已使用")
                ) from error

    def decide(self, reference: str, action: str, comments: str = "") -> None:
        """Answer a surrender request with SURR or SREJ, once; a rejection says why.

        `reference` is the request's, or that of the bill with which it waits. Raises UnknownThing
        or NotNow.
        """
        desk, now = self._desk, self._desk.clock()
        if action not in ANSWERS or (action == "SREJ" and not comments):
            raise NotNow(Text("SURR, or SREJ with a reason", "请答复 SURR,或附理由的 SREJ"))
        with desk.store.begin() as tx:
            waiting = papers.listed(tx, ASKED_OF, bill=reference, state="pending")
            paper = papers.find(tx, ASKED_OF, reference) or next(iter(waiting), None)
            if paper is None:
                raise UnknownThing(where=reference, what="surrender request")
            if paper.state != "pending":
                raise NotNow(Text("it was answered before", "该请求已答复"))
            said: Json = {"surrenderRequestReference": paper.reference, "action": action}
            said.update({"comments": comments} if comments else {})
            body = {**as_json(paper.body), "answer": said, "answered_at": iso(now)}
            papers.change(tx, paper, action.lower(), body, now=now)
            tasks.message(desk, tx, to=paper.body["platform"], path=_RESPONSES, said=said)

    def _check_free(self, tx: Transaction, reference: str, issued: Paper) -> None:
        if issued.state != "issued":
            raise NotNow(Text(f"the document is {issued.state}", f"单证状态为 {issued.state}"))
        for state in ("pending", "surr"):
            if papers.listed(tx, ASKED_OF, bill=reference, state=state):
                raise NotNow(Text("a surrender stands already", "已有交单请求"))
