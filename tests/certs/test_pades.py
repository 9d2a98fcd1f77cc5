from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from reportlab.pdfgen import canvas

from certs import pades, verify_any
from certs.errors import NoPdfSupport, PdfRefused, UnsupportedAlgorithm
from certs.keys import KeyStore
from certs.levels import Level
from certs.pades import changes, worker
from certs.pades.keeping import Stamper
from certs.validation.sources import Gatherer, OwnAuthority
from certs.verdict import BlockIndication, Indication, SubIndication, Verdict
from tests.certs.chinese import China
from tests.certs.pki import NOW, World


def page(*lines: str) -> bytes:
    """Return a PDF of one page."""
    out = BytesIO()
    drawn = canvas.Canvas(out, invariant=True)
    for number, line in enumerate(lines or ("INVOICE 1, EUR 100.00",)):
        drawn.drawString(72, 720 - 20 * number, line)
    drawn.showPage()
    drawn.save()
    return out.getvalue()


def gatherer(world: World) -> Gatherer:
    """Return what gathers validation data at NOW."""
    return Gatherer(world.trust, [OwnAuthority(world.issuer)], lambda: NOW)


def signed(world: World, level: Level, data: bytes | None = None) -> bytes:
    """Return a page signed at a level."""
    return pades.sign(
        data or page(),
        world.seal,
        stamper=world.stamper,
        gatherer=gatherer(world),
        level=level,
        signed_at=NOW,
    )


def judged(world: World, data: bytes) -> Verdict:
    """Return our verdict."""
    return verify_any(data, world.trust, (), NOW)


@pytest.mark.parametrize("level", list(Level))
def test_every_level_is_written_and_verified(world: World, level: Level):
    """The level is what the file makes up; the signed object is the file of that revision."""
    data = signed(world, level)
    verdict = judged(world, data)
    assert verdict.passed, verdict.reason
    (report,) = verdict.signatures
    assert (report.format, report.level) == ("PAdES", f"PAdES-BASELINE-{level.name}")
    assert report.signer == world.seal.certificate.name
    assert data.startswith(verdict.signed)
    assert all(each.indication is BlockIndication.PASSED for each in report.timestamps)


@pytest.mark.parametrize("level", [Level.B, Level.LTA])
def test_pyhanko_accepts_what_we_write(world: World, level: Level):
    """Another validator finds every signature of ours good and the whole file covered."""
    reader = PdfFileReader(BytesIO(signed(world, level)))
    root = asn1_x509.Certificate.load(world.domain.keys.load("root").certificate.der)
    for each in reader.embedded_regular_signatures:
        context = ValidationContext(
            trust_roots=[root], moment=NOW, revocation_mode="soft-fail", allow_fetching=False
        )
        status = asyncio.run(async_validate_pdf_signature(each, context))
        assert status.bottom_line, status.pretty_print_details()
    assert len(reader.embedded_timestamp_signatures) == (level is Level.LTA)


@pytest.mark.parametrize("kind", ["RSA", "Ed25519"])
def test_other_keys_sign(world: World, kind: str):
    """RSA and Ed25519 sign PDF files like P-256."""
    private = (
        rsa.generate_private_key(65537, 2048)
        if kind == "RSA"
        else ed25519.Ed25519PrivateKey.generate()
    )
    key = world.key(private=private)
    data = pades.sign(page(), key, signed_at=NOW)
    assert judged(world, data).passed


def test_sm2_has_no_name_in_pdf(world: World):
    """A key that no PDF reader knows is refused, not improvised."""
    assert world is not None
    with pytest.raises(UnsupportedAlgorithm):
        pades.sign(page(), China.make().seal)


def test_a_second_signature_joins_the_first(world: World):
    """Two signers one after the other: both pass, the first over its own revision."""
    once = signed(world, Level.T)
    twice = pades.sign(once, world.key(), stamper=world.stamper, signed_at=NOW)
    verdict = judged(world, twice)
    assert verdict.passed, verdict.reason
    assert [each.signer for each in verdict.signatures] == ["Port A Seal", "Another"]


def test_every_flipped_octet_is_noticed(world: World):
    """Whatever octet of the signed page is changed, the signature does not pass."""
    data = signed(world, Level.B)
    start = data.index(b"/Contents <") + 11
    end = data.index(b">", start)
    for at in [*range(0, start - 11, 199), *range(end + 1, len(data), 83)]:
        changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        assert not judged(world, changed).passed, at


def test_an_update_after_the_signature_is_noticed(world: World):
    """A page drawn over by an incremental save is not what was signed, at any level."""
    for level in (Level.B, Level.LTA):
        writer = IncrementalPdfFileWriter(BytesIO(signed(world, level)))
        shown = writer.root["/Pages"]["/Kids"][0]
        over = generic.StreamObject(stream_data=b"q 1 1 1 rg 0 0 600 800 re f Q")
        shown["/Contents"] = writer.add_object(over)
        writer.update_container(shown)
        out = BytesIO()
        writer.write(out)
        verdict = judged(world, out.getvalue())
        assert verdict.indication is Indication.TOTAL_FAILED
        assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_what_nobody_signed_leaves_doubt(world: World):
    """An annotation after the last signature changes no page: the signature is not confirmed."""
    writer = IncrementalPdfFileWriter(BytesIO(signed(world, Level.B)))
    shown = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject({generic.pdf_name("/Subtype"): generic.pdf_name("/Text")})
    shown["/Annots"] = generic.ArrayObject([*shown.get("/Annots", ()), writer.add_object(note)])
    writer.update_container(shown)
    out = BytesIO()
    writer.write(out)
    verdict = judged(world, out.getvalue())
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_too_many_revisions_are_not_compared(world: World, monkeypatch: pytest.MonkeyPatch):
    """Comparing has a bound; a file saved more often is not confirmed."""
    data = signed(world, Level.LTA)
    assert b"too often" not in worker.answer(data)
    monkeypatch.setattr(changes, "_MOST_REVISIONS", 1)
    assert b"too often" in worker.answer(data)


def test_shadow_content_is_noticed(world: World):
    """Content hidden at signing and swapped in afterwards by pointing at it is a change."""
    writer = IncrementalPdfFileWriter(BytesIO(page("real")))
    hidden = writer.add_object(generic.StreamObject(stream_data=b"BT (fake) Tj ET"))
    out = BytesIO()
    writer.root["/Hidden"] = hidden
    writer.update_root()
    writer.write(out)
    data = signed(world, Level.B, out.getvalue())
    assert judged(world, data).passed
    writer = IncrementalPdfFileWriter(BytesIO(data))
    shown = writer.root["/Pages"]["/Kids"][0]
    shown["/Contents"] = writer.root.raw_get("/Hidden")
    writer.update_container(shown)
    out = BytesIO()
    writer.write(out)
    assert judged(world, out.getvalue()).indication is Indication.TOTAL_FAILED


@pytest.mark.parametrize("change", ["shorter", "gap", "three", "start", "overlap"])
def test_a_byte_range_covers_all_but_the_value(world: World, change: str):
    """A range that leaves more out than the value, starts late or overlaps is refused."""
    data = signed(world, Level.B)
    match = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", data)
    assert match is not None
    zero, first, second, length = map(int, match.groups())
    spans = {
        "shorter": [zero, first, second, length - 40],
        "gap": [zero, first - 20, second + 20, length - 20],
        "three": [zero, first, second],
        "start": [10, first - 10, second, length],
        "overlap": [zero, first, first - 5, length],
    }[change]
    text = f"/ByteRange [{' '.join(map(str, spans))}".encode()
    width = match.end() - match.start()
    changed = data[: match.start()] + text.ljust(width - 1) + b"]" + data[match.end() :]
    verdict = judged(world, changed)
    assert verdict.indication is Indication.TOTAL_FAILED
    assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_something_behind_the_end_is_noticed(world: World):
    """Octets after the last revision are in no signature; a whole second file is not either."""
    data = signed(world, Level.B)
    assert not judged(world, data + page("another")).passed


def test_a_value_from_another_file_fails(world: World):
    """A signature value moved into another file is over something else."""
    ours, other = signed(world, Level.T), signed(world, Level.T, page("EUR 999.00"))

    def value(data: bytes) -> re.Match[bytes]:
        found = re.search(rb"/Contents <([0-9a-fA-F]+)>", data)
        assert found is not None
        return found

    moved = value(ours).group(1).ljust(len(value(other).group(1)), b"0")
    here = value(other)
    changed = other[: here.start(1)] + moved[: len(here.group(1))] + other[here.end(1) :]
    verdict = judged(world, changed)
    assert verdict.indication is Indication.TOTAL_FAILED


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF", b"%PDF-" + bytes(5000)])
def test_a_broken_file_has_no_good_signature(world: World, data: bytes):
    """What cannot be read is refused as a format, without a crash."""
    assert judged(world, data).subindication is SubIndication.FORMAT_FAILURE
    with pytest.raises(PdfRefused):
        pades.sign(data, world.seal)


def test_a_file_without_signature_says_so(world: World):
    """An unsigned page is not verified."""
    verdict = judged(world, page())
    assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_strangers_are_not_confirmed(world: World, stranger: World):
    """A good signature under an unknown root is INDETERMINATE, not failed."""
    verdict = verify_any(signed(world, Level.T), stranger.trust, (), NOW)
    assert verdict.indication is Indication.INDETERMINATE


def test_without_the_extra_the_error_says_what_to_install(tmp_path: Path):
    """Neither signing nor verifying goes on without pyHanko; the hint names the extra."""
    code = (
        "import sys\nsys.modules['pyhanko'] = None\nfrom certs import pades\n"
        "from certs.errors import NoPdfSupport\nfrom certs.trust import TrustStore\n"
        "try:\n    pades.verify(b'%PDF-1.7', TrustStore.of())\n"
        "except NoPdfSupport as error:\n    print(error.advice.en)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "silkgate[pdf]" in ran.stdout
    assert NoPdfSupport.exit_code != 0
    assert tmp_path.is_dir()


@pytest.mark.parametrize("stamped", [True, False])
def test_what_pyhanko_signs_we_verify(world: World, tmp_path: Path, *, stamped: bool):
    """A PDF signed by another writer's own signer, with a key of ours, verifies alike."""
    KeyStore(tmp_path, "").save(world.seal)
    signer = signers.SimpleSigner.load(
        str(tmp_path / "seal.key.pem"), str(tmp_path / "seal.cert.pem")
    )
    assert signer is not None
    said = signers.PdfSignatureMetadata(
        field_name="Theirs", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    out = signers.PdfSigner(
        said, signer, timestamper=Stamper(world.stamper) if stamped else None
    ).sign_pdf(IncrementalPdfFileWriter(BytesIO(page())))
    verdict = judged(world, out.getvalue())
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level == f"PAdES-BASELINE-{'T' if stamped else 'B'}"
