"""The sending platform of PINT: control is offered, carried over, and given up when it is taken.

From the moment a transfer is kept, nobody here can do anything with the bill until a signed
answer says what became of it: an answer without a signature, or none, decides nothing, and the
very same envelope is sent again. With a control tracking registry, its record decides.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from certs import jose
from certs.compact import open_signed
from certs.verdict import Refused
from gateway.lading import checksums, composing, tasks
from gateway.lading.answers import ACCEPTED, REJECTED, Code
from gateway.lading.chain import (
    ENDORSEMENTS,
    NOTICES,
    SURRENDERS,
    Action,
    Json,
    action_of,
    claims,
    entitled,
    platform_code,
)
from gateway.lading.desk import Desk, Registries, Registry, Reply, as_json
from gateway.lading.envelope import Envelope, open_envelope
from gateway.lading.refusals import (
    MessageInvalid,
    NotNow,
    NotYours,
    PeerSilent,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import check
from gateway.lading.surrender import control_of
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.ladings import Bill, Entry, Transfer
from schemas.clock import iso
from schemas.text import Text

_OUT: Final = "out"
_ENVELOPES: Final = "/v3/envelopes"
_CREATED: Final = 201
_NO_CONTENT: Final = 204
_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Attachment:
    """An additional document to send along."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a transfer: its id, and the code of the signed answer, '' while open."""

    id: str
    code: str
    reason: str = ""


class Sender:
    """Sends envelopes from one platform."""

    def __init__(self, desk: Desk, registries: Registries) -> None:
        """Send from `desk`, with the control tracking registries by their URIs."""
        self._desk = desk
        self._registries = registries

    def offer(
        self,
        tenant: str,
        reference: str,
        transaction: Json,
        attachments: Sequence[Attachment] = (),
    ) -> str:
        """Keep a transfer of the bill under `reference` to another platform; return its id.

        `transaction` has actionCode and recipient. Raises UnknownThing, NotYours or NotNow.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            bill = self._mine(tx, tenant, reference)
            transfer = self._composed(tx, bill, transaction, attachments)
            for each in attachments:
                sum_ = checksums.of_octets(each.content)
                ladings.keep_document(tx, bill.checksum, sum_, each.content)
            transfer = ladings.start(tx, transfer)
            ladings.change(tx, bill, now=desk.clock(), state="offered")
            tasks.plan(desk, tx, tasks.CARRY, {"transfer": transfer.id})
        return transfer.id

    def give_back(self, checksum: str) -> None:
        """Take the carrier's answer back to the platform that surrendered the bill through us."""
        desk = self._desk
        with desk.store.begin() as tx:
            bill = ladings.find(tx, checksum)
            if bill is None or bill.state != "returning":
                return
            *done, last = bill.body["pending"]
            transfer = ladings.start(tx, self._enveloped(tx, bill, [*done, last], ()))
            ladings.change(tx, bill, now=desk.clock(), state="offered")
            tasks.plan(desk, tx, tasks.CARRY, {"transfer": transfer.id})

    def carry(self, transfer_id: str) -> Sent:
        """Take an open transfer to its platform; a transfer that has ended is left as it is.

        Raises a TransportError or PeerSilent when nothing is decided yet: carry it again.
        """
        desk = self._desk
        with desk.store.read() as tx:
            transfer = ladings.transfer(tx, transfer_id)
        if transfer.state != "open":
            said = transfer.body.get("answer", {})
            return Sent(transfer.id, said.get("responseCode", ""), said.get("reason", ""))
        envelope = open_envelope(transfer.body["envelope"], desk.book, desk.clock())
        try:
            self._record(envelope, transfer)
        except TransferDisputed as error:
            self._end(transfer, envelope, None, "disputed")
            return Sent(transfer.id, Code.DISE, error.reason.en)
        answer = self._carried(transfer)
        return self._conclude(transfer, envelope, answer)

    def validate(self, platform: str, code: Json) -> str:
        """Return the name that another platform gives to a party code.

        Raises UnknownThing for nobody there, PeerSilent for an answer that is none.
        """
        if not self._desk.peers.knows(platform):
            raise UnknownThing(where=platform, what="platform")
        reply = self._desk.peers.call(platform, "POST", "/v3/receiver-validation", code)
        if reply.status == _NOT_FOUND:
            raise UnknownThing(where=platform, what="such party on")
        said = _parsed(reply)
        if check(said, "ReceiverValidationResponse"):
            raise PeerSilent(Text("its answer is not usable", "其应答不可用"), where=platform)
        return str(said["partyName"])

    def _mine(self, tx: Transaction, tenant: str, reference: str) -> Bill:
        bill = ladings.live(tx, reference)
        if bill is None:
            raise UnknownThing(where=reference, what="bill of lading")
        if bill.tenant != tenant:
            raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
        if bill.state != "held":
            raise NotNow(Text(f"the bill is {bill.state}", f"提单状态为 {bill.state}"))
        return bill

    def _composed(
        self, tx: Transaction, bill: Bill, transaction: Json, attachments: Sequence[Attachment]
    ) -> Transfer:
        """Return the transfer with what is not signed yet and one transaction more."""
        made = self._transaction(bill, transaction)
        control = control_of(tx, bill, self._desk.platform)
        action, actor = action_of(made), made["actor"]
        if action in ENDORSEMENTS and not entitled(control, actor):
            raise NotYours(Text("another party is endorsed", "背书权属于另一方"))
        if action in SURRENDERS and not claims(control, bill.body["document"], actor):
            raise NotYours(Text("the claimant is not entitled to the goods", "申领方无权提货"))
        done = list(bill.body.get("pending", ()))
        return self._enveloped(tx, bill, [*done, made], attachments)

    def _enveloped(
        self,
        tx: Transaction,
        bill: Bill,
        transactions: Sequence[Json],
        attachments: Sequence[Attachment],
    ) -> Transfer:
        """Return the transfer with its envelope; raises MessageInvalid or EnvelopeRefused."""
        desk, now = self._desk, self._desk.clock()
        document, made = bill.body["document"], transactions[-1]
        chain = [each.text for each in ladings.entries(tx, bill.checksum)]
        payload = composing.next_entry(desk.platform, document, chain[-1], transactions)
        faults = check(payload, "EnvelopeTransferChainEntry")
        if faults:
            raise MessageInvalid(faults)
        chain.append(composing.signed(desk.signer, payload))
        supporting = [
            composing.metadata(each.name, each.content, each.media_type) for each in attachments
        ]
        visualisation = bill.body.get("visualisation")
        value = composing.envelope(desk.signer, document, chain, supporting, visualisation)
        envelope = open_envelope(value, desk.book, now)
        envelope.control()
        return Transfer(
            id=new_id(),
            bill=bill.checksum,
            direction=_OUT,
            peer=platform_code(made["recipient"]["eblPlatform"]),
            content=envelope.last.content,
            state="open",
            body={"envelope": value, "action": made["actionCode"], "documents": envelope.documents},
            created_at=now,
            updated_at=now,
        )

    def _transaction(self, bill: Bill, transaction: Json) -> Json:
        desk = self._desk
        member = desk.parties.of_tenant(bill.tenant)
        actor = member.as_party(desk.platform) if member else bill.body["possessor"]
        recipient = transaction.get("recipient") or {}
        there = platform_code(recipient.get("eblPlatform", ""))
        if there == desk.platform or not desk.peers.knows(there):
            raise UnknownThing(where=there, what="platform")
        return {**transaction, "actor": actor, "actionDateTime": iso(desk.clock())}

    def _record(self, envelope: Envelope, transfer: Transfer) -> None:
        """Have the control tracking registry say that control is offered."""
        registry = self._registry(envelope)
        controller = registry.controller(transfer.bill) if registry else transfer.peer
        if not controller:
            raise PeerSilent(Text("the bill is not recorded yet", "该提单尚未登记"))
        if registry is not None and controller != transfer.peer:
            registry.offer(transfer.bill, envelope.last.checksum, transfer.peer)

    def _registry(self, envelope: Envelope) -> Registry | None:
        """Return the registry that guards a transfer; notices move nothing and need none."""
        if not envelope.registry or envelope.action in NOTICES:
            return None
        return self._registries(envelope.registry)

    def _carried(self, transfer: Transfer) -> Json | None:
        """Send envelope and documents; return the payload of the signed answer, if one came."""
        reply = self._desk.peers.call(transfer.peer, "POST", _ENVELOPES, transfer.body["envelope"])
        if reply.status != _CREATED:
            return self._answer(transfer, reply)
        started = _started(reply)
        place = f"{_ENVELOPES}/{started['envelopeReference']}"
        for checksum in started["missingAdditionalDocumentChecksums"]:
            refused = self._document(transfer, place, checksum)
            if refused is not None:
                return refused
        reply = self._desk.peers.call(transfer.peer, "PUT", f"{place}/finish-transfer", None)
        return self._answer(transfer, reply)

    def _document(self, transfer: Transfer, place: str, checksum: str) -> Json | None:
        if checksum not in transfer.body["documents"]:
            raise PeerSilent(Text("it asks for a document not announced", "索取未声明的文件"))
        with self._desk.store.read() as tx:
            content = ladings.document(tx, transfer.bill, checksum)
        body = base64.b64encode(content).decode()
        path = f"{place}/additional-documents/{checksum}"
        reply = self._desk.peers.call(transfer.peer, "PUT", path, body)
        return None if reply.status == _NO_CONTENT else self._answer(transfer, reply)

    def _answer(self, transfer: Transfer, reply: Reply) -> Json | None:
        """Return the payload of a signed answer to this very transfer, None for anything else."""
        desk = self._desk
        try:
            text = str(json.loads(reply.body)) if reply.body[:1] == b'"' else reply.body.decode()
            opened = open_signed(text.strip(), desk.book, desk.clock())
            payload = jose.parse(opened.payload)
        except (Refused, ValueError):
            return None
        if opened.signer.doubt or platform_code(opened.signer.owner) != transfer.peer:
            return None
        last = checksums.of_text(transfer.body["envelope"]["envelopeTransferChain"][-1])
        named = payload.get("lastEnvelopeTransferChainEntrySignedContentChecksum")
        sound = not check(payload, "EnvelopeTransferFinishedResponse")
        return payload if sound and named == last else None

    def _conclude(self, transfer: Transfer, envelope: Envelope, answer: Json | None) -> Sent:
        """Write what the registry says, else what the signed answer says; nothing without."""
        code = Code(answer["responseCode"]) if answer else None
        registry = self._registry(envelope)
        taken = registry is not None and registry.controller(transfer.bill) == transfer.peer
        if not taken and (code is None or code not in ACCEPTED | REJECTED):
            raise PeerSilent(
                Text("no signed answer that decides", "没有可作定论的签名应答"), where=transfer.peer
            )
        accepted = taken or (registry is None and code in ACCEPTED)
        if registry is not None and not accepted:
            registry.withdraw(transfer.bill, envelope.last.checksum)
        state = "accepted" if accepted else ("disputed" if code is Code.DISE else "rejected")
        self._end(transfer, envelope, answer, state)
        said = answer or {}
        return Sent(transfer.id, said.get("responseCode", ""), said.get("reason", ""))

    def _end(self, transfer: Transfer, envelope: Envelope, answer: Json | None, state: str) -> None:
        """Write how a transfer ended: the bill is away, back, or in dispute."""
        now = self._desk.clock()
        with self._desk.store.begin() as tx:
            current = ladings.transfer(tx, transfer.id)
            if current.state != "open":
                return
            body = {**as_json(current.body), **({"answer": answer} if answer else {})}
            kept = "accepted" if state == "accepted" else "rejected"
            ladings.conclude(tx, current, kept, body, now=now)
            bill = ladings.find(tx, transfer.bill)
            assert bill is not None  # noqa: S101 - a transfer is of a bill
            if state == "accepted":
                self._given(tx, bill, envelope)
            elif bill.state == "offered":
                answering = current.body["action"] in {Action.SACC, Action.SREJ}
                back = "returning" if answering else "held"
                back = "disputed" if state == "disputed" else back
                ladings.change(tx, bill, now=now, state=back)

    def _given(self, tx: Transaction, bill: Bill, envelope: Envelope) -> None:
        """Write the entry that gave control away, and where the bill is now."""
        known = ladings.entries(tx, bill.checksum)
        last = envelope.last
        if len(known) < len(envelope.entries):
            entry = Entry(
                bill=bill.checksum,
                n=len(known),
                text=last.text,
                checksum=last.checksum,
                content=last.content,
            )
            ladings.extend(tx, [entry])
        ended = envelope.action is Action.SACC
        state = "ended" if ended else ("held" if envelope.action in NOTICES else "away")
        body: Json = {**as_json(bill.body), "possessor": envelope.control().possessor}
        body.pop("pending", None)
        live: dict[str, Any] = {"live": None} if ended else {}
        ladings.change(tx, bill, now=self._desk.clock(), state=state, body=body, **live)
        self._desk.say(tx, last.checksum)


def _parsed(reply: Reply) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def _started(reply: Reply) -> Json:
    started = _parsed(reply)
    if check(started, "EnvelopeTransferStartedResponse"):
        raise PeerSilent(Text("its answer is not usable", "其应答不可用"))
    found: Json = started
    return found
