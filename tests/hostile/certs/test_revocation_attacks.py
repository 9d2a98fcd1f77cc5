"""Forged and misdirected revocation data: what clears nobody, and what still revokes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs import path, xades
from certs.authority.ca import SEAL, TSA, CertificateAuthority, Profile, Subject
from certs.authority.ocsp import Responder, Standing, request
from certs.authority.tsa import Authority
from certs.decision.policy import house
from certs.keys import SigningKey
from certs.levels import Level
from certs.trust import TrustStore
from certs.validation import answers
from certs.validation.facts import Facts
from certs.validation.material import Material
from certs.validation.sources import Gatherer, OwnAuthority
from certs.verdict import SubIndication
from certs.x509.certificate import Certificate
from tests.certs.pki import DOCUMENT, NOW, World

HOUR = timedelta(hours=1)
OCSP = Profile("ocsp", 1, ("digital_signature",), (ExtendedKeyUsageOID.OCSP_SIGNING,))


def _subject(name: str) -> Subject:
    return Subject(organisation="X", country="SG", common_name=name)


def _answer(
    key: SigningKey, issuer: Certificate, about: Certificate, standing: Standing | None = None
) -> bytes:
    known = standing or Standing()
    responder = Responder(key, issuer, lambda _: known, clock=lambda: NOW)
    return responder.respond(request(about, issuer))


@dataclass(frozen=True)
class Forgery:
    """How an OCSP answer about the seal is made by somebody who may not."""

    name: str
    make: Callable[[World, World], bytes]


def _by_stranger(world: World, stranger: World) -> bytes:
    return _answer(
        stranger.issuer.root, world.issuer.root.certificate, world.seal.certificate, REVOKED
    )


def _by_seal(world: World, _: World) -> bytes:
    return _answer(world.seal, world.issuer.root.certificate, world.seal.certificate, REVOKED)


def _by_delegate_of_another(world: World, stranger: World) -> bytes:
    delegate = stranger.issuer.issue(OCSP, _subject("R"), now=NOW)
    return _answer(delegate, world.issuer.root.certificate, world.seal.certificate, REVOKED)


def _about_another_serial(world: World, _: World) -> bytes:
    root = world.issuer.root
    return _answer(root, root.certificate, world.key().certificate, REVOKED)


def _about_another_issuer(_: World, stranger: World) -> bytes:
    root = stranger.issuer.root
    return _answer(root, root.certificate, stranger.seal.certificate, REVOKED)


def _signature_broken(world: World, _: World) -> bytes:
    root = world.issuer.root
    good = _answer(root, root.certificate, world.seal.certificate, REVOKED)
    return good[:-1] + bytes((good[-1] ^ 1,))


REVOKED = Standing(NOW - HOUR)
FORGERIES = [
    Forgery("by a stranger", _by_stranger),
    Forgery("by a certificate that is no responder's", _by_seal),
    Forgery("by the delegate of another authority", _by_delegate_of_another),
    Forgery("about another certificate", _about_another_serial),
    Forgery("about another issuer", _about_another_issuer),
    Forgery("with a broken signature", _signature_broken),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda each: each.name)
def test_an_answer_by_who_may_not_says_nothing(
    world: World, stranger: World, forgery: Forgery
) -> None:
    """Neither good nor revoked: the certificate's facts hold no status from it."""
    given = Material.read((), (), [forgery.make(world, stranger)])
    facts = Facts(world.trust, given)
    (name, *_) = facts.add(facts.route(world.seal.certificate, NOW), NOW)
    assert facts.certificates[name].statuses == ()


def test_a_delegate_of_the_issuer_answers(world: World) -> None:
    """With EKU OCSPSigning, certified by the same authority, it is believed."""
    delegate = world.issuer.issue(OCSP, _subject("R"), now=NOW - HOUR)
    given = _answer(delegate, world.issuer.root.certificate, world.seal.certificate, REVOKED)
    facts = Facts(world.trust, Material.read((), (), [given]))
    (name, *_) = facts.add(facts.route(world.seal.certificate, NOW), NOW)
    assert [each.date for each in facts.certificates[name].statuses] == [NOW - HOUR]


def test_a_list_by_a_stranger_of_the_same_name_revokes_nobody(world: World) -> None:
    """The issuer's name alone makes no list: its key must have signed it."""
    twin = CertificateAuthority.create(_subject("Twin"), now=NOW - HOUR)
    named = SigningKey(twin.root.private, world.issuer.root.chain, "root")
    forged = CertificateAuthority(named).revocation_list(
        [(world.seal.certificate, NOW - HOUR)], now=NOW
    )
    facts = Facts(world.trust, Material.read((), [forged]))
    (name, *_) = facts.add(facts.route(world.seal.certificate, NOW), NOW)
    assert facts.certificates[name].statuses == ()


def test_without_fresh_word_a_strict_policy_does_not_pass(world: World) -> None:
    """Where revocation data is demanded, a signature without any is not confirmed."""
    from certs.conclusion import Draft
    from certs.validation import judge

    draft = Draft(format="XAdES", certificate=world.seal.certificate)
    case = judge.Case(
        signer=world.seal.certificate,
        scheme=world.seal.scheme,
        claimed=NOW,
        digests=(),
        material=draft.material,
    )
    outcome = judge.decide(case, world.trust, house(strict=True), NOW)
    assert outcome.refused is not None
    assert outcome.refused.sub is SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE


def test_a_list_that_is_later_and_silent_does_not_clear(world: World) -> None:
    """What was revoked stays so when a newer list of the same issuer leaves it out."""
    seal = world.seal.certificate
    older = world.issuer.revocation_list([(seal, NOW - HOUR)], now=NOW)
    newer = world.issuer.revocation_list(now=NOW + HOUR)
    data = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    verdict = xades.verify(data, world.trust.with_lists(older, newer), at=NOW + HOUR)
    assert verdict.subindication is SubIndication.REVOKED_NO_POE


def test_time_stamps_out_of_order_are_refused(world: World) -> None:
    """An archive time-stamp that claims to be older than what it covers is not believed."""
    early = Authority(world.key(TSA, now=NOW - timedelta(days=2)), lambda: NOW - timedelta(days=1))
    prepared = xades.prepare(DOCUMENT, world.seal, signed_at=NOW - timedelta(hours=23))
    data = prepared.stamp(world.stamper).archive(early).to_bytes()
    verdict = xades.verify(data, world.trust, at=NOW)
    assert verdict.subindication is SubIndication.TIMESTAMP_ORDER_FAILURE


def test_an_expired_authority_cannot_backdate(world: World) -> None:
    """A key taken from an authority whose certificate ended stamps nothing that counts now."""
    late = NOW + timedelta(days=13 * 365)
    data = xades.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW)
    assert not xades.verify(data, world.trust, at=late).passed


def test_ocsp_responses_of_any_shape_do_no_harm(world: World) -> None:
    """Cut or flipped anywhere, a response is unreadable or says nothing; never an exception."""
    root = world.issuer.root
    good = _answer(root, root.certificate, world.seal.certificate, REVOKED)
    for place in range(0, len(good), 3):
        for bad in (good[:place], good[:place] + bytes((good[place] ^ 0x10,)) + good[place + 1 :]):
            found = Material.read((), (), [bad])
            facts = Facts(world.trust, found)
            (name, *_) = facts.add(facts.route(world.seal.certificate, NOW), NOW)
            assert facts.certificates[name].statuses == ()
    assert answers.load(good).about(world.seal.certificate, root.certificate) is not None


def test_levels_are_not_written_over_a_revoked_signer(world: World) -> None:
    """An LT signature whose own list revokes the signer does not pass: nothing is glossed over."""

    def revoked() -> list[tuple[Certificate, datetime]]:
        return [(world.seal.certificate, NOW - HOUR)]

    source = OwnAuthority(world.issuer, revoked)
    data = xades.sign(
        DOCUMENT,
        world.seal,
        stamper=world.stamper,
        gatherer=Gatherer(world.trust, (source,), lambda: NOW),
        level=Level.LT,
        signed_at=NOW,
    )
    assert xades.verify(data, world.trust, at=NOW).subindication is SubIndication.REVOKED_NO_POE


def test_a_seal_is_no_anchor_for_lists(world: World) -> None:
    """A certificate without cRLSign signs no list, even one of its own issuer's name."""
    key = world.issuer.issue(SEAL, _subject("S"), now=NOW)
    forged = CertificateAuthority(SigningKey(key.private, key.chain, "root")).revocation_list(
        now=NOW
    )
    (found,) = Material.read((), [forged]).lists
    assert not path.signed_list(found, key.certificate)
    assert TrustStore.of(world.domain.root).with_lists(forged).lists
