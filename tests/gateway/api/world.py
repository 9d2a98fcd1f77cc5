"""A gateway with a real store and stand-ins for the rooms behind it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.api import keys
from gateway.api.clearanceports import ClearanceRequest
from gateway.api.errors import NotCovered
from gateway.api.keys import ALL_SCOPES, Scope
from gateway.api.logports import Logged, Served
from gateway.api.ports import Converted, Json
from gateway.exchange.rooms import Envelope, Opened
from gateway.settings import Limits, Settings
from gateway.settings.parties import Authority, Card, Partner
from gateway.store import tenants
from gateway.store.database import Store
from gateway.store.errors import NotFound
from gateway.store.tenants import StoredKey, Tenant
from schemas import xml
from schemas.errors import EvidenceError, InputError
from schemas.text import Text
from tests.sqlite import opened

_SECRET = b"shared by both gateways of the test"
NOW = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)


class UnknownFormat(InputError):
    """As the adapters refuse what no format reads."""

    code = "SG-1120"
    title = Text("No format reads <{found}>.", "没有格式可读取 <{found}>。")
    hint = Text("Send one of the formats listed.", "请发送所列格式之一。")


class ContainerTampered(EvidenceError):
    """As the certs refuse a container that was changed."""

    code = "SG-3020"
    title = Text("The container was changed after it was signed.", "容器在签名后被修改。")
    hint = Text("Ask the sender to send it again.", "请要求发送方重新发送。")


def seal(
    document: bytes, *, message_id: str, sender: str = "sg-gateway", receiver: str = "cn-gateway"
) -> bytes:
    """Return a stand-in for a signed container: an envelope and a document under a MAC."""
    envelope = Envelope(
        message_id=message_id,
        kind="declaration",
        sender=sender,
        receiver=receiver,
        format="wco-dec",
        media_type="application/xml",
        digest=b"",
    )
    head = json.dumps(asdict(envelope) | {"digest": hashlib.sha256(document).hexdigest()}).encode()
    signed = head + b"\n" + document
    return hmac.digest(_SECRET, signed, "sha256") + signed


class Gatekeeper:
    """Opens what `seal` made."""

    def unwrap(self, container: bytes) -> bytes:
        """Take it as it comes; nobody encrypts here."""
        return container

    def open(self, container: bytes) -> Opened:
        """Verify first, then read."""
        mac, signed = container[:32], container[32:]
        if not hmac.compare_digest(mac, hmac.digest(_SECRET, signed, "sha256")):
            raise ContainerTampered(where="META-INF/signatures.p7s")
        head, _, document = signed.partition(b"\n")
        values = json.loads(head)
        envelope = Envelope(**values | {"digest": bytes.fromhex(values["digest"])})
        return Opened("port", envelope, document)

    def receipt(self, envelope: Envelope, digest: bytes) -> bytes:
        """Sign nothing; name what a receipt names."""
        return f"receipt.{envelope.message_id}.{digest.hex()}".encode()


@dataclass(slots=True)
class Clearances:
    """Clearances in a dict."""

    opened: list[ClearanceRequest] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    receipts: list[tuple[str, bytes]] = field(default_factory=list)
    mirrored: list[tuple[str, bytes]] = field(default_factory=list)
    shown: dict[str, Any] = field(default_factory=dict)

    def open(self, request: ClearanceRequest) -> Json:
        """Remember the request."""
        xml.parse(request.declaration)
        self.opened.append(request)
        return {"id": f"c-{len(self.opened)}", "state": "waiting"}

    def page(self, tenant: str, *, before: str | None, limit: int) -> Sequence[Json]:
        """Return all of the tenant's."""
        mine = [f"c-{n}" for n, r in enumerate(self.opened, 1) if r.tenant == tenant]
        return [{"id": one} for one in mine if before is None or one < before][:limit]

    def show(self, tenant: str, clearance_id: str) -> Json:
        """Return what the test put in."""
        if tenant != "port" or clearance_id not in self.shown:
            raise NotFound(what="clearance", where=clearance_id)
        found: Json = self.shown[clearance_id]
        return found

    def board(self, tenant: str) -> Sequence[Json]:
        """Return what the test put in."""
        return list(self.shown.values()) if tenant == "port" else []

    def form(self, tenant: str, clearance_id: str) -> Json:
        """Return what the test put in."""
        form: Json = self.show(tenant, clearance_id)["form"]  # type: ignore[assignment]
        return form

    def answer(self, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Json:
        """Remember the values."""
        self.answers.update(values)
        return self.show(tenant, clearance_id)

    def amend(self, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Json:
        """Remember the new version."""
        xml.parse(declaration)
        self.changes.append(("amend", declaration, reason))
        return self.show(tenant, clearance_id)

    def correct(
        self, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
    ) -> Json:
        """Remember the values."""
        self.changes.append(("correct", dict(values), reason))
        return self.show(tenant, clearance_id)

    def cancel(self, tenant: str, clearance_id: str, reason: str) -> Json:
        """Remember the reason."""
        self.changes.append(("cancel", reason))
        return self.show(tenant, clearance_id)

    def confirm(self, tenant: str, clearance_id: str, number: int) -> Json:
        """Remember the number."""
        self.changes.append(("confirm", number))
        return self.show(tenant, clearance_id)

    def decline(self, tenant: str, clearance_id: str, number: int, reason: str) -> Json:
        """Remember number and reason."""
        self.changes.append(("decline", number, reason))
        return self.show(tenant, clearance_id)

    def receipt(self, authority: str, data: bytes) -> Json:
        """Remember the receipt."""
        xml.parse(data)
        self.receipts.append((authority, data))
        return {"status": "RELEASED"}

    def mirror(self, sender: str, batch: bytes) -> Json:
        """Verify a stand-in of a signature."""
        if not batch.endswith(b".signed"):
            raise EvidenceError(where="signature")
        self.mirrored.append((sender, batch))
        return {"taken": 1}


class LogFiles:
    """A log of one tile."""

    def __init__(self) -> None:
        """Start without entries."""
        self.entries: list[bytes] = []

    def checkpoint(self, shard: str = "") -> bytes:
        """Return a note."""
        if shard not in ("", "2026h1"):
            raise NotFound(what="checkpoint", where=shard)
        return b"cn-gateway/log\n1\nAAAA\n\n\xe2\x80\x94 cn-gateway/log AAAA\n"

    def tile(self, path: str, shard: str = "") -> bytes:
        """Return the one tile there is."""
        if path != "0/000.p/1" or shard not in ("", "2026h1"):
            raise NotFound(what="tile", where=path)
        return bytes(32)

    def shards(self) -> Mapping[str, str]:
        """Have one shard."""
        return {"cn-gateway/log/2026h1": "cn-gateway/log/2026h1+00000000+AA=="}

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[Logged]:
        """Remember the entries."""
        found = []
        for batch in batches:
            found.append(Logged("cn-gateway/log", len(self.entries), len(batch)))
            self.entries += batch
        return found

    def proof_file(self, digest: bytes) -> bytes:
        """Know what was appended; the last entry is not covered yet."""
        if digest not in self.entries:
            raise NotFound(what="entry", where=digest.hex())
        if digest == self.entries[-1]:
            raise NotCovered(where=digest.hex())
        return f"index {self.entries.index(digest)}\n".encode()


class Witness:
    """Cosigns everything but one note."""

    def add_checkpoint(self, request: bytes) -> Served:
        """Answer as C2SP tlog-witness says."""
        if request.startswith(b"old 5\n"):
            return Served(409, "text/x.tlog.size", b"7\n")
        return Served(200, "text/plain", b"\xe2\x80\x94 witness AAAA\n")


class Tools:
    """Tools that parse, and little more."""

    def __init__(self) -> None:
        """Start without a planted failure."""
        self.failure: Exception | None = None

    def detect(self, data: bytes) -> str:
        """Read the root's name."""
        if self.failure is not None:
            raise self.failure
        root = xml.parse(data)
        if root.tag != "DecMessage":
            raise UnknownFormat(found=root.tag, where="line 1")
        return "cn-dec"

    def validate(self, data: bytes, *, rules: str) -> Json:
        """Say what was asked."""
        return {"format": self.detect(data), "valid": True, "rulesets": [rules], "findings": []}

    def convert(self, data: bytes, to: str, *, profile: str, related: Sequence[bytes]) -> Converted:
        """Say what was asked."""
        self.detect(data)
        loss = {"source": "cn-dec", "target": to, "profile": profile, "related": len(related)}
        return Converted(b"<out/>", "application/xml", loss)

    def verify(self, data: bytes, *, detached: Sequence[bytes]) -> Json:
        """Say what was asked."""
        indication = "TOTAL-PASSED" if data.startswith(b"PK") else "INDETERMINATE"
        why = {"en": "It is in the log <cn>.", "zh": "已在日志中。"}
        ledger = {"in_log": {"ok": indication == "TOTAL-PASSED", "why": why}}
        return {"indication": indication, "detached": len(detached), "ledger": ledger}


@dataclass(slots=True)
class World:
    """One gateway; fulfils `gateway.api.ports.Gateway`."""

    settings: Settings
    store: Store
    now: datetime = NOW
    gatekeeper: Gatekeeper = field(default_factory=Gatekeeper)
    clearances: Clearances = field(default_factory=Clearances)
    log: LogFiles = field(default_factory=LogFiles)
    witness: Witness = field(default_factory=Witness)
    tools: Tools = field(default_factory=Tools)
    ladings: Any = None
    titles: Any = None
    hooks: Any = None
    pki: Any = None
    wrong: dict[str, str] = field(default_factory=lambda: {"store": "", "keys": ""})
    woken: int = 0

    def clock(self) -> datetime:
        """Return the test's time."""
        return self.now

    def evidence(self, exchange_id: str) -> bytes:
        """Return a stand-in for an evidence package."""
        return b"PK evidence of " + exchange_id.encode()

    def clearance_evidence(self, tenant: str, clearance_id: str) -> bytes:
        """Return a stand-in for an evidence package."""
        return f"PK evidence of {tenant}'s {clearance_id}".encode()

    def checks(self) -> Mapping[str, str]:
        """Return what the test says is wrong."""
        return self.wrong

    def wake(self) -> None:
        """Count."""
        self.woken += 1

    def key(self, tenant: str = "port", scopes: frozenset[Scope] = ALL_SCOPES, **more: Any) -> str:
        """Issue a key and return its token."""
        new = keys.mint()
        stored = StoredKey(
            id=new.id,
            tenant=tenant,
            name="test",
            hash=new.digest,
            scopes=frozenset(scope.value for scope in scopes),
            created_at=self.now,
            **more,
        )
        with self.store.begin() as tx:
            tenants.add_key(tx, stored)
        return new.token


def build(home: Path, limits: Limits | None = None) -> World:
    """Return a gateway in `home` with the tenants `port` and `other`."""
    settings = Settings(
        home=home,
        id="cn-gateway",
        name="Shanghai test gateway",
        partners=(
            Partner(
                card=Card(
                    id="sg-gateway",
                    name="Singapore test gateway",
                    country="SG",
                    url="https://127.0.0.1:9",
                    root="",
                    log_key="",
                    witness_key="",
                ),
                folder=home,
            ),
        ),
        authorities=(
            Authority(id="cn-customs", url="http://127.0.0.1:9", country="CN", format="cn-dec"),
        ),
        limits=limits or Limits(body_bytes=200_000),
    )
    store = opened(home / "test.db")
    with store.begin() as tx:
        for tenant in ("port", "other", "cn-customs"):
            tenants.add(tx, Tenant(id=tenant, name=tenant, created_at=NOW - timedelta(days=1)))
    return World(settings, store)
