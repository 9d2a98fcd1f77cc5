"""PDF files archived anew: the chain of document time-stamps, judged by us and by others."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import x509
from asn1crypto.crl import CertificateList
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import ades
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv import ades_past, poe, types
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from certs import pades
from certs.authority.ca import SEAL, TSA
from certs.authority.tsa import Authority
from certs.digests import SHA512
from certs.errors import NotExtendable
from certs.levels import Level
from certs.renewal import renew_any
from certs.verdict import BlockIndication
from tests.certs.decades import RENEWALS, START, YEAR, Archive, aged, named
from tests.certs.pki import NOW, World
from tests.certs.test_pades import gatherer, judged, page, signed


@pytest.fixture(scope="module")
def keep() -> Archive:
    """Return an archive whose seal hangs on the root: pyHanko wants no CA between in the past."""
    made = Archive()
    made.seal = made.root.issue(SEAL, named("Seal"), now=START - YEAR, lifetime=20 * YEAR)
    return made


def archived(keep: Archive) -> bytes:
    """Return a page sealed at LTA at the start."""
    return pades.sign(
        page(),
        keep.seal,
        stamper=keep.stamper(0),
        gatherer=keep.gatherer(0),
        level=Level.LTA,
        signed_at=START,
    )


def theirs(
    data: bytes, keep: Archive, period: int, at: datetime, patch: pytest.MonkeyPatch
) -> ades.AdESLTAValidationResult:
    """Return the verdict of pyHanko's validator of archived signatures, its clock set to `at`.

    It asks for a fresh list on the newest authority, as an auditor would fetch it.
    """

    class Then(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            assert tz is not None
            return at

    for module in (poe, ades_past, types, ades):
        patch.setattr(module, "datetime", Then)
    trusted = [x509.Certificate.load(each.der) for each in keep.trust.anchors]
    fresh = CertificateList.load(keep.stamps[period].revocation_list(now=at))
    required = RevocationCheckingPolicy.from_legacy("require")
    spec = SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            SimpleTrustManager.build(trust_roots=trusted), CertRevTrustPolicy(required)
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY),
        local_knowledge=LocalKnowledge(known_crls=[CRLContainer(fresh)]),
    )
    (signature,) = PdfFileReader(BytesIO(data)).embedded_regular_signatures
    return asyncio.run(
        ades.ades_lta_validation(
            signature,
            PdfSignatureValidationSpec(spec),
            types.ValidationTimingInfo(at, at, point_in_time_validation=True),
        )
    )


@pytest.mark.parametrize(("years", "renewals"), [(8, 1), (16, 2), (25, 3)])
def test_pyhanko_follows_the_chain_through_the_decades(
    keep: Archive, monkeypatch: pytest.MonkeyPatch, years: int, renewals: int
) -> None:
    """Another validator, at its own simulated time, traces the signature back to the start."""
    old = aged(keep, archived(keep), RENEWALS[:renewals])
    found = theirs(old, keep, renewals, START + years * YEAR, monkeypatch)
    assert found.ades_subindic is AdESPassed.OK, found.failure_msg
    assert found.best_signature_time == START


def test_pyhanko_misses_a_missing_renewal(keep: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other validator is awake: with the last renewal left out it does not pass."""
    old = aged(keep, archived(keep), RENEWALS[:2])
    found = theirs(old, keep, 2, START + 25 * YEAR, monkeypatch)
    assert found.ades_subindic is not AdESPassed.OK


def test_the_last_time_stamp_is_completed_before_the_next(keep: Archive) -> None:
    """Chain and list of each authority are in the store, named as its own, before the renewal."""
    old = aged(keep, archived(keep), RENEWALS)
    reader = PdfFileReader(BytesIO(old))
    stamps = reader.embedded_timestamp_signatures
    assert len(stamps) == 4
    for number, each in enumerate(stamps[:-1]):
        store = reader.get_historical_root(stamps[number + 1].signed_revision)["/DSS"]
        entry = DocumentSecurityStore.sig_content_identifier(each.pkcs7_content.hex().encode())
        about = store["/VRI"][entry]
        certificates = [bytes(one.get_object().data) for one in about["/Cert"]]
        assert keep.stamps[number].root.certificate.der in certificates
        assert x509.Certificate.dump(each.signer_cert) in certificates
        assert len(about["/CRL"]) == 1
    digests = [each.external_md_algorithm for each in stamps]
    assert digests == ["sha256", "sha256", "sha512", "sha512"]


def test_pdfsig_reads_the_file_still(keep: Archive, tmp_path: Path) -> None:
    """Poppler finds the signature valid, and the last time-stamp over the whole file."""
    if shutil.which("pdfsig") is None:
        pytest.skip("pdfsig (poppler-utils) is not here")
    place = tmp_path / "old.pdf"
    place.write_bytes(aged(keep, archived(keep)))
    ran = subprocess.run(
        ["pdfsig", "-nocert", str(place)], capture_output=True, text=True, check=False
    )
    first, *_, last = ran.stdout.split("Signature #")[1:]
    assert "Signature is Valid" in first
    assert "Not total document signed" in first
    assert "Total document signed" in last


@pytest.mark.parametrize("level", [Level.T, Level.LT, Level.LTA])
def test_any_level_with_a_time_stamp_becomes_lta(world: World, level: Level) -> None:
    """Renewal of a file at T or LT puts in what its signature needs as well."""
    late, when = NOW + 13 * YEAR, NOW + timedelta(days=300)
    younger = Authority(
        world.key(TSA, now=when - timedelta(days=1), lifetime=14 * YEAR), lambda: when
    )
    renewed = renew_any(signed(world, level), younger, world.gatherer(when), digest=SHA512)
    verdict = pades.verify(renewed, world.trust, at=late)
    assert verdict.passed, verdict.reason
    assert verdict.signatures[0].level == "PAdES-BASELINE-LTA"


def test_who_signed_after_the_last_time_stamp_is_completed_too(world: World) -> None:
    """A second signature on an archived file is carried on with the first."""
    once = signed(world, Level.LTA)
    twice = pades.sign(once, world.key(), stamper=world.stamper, signed_at=NOW)
    renewed = renew_any(twice, world.stamper, gatherer(world), digest=SHA512)
    for at in (NOW, NOW + 7 * YEAR):
        verdict = pades.verify(renewed, world.trust, at=at)
        assert verdict.passed, verdict.reason
        assert [each.level for each in verdict.signatures] == ["PAdES-BASELINE-LTA"] * 2


def test_only_a_good_file_with_a_time_stamp_is_renewed(world: World) -> None:
    """Nothing hides a change by a fresh time-stamp; level B has no proven time to keep."""
    good = signed(world, Level.LTA)
    writer = IncrementalPdfFileWriter(BytesIO(good))
    writer.root["/Extra"] = generic.TextStringObject("added")
    writer.update_root()
    added = BytesIO()
    writer.write(added)
    changed = good.replace(b"/MediaBox", b"/MediaBax", 1)
    for bad in (signed(world, Level.B), page(), changed, added.getvalue()):
        with pytest.raises(NotExtendable):
            renew_any(bad, world.stamper, gatherer(world))


def test_a_document_time_stamp_over_something_else_is_not_renewed(world: World) -> None:
    """A time-stamp whose imprint does not fit is found out before anything is put on it."""

    class Wrong:
        def stamp(self, digest: bytes) -> bytes:
            return world.stamper.stamp(bytes(reversed(digest)))

    bad = pades.renew(signed(world, Level.T), Wrong(), gatherer(world))
    report = judged(world, bad).signatures[0]
    assert report.timestamps[-1].indication is BlockIndication.FAILED
    with pytest.raises(NotExtendable):
        renew_any(bad, world.stamper, gatherer(world))


def test_without_the_extra_renewal_says_what_to_install() -> None:
    """Without pyHanko the error names the extra, in English and Chinese."""
    code = (
        "import sys\nsys.modules['pyhanko'] = None\nfrom certs.renewal import renew_any\n"
        "from certs.errors import NoPdfSupport\n"
        "try:\n    renew_any(b'%PDF-1.7', None, None)\n"
        "except NoPdfSupport as error:\n    print(error.message.en, error.message.zh)\n"
        "    print(error.advice.en, error.advice.zh)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "PDF 签名需要安装扩展" in ran.stdout
    assert ran.stdout.count("silkgate[pdf]") == 2
