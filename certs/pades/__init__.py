"""PAdES (EN 319 142-1): signatures in PDF files.

pyHanko, the extra `pdf`, reads and writes them; what is signed, by whom and when, is judged by
this room as everywhere else.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NoPdfSupport
from certs.keys import SigningKey
from certs.levels import Level
from certs.trust import TrustStore
from certs.verdict import Verdict

if TYPE_CHECKING:
    from certs.validation.sources import Gatherer

_PDF: Final = b"%PDF-"
_HEAD: Final = 1024  # ISO 32000-2, 7.5.2, allows something before the header


def is_pdf(data: bytes) -> bool:
    """Tell whether `data` looks like a PDF file."""
    return _PDF in data[:_HEAD]


def sign(
    data: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the PDF with a signature in a revision of its own; by default T with a stamper.

    Raises NoPdfSupport, PdfRefused, and UnsupportedAlgorithm for keys PAdES has no name for.
    """
    try:
        from certs.pades import writing
    except ImportError as error:
        raise NoPdfSupport from error
    level = level or (Level.T if stamper else Level.B)
    return writing.sign(data, key, stamper, gatherer, level, signed_at)


def renew(
    data: bytes, stamper: TimeStamper, gatherer: Gatherer, *, digest: Digest = SHA256
) -> bytes:
    """Return the PDF archived anew: a document time-stamp over all, and what the last one needs.

    Raises NoPdfSupport, and NotExtendable for a file that is broken or has no time-stamp.
    """
    try:
        from certs.pades import renewing
    except ImportError as error:
        raise NoPdfSupport from error
    return renewing.renew(data, stamper, gatherer, digest)


def augment(
    data: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
) -> bytes:
    """Return the PDF at `level` at least; what has no time-stamp gets a document time-stamp.

    Raises what `renew` does.
    """
    try:
        from certs.pades import renewing
    except ImportError as error:
        raise NoPdfSupport from error
    return renewing.augment(data, level, stamper, gatherer, digest)


def verify(data: bytes, trust: TrustStore, *, at: datetime | None = None) -> Verdict:
    """Return the verdict on the signatures of a PDF; raises NoPdfSupport."""
    try:
        from certs.pades import reading
    except ImportError as error:
        raise NoPdfSupport from error
    return reading.verify(data, trust, at)
