from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from lxml import etree

from certs import xades
from certs.algorithms import PrivateKey
from certs.authority.ca import DOCUMENT as CONTENT_COMMITMENT
from certs.authority.ca import TLS, TSA
from certs.errors import AlreadySigned
from certs.verdict import BlockIndication, Indication, SubIndication
from certs.xades.names import NS
from schemas.xml import parse
from tests.certs.pki import DOCUMENT, NOW, World

KEYS: dict[str, Callable[[], PrivateKey]] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "RSA-2048": lambda: rsa.generate_private_key(65537, 2048),
}


@pytest.fixture(scope="module", params=KEYS)
def private(request: pytest.FixtureRequest) -> PrivateKey:
    """Return a new key of each type that XML signatures are made with."""
    return KEYS[request.param]()


def signed(world: World, document: bytes = DOCUMENT) -> bytes:
    """Return the document signed and stamped at NOW."""
    return xades.sign(document, world.seal, stamper=world.stamper, signed_at=NOW)


def test_a_signed_document_is_verified(world: World) -> None:
    """B-T: passed, with signer, proven time and a good time-stamp, over the whole document."""
    verdict = xades.verify(signed(world), world.trust, at=NOW)
    (report,) = verdict.signatures
    assert verdict.indication is Indication.TOTAL_PASSED
    assert (report.level, report.signer) == ("XAdES-BASELINE-T", "Port A Seal")
    assert (report.time, report.claimed_time) == (NOW, NOW)
    assert report.signed_refs == ("",)
    assert [stamp.indication for stamp in report.timestamps] == [BlockIndication.PASSED]


def test_only_the_signed_document_comes_out(world: World) -> None:
    """`signed` is the canonical document without its signature, and nothing when it failed."""
    passed = xades.verify(signed(world), world.trust, at=NOW)
    assert passed.signed == etree.tostring(parse(DOCUMENT), method="c14n")
    broken = xades.verify(signed(world).replace(b"Widget", b"Gadget"), world.trust, at=NOW)
    assert (broken.signed, broken.objects) == (b"", ())


def test_every_type_of_key_signs(world: World, private: PrivateKey) -> None:
    """ECDSA on P-256 and P-384 and RSA sign and verify."""
    key = world.key(private=private)
    verdict = xades.verify(xades.sign(DOCUMENT, key, signed_at=NOW), world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_PASSED


def test_ed25519_signs(world: World) -> None:
    """Ed25519 has an identifier for XML (RFC 9231), and works."""
    key = world.key(private=ed25519.Ed25519PrivateKey.generate())
    verdict = xades.verify(xades.sign(DOCUMENT, key, signed_at=NOW), world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_PASSED


def test_signxml_agrees(world: World) -> None:
    """An independent implementation verifies the document and finds the same signed content."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from signxml.xades.xades import XAdESVerifier

        results = XAdESVerifier().verify(
            xades.sign(DOCUMENT, world.seal),
            x509_cert=world.seal.certificate.x509,
            expect_references=2,
        )
    found = results[0].signed_xml
    assert found is not None
    assert etree.tostring(found, method="c14n") == etree.tostring(parse(DOCUMENT), method="c14n")


def test_the_baseline_elements_are_there(world: World) -> None:
    """EN 319 132-1: the mandatory elements of level B and T are there, each once."""
    root = parse(signed(world))
    for name in (
        "ds:KeyInfo",
        "xades:SigningTime",
        "xades:SigningCertificateV2",
        "xades:DataObjectFormat",
        "xades:SignatureTimeStamp",
        "xades:EncapsulatedTimeStamp",
    ):
        assert len(root.findall(f".//{name}", NS)) == 1, name
    certified = root.findall(".//ds:Reference/ds:Transforms/ds:Transform[last()]", NS)
    assert all("c14n" in (each.get("Algorithm") or "") for each in certified)


@pytest.mark.parametrize(
    "document",
    [
        b"<a/>",
        b"<a>text</a>",
        b"<?xml version='1.0' encoding='UTF-8'?>\n<!-- before --><?pi x?><a>\n <b/>tail\n</a>\n",
        b'<a xmlns="urn:a" xmlns:ds="urn:not-dsig"><b ds:c="1"/></a>',
        b'<a xmlns:other="http://www.w3.org/2000/09/xmldsig#"><other:KeyName>x</other:KeyName></a>',
        b'<a xmlns:xsi="urn:i" xsi:type="x:y" xmlns:x="urn:x" xml:lang="zh"><b/></a>',
        b"<a><![CDATA[1 < 2]]>&#13;&amp;<b/></a>",
        "<申报><货物 名称='螺丝'/></申报>".encode(),
        "<?xml version='1.0' encoding='GB18030'?><申报/>".encode("gb18030"),
    ],
)
def test_documents_of_any_shape_are_signed(world: World, document: bytes) -> None:
    """Instructions, odd prefixes, QNames in values, CDATA, Chinese names and other encodings."""
    verdict = xades.verify(signed(world, document), world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_PASSED, verdict.reason
    assert verdict.signed == etree.tostring(
        parse(document).getroottree(), method="c14n", with_comments=False
    )


def test_a_signed_document_is_countersigned(world: World) -> None:
    """A second enveloped signature would break the first: it countersigns it instead."""
    verdict = xades.verify(signed(world, signed(world)), world.trust, at=NOW)
    assert verdict.passed
    assert len(verdict.signatures) == 2
    assert verdict.signed == etree.tostring(parse(DOCUMENT), method="c14n")


def test_a_signature_that_is_no_xades_is_not_countersigned(world: World) -> None:
    """A plain signature has no place for a countersignature: signing it again is refused."""
    plain = re.sub(rb"<ds:Object>.*</ds:Object>", b"", signed(world))
    with pytest.raises(AlreadySigned):
        signed(world, plain)


def test_the_tree_is_kept_between_signing_and_stamping(world: World) -> None:
    """Signing and stamping in two stages gives what one call gives."""
    prepared = xades.prepare(parse(DOCUMENT), world.seal, signed_at=NOW)
    assert xades.verify(prepared.to_bytes(), world.trust, at=NOW).signatures[0].level.endswith("B")
    stamped = prepared.stamp(world.stamper).to_bytes()
    assert xades.verify(stamped, world.trust, at=NOW).signatures[0].level.endswith("T")


def test_a_time_stamp_outlives_the_certificate(world: World) -> None:
    """Years after the seal expired, B-T still passes and B is in doubt."""
    late = NOW + timedelta(days=365 * 7)
    stamped = xades.verify(signed(world), world.trust, at=late)
    assert stamped.indication is Indication.TOTAL_PASSED
    bare = xades.verify(xades.sign(DOCUMENT, world.seal, signed_at=NOW), world.trust, at=late)
    assert bare.indication is Indication.INDETERMINATE
    assert bare.subindication is SubIndication.OUT_OF_BOUNDS_NO_POE


def test_a_fresh_forgery_with_an_old_date_is_no_proof(world: World) -> None:
    """A signing time that the signer claims is believed by nobody."""
    late = NOW + timedelta(days=365 * 7)
    forged = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    assert not xades.verify(forged, world.trust, at=late).passed


def test_a_stranger_is_unknown_not_wrong(world: World, stranger: World) -> None:
    """No path to an anchor: indeterminate, and the integrity is not doubted."""
    verdict = xades.verify(signed(stranger), world.trust, at=NOW)
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert verdict.signed == b""


def test_an_unknown_chain_never_hides_broken_integrity(world: World, stranger: World) -> None:
    """A changed document by a stranger is failed, not merely unknown."""
    verdict = xades.verify(signed(stranger).replace(b"Widget", b"Gadget"), world.trust, at=NOW)
    assert verdict.indication is Indication.TOTAL_FAILED
    assert verdict.subindication is SubIndication.HASH_FAILURE


def test_a_seal_for_content_commitment_alone_is_accepted(world: World) -> None:
    """Seals often assert contentCommitment and nothing else."""
    key = world.key(CONTENT_COMMITMENT)
    assert xades.verify(xades.sign(DOCUMENT, key, signed_at=NOW), world.trust, at=NOW).passed


@pytest.mark.parametrize("profile", [TLS, TSA])
def test_a_key_for_something_else_seals_nothing(world: World, profile: object) -> None:
    """Keys certified for TLS or time-stamping alone do not sign documents."""
    key = world.key(profile)  # type: ignore[arg-type]
    verdict = xades.verify(xades.sign(DOCUMENT, key, signed_at=NOW), world.trust, at=NOW)
    assert verdict.subindication is SubIndication.CHAIN_CONSTRAINTS_FAILURE


def test_a_revoked_seal_passes_only_for_what_was_stamped_before(world: World) -> None:
    """Revoked later: the old stamped document stands, the unstamped one is in doubt."""
    key = world.key()
    revoked = [(key.certificate, NOW + timedelta(days=10))]
    crl = world.issuer.revocation_list(revoked, now=NOW + timedelta(days=10))
    trust, later = world.trust.with_lists(crl), NOW + timedelta(days=20)
    stamped = xades.sign(DOCUMENT, key, stamper=world.stamper, signed_at=NOW)
    assert xades.verify(stamped, trust, at=later).passed
    bare = xades.verify(xades.sign(DOCUMENT, key, signed_at=NOW), trust, at=later)
    assert bare.subindication is SubIndication.REVOKED_NO_POE
