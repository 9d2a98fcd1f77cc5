"""What reads a PDF with pyHanko, run by `schemas.bounded` in a process of its own.

The answer is JSON: the signatures with what each covers and what was kept when it was made, and
what is wrong with the file after them; or why there is nothing to judge. Octets are listed once, in
Base64, and named by their place in the list.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from certs.asn1 import ber
from certs.conclusion import format_failure
from certs.errors import MalformedDer
from certs.pades import changes
from certs.pades.changes import BROKEN, outside
from certs.pades.usages import Reader
from certs.verdict import Refused, SubIndication

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
_MOST_SIGNATURES: Final = 64
_STORED: Final = ("/Certs", "/CRLs", "/OCSPs")


def answer(data: bytes) -> bytes:
    """Return what there is to judge in a PDF."""
    try:
        said = _survey(data)
    except Refused as refused:
        said = {"refused": _told(refused)}
    except (*BROKEN,) as error:
        why = str(error)[:200] or type(error).__name__
        unread = format_failure(f"The PDF cannot be read: {why}", f"无法读取该 PDF:{why}")
        said = {"refused": _told(unread)}
    return json.dumps(said).encode()


def _survey(data: bytes) -> dict[str, object]:
    reader = Reader(data)
    if reader.encrypted:
        raise format_failure("The PDF is encrypted.", "该 PDF 已加密。")
    found = reader.embedded_signatures
    if len(found) > _MOST_SIGNATURES:
        raise format_failure("The PDF has too many signatures.", "PDF 中的签名过多。")
    octets = _Octets()
    signatures = [_signature(data, each, octets) for each in found]
    return {
        "signatures": signatures,
        "newest": _stored(reader.root, octets) if found else [],
        "broken": _told(_broken(found)) if found else None,
        "octets": octets.encoded,
    }


def _signature(data: bytes, found: EmbeddedPdfSignature, octets: _Octets) -> dict[str, object]:
    first, second, end = _spans(data, found)
    try:
        value = ber.leading(found.pkcs7_content)
    except MalformedDer as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error
    return {
        "kind": str(found.sig_object.get("/SubFilter")),
        "revision": int(found.signed_revision),
        "spans": [first, second, end],
        "value": octets.place(value),
        "kept": _then(found, octets),
    }


def _spans(data: bytes, found: EmbeddedPdfSignature) -> tuple[int, int, int]:
    """Return where the value begins and ends, and where the revision ends."""
    spans = [int(each) for each in found.byte_range]
    if len(spans) != 4 or min(spans) < 0 or spans[0] != 0:  # noqa: PLR2004 - two spans
        raise outside()
    _, first, second, length = spans
    end = second + length
    if not first < second <= end <= len(data):
        raise outside()
    if not (data[first : first + 1] == b"<" and data[second - 1 : second] == b">"):
        raise outside()
    return first, second, end


def _then(found: EmbeddedPdfSignature, octets: _Octets) -> list[list[int]]:
    """Return what was kept when a signature was made; nothing where that cannot be told."""
    try:
        return _stored(found.reader.get_historical_root(int(found.signed_revision)), octets)
    except (*BROKEN,):
        return []


def _stored(root: Any, octets: _Octets) -> list[list[int]]:  # noqa: ANN401 - a dictionary of pyHanko
    """Return what a document security store holds (ISO 32000-2, 12.8.4.3)."""
    if "/DSS" not in root:
        return []
    store = root["/DSS"]

    def values(name: str) -> Iterable[Any]:
        return store[name] if name in store else ()  # noqa: SIM401 - `get` follows no reference

    return [
        [octets.place(bytes(each.get_object().data)) for each in values(name)] for name in _STORED
    ]


def _broken(found: list[EmbeddedPdfSignature]) -> Refused | None:
    why = changes.since(found)
    if why is None and found[0].reader.xrefs.hybrid_xrefs_present:
        return changes.doubtful("it has two tables of contents, which may differ")
    return why


def _told(refused: Refused | None) -> list[str] | None:
    return [refused.sub.value, refused.reason.en, refused.reason.zh] if refused else None


class _Octets:
    """Octets in the order in which they first came."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}

    def place(self, octets: bytes) -> int:
        """Return the place of octets in the list."""
        return self._places.setdefault(octets, len(self._places))

    @property
    def encoded(self) -> list[str]:
        return [base64.b64encode(each).decode() for each in self._places]
