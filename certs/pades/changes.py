"""What became of a PDF after it was signed, as pyHanko's comparison of revisions tells.

Pages that changed make the file another one: that is a failure of its form. Other changes nobody
signed, and changes that cannot be told, leave it open what the signature is worth for the file as
it is now.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel

from certs.conclusion import format_failure
from certs.pades.comparison import unsigned_change
from certs.verdict import Refused, SubIndication
from schemas.text import Text

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

# How pyHanko fails on files that are no PDF, or broken ones.
BROKEN: Final = (
    PdfError,
    SignatureValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AssertionError,
    AttributeError,
    RecursionError,
    OverflowError,
    OSError,
    zlib.error,
)
_WHOLE: Final = frozenset(
    {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}
)
_MOST_PAGES: Final = 20_000
_MOST_REVISIONS: Final = 256
_INHERITED: Final = ("/MediaBox", "/CropBox", "/Rotate")


def since(signatures: Sequence[EmbeddedPdfSignature]) -> Refused | None:
    """Tell what is wrong with a file after what was signed, if anything; oldest first."""
    first, reader = signatures[0], signatures[0].reader
    try:
        if not all(each.evaluate_signature_coverage() in _WHOLE for each in signatures):
            return outside()
        if reader.total_revisions - first.signed_revision > _MOST_REVISIONS:
            return doubtful("it was saved too often to be compared")
        why = unsigned_change(signatures)
        return _judged(first, why) if why else None
    except (*BROKEN,) as error:
        return doubtful(f"what came after it cannot be told ({str(error)[:120]})")


def _judged(found: EmbeddedPdfSignature, why: str) -> Refused:
    reader = found.reader
    signed = reader.get_historical_root(int(found.signed_revision))
    if list(_pages(signed["/Pages"])) != list(_pages(reader.root["/Pages"])):
        return format_failure(
            f"The pages of the PDF were changed after it was signed: {why}.",
            f"PDF 的页面在签署后被修改:{why}。",
        )
    return doubtful(why)


def _pages(node: Any, inherited: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 - of pyHanko
    """Yield box, rotation and digest of the content of every page, in order."""
    here = inherited + "".join(f"{name}{node[name]}" for name in _INHERITED if name in node)
    if "/Kids" not in node:
        yield here, _content(node)
        return
    for number, each in enumerate(node["/Kids"]):
        if depth > 32 or number > _MOST_PAGES:  # noqa: PLR2004 - deeper than any writer goes
            raise ValueError("the tree of pages is too large")
        yield from _pages(each.get_object(), here, depth + 1)


def _content(page: Any) -> bytes:  # noqa: ANN401 - of pyHanko
    held = page["/Contents"] if "/Contents" in page else []  # noqa: SIM401 - `get` follows no reference
    streams = held if isinstance(held, list) else [held]
    digest = hashlib.sha256()
    for each in streams:
        digest.update(each.get_object().data)
    return digest.digest()


def doubtful(why: str) -> Refused:
    """Return the refusal of a file in which not everything is known to be signed."""
    return Refused(
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        Text(
            f"Not all of the PDF is as it was signed: {why}.",
            f"PDF 并非完全保持签署时的状态:{why}。",
        ),
    )


def outside() -> Refused:
    """Return the refusal of a signature that leaves out more than its own value."""
    return format_failure(
        "A signature does not cover the file around it.", "签名未覆盖其所在的文件内容。"
    )
