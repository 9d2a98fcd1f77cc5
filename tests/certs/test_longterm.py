"""Levels LT and LTA of XML signatures: what they hold, and how long they can be relied on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from certs import xades
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.tsa import Authority
from certs.errors import NoRevocationData, NotExtendable
from certs.levels import Level
from certs.validation.sources import Gatherer, Lists, OwnAuthority
from certs.verdict import BlockIndication, Indication, SubIndication
from certs.xades import Layout
from tests.certs.pki import DOCUMENT, NOW, OwnResponder, World

YEAR = timedelta(days=365)


def lasting(world: World, level: Level = Level.LTA, **changes: object) -> bytes:
    """Return the document signed to a level at NOW."""
    given = {"signed_at": NOW, **changes}
    return xades.sign(
        DOCUMENT,
        world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        **given,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("level", [Level.LT, Level.LTA])
@pytest.mark.parametrize("layout", Layout)
def test_what_lasts_is_verified(world: World, level: Level, layout: Layout) -> None:
    """LT and LTA pass in every layout, now and when the signer's certificate has ended."""
    data = lasting(world, level, layout=layout, name="a b.xml")
    for at in (NOW, NOW + 7 * YEAR):
        verdict = xades.verify(data, world.trust, at=at, detached={"a b.xml": DOCUMENT})
        assert verdict.passed, verdict
        assert verdict.signatures[0].level == f"XAdES-BASELINE-{level.name}"
        kinds = [(one.type, one.indication.value) for one in verdict.signatures[0].timestamps]
        archived = [("archive", "PASSED")] if level is Level.LTA else []
        assert kinds == [("signature", "PASSED"), *archived]


def test_validation_data_is_complete(world: World) -> None:
    """LT holds both certificates' chains and a list, so that anchors alone are enough."""
    text = lasting(world, Level.LT).decode()
    assert text.count("<xades:EncapsulatedX509Certificate>") == 2
    assert text.count("<xades:EncapsulatedCRLValue>") == 1


def test_without_revocation_data_nothing_lasts(world: World) -> None:
    """LT is refused rather than written without what it promises."""
    with pytest.raises(NoRevocationData):
        xades.sign(
            DOCUMENT,
            world.seal,
            stamper=world.stamper,
            gatherer=Gatherer(world.trust, (Lists(()),), lambda: NOW),
            level=Level.LT,
            signed_at=NOW,
        )


def test_a_later_revocation_does_not_reach_back(world: World) -> None:
    """The signer's certificate is revoked after the time-stamp: still passed; before: not."""
    data = lasting(world)
    for days, passes in ((1, True), (-0.5, False)):
        when = NOW + timedelta(days=days)
        crl = world.issuer.revocation_list([(world.seal.certificate, when)], now=NOW + 2 * YEAR)
        verdict = xades.verify(data, world.trust.with_lists(crl), at=NOW + 2 * YEAR)
        assert verdict.passed is passes, verdict
        if not passes:
            assert verdict.subindication is SubIndication.REVOKED_NO_POE


def test_an_archive_time_stamp_is_over_everything_before_it(world: World) -> None:
    """Taking out a revocation list, or changing a certificate, is noticed."""
    text = lasting(world).decode()
    without = re.sub(r"<xades:RevocationValues.*?</xades:RevocationValues>", "", text)
    verdict = xades.verify(without.encode(), world.trust, at=NOW)
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_copied_archive_time_stamp_is_refused(world: World) -> None:
    """An archive time-stamp of another signature does not fit this one."""
    pattern = r"<xades141:ArchiveTimeStamp.*?</xades141:ArchiveTimeStamp>"
    ours, other = lasting(world).decode(), lasting(world).decode()
    taken = re.findall(pattern, other)[0]
    mixed = re.sub(pattern, lambda _: taken, ours)
    verdict = xades.verify(mixed.encode(), world.trust, at=NOW)
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert [one.indication for one in verdict.signatures[0].timestamps] == [
        BlockIndication.PASSED,
        BlockIndication.FAILED,
    ]


def test_renewal_outlives_the_time_stamp_authority(world: World) -> None:
    """Archived anew by a younger authority, it passes when the first one's certificate ended."""
    data = lasting(world)
    late = NOW + 13 * YEAR
    assert not xades.verify(data, world.trust, at=late).passed
    renewed = xades.renew(data, younger(world, NOW + 10 * YEAR), world.gatherer(NOW + 10 * YEAR))
    verdict = xades.verify(renewed, world.trust, at=late)
    assert verdict.passed, verdict
    assert [one.type for one in verdict.signatures[0].timestamps] == [
        "signature",
        "archive",
        "archive",
    ]


def younger(world: World, at: datetime) -> Authority:
    """Return an authority whose certificate began shortly before `at`, with its clock there."""
    from certs.authority.ca import TSA

    return Authority(world.key(TSA, now=at - timedelta(days=1)), lambda: at)


def test_a_broken_or_unstamped_signature_is_not_renewed(world: World) -> None:
    """Renewal vouches for nothing that is not good."""
    broken = lasting(world).replace(b"Widget", b"Gadget")
    plain = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    for data in (broken, plain):
        with pytest.raises(NotExtendable):
            xades.renew(data, world.stamper, world.gatherer())


def test_signatures_beside_one_another(world: World) -> None:
    """A document whose signature leaves room for others is co-signed, and both are good."""
    from certs.xades import c14n
    from schemas.xml import parse

    other = CertificateAuthority.create(
        Subject(organisation="B", country="CN", common_name="B Root"), now=NOW - YEAR
    )
    key = other.issue(SEAL, Subject(organisation="B", country="CN", common_name="B"), now=NOW)
    first = parse(xades.sign(DOCUMENT, world.seal, signed_at=NOW))
    c14n.take_out(first[-1])
    roomy = xades.prepare(first, world.seal, signed_at=NOW, roomy=True).to_bytes()
    both = xades.sign(roomy, key, signed_at=NOW)
    trust = world.trust.with_anchors([other.root.certificate])
    verdict = xades.verify(both, trust, at=NOW)
    assert verdict.passed, verdict
    assert [one.signer for one in verdict.signatures] == ["Port A Seal", "B"]
    assert both.count(b"CounterSignature") == 0


def test_a_lasting_signature_is_countersigned(world: World) -> None:
    """A countersignature of an archived signature leaves both good; each is judged by itself."""
    data = xades.sign(lasting(world), world.seal, stamper=world.stamper, signed_at=NOW)
    verdict = xades.verify(data, world.trust, at=NOW)
    assert verdict.passed, verdict
    assert len(verdict.signatures) == 2


def test_an_own_responder_answers_for_the_chain(world: World) -> None:
    """OCSP answers are embedded and believed; a revoked answer counts."""
    from certs.authority.ocsp import Responder, Standing

    root = world.issuer.root

    def knows(standing: Standing) -> Callable[[int], Standing]:
        return lambda _: standing

    for standing, passes in ((Standing(), True), (Standing(NOW - timedelta(hours=1)), False)):
        responder = Responder(root, root.certificate, knows(standing), clock=lambda: NOW)
        source = OwnResponder(responder, root.certificate)
        data = xades.sign(
            DOCUMENT,
            world.seal,
            stamper=world.stamper,
            gatherer=Gatherer(world.trust, (source,), lambda: NOW),
            level=Level.LT,
            signed_at=NOW,
        )
        assert data.count(b"<xades:EncapsulatedOCSPValue>") == 2
        assert xades.verify(data, world.trust, at=NOW).passed is passes


def test_the_authority_speaks_for_its_own_only(world: World, stranger: World) -> None:
    """A list of another issuer clears nobody."""
    with pytest.raises(NoRevocationData):
        Gatherer(world.trust, (OwnAuthority(stranger.issuer),), lambda: NOW).gather(
            [(world.seal.certificate, ())]
        )
