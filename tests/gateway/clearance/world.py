"""Two clearance desks on two databases, with customs and a courier that a test plays itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

import adapters
from gateway.clearance.build import outbound
from gateway.clearance.corridor import corridor
from gateway.clearance.desk import Desk
from gateway.clearance.opening import Opening
from gateway.clearance.service import ClearanceService
from gateway.sandbox import messages
from gateway.store import exchanges, open_store, payloads
from gateway.store.database import Store
from gateway.store.model import Direction, Exchange, Payload, Role
from gateway.store.tables.errand import ERRAND
from gateway.transport.errors import Unreachable
from gateway.transport.line import Answer
from schemas.document import Document
from schemas.errors import EvidenceError
from schemas.finding import Flag
from tests.gateway.clearance import documents as golden
from tests.sqlite import opened

START = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
EXPORTER, IMPORTER = "port-sh", "port-gb"
CN, GB = "cn-customs", "gb-customs"
ENTRY = "220020260000000001"
SEQ = "I20260000000000001"
MRN = "26GB000000000000R1"


class Papers:
    """Documents read and written by the adapters, as wiring does without signatures."""

    def read(self, data: bytes, format_id: str = "") -> Document:
        """The canonical document; findings of the structure must not be fatal."""
        reading = adapters.read(data, format_id or None)
        fatal = [f for f in reading.findings if f.flag is Flag.FATAL]
        assert not fatal, fatal
        return reading.document

    def render(self, document: Document, format_id: str) -> bytes:
        """The document in a format."""
        return adapters.render(document, format_id).data

    def media_type(self, format_id: str) -> str:
        """The media type of a format."""
        return str(adapters.formats()[format_id].media_type)


@dataclass
class Customs:
    """Takes declarations and keeps them; answers what the test says."""

    answer: bytes = b""
    down: bool = False
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)

    def send(
        self,
        authority: str,
        message: bytes,
        *,
        message_id: str,
        media_type: str,
        path: str = "",  # noqa: ARG002
    ) -> Answer:
        """Keep one message, or be out of reach."""
        if self.down:
            raise Unreachable(where=authority, reason="down", party=authority)
        self.taken.append((authority, message_id, message))
        return Answer(200, media_type, self.answer)


@dataclass
class Wire:
    """Carries statuses to the other gateway as JSON, or is cut."""

    sender: str
    other: ClearanceService | None = None
    cut: bool = False
    sent: list[Mapping[str, object]] = field(default_factory=list)

    def send(self, partner: str, said: Sequence[Mapping[str, object]]) -> None:
        """Hand the messages to the other side."""
        if self.cut or self.other is None:
            raise Unreachable(where=partner, reason="cut", party=partner)
        copies = json.loads(json.dumps(list(said)))
        self.sent += copies
        self.other.mirrored(self.sender, copies)


@dataclass(frozen=True)
class Notary:
    """Puts the gateway's name under a statement, and checks the partner's."""

    gateway: str

    def sign(self, statement: Mapping[str, object]) -> bytes:
        """Return statement and name."""
        return json.dumps({"signer": self.gateway, "statement": statement}).encode()

    def open(self, partner: str, signed: bytes) -> Mapping[str, Any]:
        """Return the statement if it has the partner's name."""
        said = json.loads(signed)
        if said["signer"] != partner:
            raise EvidenceError(where=partner)
        statement: Mapping[str, Any] = said["statement"]
        return statement


@dataclass
class World:
    """Both desks, their customs and the wires between them."""

    export: ClearanceService
    import_: ClearanceService
    cn: Customs
    gb: Customs
    to_import: Wire
    to_export: Wire
    time: Time

    def run(self) -> None:
        """Let both desks do everything that is due, and deliver what the exchange accepted.

        Ends early when only what waits for something from outside is left.
        """
        left: list[str] | None = None
        for _ in range(20):
            self.time.tick()
            if not (self.export.runner.step() + self.import_.runner.step() + self.deliver()):
                return
            before, left = left, self._left()
            if before == left:
                return

    def _left(self) -> list[str]:
        """The errands of both desks that are still to be done."""
        found = []
        for service in (self.export, self.import_):
            with service.desk.store.read() as tx:
                found += [str(row.id) for row in tx.execute(select(ERRAND.c.id))]
        return found

    def open(self, name: str = "g06", key: str = "", **changes: str) -> str:
        """Open the clearance of a golden shipment at the exporting desk; its id."""
        return str(self.export.open(opening(name, key=key, **changes))["id"])

    def cn_says(self, channel: str, minute: int = 0) -> dict[str, object]:
        """Chinese customs sends a receipt."""
        return self.export.receipt(CN, cn_receipt(channel, minute))

    def gb_says(self, function: str, minute: int = 0) -> dict[str, object]:
        """British customs sends a notification about the declaration it took last."""
        return self.import_.receipt(GB, self.notification(function, minute))

    def notification(self, function: str, minute: int = 0) -> bytes:
        """A notification about the declaration that British customs took last."""
        declared = adapters.read(self.gb.taken[-1][2]).document
        return messages.notification(
            function,
            lrn=declared.value("FunctionalReferenceID"),
            mrn=MRN,
            at=START + timedelta(minutes=minute),
            reference=f"n-{function}-{minute}",
        )

    def deliver(self) -> int:
        """Play the pipeline: translate what was accepted and hand it to the other gateway."""
        store = self.export.desk.store
        with store.read() as tx:
            waiting = [e for e in exchanges.listed(tx) if e.state == "ready"]
        for exchange in waiting:
            data = self._rendered(store, exchange)
            with store.begin() as tx:
                rendered = Payload(Role.RENDERED, "application/xml", data)
                payloads.write(tx, [(exchange.id, rendered)], now=self.time())
                tx.execute(_settle(exchange.id))
            self._arrives(exchange, data)
        return len(waiting)

    def _rendered(self, store: Store, exchange: Exchange) -> bytes:
        with store.read() as tx:
            roles = (Role.SOURCE, Role.RELATED)
            kept = payloads.read_many(tx, [exchange.id], roles)[exchange.id]
        related = [base64.b64decode(text) for text in json.loads(kept[Role.RELATED].data)]
        profile = corridor(exchange.profile)
        target = exchange.target_format
        companion = target if target in profile.companions else ""
        leaving = outbound(
            adapters.read(kept[Role.SOURCE].data).document,
            [adapters.read(data).document for data in related],
            profile,
            companion=companion,
        )
        return adapters.render(leaving.document, target).data

    def _arrives(self, exchange: Exchange, data: bytes) -> None:
        now = self.time()
        arrived = replace(exchange, direction=Direction.IN, tenant=IMPORTER, created_at=now)
        with self.import_.desk.store.begin() as tx:
            exchanges.insert(tx, [arrived])
            payload = Payload(Role.DOCUMENT, "application/xml", data)
            payloads.write(tx, [(arrived.id, payload)], now=now)
            self.import_.received(tx, arrived)


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        """Begin at a fixed moment."""
        self.now = START

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def tick(self, seconds: float = 0.5) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@contextmanager
def world(folder: Path, databases: Sequence[str] = ()) -> Iterator[World]:
    """Two desks, from China to the United Kingdom and to Singapore.

    `databases` are the addresses of two empty ones, else each desk has a SQLite file in `folder`.
    """
    time = Time()
    cn, gb = Customs(answer=import_response()), Customs()
    to_import, to_export = Wire(EXPORTER), Wire(IMPORTER)
    if databases:
        stores = [open_store(url) for url in databases]
    else:
        stores = [opened(folder / name) for name in ("export.db", "import.db")]
    export = _service(
        EXPORTER, "CN", store=stores[0], customs=cn, wire=to_import, time=time, other=IMPORTER
    )
    import_ = _service(
        IMPORTER, "GB", store=stores[1], customs=gb, wire=to_export, time=time, other=EXPORTER
    )
    to_import.other, to_export.other = import_, export
    yield World(export, import_, cn, gb, to_import, to_export, time)
    for store in stores:
        store.close()


def opening(name: str = "g06", *, key: str = "", **changes: str) -> Opening:
    """The request that opens a golden shipment, with texts of its declaration changed."""
    declaration = (golden.GOLDEN / name / "decmessage.xml").read_text("utf-8")
    for old, new in changes.items():
        declaration = declaration.replace(old, new)
    related = golden.GOLDEN / "related" / name
    found = [(related / file).read_bytes() for file in ("invoice.xml", "lading.json")]
    return Opening(tenant=EXPORTER, declaration=declaration.encode(), related=found, key=key)


def cn_receipt(channel: str, minute: int = 0) -> bytes:
    """A receipt of Chinese customs about the declaration of g06."""
    return messages.channel_receipt(
        channel,
        seq=SEQ,
        entry="" if channel == "7" else ENTRY,
        at=START + timedelta(minutes=minute),
        bill="SMPLSH26030777",
    )


def import_response(client: str = "SMPL20260320G06") -> bytes:
    """The window's answer to an upload."""
    return messages.import_response(client, seq=SEQ)


def _service(
    gateway: str,
    country: str,
    *,
    store: Store,
    customs: Customs,
    wire: Wire,
    time: Time,
    other: str,
) -> ClearanceService:
    desk = Desk(
        gateway=gateway,
        country=country,
        tenant=gateway,
        partners=dict.fromkeys(("CN", "GB", "SG"), other),
        authorities={"CN": CN, "GB": GB, "SG": GB},
        store=store,
        documents=Papers(),
        authority=customs,
        mirror=wire,
        notary=Notary(gateway),
        clock=time,
    )
    return ClearanceService(desk)


def _settle(exchange_id: str) -> Any:
    from sqlalchemy import update

    from gateway.store.tables.exchange import EXCHANGE

    return update(EXCHANGE).where(EXCHANGE.c.id == exchange_id).values(state="done")
