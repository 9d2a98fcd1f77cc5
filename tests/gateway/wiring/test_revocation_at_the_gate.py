"""A partner's seal that was revoked is refused at the gate, where its authority may be asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from certs import jws
from certs.errors import ReceiptRefused
from gateway import setup
from gateway.api.app import create_app, create_services
from gateway.api.serve import Listen, serving
from gateway.exchange.errors import TransientError
from gateway.exchange.rooms import Envelope
from gateway.settings import Settings, load
from gateway.settings.certs import PkiSettings
from gateway.wiring import certifying
from gateway.wiring.assembly import Gateway
from gateway.wiring.errors import NotVerified, NotVerifiedYet
from schemas.clock import utc_now
from tests.gateway.wiring.operators import DOCUMENT

XML = "application/xml"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Settings, Settings]:
    """Return a sender whose authority has an address, and a receiver that may ask there."""
    made = []
    for party, country, port in (("cn-port", "CN", free_port()), ("sg-port", "SG", 0)):
        extra = 'revocation_hosts = ["127.0.0.1"]\n' if party == "sg-port" else ""
        given = {"party": party, "name": party, "country": country, "port": 8443, "extra": extra}
        made.append(setup.create(tmp_path / party, **given, pki=PkiSettings(port=port)))  # type: ignore[arg-type]
    for home, other in ((tmp_path / "cn-port", made[1]), (tmp_path / "sg-port", made[0])):
        setup.introduce(home, setup.card(other))
    return load(tmp_path / "cn-port"), load(tmp_path / "sg-port")


@contextmanager
def authority(settings: Settings) -> Iterator[None]:
    """Serve the authority of a gateway over HTTP."""
    gateway = Gateway(settings)
    listen = Listen(port=settings.pki.port)
    try:
        with serving(create_services(create_app(gateway)), listen):
            yield
    finally:
        gateway.close()


def container(sender: Gateway, receiver: str) -> bytes:
    """Return a container on its way."""
    exchange = cast("Any", SimpleNamespace(id="e", tenant="port"))
    sealer = sender.rooms.sealer
    signed = sealer.sign(exchange, DOCUMENT, XML)
    envelope = _envelope(sender.settings.id, receiver)
    return sealer.pack(exchange, envelope, sealer.stamp(exchange, signed.data, XML))


def _envelope(sender: str, receiver: str = "") -> Envelope:
    return Envelope(
        message_id="m-1",
        kind="declaration",
        sender=sender,
        receiver=receiver,
        format="wco-dec",
        media_type=XML,
        digest=b"",
    )


def test_a_revoked_seal_opens_nothing_any_more(pair: tuple[Settings, Settings]):
    """Container, statuses and the API's verdict: good before, refused after, over real HTTP."""
    ours, theirs = pair
    sender, keys = Gateway(ours), setup.key_store(ours)
    sent = container(sender, theirs.id)
    batch = jws.sign(b"{}", sender.seal, typ="silkgate-statuses+json")
    with authority(ours):
        before = Gateway(theirs)
        assert before.gatekeeper.open(sent).envelope.message_id == "m-1"
        certifying.revoke(keys, "seal", "key-compromise", utc_now())
        after = Gateway(theirs)
        with pytest.raises(NotVerified, match="REVOKED"):
            after.gatekeeper.open(sent)
        verdict = after.tools.verify(sent, detached=())
        assert verdict["subindication"] == "REVOKED_NO_POE"
        with pytest.raises(NotVerified, match="REVOKED"):
            after.clearances.gate.open(ours.id, batch)
        assert before.gatekeeper.open(sent).envelope.message_id == "m-1"  # for ten minutes
        for each in (before, after):
            each.close()
    silent = Gateway(theirs)
    assert silent.gatekeeper.open(sent).envelope.message_id == "m-1"
    silent.close()
    sender.close()


def test_a_word_may_be_demanded(pair: tuple[Settings, Settings]):
    """`required`: taken while the authority answers, put off (503) while it does not."""
    ours, theirs = pair
    sender, strict = Gateway(ours), theirs.model_copy(update={"revocation": "required"})
    sent = container(sender, theirs.id)
    silent = Gateway(strict)
    batch = jws.sign(b"{}", sender.seal, typ="silkgate-statuses+json")
    for refused in (
        lambda: silent.gatekeeper.open(sent),
        lambda: silent.clearances.gate.open(ours.id, batch),
    ):
        with pytest.raises(NotVerifiedYet) as found:
            refused()
        assert found.value.status == 503
    digest = sha256(sent).digest()
    receipt = Gateway(ours).gatekeeper.receipt(_envelope(ours.id), digest)
    sending = cast("Any", SimpleNamespace(receiver=ours.id, message_id="m-1"))
    with pytest.raises(TransientError):
        silent.gatekeeper.check(sending, receipt, digest)
    with pytest.raises(ReceiptRefused):
        silent.gatekeeper.check(sending, receipt, bytes(32))
    with pytest.raises(NotVerified) as broken:
        silent.clearances.gate.open(ours.id, batch[:-4] + b"AAAA")
    assert broken.value.status == 422
    with authority(ours):
        asked = Gateway(strict)
        assert asked.gatekeeper.open(sent).envelope.message_id == "m-1"
        assert asked.gatekeeper.check(sending, receipt, digest)["recipient"] == ours.id
        certifying.revoke(setup.key_store(ours), "seal", "key-compromise", utc_now())
        with pytest.raises(NotVerified, match="REVOKED") as revoked:
            Gateway(strict).gatekeeper.open(sent)
        assert revoked.value.status == 422
    sender.close()
