from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA512

from certs import archive, asic, cades, cms, ers, jose, jws
from certs.asic import manifest
from certs.asn1 import der, oids
from certs.cades import edit
from certs.digests import SHA256
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Indication, SubIndication
from tests.certs.pki import NOW, World
from tests.hostile.certs.test_jose_attacks import header_of

DATA = b"cargo manifest"


def made(
    key: SigningKey,
    attributes: Sequence[bytes],
    value: bytes,
    certificates: Sequence[bytes],
    algorithm: bytes = b"",
) -> bytes:
    """Return a CMS signature with its attributes in just this order."""
    signer = der.sequence(
        der.integer(1),
        cms.identified_by(key.certificate),
        key.scheme.digest.identifier,
        der.tlv(0xA0, *attributes),
        algorithm or key.scheme.identifier,
        der.octets(value),
    )
    content = der.sequence(der.oid(oids.ID_DATA))
    return cms.content_info(key, 1, content, certificates, signer)


def usual(key: SigningKey, *more: bytes) -> list[bytes]:
    """Return the attributes of CAdES-B over DATA, unsorted, and more."""
    return [
        cms.signing_certificate_v2(key.certificate),
        cms.attribute(oids.MESSAGE_DIGEST, der.octets(key.scheme.digest.of(DATA))),
        cms.attribute(oids.CONTENT_TYPE, der.oid(oids.ID_DATA)),
        *more,
    ]


def test_attributes_are_signed_in_the_order_of_der(world: World) -> None:
    """RFC 5652, 5.4: whatever order they have in the file; in another they fail."""
    key = world.seal
    attributes = usual(key)
    assert attributes != sorted(attributes)
    good = made(key, attributes, cms.sign_attributes(key, attributes), [key.certificate.der])
    assert cades.verify(good, DATA, world.trust, at=NOW).passed
    turned = key.scheme.sign(key.private, der.tlv(0x31, *attributes[1:], attributes[0]))
    bad = made(key, attributes, turned, [key.certificate.der])
    assert cades.verify(bad, DATA, world.trust, at=NOW).subindication is (
        SubIndication.SIG_CRYPTO_FAILURE
    )


def test_a_signature_without_attributes_binds_nobody(world: World) -> None:
    """RFC 5652, 5.4: it is over the data itself; intact, and never confirmed."""
    key = world.seal
    signer = der.sequence(
        der.integer(1),
        cms.identified_by(key.certificate),
        key.scheme.digest.identifier,
        key.scheme.identifier,
        der.octets(key.scheme.sign(key.private, DATA)),
    )
    content = der.sequence(der.oid(oids.ID_DATA))
    plain = cms.content_info(key, 1, content, [key.certificate.der], signer)
    verdict = cades.verify(plain, DATA, world.trust, at=NOW)
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    changed = cades.verify(plain, DATA + b"!", world.trust, at=NOW)
    assert changed.subindication is SubIndication.SIG_CRYPTO_FAILURE


def test_zeros_may_follow_a_signature(world: World) -> None:
    """As when it was cut out of a place reserved for it; anything else may not."""
    signature = cades.sign(DATA, world.seal, signed_at=NOW)
    assert cades.verify(signature + bytes(64), DATA, world.trust, at=NOW).passed
    assert not cades.verify(signature + b"\x00\x01", DATA, world.trust, at=NOW).passed


@pytest.mark.parametrize(
    ("salt", "named", "passes"), [(20, 20, True), (64, 64, True), (64, 32, False)]
)
def test_the_salt_of_pss_is_that_of_the_parameters(
    world: World, salt: int, named: int, *, passes: bool
) -> None:
    """RFC 4055, 3.1: any length, which is named; and the digest may be another than of the data."""
    private = rsa.generate_private_key(65537, 2048)
    key = world.key(private=private)
    hashed = der.sequence(der.oid("2.16.840.1.101.3.4.2.3"), der.null())
    algorithm = der.sequence(
        der.oid(oids.RSASSA_PSS),
        der.sequence(
            der.context(0, hashed),
            der.context(1, der.sequence(der.oid(oids.MGF1), hashed)),
            der.context(2, der.integer(named)),
        ),
    )
    attributes = usual(key)
    pss = padding.PSS(padding.MGF1(SHA512()), salt)
    value = private.sign(der.set_of(*attributes), pss, SHA512())
    signature = made(key, attributes, value, [key.certificate.der], algorithm)
    assert cades.verify(signature, DATA, world.trust, at=NOW).passed is passes


def test_content_time_stamps_are_judged(world: World) -> None:
    """Several may be signed along; each must be over the content (EN 319 122-1, 5.2.8)."""
    key = world.seal
    stamp, other = (world.stamper.stamp(SHA256.of(each)) for each in (DATA, b"something else"))

    def signed(*tokens: bytes) -> bytes:
        stamps = [cms.attribute(oids.CONTENT_TIME_STAMP, each) for each in tokens]
        attributes = usual(key, *stamps)
        return made(key, attributes, cms.sign_attributes(key, attributes), [key.certificate.der])

    good = cades.verify(
        signed(stamp, world.stamper.stamp(SHA256.of(DATA))), DATA, world.trust, at=NOW
    )
    assert good.passed
    assert [each.type for each in good.signatures[0].timestamps] == ["content", "content"]
    assert good.signatures[0].time is None, "what was to be signed is older than the signature"
    assert not cades.verify(signed(stamp, other), DATA, world.trust, at=NOW).passed


def test_a_certificate_that_was_not_enclosed_can_be_given(world: World) -> None:
    """Without it nobody knows who signed; with it the signature is judged, and trusted or not."""
    signature = cades.sign(DATA, world.seal, signed_at=NOW)
    bare = replace(edit.open_data(signature), certificates=()).encode()
    alone = cades.verify(bare, DATA, TrustStore.of(), at=NOW)
    assert alone.subindication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    known = cades.verify(bare, DATA, TrustStore.of().with_known([world.seal.certificate]), at=NOW)
    assert known.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    trusted = world.trust.with_known([world.seal.certificate])
    assert cades.verify(bare, DATA, trusted, at=NOW).passed


def token(world: World, payload: bytes, *, enclosed: bool = True, **changes: object) -> bytes:
    """Return a flattened JWS whose payload is signed as these octets."""
    protected = jose.encode(json.dumps(header_of(world, **changes)).encode())
    value = world.seal.scheme.sign_raw(world.seal.private, f"{protected}.".encode() + payload)
    members = {"protected": protected, "signature": jose.encode(value)}
    return json.dumps({**members, **({"payload": payload.decode()} if enclosed else {})}).encode()


def test_a_detached_payload_may_be_signed_as_it_is(world: World) -> None:
    """RFC 7797: b64 false must be critical, and is read only where nothing is enclosed."""
    plain: dict[str, Any] = {"b64": False, "crit": ["b64"]}
    detached = token(world, DATA, enclosed=False, **plain)
    verdict = jws.verify(detached, world.trust, at=NOW, detached={"a": DATA})
    assert verdict.passed
    assert verdict.signed == DATA
    assert not jws.verify(detached, world.trust, at=NOW, detached={"a": DATA + b"!"}).passed
    assert not jws.verify(token(world, DATA, **plain), world.trust, at=NOW).passed
    silent = token(world, DATA, enclosed=False, b64=False)
    assert not jws.verify(silent, world.trust, at=NOW, detached={"a": DATA}).passed


def test_a_digest_of_the_certificate_names_the_signer(world: World) -> None:
    """Without x5c the certificate is looked for by x5t#S256 or x5t#o, and nowhere else."""
    payload = jose.encode(DATA).encode()
    value = jose.encode(world.seal.certificate.sha256)
    trust = world.trust.with_known([world.seal.certificate])
    for named in ({"x5t#S256": value}, {"x5t#o": {"digAlg": "S256", "digVal": value}}):
        data = token(world, payload, x5c=None, **named)
        assert jws.verify(data, trust, at=NOW).passed
        missing = jws.verify(data, world.trust, at=NOW)
        assert missing.subindication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND
    nameless = token(world, payload, x5c=None)
    assert not jws.verify(nameless, trust, at=NOW).passed


def test_a_member_of_nobody_leaves_doubt_and_breaks_nothing(world: World) -> None:
    """RFC 7515, 7.2: it is to be ignored, and yet nobody signed it."""
    data = json.loads(token(world, jose.encode(DATA).encode()))
    verdict = jws.verify(json.dumps({**data, "extra": 1}).encode(), world.trust, at=NOW)
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_missing_file_is_not_mistaken_for_one_nobody_signed(world: World) -> None:
    """What a signature misses is said before what the container has too much."""
    listed = manifest.write("META-INF/signature.p7s", {"a.xml": b"<a/>", "b.xml": b"<b/>"})
    signature = cades.sign(listed, world.seal, signed_at=NOW)
    container = archive.write(
        {
            "mimetype": asic.ASIC_E,
            "a.xml": b"<a/>",
            "more.txt": b"more",
            "META-INF/ASiCManifest.xml": listed,
            "META-INF/signature.p7s": signature,
        }
    )
    verdict = asic.verify(container, world.trust, at=NOW).verdict
    assert verdict.subindication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_the_simple_container_needs_no_manifest_for_a_record(world: World) -> None:
    """EN 319 162-1, 4.3.3: an evidence record over the one file."""
    (record,) = ers.make([[DATA]], world.stamper)

    def container(content: bytes) -> bytes:
        return archive.write({"a.txt": content, "META-INF/evidencerecord.ers": record})

    assert asic.verify(container(DATA), world.trust, at=NOW).passed
    other = asic.verify(container(b"other"), world.trust, at=NOW).verdict
    assert other.subindication is SubIndication.HASH_FAILURE
