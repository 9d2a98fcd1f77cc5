"""Transfers carried to other platforms: control is offered, and given up when it is taken.

An answer without a signature, or none, decides nothing, and the very same envelope is sent again.
With a registry of control, what it says decides.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from certs import jose
from certs.jose.compact import open_signed
from certs.verdict import Refused
from gateway.lading import checksums
from gateway.lading.chain import (
    NOTICES,
    Action,
    Json,
    platform_code,
)
from gateway.lading.control.registry import Registries, Registry
from gateway.lading.desk import Desk, Reply, as_json
from gateway.lading.envelope import Envelope, open_envelope
from gateway.lading.history import entries_after
from gateway.lading.refusals import (
    NotMoved,
    PeerSilent,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import check
from gateway.lading.transfer import reach
from gateway.lading.transfer.answers import ACCEPTED, REJECTED, Code
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill, Transfer
from gateway.transport.errors import NotConnected
from schemas.jsondepth import loads
from schemas.text import Text

_ENVELOPES: Final = "/v3/envelopes"
_CREATED: Final = 201
_NO_CONTENT: Final = 204
_NOT_FOUND: Final = 404
_UNDECIDED: Final = Text("no signed answer that decides", "没有可作定论的签名应答")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a transfer: its id, and the code of the signed answer, '' while open."""

    id: str
    code: str
    reason: str = ""


class Carriage:
    """Carries the transfers of one platform."""

    def __init__(self, desk: Desk, registries: Registries) -> None:
        """Carry from `desk`, with the registries of control by their URIs."""
        self._desk = desk
        self._registries = registries

    def carry(self, transfer_id: str) -> Sent:
        """Take an open transfer to its platform.

        One that has ended, or that is being called off, is left as it is. Raises a TransportError
        or PeerSilent when nothing is decided yet: carry it again.
        """
        desk = self._desk
        with desk.store.read() as tx:
            transfer = ladings.transfer(tx, transfer_id)
        if transfer.state != "open":
            said = transfer.body.get("answer", {})
            return Sent(transfer.id, said.get("responseCode", ""), said.get("reason", ""))
        envelope = open_envelope(transfer.body["envelope"], desk.book, desk.clock())
        registry = self._registries(envelope.registry) if envelope.registry else None
        if not reach.let_go(desk, transfer.id):
            return Sent(transfer.id, "")
        try:
            if registry is not None:
                with self._connected(transfer):
                    registry.offer(envelope, transfer.body.get("orders", ()))
        except TransferDisputed as error:
            stayed = isinstance(error, NotMoved)
            state = "rejected" if stayed else "disputed"
            self._end(transfer, envelope, None, state, error.reason)
            return Sent(transfer.id, "" if stayed else Code.DISE, error.reason.en)
        return self._conclude(transfer, envelope, self._carried(transfer), registry)

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

    def _carried(self, transfer: Transfer) -> Json | None:
        """Send envelope and documents; return the payload of the signed answer, if one came."""
        with self._connected(transfer):
            message = transfer.body["envelope"]
            reply = self._desk.peers.call(transfer.peer, "POST", _ENVELOPES, message)
        if reply.status != _CREATED:
            return self._answer(transfer, reply)
        started = _started(reply)
        reach.came_back(self._desk, transfer.id)
        place = f"{_ENVELOPES}/{quote(str(started['envelopeReference']), safe='')}"
        for checksum in started["missingAdditionalDocumentChecksums"]:
            refused = self._document(transfer, place, checksum)
            if refused is not None:
                return refused
        return self._finished(transfer, place)

    def _finished(self, transfer: Transfer, place: str) -> Json | None:
        """Finish a transfer unless it was called off meanwhile; return as `_carried`."""
        if not reach.let_go(self._desk, transfer.id):
            return None
        with self._connected(transfer):
            reply = self._desk.peers.call(transfer.peer, "PUT", f"{place}/finish-transfer", None)
        answer = self._answer(transfer, reply)
        if answer is not None and answer["responseCode"] == Code.MDOC:
            reach.came_back(self._desk, transfer.id)
        return answer

    @contextmanager
    def _connected(self, transfer: Transfer) -> Iterator[None]:
        """Take what could not even be sent off the count of what was let go."""
        try:
            yield
        except NotConnected:
            reach.came_back(self._desk, transfer.id)
            raise

    def _document(self, transfer: Transfer, place: str, checksum: str) -> Json | None:
        if checksum not in transfer.body["documents"]:
            raise PeerSilent(Text("it asks for a document not announced", "索取未声明的文件"))
        with self._desk.store.read() as tx:
            content = ladings.document(tx, transfer.bill, checksum)
        body = base64.b64encode(content).decode()
        path = f"{place}/additional-documents/{checksum}"
        reply = self._desk.peers.call(transfer.peer, "PUT", path, body)
        if reply.status == _NO_CONTENT:
            return None
        answer = self._answer(transfer, reply)
        if answer is None:
            raise PeerSilent(_UNDECIDED, where=transfer.peer)
        return answer

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

    def _conclude(
        self, transfer: Transfer, envelope: Envelope, answer: Json | None, registry: Registry | None
    ) -> Sent:
        """Write what the registry says, else what the signed answer says; nothing without."""
        code = Code(answer["responseCode"]) if answer else None
        said = None if code not in ACCEPTED | REJECTED else code in ACCEPTED
        stands = said if registry is None else registry.settled(envelope, accepted=said)
        if stands is None:
            raise PeerSilent(_UNDECIDED, where=transfer.peer)
        titled = envelope.registry in self._desk.books
        state = "disputed" if code is Code.DISE and not titled else "rejected"
        self._end(transfer, envelope, answer, "accepted" if stands else state)
        told = answer or {}
        return Sent(transfer.id, told.get("responseCode", ""), told.get("reason", ""))

    def _end(
        self,
        transfer: Transfer,
        envelope: Envelope,
        answer: Json | None,
        state: str,
        refused: Text | None = None,
    ) -> None:
        """Write how a transfer ended: the bill is away, back, or in dispute."""
        with self._desk.store.begin() as tx:
            current = ladings.transfer(tx, transfer.id, for_update=True)
            if current.state == "open":
                # The registry took the offer back: that the receiver disputes it is no dispute.
                said = "rejected" if state == "disputed" and reach.stopped(current) else state
                self.write_end(tx, current, envelope, state=said, answer=answer, why=refused)

    def write_end(
        self,
        tx: Transaction,
        current: Transfer,
        envelope: Envelope,
        *,
        state: str,
        answer: Json | None = None,
        why: Text | None = None,
    ) -> None:
        """Write the end of an open transfer, read for update: accepted, rejected or disputed."""
        now = self._desk.clock()
        body = {**as_json(current.body), **({"answer": answer} if answer else {})}
        body.update({"refused": why.as_dict()} if why else {})
        kept = "accepted" if state == "accepted" else "rejected"
        ladings.conclude(tx, current, kept, body, now=now)
        bill = ladings.find(tx, current.bill)
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
        ladings.extend(tx, entries_after(envelope, len(known)))
        ended = envelope.action is Action.SACC
        state = "ended" if ended else ("held" if envelope.action in NOTICES else "away")
        body: Json = {**as_json(bill.body), "possessor": envelope.control().possessor}
        body.pop("pending", None)
        live: dict[str, Any] = {"live": None} if ended else {}
        ladings.change(tx, bill, now=self._desk.clock(), state=state, body=body, **live)
        self._desk.say(tx, envelope.last.checksum)


def _parsed(reply: Reply) -> Any:  # noqa: ANN401 - whatever JSON says
    try:
        return loads(reply.body)
    except ValueError:
        return None


def _started(reply: Reply) -> Json:
    started = _parsed(reply)
    if check(started, "EnvelopeTransferStartedResponse"):
        raise PeerSilent(Text("its answer is not usable", "其应答不可用"))
    found: Json = started
    return found
