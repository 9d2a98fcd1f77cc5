from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from certs import path
from certs.authority.ca import SEAL, TSA, CertificateAuthority, Subject
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Refused, SubIndication
from tests.certs.pki import NOW, World


def why(key: SigningKey, trust: TrustStore, at: datetime = NOW, *extra: SigningKey) -> str:
    """Return the sub-indication with which a path is refused."""
    with pytest.raises(Refused) as caught:
        path.find(key.certificate, [each.certificate for each in extra], trust, at)
    return caught.value.sub.value


def subject(name: str) -> Subject:
    """Return a name in the style of the world's own."""
    return Subject(organisation="Port A", country="SG", common_name=name)


def test_a_path_leads_from_the_seal_to_the_root(world: World) -> None:
    """The path ends at the anchor and is valid as long as all of its certificates."""
    found = path.find(world.seal.certificate, (), world.trust, NOW)
    assert found.certificates == (world.seal.certificate, world.domain.root)
    assert found.not_after == world.seal.certificate.not_after


def test_a_strange_root_is_no_anchor(world: World, stranger: World) -> None:
    """What nobody trusts has no chain."""
    assert why(world.seal, stranger.trust) == SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_a_root_of_the_same_name_is_no_anchor() -> None:
    """A forged root with the name of the real one does not help: its signature is another."""
    forged = CertificateAuthority.create(subject("Port A Root"), now=NOW)
    victim = CertificateAuthority.create(subject("Port A Root"), now=NOW)
    leaf = forged.issue(SEAL, subject("Seal"), now=NOW)
    trust = TrustStore.of(victim.root.certificate)
    assert why(leaf, trust, NOW, forged.root) == SubIndication.NO_CERTIFICATE_CHAIN_FOUND


@pytest.mark.parametrize("offset", [timedelta(days=-2), timedelta(days=365 * 6)])
def test_validity_is_judged_at_the_time_asked_for(world: World, offset: timedelta) -> None:
    """Before its start and after its end a certificate has no valid path."""
    assert why(world.seal, world.trust, NOW + offset) == SubIndication.OUT_OF_BOUNDS_NO_POE
    path.find(world.seal.certificate, (), world.trust, NOW)


def test_a_path_remembered_is_not_used_beyond_its_time(world: World) -> None:
    """A good path found today does not make the same certificate good in six years."""
    path.find(world.seal.certificate, (), world.trust, NOW)
    late = NOW + timedelta(days=365 * 6)
    assert why(world.seal, world.trust, late) == SubIndication.OUT_OF_BOUNDS_NO_POE


def test_a_path_remembered_is_not_used_for_another_store(world: World, stranger: World) -> None:
    """Trust in one store says nothing about another."""
    path.find(world.seal.certificate, (), world.trust, NOW)
    assert why(world.seal, stranger.trust) == SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_a_leaf_cannot_issue(world: World) -> None:
    """A certificate without the CA flag issues nothing, though its signature is right."""
    rogue = CertificateAuthority(world.seal).issue(SEAL, subject("Rogue"), now=NOW)
    assert why(rogue, world.trust, NOW, world.seal) == SubIndication.CHAIN_CONSTRAINTS_FAILURE


def test_a_revoked_certificate_has_no_path_after_its_revocation(world: World) -> None:
    """A CRL of the issuer stops the path from the time of revocation on, not before."""
    key = world.key()
    revoked = [(key.certificate, NOW)]
    crl = world.issuer.revocation_list(revoked, now=NOW)
    trust = world.trust.with_lists(crl)
    assert why(key, trust, NOW + timedelta(hours=1)) == SubIndication.REVOKED_NO_POE
    path.find(key.certificate, (), trust, NOW - timedelta(minutes=1))


def test_a_revocation_list_of_somebody_else_is_ignored(world: World) -> None:
    """A CRL counts only when the issuer of the certificate signed it."""
    key = world.key()
    forged = CertificateAuthority.create(subject("Port A Root"), now=NOW)
    crl = forged.revocation_list([(key.certificate, NOW)], now=NOW)
    path.find(key.certificate, (), world.trust.with_lists(crl), NOW + timedelta(hours=1))


def test_a_purpose_does_not_matter_to_the_path(world: World) -> None:
    """The path is judged alone; who asks for it judges the purpose."""
    path.find(world.key(TSA).certificate, (), world.trust, NOW)
