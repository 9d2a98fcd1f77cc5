"""Twenty-five years in an archive: three roll-overs of the authority, a new digest, a dead CA."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from certs import asic, ers, evidence, xades
from certs.ca import SEAL, TSA, CertificateAuthority, Subject
from certs.digests import SHA256, SHA512, Digest
from certs.evidence import Item, Role
from certs.issuance import Content, Extension, certify, key_identifier, key_usage
from certs.keys import SigningKey
from certs.renewal import renew_any
from certs.trust import TrustStore
from certs.tsa import Authority
from certs.validation.sources import Gatherer, OwnAuthority
from certs.verdict import SubIndication
from tests.certs.pki import DOCUMENT

START = datetime(2026, 3, 14, 8, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
# Each authority lasts nine years and is replaced after seven; SHA-512 from the second time on.
RENEWALS = ((7, SHA256), (14, SHA512), (21, SHA512))


def _certified(name: str, by: SigningKey | None = None) -> SigningKey:
    """Return the key of a CA for 30 years: a root, or one below `by`."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name).as_name().public_bytes()
    issuer = by.certificate.x509.subject.public_bytes() if by else subject
    public = private.public_key()
    identifier = x509.SubjectKeyIdentifier(key_identifier(public))
    made = certify(
        Content(
            subject=subject,
            issuer=issuer,
            public=public,
            not_before=START - YEAR,
            not_after=START + 30 * YEAR,
            extensions=[
                Extension(x509.BasicConstraints(ca=True, path_length=None), critical=True),
                key_usage("key_cert_sign", "crl_sign"),
                Extension(identifier),
            ],
        ),
        by.private if by else private,
    )
    return SigningKey(private, (made, *(by.chain if by else ())), name)


class Archive:
    """A root with a CA of seals, which is revoked in year 3, and a root of time-stamps per period.

    The anchors are trusted for good, as an archive keeps them.
    """

    def __init__(self) -> None:
        """Make all keys."""
        self.root = CertificateAuthority(_certified("Root"))
        self.seals = CertificateAuthority(_certified("Seals", self.root.root))
        self.stamps = [
            CertificateAuthority.create(
                _named(f"Stamps {n}"), now=START + 7 * n * YEAR - timedelta(days=30)
            )
            for n in range(4)
        ]
        self.trust = TrustStore.of(
            self.root.root.certificate, *(each.root.certificate for each in self.stamps)
        )
        seal = self.seals.issue(SEAL, _named("Seal"), now=START - YEAR, lifetime=20 * YEAR)
        self.seal = SigningKey(seal.private, (*seal.chain, *self.seals.root.chain), "seal")

    def stamper(self, period: int) -> Authority:
        """Return the authority of a period, with its clock at the start of it."""
        at = START + 7 * period * YEAR
        key: SigningKey = self.stamps[period].issue(
            TSA, _named(f"TSA {period}"), now=at - timedelta(days=1), lifetime=9 * YEAR
        )
        return Authority(key, lambda: at)

    def gatherer(self, period: int) -> Gatherer:
        """Return what gathers validation data at the start of a period."""
        at = START + 7 * period * YEAR
        sources = [OwnAuthority(each) for each in (self.root, self.seals, *self.stamps)]
        return Gatherer(self.trust, sources, lambda: at)

    def aware(self) -> TrustStore:
        """Return the trust of an auditor who knows that the CA of seals was revoked in year 3."""
        crl = self.root.revocation_list(
            [(self.seals.root.certificate, START + 3 * YEAR)], now=START + 4 * YEAR
        )
        return self.trust.with_lists(crl)


def _named(name: str) -> Subject:
    return Subject(organisation="Archive", country="SG", common_name=name)


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
    from certs.levels import Level

    return xades.sign(
        DOCUMENT,
        keep.seal,
        stamper=keep.stamper(0),
        gatherer=keep.gatherer(0),
        level=Level.LTA,
        signed_at=START,
    )


def _aged(keep: Archive, data: bytes, renewals: tuple[tuple[int, Digest], ...]) -> bytes:
    for years, digest in renewals:
        period = years // 7
        data = renew_any(data, keep.stamper(period), keep.gatherer(period), digest=digest)
    return data


def _passes(data: bytes, trust: TrustStore, years: int) -> bool:
    at = START + years * YEAR
    if data.startswith(b"PK"):
        return asic.verify(data, trust, at=at).passed
    return xades.verify(data, trust, at=at).passed


@pytest.mark.parametrize("make", [_package, _document])
def test_what_was_renewed_in_time_passes_after_25_years(
    keep: Archive, make: Callable[[Archive], bytes]
) -> None:
    """Three authorities later, under SHA-512, the seal's CA revoked since: it still passes."""
    aged = _aged(keep, make(keep), RENEWALS)
    for trust in (keep.trust, keep.aware()):
        assert _passes(aged, trust, 25)


@pytest.mark.parametrize("make", [_package, _document])
def test_one_renewal_missed_is_the_end(keep: Archive, make: Callable[[Archive], bytes]) -> None:
    """Without the first renewal, without the last, or without any: not confirmed after 25 years."""
    data = make(keep)
    for renewals in ((), RENEWALS[:1], RENEWALS[:2]):
        assert not _passes(_aged(keep, data, renewals), keep.trust, 25)


def test_what_was_forged_later_fails(keep: Archive) -> None:
    """A seal of year 7 under the CA revoked in year 3, backdated by its own claim, fails."""
    aged = _aged(keep, _package(keep, at=START, period=1), RENEWALS[1:])
    verdict = asic.verify(aged, keep.aware(), at=START + 25 * YEAR).verdict
    assert verdict.subindication is SubIndication.REVOKED_CA_NO_POE
    changed = _aged(keep, _package(keep), RENEWALS).replace(b"Widget", b"Gadget")
    assert not _passes(changed, keep.trust, 25)


def test_evidence_records_carry_many_packages_through(keep: Archive) -> None:
    """The same by evidence records: roll-overs by time-stamp, the new digest by hash tree."""
    from certs.dispatch import verify_any

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


def test_the_auditor_needs_stock_tools_only(keep: Archive, tmp_path: Path) -> None:
    """`verify.sh` says the same 25 years on, with unzip, openssl and coreutils."""
    aged = _aged(keep, _package(keep), RENEWALS)
    roots = b"".join(each.pem for each in keep.trust.anchors)
    (tmp_path / "roots.pem").write_bytes(roots)
    (tmp_path / "verify.sh").write_bytes(asic.open_container(aged)["verify.sh"])
    seconds = str(int((START + 25 * YEAR).timestamp()))
    for data, status in ((aged, 0), (_aged(keep, _package(keep), RENEWALS[:2]), 3)):
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
