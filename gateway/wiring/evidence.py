"""The evidence of one exchange: one file that tells an auditor the whole story, offline.

documents/source.*        as it was submitted
documents/document.*      translated, signed and time-stamped: what the log commits to
documents/loss.json       what became of every source value
delivery/container.asice  what travelled; delivery/receipt.jws the receiver's signed receipt
log/document.tlog-proof   the document in the log, under a checkpoint the other side cosigned
log/two-side.cbor         the common fields in both logs, where there are any
log/*.vkey                the keys the proofs were made with; trust comes from the auditor
anchor/anchor.json        that checkpoint on the chain
statuses/*                every status of both customs, and the receipts of ours
certificates/*.pem        the anchors of both operators, likewise to be compared
timeline.json             the journal
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from certs import evidence
from certs.evidence import Item, Role
from gateway.exchange.timeline import timeline
from gateway.store import clearances, exchanges, payloads
from gateway.store.model import Exchange, Payload, State
from gateway.store.model import Role as Kept
from gateway.wiring.errors import NotReady
from ledger.proof import TlogProof
from schemas.errors import LedgerError

if TYPE_CHECKING:
    from gateway.wiring.assembly import Gateway

_ENDINGS: Final = {"application/xml": "xml", "application/json": "json", "application/jose": "jws"}
_CARRIED: Final = (Kept.SOURCE, Kept.SEALED, Kept.LOSS, Kept.CONTAINER, Kept.RECEIPT, Kept.SHARED)
DOCUMENT: Final = "documents/document"
PROOF: Final = "log/document.tlog-proof"
TWO_SIDE: Final = "log/two-side.cbor"
ANCHOR: Final = "anchor/anchor.json"
LOG_KEY: Final = "log/log.vkey"


class Evidence:
    """Builds evidence packages of one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        """Take everything from `gateway`."""
        self._gateway = gateway

    def of(self, exchange_id: str) -> bytes:
        """Return the package of an exchange; raises NotFound, or NotReady with what is missing."""
        gateway = self._gateway
        with gateway.store.read() as tx:
            exchange = exchanges.get(tx, exchange_id)
            kept = payloads.read_many(tx, [exchange_id], _CARRIED)[exchange_id]
            told = timeline(tx, exchange_id, origin=gateway.settings.origin)
        if exchange.state is not State.DONE or Kept.SEALED not in kept:
            raise NotReady(where=exchange_id, missing=f"{exchange.stage} {exchange.state}")
        items = [
            *_documents(kept),
            *self._ledger(exchange, kept[Kept.SEALED]),
            *self._clearance(exchange),
            *self._identities(),
            _json("timeline.json", Role.TIMELINE, [line.as_dict() for line in told]),
        ]
        return evidence.build(items, gateway.seal, gateway.stamper, subject=_subject(exchange))

    def _ledger(self, exchange: Exchange, sealed: Payload) -> Iterator[Item]:
        """Yield proof and anchor; the proof is under the very checkpoint that is anchored."""
        anchored = self._anchored(exchange, sealed)
        about = {"entry": _name(DOCUMENT, sealed)}
        yield Item(PROOF, bytes(anchored[0]), Role.LOG_PROOF, about)
        if anchored[1]:
            yield Item(ANCHOR, anchored[1], Role.ANCHOR, {"checkpoint": PROOF})
        if exchange.clearance_id:
            yield from self._two_side(exchange)

    def _two_side(self, exchange: Exchange) -> Iterator[Item]:
        shown = self._gateway.service.show(exchange.tenant, exchange.clearance_id)
        two_side = shown["two_side"]
        if not isinstance(two_side, Mapping):
            return
        if two_side.get("alike") is not False and "proof" not in two_side:
            raise NotReady(where=exchange.id, missing="two-side proof")
        if "proof" in two_side:
            yield Item(TWO_SIDE, base64.b64decode(two_side["proof"]), Role.DISCLOSURE)

    def _anchored(self, exchange: Exchange, sealed: Payload) -> tuple[TlogProof, bytes]:
        gateway = self._gateway
        covering = [
            intent
            for intent in gateway.anchoring.listed()
            if exchange.leaf is not None and intent.size > exchange.leaf and intent.record
        ]
        if not covering and gateway.settings.anchor.kind != "witness":
            raise NotReady(where=exchange.id, missing="anchor")
        try:
            with gateway.logbook.reading() as log:
                index = log.find(sealed.digest)
                size = covering[0].size if covering else None
                return log.proof(index, size), covering[0].record if covering else b""
        except LedgerError as error:
            raise NotReady(where=exchange.id, missing="checkpoint") from error

    def _clearance(self, exchange: Exchange) -> Iterator[Item]:
        if not exchange.clearance_id:
            return
        shown = self._gateway.service.show(exchange.tenant, exchange.clearance_id)
        yield _json("statuses/clearance.json", Role.STATUS, shown)
        with self._gateway.store.read() as tx:
            statuses = clearances.statuses_of(tx, exchange.clearance_id)
            ids = [status.status_id for status in statuses]
            receipts = payloads.read_many(tx, ids, [Kept.RECEIPT])
        for n, status in enumerate(statuses, 1):
            receipt = receipts[status.status_id].get(Kept.RECEIPT)
            if receipt is not None:
                yield Item(f"statuses/{status.side}-{n:02}.xml", receipt.data, Role.STATUS)

    def _identities(self) -> Iterator[Item]:
        gateway = self._gateway
        for key, ending in (("root", "pem"), ("log", "log.pem"), ("witness", "witness.pem")):
            own = gateway.keys.load(key).certificate.pem
            name = f"certificates/{gateway.settings.id}.{ending}"
            yield Item(name, own, Role.CERTIFICATE)
        yield Item(LOG_KEY, f"{gateway.logbook.signer.key}\n".encode(), Role.OTHER)
        for partner in gateway.settings.partners:
            card = partner.card
            root = card.root.encode()
            yield Item(f"certificates/{card.id}.pem", root, Role.CERTIFICATE)
            for kind, key in (("log", card.log_key), ("witness", card.witness_key)):
                yield Item(f"log/{card.id}.{kind}.vkey", f"{key}\n".encode(), Role.OTHER)


def _documents(kept: Mapping[Kept, Payload]) -> Iterator[Item]:
    for role, name, means in (
        (Kept.SOURCE, "documents/source", Role.SOURCE),
        (Kept.SEALED, DOCUMENT, Role.SIGNED),
        (Kept.LOSS, "documents/loss", Role.OTHER),
    ):
        if role in kept:
            yield Item(_name(name, kept[role]), kept[role].data, means)
    if Kept.CONTAINER in kept and Kept.RECEIPT in kept:
        yield Item("delivery/container.asice", kept[Kept.CONTAINER].data, Role.DELIVERY)
        about = {"acknowledges": "delivery/container.asice"}
        yield Item("delivery/receipt.jws", kept[Kept.RECEIPT].data, Role.RECEIPT, about)


def _name(base: str, payload: Payload) -> str:
    return f"{base}.{_ENDINGS.get(payload.media_type, 'bin')}"


def _json(name: str, role: Role, value: object) -> Item:
    return Item(name, json.dumps(value, ensure_ascii=False, indent=1).encode(), role)


def _subject(exchange: Exchange) -> dict[str, str]:
    return {
        "exchange": exchange.id,
        "message_id": exchange.message_id,
        "tenant": exchange.tenant,
        "sender": exchange.sender,
        "receiver": exchange.receiver,
        "kind": exchange.kind,
        "format": exchange.target_format,
        "clearance": exchange.clearance_id,
    }
