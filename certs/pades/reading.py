"""PAdES read through pyHanko: what each signature covers, and what was changed after it.

A good value over /ByteRange is not enough: content shown may lie outside it, or have been changed
by a later revision. So each signature must cover its whole revision, later revisions may only do
what is allowed (validation data, time-stamps, further signatures, form fields before those), and
nothing but validation data may follow the last signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils.reader import PdfFileReader

from certs import cades
from certs.asn1 import ber
from certs.conclusion import format_failure
from certs.errors import MalformedDer
from certs.pades import changes
from certs.pades.changes import BROKEN, outside
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

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_LARGEST: Final = 64 * 1024 * 1024
_MOST_SIGNATURES: Final = 64
_PADES: Final = "/ETSI.CAdES.detached"
_TIME_STAMP: Final = "/ETSI.RFC3161"
_WRONG_VALUE: Final = SubIndication.SIG_CRYPTO_FAILURE


@dataclass(frozen=True, slots=True)
class _Embedded:
    """One signature of the file, with the octets it is over and those of its revision."""

    found: EmbeddedPdfSignature
    octets: bytes
    revision: bytes
    value: bytes
    material: Material

    @property
    def is_time_stamp(self) -> bool:
        return bool(self.found.sig_object.get("/SubFilter") == _TIME_STAMP)

    @property
    def number(self) -> int:
        return int(self.found.signed_revision)


def verify(data: bytes, trust: TrustStore, at: datetime | None) -> Verdict:
    """Return the verdict on a PDF file; nothing raises for a bad one."""
    if len(data) > _LARGEST:
        return refusal(format_failure("The PDF is too large.", "PDF 文件过大。"))
    try:
        embedded = list(_embedded(data))
        if all(each.is_time_stamp for each in embedded):
            return refusal(format_failure("There is no signature.", "没有签名。"))
        refused = changes.after([each.found for each in embedded])
        return _judged(embedded, refused, trust, at or utc_now())
    except Refused as refused_:
        return refusal(refused_)
    except (*BROKEN,) as error:
        why = str(error)[:200] or type(error).__name__
        return refusal(format_failure(f"The PDF cannot be read: {why}", f"无法读取该 PDF:{why}"))


def _embedded(data: bytes) -> Iterator[_Embedded]:
    reader = PdfFileReader(BytesIO(data), strict=False)
    if reader.encrypted:
        raise format_failure("The PDF is encrypted.", "该 PDF 已加密。")
    found = reader.embedded_signatures
    if len(found) > _MOST_SIGNATURES:
        raise format_failure("The PDF has too many signatures.", "PDF 中的签名过多。")
    for each in found:
        yield _one(data, each, reader)


def _one(data: bytes, found: EmbeddedPdfSignature, reader: PdfFileReader) -> _Embedded:
    spans = [int(each) for each in found.byte_range]
    if len(spans) != 4 or min(spans) < 0 or spans[0] != 0:  # noqa: PLR2004 - two spans
        raise outside()
    _, first, second, length = spans
    end = second + length
    if not first < second <= end <= len(data):
        raise outside()
    if not (data[first : first + 1] == b"<" and data[second - 1 : second] == b">"):
        raise outside()
    try:
        value = ber.leading(found.pkcs7_content)
    except MalformedDer as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error
    octets = data[:first] + data[second:end]
    return _Embedded(found, octets, data[:end], value, _then(reader, found))


def _then(reader: PdfFileReader, found: EmbeddedPdfSignature) -> Material:
    """Return what was kept when a signature was made; nothing where that cannot be told."""
    try:
        return _store(reader.get_historical_root(int(found.signed_revision)))
    except (*BROKEN,):
        return Material()


def _store(root: Any) -> Material:  # noqa: ANN401 - a dictionary of pyHanko
    """Return what a document security store holds (ISO 32000-2, 12.8.4.3)."""
    if "/DSS" not in root:
        return Material()
    store = root["/DSS"]

    def values(name: str) -> list[bytes]:
        listed = store[name] if name in store else ()  # noqa: SIM401 - `get` follows no reference
        return [bytes(each.get_object().data) for each in listed]

    return Material.read(values("/Certs"), values("/CRLs"), values("/OCSPs"))


def _judged(
    embedded: Sequence[_Embedded],
    refused: Sequence[Refused | None],
    trust: TrustStore,
    at: datetime,
) -> Verdict:
    newest = embedded[-1].material + _latest(embedded[-1])
    reports: list[SignatureReport] = []
    objects: list[SignedObject] = []
    broken = next((why for why in refused if why is not None), None) or _two_tables(embedded[0])
    for each in embedded:
        if each.is_time_stamp:
            continue
        later = [one for one in embedded if one.is_time_stamp and one.number > each.number]
        verdict = cades.verify(
            each.value,
            each.octets,
            trust,
            at=at,
            archived=[_archived(one, later[:number]) for number, one in enumerate(later)],
            beside=newest,
        )
        found = verdict.signatures or (_unread(verdict),)
        reports.extend(_report(one, each, later, newest, broken) for one in found)
        objects.append(SignedObject("", each.revision))
    return combine(reports, objects)


def _two_tables(first: _Embedded) -> Refused | None:
    """Doubt a file with two tables of contents: readers may differ in what they show."""
    if not first.found.reader.xrefs.hybrid_xrefs_present:
        return None
    return changes.doubtful("it has two tables of contents, which may differ")


def _latest(last: _Embedded) -> Material:
    """Return what the newest revision of the file keeps."""
    return _store(last.found.reader.root)


def _archived(stamp: _Embedded, before: Sequence[_Embedded]) -> cades.Archived:
    """Return a document time-stamp: it covers what is kept, and those before it with theirs."""
    over = stamp.octets
    covers = set(stamp.material.tokens)
    for each in before:
        covers |= {identifier(each.value), *inside(each.value).tokens}
    return cades.Archived(
        Stamp("archive", stamp.value, lambda digest: digest.of(over), frozenset(covers))
    )


def _unread(verdict: Verdict) -> SignatureReport:
    return SignatureReport(
        format="PAdES",
        level="PAdES",
        indication=verdict.indication,
        subindication=verdict.subindication,
        reason=verdict.reason,
    )


def _report(
    report: SignatureReport,
    each: _Embedded,
    later: Sequence[_Embedded],
    kept: Material,
    broken: Refused | None,
) -> SignatureReport:
    named = replace(report, format="PAdES", level=_level(report, each, later, kept))
    named = replace(named, signed_refs=("",))
    failed = report.indication is Indication.TOTAL_FAILED
    unread = broken is not None and broken.indication is Indication.TOTAL_FAILED
    if broken is None or (failed and not unread) or report.subindication is _WRONG_VALUE:
        return named
    return replace(
        named,
        indication=broken.indication,
        subindication=broken.sub,
        reason=broken.reason,
    )


def _level(
    report: SignatureReport, each: _Embedded, later: Iterable[_Embedded], kept: Material
) -> str:
    """Return the baseline level that the file makes up for a signature."""
    pades = each.found.sig_object.get("/SubFilter") == _PADES
    stamps = list(later)
    reached = "B"
    if report.timestamps or stamps:
        reached = "T"
        if kept.lists or kept.answers:
            covered = any(one.material.lists or one.material.answers for one in stamps)
            reached = "LTA" if covered else "LT"
    return f"PAdES-BASELINE-{reached}" if pades else f"PKCS7-{reached}"
