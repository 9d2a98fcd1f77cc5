"""PDF files archived anew: the chain of document time-stamps goes on (EN 319 142-1, 5.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError

from certs import cms, timestamp
from certs.asn1 import ber
from certs.authority.tsa import TimeStamper
from certs.digests import Digest
from certs.errors import NotExtendable
from certs.levels import Level
from certs.pades import keeping, reading
from certs.validation.sources import Gatherer
from certs.verdict import BlockIndication, Indication, Refused, SubIndication, Verdict
from schemas.errors import EvidenceError

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_TIME_STAMP: Final = "/DocTimeStamp"


def renew(data: bytes, stamper: TimeStamper, gatherer: Gatherer, digest: Digest) -> bytes:
    """Return the PDF with a further document time-stamp, what the last one needs put in first.

    Where there is none yet, or something was signed after it, that is completed too. Raises
    NotExtendable for a file that is broken or has no time-stamp.
    """
    verdict = _good(data, gatherer)
    if not all(report.timestamps for report in verdict.signatures):
        raise NotExtendable(reason="it has no time-stamp")
    return _stamped(_completed(data, gatherer), stamper, digest)


def augment(
    data: bytes, level: Level, stamper: TimeStamper, gatherer: Gatherer, digest: Digest
) -> bytes:
    """Return the PDF with each of its signatures at `level` at least; raises as `renew`."""
    reached = _reached(_good(data, gatherer))
    if reached < Level.T <= level:
        data = _stamped(data, stamper, digest)
    if reached < Level.LT <= level:
        data = _completed(data, gatherer)
    if reached < Level.LTA <= level:
        data = _stamped(data, stamper, digest)
    return data


def _reached(verdict: Verdict) -> Level:
    return min(Level.named(each.level.rpartition("-")[2]) for each in verdict.signatures)


def _completed(data: bytes, gatherer: Gatherer) -> bytes:
    """Return the file with what verifying the end of its chain takes."""
    try:
        writer = IncrementalPdfFileWriter(BytesIO(data))
        for each in _open_end(writer):
            keeping.supply(writer, each, gatherer.gather(_needed(each)))
        return keeping.written(writer)
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    except PdfError as error:
        raise NotExtendable(reason=str(error)) from error


def _stamped(data: bytes, stamper: TimeStamper, digest: Digest) -> bytes:
    try:
        return keeping.stamped(data, stamper, digest)
    except PdfError as error:
        raise NotExtendable(reason=str(error)) from error


def _good(data: bytes, gatherer: Gatherer) -> Verdict:
    """Return the verdict on a file; what is broken is refused, a time-stamp would only hide it."""
    verdict = reading.verify(data, gatherer.trust, gatherer.clock())
    doubted = verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    if verdict.indication is Indication.TOTAL_FAILED or doubted or not verdict.signatures:
        raise NotExtendable(reason=verdict.reason.en if verdict.reason else "it is broken")
    for each in (one for report in verdict.signatures for one in report.timestamps):
        if each.indication is BlockIndication.FAILED:
            raise NotExtendable(reason=each.reason.en if each.reason else "it is broken")
    return verdict


def _open_end(writer: IncrementalPdfFileWriter) -> Iterator[EmbeddedPdfSignature]:
    """Yield the last document time-stamp and what follows it, or everything without one."""
    found = writer.prev.embedded_signatures
    places = [at for at, each in enumerate(found) if _is_time_stamp(each)]
    yield from found[places[-1] if places else 0 :]


def _is_time_stamp(found: EmbeddedPdfSignature) -> bool:
    return bool(found.sig_object_type == _TIME_STAMP)


def _needed(found: EmbeddedPdfSignature) -> keeping.Needs:
    """Return whose chains verifying a signature or document time-stamp takes."""
    try:
        value = ber.leading(found.pkcs7_content)
        data = cms.read(value)
        offered = timestamp.embedded(data)
        signer = cms.signer_certificate(data.signers[0], offered)
    except EvidenceError as error:
        raise NotExtendable(reason=error.message.en) from error
    if signer is None:
        raise NotExtendable(reason="a signer's certificate is not in it")
    return [(signer, offered), *([] if _is_time_stamp(found) else keeping.authorities(found))]
