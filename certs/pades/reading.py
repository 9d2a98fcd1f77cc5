"""PAdES judged: what each signature covers, and what was changed after it.

A good value over /ByteRange is not enough: content shown may lie outside it, or have been changed
by a later revision. So each signature must cover its whole revision, later revisions may only do
what is allowed (validation data, time-stamps, further signatures, form fields before those), and
nothing but validation data may follow the last signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Final

from certs import cades
from certs.conclusion import format_failure
from certs.pades.survey import Embedded, Survey, survey
from certs.timestamp import Imprint
from certs.trust import TrustStore
from certs.validation.judge import Stamp, identifier, inside
from certs.validation.material import Material
from certs.verdict import (
    Indication,
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from schemas.clock import utc_now

_LARGEST: Final = 64 * 1024 * 1024
_PADES: Final = "/ETSI.CAdES.detached"
_TIME_STAMP: Final = "/ETSI.RFC3161"
_WRONG_VALUE: Final = SubIndication.SIG_CRYPTO_FAILURE


def verify(data: bytes, trust: TrustStore, at: datetime | None) -> Verdict:
    """Return the verdict on a PDF file; nothing raises for a bad one."""
    if len(data) > _LARGEST:
        return refusal(format_failure("The PDF is too large.", "PDF 文件过大。"))
    try:
        found = survey(data)
    except Refused as refused:
        return refusal(refused)
    if all(_is_time_stamp(each) for each in found.signatures):
        return refusal(format_failure("There is no signature.", "没有签名。"))
    return _judged(data, found, trust, at or utc_now())


def _judged(data: bytes, found: Survey, trust: TrustStore, at: datetime) -> Verdict:
    newest = found.signatures[-1].kept + found.newest
    stamps = [(each, _imprint(data, each)) for each in found.signatures if _is_time_stamp(each)]
    reports: list[SignatureReport] = []
    objects: list[SignedObject] = []
    for each in found.signatures:
        if _is_time_stamp(each):
            continue
        later = [(one, imprint) for one, imprint in stamps if one.revision > each.revision]
        verdict = cades.verify(
            each.value, _octets(data, each), trust, at=at, archived=_archived(later), beside=newest
        )
        kept = [one.kept for one, _ in later]
        for report in verdict.signatures or (_unread(verdict),):
            named = replace(report, format="PAdES", level=_level(report, each, kept, newest))
            reports.append(_confined(replace(named, signed_refs=("",)), found.broken))
        objects.append(SignedObject("", data[: each.spans[2]]))
    return combine(reports, objects)


def _is_time_stamp(each: Embedded) -> bool:
    return each.kind == _TIME_STAMP


def _octets(data: bytes, each: Embedded) -> bytes:
    """Return what a signature is over: its revision without the value itself."""
    first, second, end = each.spans
    return data[:first] + data[second:end]


def _imprint(data: bytes, each: Embedded) -> Imprint:
    """Return how to take the digest under a time-stamp; it is taken once for all signatures."""
    return cache(lambda digest: digest.of(_octets(data, each)))


def _archived(stamps: Sequence[tuple[Embedded, Imprint]]) -> list[cades.Archived]:
    """Return document time-stamps: each covers what is kept, and those before it with theirs."""
    covered: set[str] = set()
    archived = []
    for each, imprint in stamps:
        covers = frozenset(covered.union(each.kept.tokens))
        archived.append(cades.Archived(Stamp("archive", each.value, imprint, covers)))
        covered |= {identifier(each.value), *inside(each.value).tokens}
    return archived


def _unread(verdict: Verdict) -> SignatureReport:
    return SignatureReport(
        format="PAdES",
        level="PAdES",
        indication=verdict.indication,
        subindication=verdict.subindication,
        reason=verdict.reason,
    )


def _confined(report: SignatureReport, broken: Refused | None) -> SignatureReport:
    """Return the report as far as what is wrong with the file lets it stand."""
    failed = report.indication is Indication.TOTAL_FAILED
    unread = broken is not None and broken.indication is Indication.TOTAL_FAILED
    if broken is None or (failed and not unread) or report.subindication is _WRONG_VALUE:
        return report
    return replace(
        report, indication=broken.indication, subindication=broken.sub, reason=broken.reason
    )


def _level(
    report: SignatureReport, each: Embedded, stamped: Sequence[Material], kept: Material
) -> str:
    """Return the baseline level that the file makes up for a signature."""
    reached = "B"
    if report.timestamps or stamped:
        reached = "T"
        if kept.lists or kept.answers:
            covered = any(then.lists or then.answers for then in stamped)
            reached = "LTA" if covered else "LT"
    return f"PAdES-BASELINE-{reached}" if each.kind == _PADES else f"PKCS7-{reached}"
