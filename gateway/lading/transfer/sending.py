"""The sending platform of PINT: transfers composed and kept, to be carried over (`carrying`).

From the moment a transfer is kept, nobody here can do anything with the bill until it is settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from gateway.lading import checksums, tasks
from gateway.lading.chain import (
    ENDORSEMENTS,
    SURRENDERS,
    Json,
    action_of,
    claims,
    entitled,
    platform_code,
)
from gateway.lading.desk import Desk
from gateway.lading.envelope import open_envelope
from gateway.lading.history import control_of
from gateway.lading.refusals import (
    MessageInvalid,
    NotNow,
    NotYours,
    UnknownThing,
)
from gateway.lading.shapes import check
from gateway.lading.transfer import composing
from gateway.lading.transfer.ordering import dated
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.ladings import Bill, Transfer
from schemas.text import Text

_OUT: Final = "out"


@dataclass(frozen=True, slots=True)
class Attachment:
    """An additional document to send along."""

    name: str
    content: bytes
    media_type: str = "application/pdf"


class Sender:
    """Sends envelopes from one platform."""

    def __init__(self, desk: Desk) -> None:
        """Send from `desk`."""
        self._desk = desk

    def offer(
        self,
        tenant: str,
        reference: str,
        transaction: Json,
        attachments: Sequence[Attachment] = (),
        orders: Sequence[str] = (),
    ) -> str:
        """Keep a transfer of the bill under `reference` to another platform; return its id.

        `transaction` has actionCode and recipient, `orders` are the holder's own for the title
        register, where it has an account there. Raises UnknownThing, NotYours or NotNow.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            bill = self._mine(tx, tenant, reference)
            transfer = self._composed(tx, bill, transaction, attachments)
            if orders:
                transfer = replace(transfer, body={**transfer.body, "orders": list(orders)})
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
        return {**dated(transaction, desk.clock()), "actor": actor}
