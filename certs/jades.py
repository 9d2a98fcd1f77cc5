"""What JAdES (TS 119 182-1) adds to the protected headers of JWS, and detached objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from certs import jose
from certs.conclusion import format_failure
from certs.digests import SHA256, SHA384, SHA512, Digest
from certs.jose import Json
from certs.verdict import Refused, SignedObject, SubIndication
from schemas.text import Text

# Header parameters of TS 119 182-1, section 5, that may be critical: all are read or only tell
# more about the signature; none changes what is signed except sigD, which is resolved.
_CRITICAL: Final = frozenset(
    {
        *("sigT", "iat", "sigD", "sigPl", "srCms", "srAts", "adoTst", "sigPId", "sigX5ts"),
        *("x5t#o", "b64"),
    }
)
_BY_URI: Final = "http://uri.etsi.org/19182/ObjectIdByURI"
_BY_URI_HASH: Final = "http://uri.etsi.org/19182/ObjectIdByURIHash"
_Wire = Callable[[bytes], bytes]
_DIGESTS: Final = {"S256": SHA256, "S384": SHA384, "S512": SHA512}


def claimed_time(header: Json) -> datetime | None:
    """Return iat, or the older sigT; the signer's own claim."""
    try:
        issued = header.get("iat")
        if isinstance(issued, int) and not isinstance(issued, bool):
            return datetime.fromtimestamp(issued, UTC)
        signed = header.get("sigT")
        moment = datetime.fromisoformat(signed) if isinstance(signed, str) else None
    except (ValueError, OverflowError, OSError) as error:
        raise constraint("The signing time is not a time.", "签名时间格式错误。") from error
    return moment if moment is not None and moment.tzinfo else None


def check_header(header: Json, typ: str | None) -> None:
    """Refuse critical headers that are not understood, and a JWS of another kind than `typ`."""
    critical = header.get("crit")
    if critical is not None:
        if not isinstance(critical, list) or not critical:
            raise constraint("“crit” is malformed.", "“crit” 格式错误。")
        for name in critical:
            if not isinstance(name, str) or name not in _CRITICAL or name not in header:
                raise constraint(f"Unknown critical header {name!r}.", f"未知关键头部 {name!r}。")
    if typ is not None and header.get("typ") != typ:
        raise constraint(f"This is not a {typ!r}.", f"这不是 {typ!r}。")


def check_members(strange: frozenset[str]) -> None:
    """Doubt a JWS with members of others: they may be ignored (RFC 7515, 7.2), or be damage."""
    if strange:
        listed = ", ".join(sorted(strange))
        raise constraint(f"Nobody signed the members {listed}.", f"成员 {listed} 未被签名。")


def named_certificate(header: Json) -> tuple[Digest, bytes] | None:
    """Return digest and value by which the header names the signer's certificate, or None.

    In x5t#S256, in x5t#o with a digest of its own, or first in sigX5ts (TS 119 182-1, 5.1.7 and
    5.2.2). Raises Refused (SIG_CONSTRAINTS_FAILURE) for one that cannot be read.
    """
    if "x5t#S256" in header:
        return SHA256, jose.decode(str(header["x5t#S256"]))
    several = header.get("sigX5ts")
    named = several[0] if isinstance(several, list) and several else header.get("x5t#o")
    if named is None:
        return None
    algorithm = named.get("digAlg") if isinstance(named, dict) else None
    digest = _DIGESTS.get(str(algorithm))
    if digest is None or not isinstance(named, dict):
        raise constraint("The certificate is named by no known digest.", "证书摘要算法未知。")
    return digest, jose.decode(str(named.get("digVal")))


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
    if references.get("mId") == _BY_URI:
        return b"".join(wire(each.data) for each in found), found
    if references.get("mId") != _BY_URI_HASH:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("What this “sigD” stands for is not here.", "缺少此 “sigD” 所指的数据。"),
        )
    _check_digests(references, found, wire)
    return b"", found


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
    digest = _DIGESTS.get(str(references.get("hashM")))
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


def constraint(en: str, zh: str) -> Refused:
    """Return the refusal of headers that break a rule of JAdES."""
    return Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, Text(en, zh))
