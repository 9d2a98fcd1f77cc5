"""The evidence of one exchange: one file that tells an auditor the whole story, offline.

documents/source.*        as it was submitted (sender)
documents/document.*      translated, signed and time-stamped: what the log commits to
documents/loss.json       what became of every source value (sender)
delivery/container.asice  what travelled; delivery/receipt.jws the receiver's signed receipt
reception/*               the verdict when it came, and the data it went by (receiver)
declaration/import.*      what the importing customs was sent (importer)
log/common-fields.json    its common fields with their salt key, which make the root (importer)
log/document.tlog-proof   the document in the log, under a checkpoint the other side cosigned
log/two-side.cbor         the common fields in both logs, where there are any
log/*.vkey                the keys the proofs were made with; trust comes from the auditor
anchor/anchor*.json       that checkpoint on the chain, or on each of several
statuses/*                every status of both customs, and the receipts of ours
changes/*                 every change field by field and every agreement, as its author signed it;
log/change-*.tlog-proof   each of them in the log
certificates/*.pem        the anchors of both operators, likewise to be compared
timeline.json             the journal
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from certs import evidence
from certs.authority.tsa import TimeStamper
from certs.evidence import Item, Role
from certs.keys import KeyStore
from gateway.clearance import records, statements, twoside
from gateway.clearance.service import ClearanceService
from gateway.exchange.timeline import timeline
from gateway.settings import Settings
from gateway.store import clearances, exchanges, payloads
from gateway.store.database import Store
from gateway.store.model import Direction, Exchange, Payload, State
from gateway.store.model import Role as Kept
from gateway.wiring import lasting
from gateway.wiring.audit import declared, reception
from gateway.wiring.errors import NotReady
from gateway.wiring.log.anchoring import Anchoring
from gateway.wiring.log.logbook import Logbook
from ledger.proof import TlogProof
from ledger.shell import verify_sh
from schemas.clock import utc_now
from schemas.errors import LedgerError

_ENDINGS: Final = {"application/xml": "xml", "application/json": "json", "application/jose": "jws"}
_CARRIED: Final = (
    Kept.SOURCE,
    Kept.SEALED,
    Kept.DOCUMENT,
    Kept.LOSS,
    Kept.CONTAINER,
    Kept.RECEIPT,
    Kept.VERDICT,
)
_LOGGED: Final = {Direction.OUT: Kept.SEALED, Direction.IN: Kept.DOCUMENT}
"""The payload whose digest the log holds, by direction."""
DOCUMENT: Final = "documents/document"
DECLARATION: Final = "declaration/import"
PROOF: Final = "log/document.tlog-proof"
TWO_SIDE: Final = "log/two-side.cbor"
ANCHOR: Final = "anchor/anchor.json"
ANCHOR_MORE: Final = "anchor/anchor-{n}.json"
LOG_KEY: Final = "log/log.vkey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Builds evidence packages of one gateway."""

    settings: Settings
    store: Store
    keys: KeyStore
    stamper: TimeStamper
    logbook: Logbook
    anchoring: Anchoring
    clearances: ClearanceService

    def of(self, exchange_id: str) -> bytes:
        """Return the package of an exchange; raises NotFound, or NotReady with what is missing."""
        with self.store.read() as tx:
            exchange = exchanges.get(tx, exchange_id)
            kept = payloads.read_many(tx, [exchange_id], _CARRIED)[exchange_id]
            told = timeline(tx, exchange_id)
        document = kept.get(_LOGGED[exchange.direction])
        if exchange.state is not State.DONE or document is None:
            raise NotReady(where=exchange_id, missing=f"{exchange.stage} {exchange.state}")
        items = [
            *_documents(kept, document),
            *self._ledger(exchange, document),
            *self._clearance(exchange),
            *self._declaration(exchange),
            *self._changes(exchange),
            *self._identities(exchange),
            _json("timeline.json", Role.TIMELINE, [line.as_dict() for line in told]),
        ]
        return evidence.build(
            items,
            self.keys.load("seal"),
            self.stamper,
            subject=_subject(exchange),
            gatherer=lasting.own(self.settings, self.keys, utc_now),
        )

    def of_clearance(self, tenant: str, clearance_id: str) -> bytes:
        """Return the package of the document that a clearance is about, sent or received.

        Raises NotFound, or NotReady with what is missing.
        """
        opened = str(self.clearances.show(tenant, clearance_id)["opened"])
        if not opened:
            raise NotReady(where=clearance_id, missing="declaration of the other side")
        return self.of(opened)

    def _ledger(self, exchange: Exchange, sealed: Payload) -> Iterator[Item]:
        """Yield proof and anchor; the proof is under the very checkpoint that is anchored."""
        proof, records = self._anchored(exchange, sealed)
        about = {"entry": _name(DOCUMENT, sealed)}
        yield Item(PROOF, bytes(proof), Role.LOG_PROOF, about)
        yield Item("log/verify.sh", verify_sh(), Role.OTHER)
        for n, record in enumerate(records, 1):
            name = ANCHOR if n == 1 else ANCHOR_MORE.format(n=n)
            yield Item(name, record, Role.ANCHOR, {"checkpoint": PROOF})
        if exchange.clearance_id:
            yield from self._two_side(exchange)

    def _two_side(self, exchange: Exchange) -> Iterator[Item]:
        shown = self.clearances.show(exchange.tenant, exchange.clearance_id)
        two_side = shown["two_side"]
        if not isinstance(two_side, Mapping):
            return
        alike, proof = two_side.get("alike"), str(two_side.get("proof", ""))
        # Before the importer has declared there is nothing to compare, and nothing to wait for.
        awaited = alike or (alike is None and shown["cleared"])
        if awaited and not proof:
            raise NotReady(where=exchange.id, missing="two-side proof")
        if proof:
            yield Item(TWO_SIDE, base64.b64decode(proof), Role.DISCLOSURE)

    def _anchored(self, exchange: Exchange, sealed: Payload) -> tuple[TlogProof, list[bytes]]:
        covering = [
            intent
            for intent in self.anchoring.of(exchange.log)
            if exchange.leaf is not None and intent.size > exchange.leaf and intent.record
        ]
        if not covering and self.settings.anchor.targets:
            raise NotReady(where=exchange.id, missing="anchor")
        try:
            with self.logbook.reading(exchange.log) as log:
                index = log.find(sealed.digest)
                size = covering[0].size if covering else None
                return log.proof(index, size), [i.record for i in covering if i.size == size]
        except LedgerError as error:
            raise NotReady(where=exchange.id, missing="checkpoint") from error

    def _clearance(self, exchange: Exchange) -> Iterator[Item]:
        if not exchange.clearance_id:
            return
        shown = self.clearances.show(exchange.tenant, exchange.clearance_id)
        yield _json("statuses/clearance.json", Role.STATUS, shown)
        with self.store.read() as tx:
            statuses = clearances.statuses_of(tx, exchange.clearance_id)
            ids = [status.status_id for status in statuses]
            receipts = payloads.read_many(tx, ids, [Kept.RECEIPT])
        for n, status in enumerate(statuses, 1):
            receipt = receipts[status.status_id].get(Kept.RECEIPT)
            if receipt is not None:
                yield Item(f"statuses/{status.side}-{n:02}.xml", receipt.data, Role.STATUS)

    def _declaration(self, exchange: Exchange) -> Iterator[Item]:
        """Yield the import declaration of a clearance, with its common fields."""
        if not exchange.clearance_id or exchange.direction is Direction.OUT:
            return
        with self.store.read() as tx:
            record = records.load(tx, exchange.clearance_id, tenant=exchange.tenant)
            kept = payloads.read_many(tx, [record.id], [Kept.RENDERED])[record.id]
        if record.state.opened == exchange.id and Kept.RENDERED in kept:
            sent = kept[Kept.RENDERED]
            yield Item(_name(DECLARATION, sent), sent.data, Role.DECLARATION)
            said = twoside.disclosed(record)
            if said:
                yield declared.fields_of(said, _name(DECLARATION, sent))

    def _changes(self, exchange: Exchange) -> Iterator[Item]:
        """Yield every statement about changes, and the proof that it is in the log."""
        if not exchange.clearance_id:
            return
        with self.store.read() as tx:
            held = statements.held(tx, exchange.tenant, exchange.clearance_id)
        for n, (label, signed) in enumerate(held, 1):
            name = f"changes/{n:02}-{label}.jws"
            yield Item(name, signed, Role.CHANGE)
            proof = f"log/change-{n:02}.tlog-proof"
            yield Item(proof, self._proven(exchange, signed), Role.LOG_PROOF, {"entry": name})

    def _proven(self, exchange: Exchange, entry: bytes) -> bytes:
        try:
            return bytes(self.logbook.proof(sha256(entry).digest()))
        except LedgerError as error:
            raise NotReady(where=exchange.id, missing="checkpoint") from error

    def _identities(self, exchange: Exchange) -> Iterator[Item]:
        for key, ending in (("root", "pem"), ("log", "log.pem"), ("witness", "witness.pem")):
            own = self.keys.load(key).certificate.pem
            name = f"certificates/{self.settings.id}.{ending}"
            yield Item(name, own, Role.CERTIFICATE)
        log_key = self.logbook.signer_of(exchange.log).key
        yield Item(LOG_KEY, f"{log_key}\n".encode(), Role.OTHER)
        for partner in self.settings.partners:
            card = partner.card
            root = card.root.encode()
            yield Item(f"certificates/{card.id}.pem", root, Role.CERTIFICATE)
            for kind, key in (("log", card.log_key), ("witness", card.witness_key)):
                yield Item(f"log/{card.id}.{kind}.vkey", f"{key}\n".encode(), Role.OTHER)


def _documents(kept: Mapping[Kept, Payload], document: Payload) -> Iterator[Item]:
    """Yield what was entered here, or what came and how it was found."""
    if Kept.SOURCE in kept:
        source = kept[Kept.SOURCE]
        yield Item(_name("documents/source", source), source.data, Role.SOURCE)
    yield Item(_name(DOCUMENT, document), document.data, Role.SIGNED)
    if Kept.LOSS in kept:
        yield Item(_name("documents/loss", kept[Kept.LOSS]), kept[Kept.LOSS].data, Role.OTHER)
    if Kept.VERDICT in kept:
        yield from reception.files(kept[Kept.VERDICT].data)
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
