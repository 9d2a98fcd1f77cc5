"""What comes from the other side: only a partner's own, whole, for us, and only once."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from certs import jws, receipts
from certs.authority.tsa import Authority
from certs.domain import create_domain
from certs.errors import ReceiptRefused
from gateway.exchange.rooms import Envelope
from gateway.store import exchanges, payloads
from gateway.store.model import Role
from gateway.transport import headers
from gateway.wiring.mirroring import TYPE
from gateway.wiring.sealing import Gate, Seals
from schemas.clock import iso, utc_now
from schemas.jcs import canonical_json
from tests.hostile.gateway.conftest import kept
from tests.hostile.gateway.parcels import INVOICE, container, deliver, files, respelled
from tests.hostile.gateway.refusals import refused
from tests.journeys.pair import Pair, wait_for


@pytest.mark.usefixtures("untouched")
def test_every_part_of_a_container_is_under_its_signature(gateways: Pair) -> None:
    """One byte changed in any file, and the container is refused; no receipt, nothing kept."""
    parcel = container(gateways, "h-1")
    for name in files(parcel):
        answer = deliver(gateways, respelled(parcel, name), "h-1")
        assert answer.status_code in {400, 422}, (name, answer.text)
        refused(answer, answer.status_code, answer.json()["code"])


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("harm", ["cut", "more", "empty zip", "nothing of the kind"])
def test_a_broken_container_is_refused(gateways: Pair, harm: str) -> None:
    """Cut short, with bytes behind its end, without files, or no container at all."""
    parcel = container(gateways, "h-2")
    harmed = {
        "cut": parcel[: len(parcel) // 2],
        "more": parcel + b"more",
        "empty zip": b"PK\x05\x06" + bytes(18),
        "nothing of the kind": INVOICE,
    }
    answer = deliver(gateways, harmed[harm], "h-2")
    assert answer.status_code in {400, 422}, answer.text
    refused(answer, answer.status_code, answer.json()["code"])


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("more", "status", "code", "where"),
    [
        ({headers.SENDER: "stranger"}, 403, "SG-6006", f"header/{headers.SENDER}"),
        ({headers.RECIPIENT: "gb-port"}, 403, "SG-6007", f"header/{headers.RECIPIENT}"),
        ({headers.MESSAGE_ID: "other"}, 422, "SG-5023", "other"),
        ({headers.DIGEST: "sha-256=AAAA"}, 422, "SG-1154", f"header/{headers.DIGEST}"),
        ({"content-type": "application/zip"}, 415, "SG-1151", "header/Content-Type"),
    ],
)
def test_headers_that_say_something_else_are_refused(
    gateways: Pair, more: dict[str, str], status: int, code: str, where: str
) -> None:
    """Unknown sender, wrong recipient, another message id or digest, another kind of body."""
    answer = deliver(gateways, container(gateways, "h-3"), "h-3", **more)
    refused(answer, status, code, where)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "said", [{"receiver": "gb-port"}, {"sender": "sg-port"}, {"message_id": "h-5"}]
)
def test_an_envelope_for_somebody_else_is_refused(gateways: Pair, said: dict[str, str]) -> None:
    """The signed envelope counts: a parcel for another gateway is not taken here."""
    refused(deliver(gateways, container(gateways, "h-4", said=said), "h-4"), 422, "SG-5023")


@pytest.mark.usefixtures("untouched")
def test_a_strangers_seal_is_no_partners(gateways: Pair, tmp_path: Path) -> None:
    """All in order, and signed by keys that nobody here trusts."""
    (tmp_path / "secret").write_text("x" * 32)
    domain = create_domain(tmp_path, "Stranger", "CN", secret=f"file:{tmp_path / 'secret'}")
    stamper = Authority(domain.keys.load("tsa"), utc_now)
    seals = Seals(lambda: domain.keys.load("seal"), stamper, utc_now)
    answer = deliver(gateways, container(gateways, "h-6", seals=seals), "h-6")
    refused(answer, 422, "SG-3060", "container")


def test_a_message_that_comes_again_is_the_same_or_refused(gateways: Pair) -> None:
    """The same bytes get the same receipt and are kept once; other bytes are a conflict."""
    parcel = container(gateways, "h-7")
    first = deliver(gateways, parcel, "h-7")
    assert first.status_code == 200, first.text
    wait_for(lambda: _handed_over(gateways, "h-7"), what="hand-over")
    before = kept(gateways.importer)
    assert deliver(gateways, parcel, "h-7").content == first.content
    other = container(gateways, "h-7", data=INVOICE.replace(b"</Invoice>", b" </Invoice>"))
    assert other != parcel
    refused(deliver(gateways, other, "h-7"), 409, "SG-5022", "h-7")
    assert kept(gateways.importer) == before


def _handed_over(gateways: Pair, message_id: str) -> bool:
    return any(
        one["message_id"] == message_id and one["state"] == "done"
        for one in gateways.importer.inbox()
    )


def test_a_receipt_for_another_message_acknowledges_nothing(
    gateways: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A partner that signs for something else is not believed: the exchange is not done."""
    honest = Gate.receipt

    def other(self: Gate, envelope: Envelope, _digest: bytes) -> bytes:
        return honest(self, envelope, bytes(32))

    monkeypatch.setattr(Gate, "receipt", other)
    exchange = gateways.exporter.send(INVOICE, "peppol-ubl", "sg-port", correlation="receipt")

    def problems() -> list[Any]:
        events = gateways.exporter.get(f"/v1/exchanges/{exchange}/timeline")["events"]
        return [one["detail"].get("problem", {}).get("code") for one in events]

    wait_for(lambda: "SG-3601" in problems(), what="refusal of the receipt")
    assert gateways.exporter.get(f"/v1/exchanges/{exchange}")["state"] != "done"


def test_a_receipt_is_of_the_partner_and_of_this_container(gateways: Pair) -> None:
    """Signed by ourselves, or naming another digest: refused by whoever checks it."""
    exchange = gateways.exporter.send(INVOICE, "peppol-ubl", "sg-port", correlation="check")
    gateways.exporter.settled(exchange)
    gateway = gateways.exporter.gateway
    with gateway.store.read() as tx:
        row = exchanges.get(tx, exchange)
        receipt = payloads.read(tx, exchange, Role.RECEIPT).data
        digest = payloads.read(tx, exchange, Role.CONTAINER).digest
    assert gateway.gatekeeper.check(row, receipt, digest)["recipient"] == "sg-port"
    said = receipts.Receipt(
        message_id=exchange, sha256=digest.hex(), recipient="sg-port", received_at=utc_now()
    )
    own = receipts.issue(said, gateway.seal)
    for false, about in ((receipt, bytes(32)), (own, digest), (receipt[:-4] + b"AAAA", digest)):
        with pytest.raises(ReceiptRefused):
            gateway.gatekeeper.check(row, false, about)


def _batch(gateways: Pair, **said: Any) -> bytes:
    """Return a signed batch of statuses from the exporter to the importer."""
    batch = {
        "sender": "cn-port",
        "recipient": "sg-port",
        "sent_at": iso(datetime.now(UTC)),
        "messages": [],
        **said,
    }
    key = gateways.exporter.gateway.seal
    return jws.sign(canonical_json(batch), key, signed_at=utc_now(), typ=TYPE)


def _tell(gateways: Pair, batch: bytes, sender: str = "cn-port") -> httpx.Response:
    sent = {headers.SENDER: sender, headers.RECIPIENT: "sg-port", "content-type": headers.JOSE}
    with gateways.importer.caller() as http:
        return http.post(headers.STATUSES, content=batch, headers=sent)


def _respelled(batch: bytes) -> bytes:
    """Return a JWS whose payload says something else under the old signature."""
    head, payload, signature = batch.split(b".")
    said = json.loads(base64.urlsafe_b64decode(payload + b"=="))
    said["messages"] = [{"clearance": "x"}]
    changed = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=")
    return b".".join((head, changed, signature))


@pytest.mark.usefixtures("untouched")
def test_statuses_that_are_not_the_partners_are_refused(gateways: Pair) -> None:
    """A tampered batch, one for another gateway, one of a stranger, and no batch at all."""
    refused(_tell(gateways, _respelled(_batch(gateways))), 422, "SG-3060")
    refused(_tell(gateways, _batch(gateways, recipient="gb-port")), 403, "SG-5061")
    refused(_tell(gateways, _batch(gateways, sender="gb-port")), 403, "SG-5061")
    refused(_tell(gateways, _batch(gateways), sender="stranger"), 403, "SG-6006")
    refused(_tell(gateways, b"no batch"), 422, "SG-3060")
    assert _tell(gateways, _batch(gateways)).status_code == 200


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    "messages",
    [
        [{}],
        [{"clearance": "x"}],
        ["text"],
        "text",
        [{"clearance": "x", "corridor": "nowhere", "statuses": [{}]}],
        [{"clearance": "x", "corridor": "cn-sg", "statuses": [{"side": "import"}]}],
    ],
)
def test_a_signed_batch_that_makes_no_sense_is_refused_too(gateways: Pair, messages: Any) -> None:
    """A partner's mistake is the partner's problem: a 4xx with a code, and nothing is begun."""
    answer = _tell(gateways, _batch(gateways, messages=messages))
    assert 400 <= answer.status_code < 500, answer.text
    refused(answer, answer.status_code, answer.json()["code"])
