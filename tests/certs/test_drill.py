"""Twenty-five years in an archive: three roll-overs of the authority, a new digest, a dead CA."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from certs import asic, ers, evidence, pades, verify_any, xades
from certs.asic import records as asic_records
from certs.digests import SHA512
from certs.evidence import Item, Role
from certs.levels import Level
from certs.trust import TrustStore
from certs.verdict import SubIndication
from tests.certs.decades import RENEWALS, START, YEAR, Archive, aged
from tests.certs.pki import DOCUMENT
from tests.certs.test_pades import page


@pytest.fixture(scope="module")
def keep() -> Archive:
    """Return the archive."""
    return Archive()


def _package(keep: Archive, at: datetime = START, period: int = 0) -> bytes:
    return evidence.build(
        [Item("a.xml", DOCUMENT, Role.SOURCE)],
        keep.seal,
        keep.stamper(period),
        subject={},
        created_at=at,
        gatherer=keep.gatherer(period),
    )


def _document(keep: Archive) -> bytes:
    return xades.sign(
        DOCUMENT,
        keep.seal,
        stamper=keep.stamper(0),
        gatherer=keep.gatherer(0),
        level=Level.LTA,
        signed_at=START,
    )


def _pdf(keep: Archive, at: datetime = START, period: int = 0) -> bytes:
    return pades.sign(
        page(),
        keep.seal,
        stamper=keep.stamper(period),
        gatherer=keep.gatherer(period),
        level=Level.LTA,
        signed_at=at,
    )


def _passes(data: bytes, trust: TrustStore, years: int) -> bool:
    return verify_any(data, trust, at=START + years * YEAR).passed


@pytest.mark.parametrize("make", [_package, _document, _pdf])
def test_what_was_renewed_in_time_passes_after_25_years(
    keep: Archive, make: Callable[[Archive], bytes]
) -> None:
    """Three authorities later, under SHA-512, the seal's CA revoked since: it still passes."""
    old = aged(keep, make(keep), RENEWALS)
    for trust in (keep.trust, keep.aware()):
        assert _passes(old, trust, 25)


@pytest.mark.parametrize("make", [_package, _document, _pdf])
def test_one_renewal_missed_is_the_end(keep: Archive, make: Callable[[Archive], bytes]) -> None:
    """Without the first renewal, without the last, or without any: not confirmed after 25 years."""
    data = make(keep)
    for renewals in ((), RENEWALS[:1], RENEWALS[:2]):
        assert not _passes(aged(keep, data, renewals), keep.trust, 25)


@pytest.mark.parametrize("make", [_package, _pdf])
def test_what_was_forged_later_fails(keep: Archive, make: Callable[..., bytes]) -> None:
    """A seal of year 7 under the CA revoked in year 3, backdated by its own claim, fails."""
    old = aged(keep, make(keep, at=START, period=1), RENEWALS[1:])
    verdict = verify_any(old, keep.aware(), at=START + 25 * YEAR)
    assert verdict.subindication is SubIndication.REVOKED_CA_NO_POE


def test_what_was_changed_fails_however_old(keep: Archive) -> None:
    """A value exchanged in a package of 25 years is noticed."""
    changed = aged(keep, _package(keep)).replace(b"Widget", b"Gadget")
    assert not _passes(changed, keep.trust, 25)


def test_evidence_records_carry_many_packages_through(keep: Archive) -> None:
    """The same by evidence records: roll-overs by time-stamp, the new digest by hash tree."""
    packages = [_package(keep) for _ in range(3)]
    records = ers.make([[each] for each in packages], keep.stamper(0))
    records = ers.renew_time_stamps(records, keep.stamper(1), keep.gatherer(1))
    kept = [(each, [package]) for each, package in zip(records, packages, strict=True)]
    records = ers.renew_hash_tree(kept, keep.stamper(2), keep.gatherer(2), SHA512)
    records = ers.renew_time_stamps(records, keep.stamper(3), keep.gatherer(3))
    late = START + 25 * YEAR
    for package, record in zip(packages, records, strict=True):
        assert not verify_any(package, keep.aware(), at=late).passed
        assert verify_any(package, keep.aware(), {"r": record}, at=late).passed
    assert not verify_any(packages[0], keep.aware(), {"r": records[1]}, at=late).passed


def test_records_inside_carry_containers_through(keep: Archive) -> None:
    """A seal without any time-stamp, kept by a record in its container and renewed there."""
    sealed = asic.pack({"a.xml": DOCUMENT}, keep.seal, signed_at=START)
    (kept,) = asic_records.keep([sealed], keep.stamper(0))
    for trust in (keep.trust, keep.aware()):
        assert _passes(aged(keep, kept), trust, 25)
        assert not _passes(aged(keep, kept, RENEWALS[:2]), trust, 25)
    (forged,) = asic_records.keep([sealed], keep.stamper(1))
    assert not _passes(aged(keep, forged, RENEWALS[1:]), keep.aware(), 25)


def test_the_auditor_needs_stock_tools_only(keep: Archive, tmp_path: Path) -> None:
    """`verify.sh` says the same 25 years on, with unzip, openssl and coreutils."""
    old = aged(keep, _package(keep), RENEWALS)
    roots = b"".join(each.pem for each in keep.trust.anchors)
    (tmp_path / "roots.pem").write_bytes(roots)
    (tmp_path / "verify.sh").write_bytes(asic.open_container(old)["verify.sh"])
    seconds = str(int((START + 25 * YEAR).timestamp()))
    for data, status in ((old, 0), (aged(keep, _package(keep), RENEWALS[:2]), 3)):
        (tmp_path / "package.asice").write_bytes(data)
        ran = subprocess.run(
            ["sh", "verify.sh", "package.asice", "roots.pem", seconds],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == status, ran.stdout + ran.stderr
        assert ran.stdout.count("archived") == (4 if status == 0 else 0)
