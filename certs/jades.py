"""What JAdES (TS 119 182-1) adds to the protected headers of JWS, and detached objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from certs import jose
from certs.conclusion import format_failure
from certs.digests import SHA256, SHA384, SHA512
from certs.jose import Json
from certs.verdict import Refused, SignedObject, SubIndication
from schemas.text import Text

# Header parameters of TS 119 182-1, section 5, that may be critical: all are read or only tell
# more about the signature; none changes what is signed except sigD, which is resolved.
_CRITICAL: Final = frozenset(
    {"sigT", "iat", "sigD", "sigPl", "srCms", "srAts", "adoTst", "sigPId", "sigX5ts", "x5t#o"}
)
_BY_URI: Final = "http://uri.etsi.org/19182/ObjectIdByURI"
_BY_URI_HASH: Final = "http://uri.etsi.org/19182/ObjectIdByURIHash"
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


def signed_objects(
    payload: str, header: Json, detached: Mapping[str, bytes]
) -> tuple[str, tuple[SignedObject, ...]]:
    """Return the text that was signed as payload, and the objects it stands for.

    Without sigD that is the payload, or the one detached file when the payload is empty
    (RFC 7515, appendix F); with sigD the files it names (TS 119 182-1, 5.2.8). Raises Refused.
    """
    if header.get("b64", True) is not True:
        raise format_failure("“b64” is not supported.", "不支持 “b64”。")
    references = header.get("sigD")
    if references is None:
        if payload or len(detached) != 1:
            return payload, (SignedObject("", jose.decode(payload)),)
        content = next(iter(detached.values()))
        return jose.encode(content), (SignedObject("", content),)
    if not isinstance(references, dict) or payload:
        raise format_failure("“sigD” is malformed.", "“sigD” 格式错误。")
    names = references.get("pars")
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise format_failure("“sigD” is malformed.", "“sigD” 格式错误。")
    found = tuple(_found(name, detached, alone=len(names) == 1) for name in names)
    if references.get("mId") == _BY_URI:
        return "".join(jose.encode(each.data) for each in found), found
    if references.get("mId") != _BY_URI_HASH:
        raise format_failure("This “sigD” is not supported.", "不支持此 “sigD”。")
    _check_digests(references, found)
    return "", found


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


def _check_digests(references: Json, found: Sequence[SignedObject]) -> None:
    """Compare each digest, which is over the base64url text of the object."""
    digest = _DIGESTS.get(str(references.get("hashM")))
    values = references.get("hashV")
    if digest is None or not isinstance(values, list) or len(values) != len(found):
        raise format_failure("“sigD” is malformed.", "“sigD” 格式错误。")
    for each, value in zip(found, values, strict=True):
        if jose.encode(digest.of(jose.encode(each.data).encode())) != value:
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
