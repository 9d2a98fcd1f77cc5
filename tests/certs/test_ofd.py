"""OFD files: what a seal in them covers, and every way of showing something else under it."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from certs import archive, gbt35275, ofd, seal, verify_any
from certs.authority.ca import SEAL as PROFILE
from certs.digests import SM3
from certs.errors import ContainerRefused, UnsupportedAlgorithm
from certs.seal import structure
from certs.sm2 import Sm2PublicKey
from certs.verdict import Indication, SubIndication, Verdict
from tests.certs import ofd_sample as sample
from tests.certs.chinese import China, accepted, subject
from tests.certs.ofd_sample import DESCRIPTION, LISTING, PAGE, PLAIN, SEAL, VALUE, packed
from tests.certs.pki import NOW, World

Files = dict[str, bytes]
SECOND = "<ofd:SignedValue>x</ofd:SignedValue>"


@pytest.fixture(scope="module")
def china() -> China:
    """Return an operator with SM2 keys."""
    return China.make()


@pytest.fixture(scope="module")
def files(china: China) -> Files:
    """Return the files of a sealed package, its signature written by hand."""
    return sample.sealed(china)


def judged(china: China, files: Files) -> Verdict:
    """Return the verdict on a package of these files."""
    return verify_any(packed(files), china.trust, (), NOW)


def test_a_sealed_file_passes_and_names_what_is_signed(china: China, files: Files):
    """Every file that was listed, and nothing else, is handed on as signed."""
    verdict = judged(china, files)
    assert verdict.passed, verdict.reason
    (report,) = verdict.signatures
    assert set(report.signed_refs) == set(PLAIN)
    assert (report.format, report.level) == ("GB/T 38540", "OFD GB/T 38540-v4")
    assert (report.signer, report.claimed_time) == ("公章", NOW)
    assert {each.ref: each.data for each in verdict.objects} == {
        name: files[name] for name in PLAIN
    }


def test_what_we_write_openssl_finds_in_order(china: China, tmp_path: Path):
    """Our own writer: digests by `openssl dgst -sm3`, the seal's signature by `pkeyutl`."""
    made = ofd.sign(packed(dict(PLAIN)), china.seal, seal=sample.made_seal(china), now=NOW)
    files = archive.read(made)
    assert verify_any(made, china.trust, (), NOW).passed
    text = files[DESCRIPTION].decode()
    found = re.findall(r'FileRef="/([^"]+)"><ofd:CheckValue>([^<]+)<', text)
    assert {name for name, _ in found} == set(PLAIN)
    for name, value in found:
        (tmp_path / "file").write_bytes(files[name])
        digest = subprocess.run(
            ["openssl", "dgst", "-sm3", "-binary", tmp_path / "file"],
            capture_output=True,
            check=True,
        ).stdout
        assert digest == base64.b64decode(value)
    signed = structure.read(files[VALUE]).signed
    key = china.seal.certificate.public_key
    assert isinstance(key, Sm2PublicKey)
    (octets,) = signed.candidates
    assert accepted(tmp_path, key, signed.signature, octets, "1234567812345678")


@pytest.mark.parametrize("name", [*PLAIN, DESCRIPTION])
def test_any_change_is_noticed_and_named(china: China, files: Files, name: str):
    """A changed file fails whatever it is; the reason says which."""
    changed = files[name].replace(b"><", b">\n<", 1)
    verdict = judged(china, {**files, name: changed})
    assert verdict.subindication is SubIndication.HASH_FAILURE
    assert verdict.reason is not None
    assert name == DESCRIPTION or name in verdict.reason.en
    assert not verdict.objects


@pytest.mark.parametrize("name", [PAGE, DESCRIPTION, VALUE, LISTING])
def test_nothing_may_be_missing(china: China, files: Files, name: str):
    """A page, a description, a value, the list: named when it is gone."""
    verdict = judged(china, {key: value for key, value in files.items() if key != name})
    assert verdict.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
    assert verdict.reason is not None
    assert name in verdict.reason.en


def test_what_nobody_signed_does_not_pass(china: China, files: Files):
    """A page slipped in, or left out of the signature, is named; the signature itself is good."""
    verdict = judged(china, {**files, "Doc_0/Pages/Page_1/Content.xml": b"<x/>"})
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert verdict.reason is not None
    assert "Page_1" in verdict.reason.en
    assert verdict.signatures[0].indication is Indication.TOTAL_PASSED
    assert not verdict.objects


def test_the_entry_file_may_stay_unsigned_when_it_leads_to_one_document(china: China):
    """As writers leave it; not when it lists versions, or a document that nobody signed."""
    covered = {name: content for name, content in PLAIN.items() if name != "OFD.xml"}
    described = sample.description(sample.whole(covered))
    plain = sample.sealed(china, sample.with_list(PLAIN), described)
    assert judged(china, plain).passed
    main = plain["OFD.xml"]
    for changed in (
        main.replace(b"</ofd:DocBody>", b"<ofd:Versions/></ofd:DocBody>"),
        main.replace(b"Doc_0/Document.xml", f"/{LISTING}".encode()),
        main.replace(b"</ofd:OFD>", main[main.index(b"<ofd:DocBody>") :]),
    ):
        verdict = judged(china, {**plain, "OFD.xml": changed})
        assert not verdict.passed, changed


def relisted(text: Callable[[str], str]) -> Callable[[China], Files]:
    """Return how to seal a package whose description was rewritten before it was sealed."""

    def make(china: China) -> Files:
        covered = sample.with_list(PLAIN)
        described = text(sample.description(sample.whole(covered)).decode()).encode()
        return sample.sealed(china, covered, described)

    return make


def twice(text: str) -> str:
    """Return the description with one of its files listed again."""
    end = "</ofd:Reference>"
    first = text[text.index("<ofd:Reference ") : text.index(end)] + end
    return text.replace("</ofd:References>", f"{first}</ofd:References>")


@pytest.mark.parametrize(
    ("make", "sub"),
    [
        (relisted(twice), SubIndication.FORMAT_FAILURE),
        (
            relisted(lambda text: text.replace(f"/{PAGE}", "/../../etc/passwd")),
            SubIndication.FORMAT_FAILURE,
        ),
        (
            relisted(lambda text: text.replace("<ofd:CheckValue>", "<ofd:CheckValue><!-- -->", 1)),
            SubIndication.FORMAT_FAILURE,
        ),
        (
            relisted(lambda text: text.replace("</ofd:Signature>", f"{SECOND}</ofd:Signature>")),
            SubIndication.FORMAT_FAILURE,
        ),
        (
            relisted(lambda text: re.sub("<ofd:Reference .*</ofd:Reference>", "", text)),
            SubIndication.FORMAT_FAILURE,
        ),
        (
            relisted(lambda text: f"<!DOCTYPE a>{text}"),
            SubIndication.FORMAT_FAILURE,
        ),
        (
            relisted(lambda text: text.replace(f'"{sample.SM3}"', '"MD5"')),
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
        ),
        (
            relisted(lambda text: text.replace(f' CheckMethod="{sample.SM3}"', "")),
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
        ),
    ],
)
def test_a_description_that_can_be_read_in_two_ways_is_refused(
    china: China, make: Callable[[China], Files], sub: SubIndication
):
    """Listed twice, out of the package, parted text, two values, nothing, DOCTYPE, weak digests."""
    verdict = judged(china, make(china))
    assert verdict.subindication is sub, verdict.reason
    assert not verdict.passed


def test_sha1_binds_nothing(china: China):
    """Digests by SHA-1 that fit are not enough, and ones that do not fit fail."""
    covered = sample.with_list(PLAIN)
    references = "".join(sample.reference(f"/{n}", c, "sha1") for n, c in covered.items())
    files = sample.sealed(china, covered, sample.description(references, "1.3.14.3.2.26"))
    assert judged(china, files).subindication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE
    changed = judged(china, {**files, PAGE: files[PAGE] + b" "})
    assert changed.subindication is SubIndication.HASH_FAILURE


def test_the_list_names_each_signature_once(china: China, files: Files):
    """The same description twice, or two of the same number, are refused."""
    doubled = sample.listed(f"/{DESCRIPTION}", "Sign_0/Signature.xml")
    assert judged(china, {**files, LISTING: doubled}).subindication is SubIndication.FORMAT_FAILURE
    same = sample.listed(f"/{DESCRIPTION}", "/x").replace(b'ID="2"', b'ID="1"')
    assert judged(china, {**files, LISTING: same}).subindication is SubIndication.FORMAT_FAILURE
    empty = judged(china, {**files, LISTING: sample.listed()})
    assert empty.subindication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_a_page_posing_as_a_signature_gets_nobody_through(china: China, files: Files):
    """The list is not signed: whatever it names must be a signature, and a good one."""
    page = "Doc_0/Pages/Page_1/Content.xml"
    listing = sample.listed(f"/{DESCRIPTION}", f"/{page}")
    posing = {**files, LISTING: listing, page: files[PAGE]}
    assert not judged(china, posing).passed
    copied = {**files, LISTING: listing, page: files[DESCRIPTION]}
    copied[page] = copied[page].replace(b"</ofd:SignedInfo>", b" </ofd:SignedInfo>")
    assert judged(china, copied).indication is Indication.TOTAL_FAILED


def test_the_seal_beside_it_is_the_one_affixed(china: China, files: Files):
    """Another seal file under a good signature is noticed."""
    other = sample.made_seal(china)
    assert other != files[SEAL]
    verdict = judged(china, {**files, SEAL: other})
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert verdict.reason is not None
    assert SEAL in verdict.reason.en


def test_paths_are_read_as_the_standard_has_them(china: China):
    """From the root with a slash, from the folder without; from the root when it was left out."""
    covered = sample.with_list(PLAIN)
    references = sample.reference("../../Document.xml", covered["Doc_0/Document.xml"])
    references += sample.reference(PAGE, covered[PAGE])
    references += sample.reference("/OFD.xml", covered["OFD.xml"])
    described = sample.description(references, "SM3", "SignedValue.dat", "Seal.esl")
    files = {
        **sample.sealed(china, covered, described),
        LISTING: sample.listed("Sign_0/Signature.xml"),
    }
    verdict = judged(china, files)
    assert verdict.passed, verdict.reason
    assert set(verdict.signatures[0].signed_refs) == set(PLAIN)


def test_a_second_signature_stands_beside_the_first(china: China):
    """A seal, then a signature of another signer; a change fails both, an unknown signer one."""
    other = china.issuer.issue(PROFILE, subject("复核"), now=NOW)
    first = ofd.sign(packed(dict(PLAIN)), china.seal, seal=sample.made_seal(china), now=NOW)
    both = ofd.sign(first, other, stamper=china.stamper, now=NOW)
    verdict = verify_any(both, china.trust, (), NOW)
    assert verdict.passed, verdict.reason
    assert [each.format for each in verdict.signatures] == ["GB/T 38540", "GB/T 35275"]
    assert [each.signer for each in verdict.signatures] == ["公章", "复核"]
    files = archive.read(both)
    changed = judged(china, {**files, PAGE: files[PAGE] + b" "})
    assert [each.subindication for each in changed.signatures] == [SubIndication.HASH_FAILURE] * 2
    stranger = China.make()
    unknown = ofd.sign(first, stranger.seal, now=NOW)
    said = [each.indication for each in verify_any(unknown, china.trust, (), NOW).signatures]
    assert said == [Indication.TOTAL_PASSED, Indication.INDETERMINATE]


def test_a_closed_file_takes_no_further_signature(china: China, world: World):
    """Neither where a signature covers the list, nor by other keys, nor anything but OFD."""
    covered = sample.with_list(PLAIN)
    covered[LISTING] = sample.listed(f"/{DESCRIPTION}")
    closed = sample.sealed(china, covered, sample.description(sample.whole(covered)))
    assert judged(china, closed).passed
    with pytest.raises(ContainerRefused, match="no further"):
        ofd.sign(packed(closed), china.seal, now=NOW)
    with pytest.raises(UnsupportedAlgorithm):
        ofd.sign(packed(dict(PLAIN)), world.seal, now=NOW)
    with pytest.raises(ContainerRefused):
        ofd.sign(packed({"a.txt": b"x"}), china.seal, now=NOW)


def test_a_seal_has_its_place_on_a_page(china: China):
    """Page, box in millimetres as the picture is; a page that is not there is refused."""
    own = sample.made_seal(china)
    made = ofd.sign(
        packed(dict(PLAIN)), china.seal, seal=own, place=ofd.Place(1, 150, 220.5), now=NOW
    )
    text = archive.read(made)[DESCRIPTION].decode()
    assert '<ofd:StampAnnot ID="1" PageRef="1" Boundary="150 220.5 42 42"/>' in text
    with pytest.raises(ContainerRefused, match="page 2"):
        ofd.sign(packed(dict(PLAIN)), china.seal, seal=own, place=ofd.Place(2, 0, 0), now=NOW)


def test_a_signature_of_another_file_does_not_fit(china: China, files: Files):
    """A value copied from elsewhere fails on the digest of the description."""
    value = gbt35275.sign(b"something else", china.seal, signed_at=NOW)
    assert judged(china, {**files, VALUE: value}).indication is Indication.TOTAL_FAILED
    moved = seal.affix(files[SEAL], b"something else", china.seal, now=NOW)
    assert judged(china, {**files, VALUE: moved}).subindication is SubIndication.HASH_FAILURE


def test_a_signature_may_enclose_the_digest_of_its_description(china: China):
    """As GM/T 0099 has it, plain or in Base64; another digest is a signature of something else."""
    files = archive.read(ofd.sign(packed(dict(PLAIN)), china.seal, now=NOW))
    described = files[DESCRIPTION]
    digest = SM3.of(described)
    for content, good in ((digest, True), (base64.b64encode(digest), True), (bytes(32), False)):
        value = gbt35275.sign(content, china.seal, enclosed=True, signed_at=NOW)
        assert judged(china, {**files, VALUE: value}).passed == good, content
        changed = {VALUE: value, DESCRIPTION: described.replace(b"Silkgate", b"Somebody", 1)}
        assert judged(china, {**files, **changed}).indication is Indication.TOTAL_FAILED


def test_zip_traps_are_closed(china: China, files: Files):
    """A name twice, one by case, octets in front: refused before anything is read."""
    data = packed(files)
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as container:
        container.writestr("doc_0/document.xml", b"<x/>")
    for trap in (out.getvalue(), b"PK\x03\x04" + data):
        verdict = verify_any(trap, china.trust, (), NOW)
        assert verdict.subindication is SubIndication.FORMAT_FAILURE
    mixed = packed({"mimetype": b"application/vnd.etsi.asic-e+zip", **files})
    assert not verify_any(mixed, china.trust, (), NOW).passed


def test_what_describes_signatures_is_bounded(china: China, files: Files):
    """Many long descriptions, one list for many documents, many documents: refused, and soon."""
    covered = "".join(sample.reference(f"/Doc_0/f{number}", b"x") for number in range(4000))
    places = [f"Doc_0/Signs/Sign_{number}/Signature.xml" for number in range(64)]
    many = {
        **sample.with_list(PLAIN),
        **dict.fromkeys(places, sample.description(covered)),
        LISTING: sample.listed(*(f"/{each}" for each in places)),
    }
    main = files["OFD.xml"]
    body = main[main.index(b"<ofd:DocBody>") : main.index(b"</ofd:OFD>")]
    packages = [many, *({**files, "OFD.xml": main.replace(body, body * n)} for n in (2, 100))]
    for each in packages:
        data = packed(each)
        begun = time.process_time()
        verdict = verify_any(data, china.trust, (), NOW)
        assert verdict.subindication is SubIndication.FORMAT_FAILURE
        assert time.process_time() - begun < 1
