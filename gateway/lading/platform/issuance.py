"""Issuance (DCSA ISS 3.0.4): the carrier asks, the platform issues once and answers.

The manifest that the carrier signs names the document, whom it is issued to and the carrier's own
picture of it by their checksums. The platform that accepts opens the transfer chain with ISSUE.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Final

from gateway.lading import checksums, tasks
from gateway.lading.chain import Json, follow, platform_code
from gateway.lading.control.registry import Registries, Step
from gateway.lading.desk import Desk, as_json
from gateway.lading.envelope import Envelope, open_envelope
from gateway.lading.history import entries_after
from gateway.lading.paperwork import new_paper, put
from gateway.lading.platform.manifest import check_manifest
from gateway.lading.refusals import (
    EnvelopeRefused,
    MessageInvalid,
    NotNow,
    NotYours,
    SignatureRefused,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import Fault, check
from gateway.lading.transfer import composing
from gateway.store import ladings, papers
from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.ladings import Bill
from gateway.store.papers import Paper
from schemas.clock import iso
from schemas.text import Text

ASKED: Final = "issuance"
ASKED_OF: Final = "issuance-request"
REQUESTS: Final = "/v3/ebl-issuance-requests"
_RESPONSES: Final = "/v3/ebl-issuance-responses"
SETTLED: Final = {"ISSU": "issued", "BREQ": "returned", "REFU": "refused"}
_REFERENCE: Final = "transportDocumentReference"
_WAYBILL: Final = "SWB"


class IssuingPlatform:
    """Issues bills for carriers on one title platform."""

    def __init__(self, desk: Desk, registries: Registries, *, at_once: bool = True) -> None:
        """Issue at `desk`, with the registries of control by their URIs.

        `at_once` when nobody of the operator has to look first.
        """
        self._desk = desk
        self._registries = registries
        self._at_once = at_once

    def request(self, value: object, caller: str) -> None:
        """Take an issuance request of a carrier; the answer follows as a message of its own.

        Raises MessageInvalid, NotYours, or NotNow for a reference that is issued or pending.
        """
        faults = check(value, "IssuanceRequest")
        if faults:
            raise MessageInvalid(faults)
        assert isinstance(value, dict)  # noqa: S101 - the shape says so
        self._check(value, caller)
        desk, document = self._desk, value["document"]
        reference, now = document["transportDocumentReference"], desk.clock()
        with desk.store.begin() as tx:
            before = papers.find(tx, ASKED, reference)
            if ladings.live(tx, reference) or (before and before.state in {"pending", "issued"}):
                self._refuse_unless_ended(tx, reference, before)
            body = {"request": value, "carrier": caller, "asked_at": iso(now)}
            paper = new_paper(ASKED, reference, state="pending", bill=reference, body=body, now=now)
            put(tx, paper, before)
            if self._at_once:
                tasks.plan(desk, tx, tasks.DECIDE, {"reference": reference})

    def decide(self, reference: str, code: str = "", reason: str = "") -> str:
        """Answer a pending request with ISSU, BREQ or REFU; '' takes the answer that fits.

        Raises UnknownThing or NotNow.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.read() as tx:
            request = self._pending(tx, reference).body["request"]
        automatic = not code
        if automatic:
            code, reason = self._fitting(request)
        try:
            if code == "ISSU":
                self._open(request)
        except (NotNow, TransferDisputed) as error:
            if not automatic:
                raise
            code, reason = "BREQ", error.reason.en
        with desk.store.begin() as tx:
            paper = self._pending(tx, reference)
            if code == "ISSU":
                self._issue(tx, paper.body["request"], now)
            said = {"transportDocumentReference": reference, "issuanceResponseCode": code}
            if code != "ISSU":
                said["reason"] = reason or "refused"
                said = {**said, "errors": [{"reason": reason or "refused"}]}  # type: ignore[dict-item]
            body = {**as_json(paper.body), "answer": said}
            papers.change(tx, paper, SETTLED[code], body, now=now)
            tasks.message(desk, tx, to=paper.body["carrier"], path=_RESPONSES, said=said)
        return code

    def _check(self, value: Json, caller: str) -> None:
        desk, document = self._desk, value["document"]
        code = str(document["carrierCode"])
        if caller not in {desk.peers.carriers().get(code), code}:
            raise NotYours(Text(f"{caller} is not {code}", f"{caller} 不是承运人 {code}"))
        try:
            signer = check_manifest(value, desk.book, desk.clock())
        except (SignatureRefused, EnvelopeRefused) as error:
            place = "issuanceManifestSignedContent"
            raise MessageInvalid([Fault(f"$.{place}", place, "", error.reason.en)]) from error
        if signer.owner not in {caller, code, desk.signers().get(code)}:
            raise NotYours(Text(f"{signer.owner} signed it", f"签名者为 {signer.owner}"))
        if platform_code(value["issueTo"]["sendToPlatform"]) != desk.platform:
            place = "sendToPlatform"
            found = value["issueTo"][place]
            raise MessageInvalid([Fault(f"$.issueTo.{place}", place, found, desk.platform)])

    def _refuse_unless_ended(self, tx: Transaction, reference: str, before: Paper | None) -> None:
        """An amended bill may be issued under the reference of one that has ended."""
        if ladings.live(tx, reference) is None and before and before.state == "issued":
            return
        raise NotNow(Text("it is pending or issued already", "该提单正在签发或已签发"))

    def _pending(self, tx: Transaction, reference: str) -> Paper:
        paper = papers.find(tx, ASKED, reference)
        if paper is None:
            raise UnknownThing(where=reference, what="issuance request")
        if paper.state != "pending":
            raise NotNow(Text(f"it is {paper.state}", f"其状态为 {paper.state}"))
        return paper

    def _open(self, request: Json) -> None:
        """Have the registry take the bill up before it counts as issued."""
        desk = self._desk
        registry = self._registries(desk.registry) if desk.registry else None
        if registry is None:
            return
        document = request["document"]
        made = self._made(request, desk.clock())
        with desk.store.read() as tx:
            replaced = _replaced(tx, request)
        registry.open(
            Step(
                bill=checksums.of_json(document),
                document=document,
                made=made,
                after=follow([(desk.platform, made)], document),
            ),
            replaced,
        )

    def _made(self, request: Json, now: datetime) -> Json:
        """Return the transaction of issuance."""
        document, issue_to = request["document"], request["issueTo"]
        recipient = {
            "eblPlatform": self._desk.platform,
            "partyName": issue_to["partyName"],
            "identifyingCodes": issue_to["identifyingCodes"],
        }
        return {
            "actionCode": "ISSUE",
            "actor": _carrier_party(self._desk.platform, document),
            "recipient": recipient,
            "actionDateTime": iso(now),
        }

    def _fitting(self, request: Json) -> tuple[str, str]:
        if request["document"]["transportDocumentTypeCode"] == _WAYBILL:
            return "BREQ", "a sea waybill is not issued as a title"
        party = {**request["issueTo"], "eblPlatform": request["issueTo"]["sendToPlatform"]}
        if self._desk.parties.find(party) is None:
            return "BREQ", "the party to issue to is not known here"
        return "ISSU", ""

    def _issue(self, tx: Transaction, request: Json, now: datetime) -> None:
        """Open the transfer chain; raises NotNow where the reference stands already."""
        desk, made = self._desk, self._made(request, now)
        member = desk.parties.find(made["recipient"])
        if member is None:
            raise NotNow(Text("the party is not known here", "接收方在本平台未登记"))
        envelope = self._first(request, made, now)
        try:
            ladings.add(tx, self._bill(tx, request, envelope, member.tenant, now))
        except Collision as error:
            raise NotNow(Text("the reference stands already", "该编号已存在")) from error
        (entry,) = entries_after(envelope, 0)
        ladings.extend(tx, [entry])
        desk.say(tx, entry.checksum)
        tasks.register(desk, tx, "issue", envelope.registry, entry)

    def _first(self, request: Json, made: Json, now: datetime) -> Envelope:
        """Return the envelope of a chain that begins with the transaction of issuance."""
        desk, document = self._desk, request["document"]
        issuance = request["issuanceManifestSignedContent"]
        payload = composing.first_entry(desk.platform, document, issuance, [made], desk.registry)
        text = composing.signed(desk.signer, payload)
        return open_envelope(composing.envelope(desk.signer, document, [text]), desk.book, now)

    def _bill(
        self, tx: Transaction, request: Json, envelope: Envelope, tenant: str, now: datetime
    ) -> Bill:
        """Return the bill as it is held once issued, with the carrier's picture of it."""
        return Bill(
            checksum=envelope.document_checksum,
            reference=envelope.reference,
            live=envelope.reference,
            tenant=tenant,
            state="held",
            body={
                "document": envelope.document,
                "registry": self._desk.registry,
                "possessor": envelope.recipient,
                "issuance": request["issuanceManifestSignedContent"],
                "issued_here": True,
                **self._pictured(tx, request, envelope.document_checksum),
            },
            created_at=now,
            updated_at=now,
        )

    def _pictured(self, tx: Transaction, request: Json, bill: str) -> Json:
        """Keep the carrier's picture of the bill; it travels with every transfer."""
        shown = request.get("eBLVisualisationByCarrier")
        if shown is None:
            return {}
        content = base64.b64decode(shown["content"])
        media_type = shown.get("contentType", "application/pdf")
        described = composing.metadata(shown["name"], content, media_type)
        ladings.keep_document(tx, bill, described["documentChecksum"], content)
        return {"visualisation": described}


def _replaced(tx: Transaction, request: Json) -> list[str]:
    """Return the bills here that an issuance replaces: by reference, and the one it amends."""
    said = request.get("transportDocumentReplacements") or {}
    old = [each.get(_REFERENCE) for each in said.get("oldTransportDocumentReferences", ())]
    references = [*old, request["document"][_REFERENCE]]
    amended = checksums.of_json(request["document"])
    found = [bill for each in references if each for bill in ladings.of_reference(tx, each)]
    return [bill.checksum for bill in found if bill.checksum != amended]


def _carrier_party(platform: str, document: Json) -> Json:
    """Return the carrier as the actor of ISSUE, by its code."""
    issuing = (document.get("documentParties") or {}).get("issuingParty") or {}
    code = {
        "codeListProvider": document["carrierCodeListProvider"],
        "partyCode": document["carrierCode"],
    }
    listed = [code, *issuing.get("identifyingCodes", ())]
    name = issuing.get("partyName") or document["carrierCode"]
    return {"partyName": name, "eblPlatform": platform, "identifyingCodes": listed}
