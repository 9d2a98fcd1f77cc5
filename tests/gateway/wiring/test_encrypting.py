"""Containers for a partner encrypted to its access point, and opened there alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from certs.encryption import is_encrypted
from certs.errors import NoEncryptionKey, NotDecrypted
from gateway import setup
from gateway.settings import load
from gateway.transport.courier import Delivery
from gateway.wiring.assembly import Gateway
from gateway.wiring.delivering import Deliveries
from tests.gateway.wiring.operators import Operator, operators

CONTAINER = b"PK\x03\x04 a container"


@dataclass
class Line:
    """A courier that keeps what it is given."""

    taken: list[Delivery] = field(default_factory=list)

    def deliver_all(self, deliveries: Sequence[Delivery]) -> list[bytes]:
        """Take everything."""
        self.taken += deliveries
        return [b"receipt"] * len(deliveries)


@pytest.fixture
def pair(tmp_path) -> tuple[Operator, Operator]:
    """Return two operators who know each other."""
    first, second, *_ = operators(tmp_path)
    return first, second


def delivered(gateway: Gateway, receiver: str) -> bytes:
    """Return what goes over the wire to a receiver."""
    line = Line()
    deliveries = Deliveries(cast("Any", line), gateway.settings.id, gateway._encrypted_to)
    exchange = SimpleNamespace(receiver=receiver)
    parcel = SimpleNamespace(message_id="m", exchange=exchange, container=CONTAINER)
    deliveries.deliver([cast("Any", parcel)])
    return line.taken[0].container


def test_a_container_is_encrypted_to_a_partner_who_asks(pair):
    """Without the setting it goes as it is; with it only the partner's access point opens it."""
    ours, theirs = pair
    receiver = theirs.settings.id
    assert delivered(Gateway(load(ours.settings.home)), receiver) == CONTAINER
    certificate = theirs.settings.path(theirs.settings.keys) / "accesspoint.cert.pem"
    setup.encrypt_to(ours.settings.home, setup.card(theirs.settings), certificate)
    sender, taker = Gateway(load(ours.settings.home)), Gateway(load(theirs.settings.home))
    wrapped = delivered(sender, receiver)
    assert is_encrypted(wrapped)
    assert CONTAINER not in wrapped
    assert taker.gatekeeper.unwrap(wrapped) == CONTAINER
    assert taker.gatekeeper.unwrap(CONTAINER) == CONTAINER
    with pytest.raises(NotDecrypted):
        sender.gatekeeper.unwrap(wrapped)


def test_encrypting_makes_no_anchor(pair):
    """The certificate in the partner's folder is for encryption; nobody trusts it."""
    ours, theirs = pair
    before = Gateway(load(ours.settings.home)).partner_trust[theirs.settings.id].identity
    certificate = theirs.settings.path(theirs.settings.keys) / "accesspoint.cert.pem"
    setup.encrypt_to(ours.settings.home, setup.card(theirs.settings), certificate)
    after = Gateway(load(ours.settings.home)).partner_trust[theirs.settings.id].identity
    assert after == before


def test_only_the_partners_own_certificate_will_do(pair):
    """A certificate of another root, or one for signing, is refused when it is given."""
    ours, theirs = pair
    card = setup.card(theirs.settings)
    own = ours.settings.path(ours.settings.keys) / "accesspoint.cert.pem"
    seal = theirs.settings.path(theirs.settings.keys) / "seal.cert.pem"
    for certificate in (own, seal):
        with pytest.raises(NoEncryptionKey):
            setup.encrypt_to(ours.settings.home, card, certificate)
