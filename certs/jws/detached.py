"""Files that a JWS signs and does not enclose: the header `sigD` (TS 119 182-1, 5.2.8).

By URI the payload is the files one after the other; by URI and hash it is empty, and the header
itself, which is signed, holds the digests. Both take the files as base64url text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from urllib.parse import quote, unquote

from certs import jose
from certs.conclusion import format_failure
from certs.digests import SHA256, Digest
from certs.jose.serialization import Json
from certs.jws.jades import DIGESTS
from certs.verdict import Refused, SignedObject, SubIndication
from schemas.text import Text

_Wire = Callable[[bytes], bytes]


class Mechanism(StrEnum):
    """How a JWS refers to detached files."""

    BY_URI = "http://uri.etsi.org/19182/ObjectIdByURI"
    BY_URI_HASH = "http://uri.etsi.org/19182/ObjectIdByURIHash"


def references(
    files: Mapping[str, bytes], mechanism: Mechanism, digest: Digest = SHA256
) -> tuple[dict[str, object], bytes]:
    """Return the value of `sigD` over one or more files by name, and what is signed as payload."""
    named: dict[str, object] = {"mId": mechanism.value, "pars": [quote(name) for name in files]}
    texts = [_as_text(data) for data in files.values()]
    if mechanism is Mechanism.BY_URI:
        return named, b"".join(texts)
    (method,) = (name for name, each in DIGESTS.items() if each == digest)
    values = [jose.encode(digest.of(text)) for text in texts]
    return {**named, "hashM": method, "hashV": values}, b""


def signed_objects(
    payload: str, header: Json, detached: Mapping[str, bytes]
) -> tuple[bytes, tuple[SignedObject, ...]]:
    """Return the octets that were signed as payload, and the objects they stand for.

    Without sigD that is the payload, or the one detached file when the payload is empty
    (RFC 7515, appendix F); with sigD the files it names (TS 119 182-1, 5.2.8). The payload is
    signed as base64url text, or with b64 false as it is (RFC 7797): only when it is not enclosed,
    as others would take an enclosed one for base64url. Raises Refused.
    """
    wire = _as_it_is if _unencoded(header) else _as_text
    references = header.get("sigD")
    if references is None:
        content = _enclosed(payload, detached, wire)
        return wire(content), (SignedObject("", content),)
    if not isinstance(references, dict) or payload:
        raise _malformed_references()
    names = references.get("pars")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise _malformed_references()
    found = tuple(_found(name, detached, alone=len(names) == 1) for name in names)
    if references.get("mId") == Mechanism.BY_URI:
        return b"".join(wire(each.data) for each in found), found
    if references.get("mId") != Mechanism.BY_URI_HASH:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("What this “sigD” stands for is not here.", "缺少此 “sigD” 所指的数据。"),
        )
    _check_digests(references, found, wire)
    return b"", found


def content(header: Json, objects: Sequence[SignedObject]) -> bytes:
    """Return the octets of the objects as a payload would be signed (TS 119 182-1, 5.2.6)."""
    wire = _as_it_is if _unencoded(header) else _as_text
    return b"".join(wire(each.data) for each in objects)


def _unencoded(header: Json) -> bool:
    """Tell whether the payload is signed as it is, which must be critical (RFC 7797, 6)."""
    encoded, critical = header.get("b64", True), header.get("crit")
    listed = isinstance(critical, list) and "b64" in critical
    if not isinstance(encoded, bool) or (not encoded and not listed):
        raise format_failure("“b64” is malformed.", "“b64” 格式错误。")
    return not encoded


def _as_it_is(content: bytes) -> bytes:
    return content


def _as_text(content: bytes) -> bytes:
    return jose.encode(content).encode()


def _enclosed(payload: str, detached: Mapping[str, bytes], wire: _Wire) -> bytes:
    if not payload and len(detached) == 1:
        return next(iter(detached.values()))
    if wire is not _as_text:
        raise format_failure("An enclosed payload with “b64” false.", "内含载荷不支持 “b64” 为假。")
    return jose.decode(payload)


def _malformed_references() -> Refused:
    return format_failure("“sigD” is malformed.", "“sigD” 格式错误。")


def _found(name: str, detached: Mapping[str, bytes], *, alone: bool) -> SignedObject:
    for known in (name, unquote(name), unquote(name).rpartition("/")[2]):
        if known in detached:
            return SignedObject(name, detached[known])
    if alone and len(detached) == 1:
        return SignedObject(name, next(iter(detached.values())))
    raise Refused(
        SubIndication.SIGNED_DATA_NOT_FOUND,
        Text(f"The signed file “{name}” is not here.", f"缺少被签署的文件“{name}”。"),
    )


def _check_digests(references: Json, found: Sequence[SignedObject], wire: _Wire) -> None:
    """Compare each digest, which is over the object as a payload would be signed."""
    digest = DIGESTS.get(str(references.get("hashM")))
    values = references.get("hashV")
    if digest is None or not isinstance(values, list) or len(values) != len(found):
        raise _malformed_references()
    for each, value in zip(found, values, strict=True):
        if jose.encode(digest.of(wire(each.data))) != value:
            raise Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    f"“{each.ref}” was changed after it was signed.",
                    f"“{each.ref}”在签名后被修改。",
                ),
            )
