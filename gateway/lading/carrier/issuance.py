"""Issuance at the carrier (DCSA ISS 3.0.4): asked for, answered once, asked for again."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from gateway.lading import tasks
from gateway.lading.chain import Json, platform_code
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper, put
from gateway.lading.platform.issuance import ASKED_OF, REQUESTS, SETTLED
from gateway.lading.platform.manifest import manifest
from gateway.lading.refusals import MessageInvalid, NotNow, NotYours, UnknownThing
from gateway.lading.shapes import check
from gateway.store import papers
from gateway.store.database import Transaction
from schemas.jcs import canonical_any
from schemas.text import Text

_SURRENDERS: Final = "surrender-request"


class IssuingCarrier:
    """Has bills issued on the platforms of its customers."""

    def __init__(self, desk: Desk) -> None:
        """Issue from `desk`."""
        self._desk = desk

    def ask(
        self, document: Json, issue_to: Json, visualisation: tuple[str, bytes] | None = None
    ) -> str:
        """Ask the platform of `issue_to` to issue a document; return its reference.

        `visualisation` is a name and a PDF. Raises MessageInvalid, UnknownThing or NotNow.
        """
        desk, now = self._desk, self._desk.clock()
        platform = platform_code(issue_to.get("sendToPlatform", ""))
        if not desk.peers.knows(platform):
            raise UnknownThing(where=platform, what="platform")
        said = manifest(document, issue_to, visualisation[1] if visualisation else None)
        request: Json = {
            "document": document,
            "issueTo": issue_to,
            "issuanceManifestSignedContent": desk.signer.sign(canonical_any(said)),
        }
        if visualisation is not None:
            name, content = visualisation
            shown = {"name": name, "content": base64.b64encode(content).decode()}
            request["eBLVisualisationByCarrier"] = shown
        faults = check(request, "IssuanceRequest")
        if faults:
            raise MessageInvalid(faults)
        reference = str(document["transportDocumentReference"])
        with desk.store.begin() as tx:
            self._keep(tx, reference, platform, request, now)
            tasks.message(desk, tx, to=platform, path=REQUESTS, said=request, method="PUT")
        return reference

    def reissue(
        self, document: Json, issue_to: Json, visualisation: tuple[str, bytes] | None = None
    ) -> str:
        """Ask for an amended document under a reference that was surrendered for amendment.

        Raises as `ask`, and NotNow while nothing was surrendered.
        """
        reference = str(document.get("transportDocumentReference", ""))
        with self._desk.store.begin() as tx:
            for paper in papers.listed(tx, _SURRENDERS, bill=reference, state="surr"):
                if paper.body["request"]["surrenderRequestCode"] == "AREQ":
                    papers.change(tx, paper, "amended", paper.body, now=self._desk.clock())
                    break
            else:
                raise NotNow(Text("it was not surrendered for amendment", "未为更改而交单"))
            before = papers.get(tx, ASKED_OF, reference)
            papers.change(tx, before, "replaced", before.body, now=self._desk.clock())
        return self.ask(document, issue_to, visualisation)

    def answered(self, value: object, caller: str) -> None:
        """Take the platform's answer; raises MessageInvalid, UnknownThing, NotYours or NotNow."""
        faults = check(value, "IssuanceResponse")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        reference = value["transportDocumentReference"]
        with self._desk.store.begin() as tx:
            paper = papers.find(tx, ASKED_OF, reference)
            if paper is None:
                raise UnknownThing(where=reference, what="issuance request")
            if paper.body["platform"] != caller:
                raise NotYours(Text(f"{caller} was not asked", f"未向 {caller} 提出请求"))
            if paper.state != "pending":
                raise NotNow(Text(f"it is {paper.state}", f"其状态为 {paper.state}"))
            body = {**as_json(paper.body), "answer": value}
            state = SETTLED[value["issuanceResponseCode"]]
            papers.change(tx, paper, state, body, now=self._desk.clock())

    def _keep(
        self, tx: Transaction, reference: str, platform: str, request: Json, now: datetime
    ) -> None:
        before = papers.find(tx, ASKED_OF, reference)
        if before is not None and before.state in {"pending", "issued"}:
            raise NotNow(Text(f"it is {before.state}", f"其状态为 {before.state}"))
        body = {"platform": platform, "request": request}
        paper = new_paper(ASKED_OF, reference, state="pending", bill=reference, body=body, now=now)
        put(tx, paper, before)
