"""Control of a bill taken over: once, in the transaction that also writes the answer.

The new entries take their places in the chain, which no second transfer can take.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.lading import tasks
from gateway.lading.chain import NOTICES, SURRENDERS, Action, Json
from gateway.lading.control.registry import Registries
from gateway.lading.desk import Desk, as_json
from gateway.lading.envelope import Envelope
from gateway.lading.history import entries_after
from gateway.lading.parties import Member
from gateway.lading.refusals import TransferDisputed
from gateway.lading.transfer.answers import Answer, Code
from gateway.lading.transfer.heads import Outcome, compare
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.errors import Collision
from gateway.store.ladings import Bill, Transfer
from schemas.text import Text

IN: Final = "in"
"""The direction of transfers to us."""

_OUT: Final = "out"
_RETRIES: Final = 3


class Taking:
    """Takes control of bills for one platform."""

    def __init__(self, desk: Desk, registries: Registries) -> None:
        """Take at `desk`, with the registries of control by their URIs."""
        self._desk = desk
        self._registries = registries

    def accept(
        self,
        envelope: Envelope,
        transfer_id: str,
        member: Member | None,
        fresh: Transfer | None = None,
    ) -> Answer:
        """Take control, or answer what stands: RECE, DUPE; raises TransferDisputed."""
        self._claim(envelope)
        for _ in range(_RETRIES):
            try:
                with self._desk.store.begin() as tx:
                    return self._decide(tx, envelope, transfer_id, member, fresh)
            except Collision:  # somebody else was first: look again
                continue
        raise disputed()

    def _claim(self, envelope: Envelope) -> None:
        """Have the registry of the bill confirm that control comes to us, and no other deny it.

        A title register that has a title of the document, and is not the one that the chain
        names, tells of a second bill.
        """
        registry = self._registries(envelope.registry) if envelope.registry else None
        others = [book for uri, book in self._desk.books.items() if uri != envelope.registry]
        if registry is None and not others:
            return
        with self._desk.store.read() as tx:
            if standing(tx, envelope).outcome is not Outcome.FRESH:
                return
        if any(book.read(envelope.document_checksum) is not None for book in others):
            raise TransferDisputed(Text("another register has its title", "其凭证在另一登记处"))
        if registry is not None:
            registry.accept(envelope)

    def decline(self, envelope: Envelope) -> None:
        """Have the registry give back what this envelope passed to us, unless it was accepted."""
        registry = self._registries(envelope.registry) if envelope.registry else None
        if registry is None:
            return
        with self._desk.store.read() as tx:
            if standing(tx, envelope).outcome is not Outcome.FRESH:
                return
        registry.decline(envelope)

    def _decide(
        self,
        tx: Transaction,
        envelope: Envelope,
        transfer_id: str,
        member: Member | None,
        fresh: Transfer | None,
    ) -> Answer:
        found = standing(tx, envelope)
        if found.outcome is Outcome.DUPLICATE:
            return self.duplicate(tx, envelope)
        if found.outcome is Outcome.CONFLICT:
            raise disputed()
        if fresh is not None:
            transfer_id = ladings.start(tx, fresh).id
        transfer = ladings.transfer(tx, transfer_id, for_update=True)
        require_not_returned(transfer)
        self._take(tx, envelope, member, found)
        if envelope.action in SURRENDERS:
            tasks.plan(self._desk, tx, tasks.SURRENDER, {"bill": envelope.document_checksum})
        answer = Answer(Code.RECE, envelope.last.checksum, received=list(envelope.documents))
        body = {**transfer.body, "accepted": envelope.last.text, "answer": answer.payload()}
        ladings.conclude(tx, transfer, "accepted", body, now=self._desk.clock())
        self._desk.say(tx, envelope.last.checksum)
        return answer

    def _take(
        self, tx: Transaction, envelope: Envelope, member: Member | None, found: Standing
    ) -> None:
        """Write the new entries and where the bill stands now.

        Places and version are those of the one look that said it may be accepted: what somebody
        wrote since then makes this a Collision.
        """
        now = self._desk.clock()
        ladings.extend(tx, entries_after(envelope, found.length))
        _settle_offers(tx, envelope, now)
        state = state_after(envelope)
        live = None if state == "ended" else envelope.reference
        tenant, body = member.tenant if member else "", _body(envelope)
        bill = found.bill
        if bill is not None:
            values = {"state": state, "live": live, "tenant": tenant or bill.tenant}
            ladings.change(tx, bill, now=now, body={**as_json(bill.body), **body}, **values)
            return
        new = Bill(
            checksum=envelope.document_checksum,
            reference=envelope.reference,
            live=live,
            tenant=tenant,
            state=state,
            body=body,
            created_at=now,
            updated_at=now,
        )
        ladings.add(tx, new)

    def duplicate(self, tx: Transaction, envelope: Envelope) -> Answer:
        """Answer with the version that was accepted, and the documents received with it."""
        found = ladings.transferred(tx, envelope.document_checksum, IN, envelope.last.content)
        if found is None or found.state != "accepted":
            raise disputed()
        return Answer(
            Code.DUPE,
            envelope.last.checksum,
            "this transfer was accepted before",
            accepted_entry=str(found.body["accepted"]),
            received=list(found.body["answer"]["receivedAdditionalDocumentChecksums"]),
        )


def _body(envelope: Envelope) -> Json:
    """Return what is kept of a bill that an envelope brought."""
    return {
        "document": envelope.document,
        "registry": envelope.registry,
        "possessor": envelope.control().possessor,
        "issuance": envelope.entries[0].payload["issuanceManifestSignedContent"],
    }


def state_after(envelope: Envelope) -> str:
    """Return where a bill is for the platform that accepts an envelope."""
    action = envelope.action
    if action is Action.SACC:
        return "ended"
    if action in SURRENDERS:
        return "surrendered"
    return "away" if action in NOTICES else "held"


@dataclass(frozen=True, slots=True)
class Standing:
    """How an envelope stands to what was known when we looked: the bill and its chain's length."""

    outcome: Outcome
    bill: Bill | None = None
    length: int = 0


def standing(tx: Transaction, envelope: Envelope) -> Standing:
    """Return how an envelope stands to what is known here of the same bill."""
    bill = ladings.find(tx, envelope.document_checksum)
    if bill is None:
        other = ladings.live(tx, envelope.reference)
        return Standing(Outcome.FRESH if other is None else Outcome.CONFLICT)
    known = [each.content for each in ladings.entries(tx, bill.checksum)]
    offered = [each.content for each in envelope.entries]
    ours = bill.state in {"held", "surrendered", "ended"}
    return Standing(compare(known, offered, ours=ours), bill, len(known))


def _settle_offers(tx: Transaction, envelope: Envelope, now: datetime) -> None:
    """A chain that comes back shows what became of the transfers that we never got answered."""
    contents = {entry.content for entry in envelope.entries}
    for offer in ladings.transfers(tx, bill=envelope.document_checksum, state="open"):
        if offer.direction == _OUT:
            state = "accepted" if offer.content in contents else "rejected"
            ladings.conclude(tx, offer, state, offer.body, now=now)


def require_not_returned(transfer: Transfer) -> None:
    """Raise TransferDisputed for a transfer whose title was given back, or is about to be."""
    if transfer.state == ladings.RETURNED:
        raise TransferDisputed(Text("its title was given back", "其凭证已退回"))


def disputed() -> TransferDisputed:
    """Say that another transfer has the place."""
    return TransferDisputed(
        Text("another transfer of this bill was accepted", "该提单的另一次转让已被接受")
    )
