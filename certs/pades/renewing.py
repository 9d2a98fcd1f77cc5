"""PDF files archived anew: the chain of document time-stamps goes on (EN 319 142-1, 5.4.3)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Final

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError

from certs import ber, cms, timestamp
from certs.digests import Digest
from certs.errors import NotExtendable
from certs.pades import keeping, reading
from certs.tsa import TimeStamper
from certs.validation.sources import Gatherer
from certs.verdict import BlockIndication, Indication, Refused, Verdict
from schemas.errors import EvidenceError

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

_TIME_STAMP: Final = "/DocTimeStamp"


def renew(data: bytes, stamper: TimeStamper, gatherer: Gatherer, digest: Digest) -> bytes:
    """Return the PDF with a further document time-stamp, what the last one needs put in first.

    Where there is none yet, or something was signed after it, that is completed too. Raises
    NotExtendable for a file that is broken or has no time-stamp.
    """
    _check(reading.verify(data, gatherer.trust, gatherer.clock()))
    try:
        writer = IncrementalPdfFileWriter(BytesIO(data))
        for each in _open_end(writer):
            keeping.supply(writer, each, gatherer.gather(_needed(each)))
        return keeping.stamped(keeping.written(writer), stamper, digest)
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    except PdfError as error:
        raise NotExtendable(reason=str(error)) from error


def _check(verdict: Verdict) -> None:
    """Refuse what is broken: a fresh time-stamp would only hide it."""
    if verdict.indication is Indication.TOTAL_FAILED:
        raise NotExtendable(reason=verdict.reason.en if verdict.reason else "it is broken")
    for report in verdict.signatures:
        if not report.timestamps:
            raise NotExtendable(reason="it has no time-stamp")
        for each in report.timestamps:
            if each.indication is BlockIndication.FAILED:
                raise NotExtendable(reason=each.reason.en if each.reason else "it is broken")


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
