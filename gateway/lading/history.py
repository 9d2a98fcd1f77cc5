"""What has happened to a bill, by its transfer chain and by what is not signed yet."""

from __future__ import annotations

from certs import jose
from gateway.lading.chain import Control, Json, follow
from gateway.lading.envelope import Envelope
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill, Entry


def links(tx: Transaction, bill: Bill) -> list[Json]:
    """Return the endorsement chain of a bill: every transaction, those not signed yet included."""
    entries = [_payload(each.text) for each in ladings.entries(tx, bill.checksum)]
    made = [each for entry in entries for each in entry["transactions"]]
    return [*made, *bill.body.get("pending", ())]


def control_of(tx: Transaction, bill: Bill, platform: str) -> Control:
    """Return who controls a bill by its chain and what is not signed yet."""
    entries = [_payload(each.text) for each in ladings.entries(tx, bill.checksum)]
    made = [(entry["eblPlatform"], each) for entry in entries for each in entry["transactions"]]
    made += [(platform, each) for each in bill.body.get("pending", ())]
    return follow(made, bill.body["document"])


def entries_after(envelope: Envelope, known: int) -> list[Entry]:
    """Return the entries of an envelope to be kept, after those that are known here."""
    return [
        Entry(
            bill=envelope.document_checksum,
            n=n,
            text=entry.text,
            checksum=entry.checksum,
            content=entry.content,
        )
        for n, entry in enumerate(envelope.entries)
        if n >= known
    ]


def link(made: Json) -> Json:
    """Return a transaction as a link of the endorsement chain."""
    names = ("actionDateTime", "actionCode", "actor", "recipient", "auditReference")
    return {name: made[name] for name in names if made.get(name) is not None}


def _payload(text: str) -> Json:
    return jose.parse(jose.decode(text.split(".")[1]))
