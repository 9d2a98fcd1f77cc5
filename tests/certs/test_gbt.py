from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from certs import cms, gbt35275, seal, verify_any
from certs.asn1 import der, oids
from certs.digests import SM3
from certs.errors import UnsupportedAlgorithm
from certs.seal import Picture, SealData
from certs.sm2 import Sm2PublicKey
from certs.trust import TrustStore
from certs.verdict import BlockIndication, Indication, SubIndication
from tests.certs.chinese import DAY, China, accepted
from tests.certs.pki import NOW, World

CONTENT = "报关单".encode() * 40
IDENTITY = "1234567812345678"


@pytest.fixture(scope="module")
def china() -> China:
    """Return an operator with SM2 keys."""
    return China.make()


def octets_of(china: China) -> bytes:
    """Return a detached signature over the content."""
    return gbt35275.sign(CONTENT, china.seal, signed_at=NOW)


@pytest.mark.parametrize("enclosed", [True, False])
def test_signed_data_verifies(china: China, *, enclosed: bool):
    """What we write is read: enclosed without, detached with the file beside it."""
    signed = gbt35275.sign(CONTENT, china.seal, enclosed=enclosed, signed_at=NOW)
    verdict = verify_any(signed, china.trust, () if enclosed else [CONTENT], NOW)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].format == "GB/T 35275"
    assert verdict.signed == CONTENT


def test_openssl_accepts_the_signature_in_it(china: China, tmp_path: Path):
    """The value over the signed attributes is good to openssl; names are the standard's."""
    data = cms.read(octets_of(china), gbt35275.TYPES)
    signer = data.signers[0]
    key = china.seal.certificate.public_key
    assert isinstance(key, Sm2PublicKey)
    assert accepted(tmp_path, key, signer.signature, signer.signed_octets, IDENTITY)
    assert data.content_type == "1.2.156.10197.6.1.4.2.1"
    assert signer.algorithm.children()[0].dotted() == "1.2.156.10197.1.301.1"
    assert signer.digest is SM3


def test_a_time_stamp_carries_it_over_expiry(china: China):
    """Stamped while the certificate was valid, it is good when the certificate has ended."""
    stamped = gbt35275.sign(CONTENT, china.seal, stamper=china.stamper, signed_at=NOW)
    late = NOW + timedelta(days=6 * 365)
    assert verify_any(stamped, china.trust, [CONTENT], late).passed
    assert verify_any(octets_of(china), china.trust, [CONTENT], late).indication is (
        Indication.INDETERMINATE
    )


def test_a_signature_over_the_content_itself(china: China):
    """Writers leave the signed attributes out; then the content is what is signed."""
    value = china.seal.scheme.sign(china.seal.private, CONTENT)
    signer = der.sequence(
        der.integer(1),
        cms.identified_by(china.seal.certificate),
        SM3.identifier,
        der.sequence(der.oid(oids.SM2_1)),
        der.octets(value),
    )
    inner = der.sequence(
        der.integer(1),
        der.set_of(SM3.identifier),
        der.sequence(der.oid(oids.GBT_DATA)),
        der.context(0, china.seal.certificate.der),
        der.set_of(signer),
    )
    signed = der.sequence(der.oid(oids.GBT_SIGNED_DATA), der.context(0, inner))
    assert verify_any(signed, china.trust, [CONTENT], NOW).passed
    bad = verify_any(signed, china.trust, [CONTENT + b"x"], NOW)
    assert bad.subindication is SubIndication.SIG_CRYPTO_FAILURE


def test_what_is_wrong_with_it_is_named(china: China, world: World):
    """Other content, no content, damage, strangers: each its own answer."""
    signed = octets_of(china)
    assert verify_any(signed, china.trust, [b"x"], NOW).subindication is SubIndication.HASH_FAILURE
    missing = verify_any(signed, china.trust, (), NOW)
    assert missing.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
    damaged = signed[:-1] + bytes((signed[-1] ^ 1,))
    assert not verify_any(damaged, china.trust, [CONTENT], NOW).passed
    strange = verify_any(signed, world.trust, [CONTENT], NOW)
    assert strange.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_other_keys_do_not_sign_it(world: World):
    """GB/T 35275 is for SM2."""
    with pytest.raises(UnsupportedAlgorithm):
        gbt35275.sign(CONTENT, world.seal)


def seal_data(china: China) -> SealData:
    """Return a seal that the operator's certificate may affix."""
    return SealData(
        identifier="31010000000001",
        name="港口公司公章",
        vendor="SILKGATE",
        users=[china.seal.certificate],
        picture=Picture("png", b"\x89PNG", 42, 42),
        not_before=NOW - DAY,
        not_after=NOW + 365 * DAY,
    )


def sealed(china: China, data: SealData | None = None, **given: object) -> bytes:
    """Return the content sealed."""
    made = seal.make_seal(data or seal_data(china), china.maker, now=NOW - DAY)
    return seal.affix(made, CONTENT, china.seal, now=NOW, **given)  # type: ignore[arg-type]


def test_a_seal_verifies(china: China):
    """A seal affixed to a file is good over that file, and says who affixed it."""
    verdict = verify_any(sealed(china), china.trust, [CONTENT], NOW)
    assert verdict.passed, verdict.reason
    report = verdict.signatures[0]
    assert (report.format, report.level, report.signer) == ("GB/T 38540", "GB/T 38540-v4", "公章")
    assert report.time == NOW


def test_a_seal_is_stamped(china: China):
    """A time-stamp over the signature value is judged with it."""
    verdict = verify_any(sealed(china, stamper=china.stamper), china.trust, [CONTENT], NOW)
    assert verdict.passed
    assert verdict.signatures[0].timestamps[0].indication is BlockIndication.PASSED


def test_the_other_users_list_holds_digests(china: China):
    """A list of digests of certificates allows the same; another digest does not."""
    whole = der.parse(seal.make_seal(seal_data(china), china.maker, now=NOW - DAY))
    info = whole.children()[0].children()
    parts = info[2].children()

    def with_digest(value: bytes) -> bytes:
        pair = der.sequence(der.tlv(0x13, b"SM3"), der.octets(value))
        described = der.sequence(
            *(each.encoded for each in parts[:2]),
            der.integer(2),
            der.sequence(pair),
            *(each.encoded for each in parts[4:]),
        )
        body = der.sequence(info[0].encoded, info[1].encoded, described, info[3].encoded)
        return seal.affix(signed_seal(china, body), CONTENT, china.seal, now=NOW)

    good = with_digest(SM3.of(china.seal.certificate.der))
    assert verify_any(good, china.trust, [CONTENT], NOW).passed
    bad = verify_any(with_digest(bytes(32)), china.trust, [CONTENT], NOW)
    assert bad.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def signed_seal(china: China, info: bytes) -> bytes:
    """Return a SESeal of version 4 around any eSealInfo, signed by the maker."""
    value = china.maker.scheme.sign(china.maker.private, info)
    return der.sequence(
        info,
        der.octets(china.maker.certificate.der),
        der.oid(oids.SM2_WITH_SM3),
        der.tlv(der.BIT_STRING, b"\x00", value),
    )


def test_each_check_of_a_seal_has_its_own_refusal(china: China, world: World):
    """File, user, maker, period, chain: what is wrong is what is said."""

    def sub(signature: bytes, trust: TrustStore = china.trust) -> SubIndication | None:
        return verify_any(signature, trust, [CONTENT], NOW).subindication

    data = seal_data(china)
    changed = verify_any(sealed(china), china.trust, [CONTENT + b"x"], NOW)
    assert changed.subindication is SubIndication.HASH_FAILURE
    other = replace(data, users=[china.maker.certificate])
    assert sub(sealed(china, other)) is SubIndication.SIG_CONSTRAINTS_FAILURE
    ended = replace(data, not_after=NOW - DAY / 2)
    assert sub(sealed(china, ended)) is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert sub(sealed(china), world.trust) is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    absent = verify_any(sealed(china), china.trust, (), NOW)
    assert absent.subindication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_a_forged_seal_is_refused(china: China):
    """A seal whose name was changed is not the maker's, whoever signs over it."""
    made = seal.make_seal(seal_data(china), china.maker, now=NOW - DAY)
    forged = made.replace("港口公司公章".encode(), "海关总署公章".encode())
    signature = seal.affix(forged, CONTENT, china.seal, now=NOW)
    found = verify_any(signature, china.trust, [CONTENT], NOW)
    assert found.subindication is SubIndication.SIG_CRYPTO_FAILURE
    stranger = China.make()
    theirs = seal.make_seal(seal_data(china), stranger.maker, now=NOW - DAY)
    signature = seal.affix(theirs, CONTENT, china.seal, now=NOW)
    found = verify_any(signature, china.trust, [CONTENT], NOW)
    assert found.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_every_octet_of_a_seal_counts(china: China):
    """No single flipped bit leaves a good seal; the unprotected version field included."""
    whole = sealed(china)
    for at in range(0, len(whole), 7):
        flipped = whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :]
        assert not verify_any(flipped, china.trust, [CONTENT], NOW).passed, at


def test_no_shape_of_a_seal_breaks_the_reader(china: China):
    """Parts left out, doubled or cut short, in any structure: a refusal, never a crash."""
    whole = sealed(china, stamper=china.stamper)
    parts = [each.encoded for each in der.parse(whole).children()]
    for changed in reshaped(der.parse(whole)):
        if verify_any(changed, china.trust, [CONTENT], NOW).passed:
            # Only the time-stamp, which is outside what is signed, may be another.
            assert [each.encoded for each in der.parse(changed).children()][:4] == parts[:4]
    signed = octets_of(china)
    for changed in reshaped(der.parse(signed)):
        verify_any(changed, china.trust, [CONTENT], NOW)


def reshaped(node: der.Node, depth: int = 0) -> Iterator[bytes]:
    """Yield an element with each child in turn left out, doubled, emptied, or reshaped itself."""
    if not node.tag & 0x20 or depth > 4:
        return
    children = node.children()
    for place, child in enumerate(children):
        before = [each.encoded for each in children[:place]]
        after = [each.encoded for each in children[place + 1 :]]
        for instead in (
            [],
            [child.encoded, child.encoded],
            [bytes((child.tag, 0))],
            *([each] for each in reshaped(child, depth + 1)),
        ):
            yield der.tlv(node.tag, *before, *instead, *after)


def old_seal(china: China, *, raw: bool, whole: bool) -> bytes:
    """Return a seal and signature in the form of GM/T 0031-2014, as its writers make them."""

    def bits(octets: bytes) -> bytes:
        return der.tlv(der.BIT_STRING, b"\x00", octets)

    def value(key: object, octets: bytes) -> bytes:
        scheme = china.seal.scheme
        return bits((scheme.sign_raw if raw else scheme.sign)(key, octets))  # type: ignore[arg-type]

    def ascii_(text: str) -> bytes:
        return der.tlv(0x16, text.encode())

    maker = der.octets(china.maker.certificate.der), der.oid(oids.SM2_WITH_SM3)
    times = (NOW - DAY, NOW - DAY, NOW + DAY)
    described = der.sequence(
        der.integer(1),
        der.tlv(0x0C, "旧版印章".encode()),
        der.sequence(der.octets(china.seal.certificate.der)),
        *map(der.utc_time, times),
    )
    picture = der.sequence(ascii_("gif"), der.octets(b"GIF"), der.integer(4), der.integer(4))
    header = der.sequence(ascii_("ES"), der.integer(2), ascii_("OLD"))
    info = der.sequence(header, ascii_("1"), described, picture)
    over = der.sequence(info, *maker) if whole else info
    made = der.sequence(info, der.sequence(*maker, value(china.maker.private, over)))
    to_sign = der.sequence(
        der.integer(2),
        made,
        bits(NOW.strftime("%y%m%d%H%M%SZ").encode()),
        bits(SM3.of(CONTENT)),
        ascii_("/Doc_0/Signs/Sign_0/Signature.xml"),
        der.octets(china.seal.certificate.der),
        der.oid(oids.SM2_WITH_SM3),
    )
    return der.sequence(to_sign, value(china.seal.private, to_sign))


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_seals_of_the_old_standard_are_read(china: China, *, raw: bool, whole: bool):
    """Version 2, its signatures in DER or r and s side by side, over all or the seal alone."""
    signature = old_seal(china, raw=raw, whole=whole)
    verdict = verify_any(signature, china.trust, [CONTENT], NOW)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level == "GB/T 38540-v2"
    assert not verify_any(signature, china.trust, [CONTENT + b"x"], NOW).passed
