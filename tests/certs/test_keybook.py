"""Who signed: by the registry, or by a certificate's organisation; never by what comes along."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from certs.authority.ca import SEAL
from certs.jose import jwk
from certs.jose.compact import CompactSigner, Opened, open_signed
from certs.jose.keybook import KeyBook
from certs.x509.certificate import Certificate
from tests.certs.pki import NOW, World, make_world

ORGANISATIONS = {"Port A": "CARX"}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give an operator whose certificates name the organisation Port A."""
    return make_world(tmp_path_factory.mktemp("port"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give another operator, under a root of its own."""
    return make_world(tmp_path_factory.mktemp("other"))


def _signer(world: World) -> CompactSigner:
    chain = tuple(each for each in world.seal.chain if not each.self_issued)
    return CompactSigner(world.seal.private, chain=chain)


def _opened(signer: CompactSigner, book: KeyBook) -> Opened:
    return open_signed(signer.sign(b"{}"), book, NOW)


def test_a_registered_organisation_is_known_by_its_certificate(port: World):
    """The chain ends at an anchor and its organisation is entered: that is who signed."""
    book = KeyBook(trust=port.trust, organisations=ORGANISATIONS)
    signer = _opened(_signer(port), book).signer
    assert (signer.owner, signer.known) == ("CARX", True)


@pytest.mark.parametrize("organisations", [{}, {"Port B": "CARX"}])
def test_a_trusted_certificate_of_somebody_else_vouches_for_nobody(
    port: World, organisations: dict[str, str]
):
    """A good chain is not enough: the organisation has to be one that is entered."""
    book = KeyBook(trust=port.trust, organisations=organisations)
    signer = _opened(_signer(port), book).signer
    assert (signer.known, signer.registered) == (False, False)


def test_a_certificate_under_a_foreign_root_is_in_doubt(port: World, other: World):
    """The right name under another root proves nothing."""
    book = KeyBook(trust=other.trust, organisations=ORGANISATIONS)
    assert not _opened(_signer(port), book).signer.known


def test_a_certificate_by_itself_is_not_believed(port: World):
    """Without an anchor, x5c only says what it says."""
    assert not _opened(_signer(port), KeyBook(organisations=ORGANISATIONS)).signer.known


def _registered(signer: CompactSigner, world: World | None = None) -> KeyBook:
    key = jwk.of_public(signer.private.public_key(), "CARX")
    return KeyBook([key], trust=world.trust if world else None)


def test_a_registered_key_counts_whatever_certificate_comes_along(port: World, other: World):
    """With the certificate of another key beside it the signature stands in doubt."""
    plain = replace(_signer(port), chain=())
    assert _opened(plain, _registered(plain)).signer.known
    assert _opened(_signer(port), _registered(plain, port)).signer.known
    foreign: tuple[Certificate, ...] = _signer(other).chain
    assert not _opened(replace(plain, chain=foreign), _registered(plain)).signer.known


def test_an_expired_certificate_beside_a_registered_key_is_in_doubt(port: World):
    """The key is on the register; that its certificate has run out is not passed over."""
    old = port.key(SEAL, now=NOW - timedelta(days=4000))
    assert not old.certificate.valid_at(NOW)
    signer = CompactSigner(old.private, chain=(old.certificate,))
    assert not _opened(signer, _registered(signer)).signer.known
