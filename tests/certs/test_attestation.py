from __future__ import annotations

import base64
import hashlib

import pytest

from certs import asic, attestation, verify_any, xades
from certs.attestation import Attested
from certs.errors import NotAttested
from certs.trust import TrustStore
from schemas.xml import parse
from tests.certs.pki import DOCUMENT, NOW, World

ETSI = "{http://uri.etsi.org/19102/v1.2.1#}"


def foreign(stranger: World) -> Attested:
    """Return a foreign document that was verified, with something said of its worth."""
    signed = xades.sign(DOCUMENT, stranger.seal, stamper=stranger.stamper, signed_at=NOW)
    verdict = xades.verify(signed, stranger.trust, at=NOW).as_dict()
    return Attested("doc.xml", signed, {**verdict, "recognition": {"accorded_level": "low"}})


def test_the_gateway_vouches_and_the_original_stays(world: World, stranger: World):
    """The container is sealed by the gateway; the foreign signature in it still verifies."""
    given = foreign(stranger)
    sealed = attestation.attest(given, world.seal, world.stamper, now=NOW)
    found = asic.verify(sealed, world.trust, at=NOW)
    assert found.passed
    assert found.files["doc.xml"] == given.data
    assert found.verdict.signatures[0].signer == world.seal.certificate.name
    inner = verify_any(found.files["doc.xml"], stranger.trust, (), NOW)
    assert inner.signatures[0].signer == stranger.seal.certificate.name


def test_the_report_names_signer_and_validator_apart(world: World, stranger: World):
    """Who signed is the foreign signer, who validated is the gateway; the digest is that given."""
    given = foreign(stranger)
    root = parse(attestation.report(given, world.seal, NOW))
    assert root.tag == f"{ETSI}ValidationReport"
    assert root.findtext(f".//{ETSI}MainIndication") == (
        "urn:etsi:019102:mainindication:total-passed"
    )
    (signature, validator) = root.findall(f".//{ETSI}Signer")
    assert (signature.text, validator.text) == (
        stranger.seal.certificate.name,
        world.seal.certificate.name,
    )
    digest = base64.b64encode(hashlib.sha256(given.data).digest()).decode()
    assert digest in {each.text for each in root.iter("{*}DigestValue")}
    assert "accorded_level" in (root.findtext("{urn:silkgate:recognition:1}Recognition") or "")


def test_what_did_not_pass_is_not_attested(world: World, stranger: World):
    """An unknown or broken signature gets no seal of ours."""
    signed = foreign(stranger).data
    verdict = xades.verify(signed, TrustStore.of(), at=NOW).as_dict()
    with pytest.raises(NotAttested):
        attestation.attest(Attested("doc.xml", signed, verdict), world.seal, now=NOW)
