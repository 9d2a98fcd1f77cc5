"""Tenants that seal with a key of their own: what leaves bears it, and partners take it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from certs import asic
from certs.errors import KeyNotFound
from certs.x509.certificate import load_all
from gateway import setup
from gateway.exchange.errors import EnvelopeMismatch
from gateway.exchange.rooms import Envelope
from gateway.settings import load
from gateway.wiring import certifying
from gateway.wiring.assembly import Gateway
from gateway.wiring.doctor.check import State
from gateway.wiring.doctor.diagnosis import examine
from gateway.wiring.renewing import renew
from gateway.wiring.sealing import ENVELOPE
from schemas.clock import utc_now
from schemas.errors import SettingsError
from tests.gateway.wiring.operators import DOCUMENT, operators

TENANTS = '[[tenants]]\nid = "acme"\nseal = "acme"\n'
XML = "application/xml"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two operators' folders; at the first, the tenant acme has a seal."""
    first, second = operators(tmp_path_factory.mktemp("pair"))
    settings = first.settings
    issued = certifying.issue(
        settings, first.keys, "acme", "seal", organisation="Acme Trading", now=utc_now()
    )
    assert issued.certificate.name == "Acme Trading acme"
    with (settings.home / "silkgate.toml").open("a") as file:
        file.write(TENANTS)
    return settings.home, second.settings.home


def sealed(
    gateway: Gateway, tenant: str, receiver: str, between: Callable[[], object] = lambda: None
) -> bytes:
    """Return the container of a document that a tenant sends; `between` signing and packing."""
    exchange = cast("Any", SimpleNamespace(id="e", tenant=tenant))
    sealer = gateway.rooms.sealer
    signed = sealer.sign(exchange, DOCUMENT, XML)
    stamped = sealer.stamp(exchange, signed.data, XML)
    between()
    envelope = Envelope(
        message_id="m-1",
        kind="declaration",
        sender=gateway.settings.id,
        receiver=receiver,
        format="wco-dec",
        media_type=XML,
        digest=b"",
    )
    return sealer.pack(exchange, envelope, stamped)


def signers(container: bytes, gateway: Gateway) -> set[str]:
    """Return who signed a container."""
    return {each.signer for each in asic.verify(container, gateway.trust).verdict.signatures}


def test_a_seal_renewed_on_the_way_packs_nothing_that_it_did_not_sign(pair: tuple[Path, Path]):
    """The container is by the seal that signed the document; the next document by the new one."""
    sender, taker = (Gateway(load(home)) for home in pair)

    def renewed() -> None:
        renew(sender.settings, setup.key_store(sender.settings), "seal", utc_now())
        assert sender.read_keys_anew() == ["seal"]

    before = sender.seal.certificate
    for between, seal in ((renewed, before), (lambda: None, None)):
        container = sealed(sender, "other", taker.settings.id, between)
        found = asic.verify(container, taker.trust).verdict.signatures
        wanted = seal or sender.seal.certificate
        assert {each.certificate for each in found} == {wanted.sha256.hex()}
        assert taker.gatekeeper.open(container).document


def test_each_tenant_seals_with_its_own_seal(pair: tuple[Path, Path]):
    """Document and container bear the tenant's seal, else the gateway's; partners take both."""
    sender, taker = (Gateway(load(home)) for home in pair)
    for tenant, seal in (("acme", "Acme Trading acme"), ("other", "Port CN Seal")):
        container = sealed(sender, tenant, taker.settings.id)
        assert signers(container, taker) == {seal}
        opened = taker.gatekeeper.open(container)
        assert opened.envelope.sender == sender.settings.id
        assert b"<entry>1</entry>" in opened.document


def test_one_tenants_document_is_not_passed_on_as_anothers(pair: tuple[Path, Path]):
    """A document in a container by another seal is refused, though both are the sender's."""
    sender, taker = (Gateway(load(home)) for home in pair)
    files = asic.open_container(sealed(sender, "acme", taker.settings.id))
    content = {name: files[name] for name in (ENVELOPE, "document.xml")}
    with pytest.raises(EnvelopeMismatch):
        taker.gatekeeper.open(asic.pack(content, sender.seal))


def test_a_seal_that_is_missing_is_found_at_once(pair: tuple[Path, Path], tmp_path: Path):
    """Readiness and the doctor name it; a tenant listed twice is a mistake in the settings."""
    home = tmp_path / "own"
    shutil.copytree(pair[0], home)
    gateway = Gateway(load(home))
    assert not gateway.checks()["keys"]
    (home / "keys" / "acme.key.pem").unlink()
    gateway = Gateway(load(home))
    assert "acme" in gateway.checks()["keys"]
    with pytest.raises(KeyNotFound):
        gateway.rooms  # noqa: B018 - it is opened by asking for it
    found = {each.name: each.state for each in examine(home)}
    assert found["key acme"] is State.ERROR
    with (home / "silkgate.toml").open("a") as file:
        file.write(TENANTS)
    with pytest.raises(SettingsError, match="twice"):
        load(home)


def test_a_tenants_seal_is_renewed_and_follows_a_new_root(pair: tuple[Path, Path], tmp_path: Path):
    """The name stays that of the tenant; after a roll-over the seal is under the new root."""
    home = tmp_path / "own"
    shutil.copytree(pair[0], home)
    gateway = Gateway(load(home))
    before = gateway.keys.load("acme").certificate
    renewed = renew(gateway.settings, gateway.keys, "acme", utc_now()).certificate
    assert (renewed.name, renewed.spki == before.spki) == (before.name, False)
    later = utc_now() + timedelta(seconds=2)
    assert "acme" in certifying.roll_over(gateway.settings, gateway.keys, later)
    leaf, *_ = load_all((home / "keys" / "acme.cert.pem").read_bytes())
    root, *_ = load_all((home / "trust" / "root.pem").read_bytes())
    assert leaf.authority_key_id == root.key_id
