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
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel

from certs.conclusion import format_failure
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
# Each revision is compared with that of each signature before it.
_MOST_COMPARISONS: Final = 256
_INHERITED: Final = ("/MediaBox", "/CropBox", "/Rotate")


def after(signatures: Sequence[EmbeddedPdfSignature]) -> list[Refused | None]:
    """Tell for each signature, oldest first, what is wrong with the file after it, if anything."""
    last = signatures[-1].reader.xrefs.total_revisions - 1
    if sum(last - int(each.signed_revision) for each in signatures) > _MOST_COMPARISONS:
        return [doubtful("it was saved too often to be compared")] * len(signatures)
    return [since(each, last=each is signatures[-1]) for each in signatures]


def since(found: EmbeddedPdfSignature, *, last: bool) -> Refused | None:
    """Tell what is wrong with the file after a signature, if anything; `last` is the newest one."""
    try:
        found.compute_integrity_info()
        coverage: object = found.coverage  # set by the call above
        if coverage not in _WHOLE:
            return outside()
        why = _unsigned(found, last=last)
        return _judged(found, why) if why else None
    except (*BROKEN,) as error:
        return doubtful(f"what came after it cannot be told ({str(error)[:120]})")


def _unsigned(found: EmbeddedPdfSignature, *, last: bool) -> str:
    """Return the change that no signature covers or permits; '' when there is none."""
    changes: object = found.diff_result
    if isinstance(changes, SuspiciousModification):
        return str(changes)
    if found.summarise_integrity_info().get("docmdp_ok") is False:
        return "it goes beyond what the signer permitted"
    kept = ModificationLevel.LTA_UPDATES
    if last and isinstance(changes, DiffResult) and changes.modification_level > kept:
        return "content was added and nobody signed it"
    return ""


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
