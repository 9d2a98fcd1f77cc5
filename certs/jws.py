"""JWS with the headers of JAdES-B and -B-T (RFC 7515, TS 119 182-1).

Without a time-stamp the compact form; with one the flattened JSON form, which has room for it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

from certs import certificate as certificates
from certs import timestamp
from certs.algorithms import default_scheme, scheme_by_jose
from certs.certificate import Certificate
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.errors import MalformedCertificate
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.tsa import TimeStamper
from certs.verdict import Refused, SignedObject, SubIndication, Verdict, combine, refusal
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from schemas.jcs import canonical_json

_MAX_HEADER: Final = 64 * 1024
_MAX_DATA: Final = 64 * 1024 * 1024
_MAX_SIGNATURES: Final = 16
# Header parameters that may be critical because this room evaluates them.
_UNDERSTOOD: Final = frozenset({"sigT", "iat"})
_TYP: Final = "jose"

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature: the text it is over, its value as text, and its headers."""

    protected: str
    value: str
    header: Json
    unprotected: Json = field(default_factory=dict)


def sign(
    payload: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
    typ: str = _TYP,
    content_type: str = "",
) -> bytes:
    """Return the JWS over `payload`: compact, or flattened JSON when there is a stamper.

    `typ` says what kind of JWS this is (RFC 8725, 3.11), `content_type` what the payload is.
    """
    scheme = default_scheme(key.private, pss=True)
    header: dict[str, object] = {
        "alg": scheme.jose,
        "iat": int((signed_at or utc_now()).timestamp()),
        "typ": typ,
        "x5c": [base64.b64encode(each.der).decode() for each in _embedded(key)],
        "x5t#S256": _encode(key.certificate.sha256),
    }
    if content_type:
        header["cty"] = content_type
    protected, body = _encode(canonical_json(header)), _encode(payload)
    value = _encode(scheme.sign_raw(key.private, f"{protected}.{body}".encode()))
    compact = f"{protected}.{body}.{value}".encode()
    return compact if stamper is None else add_timestamp(compact, stamper)


def add_timestamp(compact: bytes, stamper: TimeStamper) -> bytes:
    """Return a compact JWS in the flattened JSON form, with a signature time-stamp."""
    protected, body, value = compact.decode("ascii").split(".")
    token = stamper.stamp(hashlib.sha256(value.encode()).digest())
    return canonical_json(
        {
            "header": {"etsiU": [_time_stamp(token)]},
            "payload": body,
            "protected": protected,
            "signature": value,
        }
    )


def sign_json(
    value: object,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the JWS over the canonical JSON (RFC 8785) of a value."""
    return sign(
        canonical_json(value), key, stamper=stamper, signed_at=signed_at, content_type="json"
    )


def verify(
    data: bytes, trust: TrustStore, *, at: datetime | None = None, typ: str | None = None
) -> Verdict:
    """Return the verdict on a JWS in compact, flattened or general JSON form.

    `typ`, when given, is the only kind of JWS accepted. Nothing that a header points at is
    fetched. Only `Verdict.signed`, the payload, may be parsed afterwards.
    """
    moment = at or utc_now()
    try:
        payload, signatures = _read(data)
        octets = _decode(payload)
    except Refused as refused:
        return refusal(refused)
    except SilkgateError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    reports = []
    for each in signatures:
        draft = Draft(format="JAdES", refs=("",), objects=(SignedObject("", octets),))
        reports.append(assess(draft, partial(_check, each, payload, typ, trust), trust, moment))
    return combine(reports, [SignedObject("", octets)])


def _check(
    signature: _Signature, payload: str, typ: str | None, trust: TrustStore, draft: Draft
) -> None:
    header = signature.header
    draft.level = "JAdES-BASELINE-B"
    _check_header(header, typ)
    draft.claimed_time = _claimed_time(header)
    offered = _chain(header)
    draft.identify(_signer(header, offered), offered)
    scheme = scheme_by_jose(str(header.get("alg", "")))
    octets = f"{signature.protected}.{payload}".encode()
    draft.check(scheme, _decode(signature.value), octets, raw=True)
    tokens = _tokens(signature.unprotected)
    if tokens:
        draft.level = "JAdES-BASELINE-T"
    draft.timestamps = tuple(
        timestamp.verify(token, signature.value.encode(), trust, extra=offered) for token in tokens
    )


def _check_header(header: Json, typ: str | None) -> None:
    """Refuse what is not understood; the key comes from x5c alone (RFC 8725, 3.1 and 3.10)."""
    critical = header.get("crit", [])
    if not isinstance(critical, list) or (not critical and "crit" in header):
        raise format_failure("“crit” is malformed.", "“crit” 格式错误。")
    for name in critical:
        if not isinstance(name, str) or name not in _UNDERSTOOD or name not in header:
            raise format_failure(
                f"The critical header {name!r} is not understood.", f"无法识别关键头部 {name!r}。"
            )
    if header.get("b64", True) is not True:
        raise format_failure("“b64” is not supported.", "不支持 “b64”。")
    if typ is not None and header.get("typ") != typ:
        raise format_failure(f"This is not a {typ!r}.", f"这不是 {typ!r}。")


def _claimed_time(header: Json) -> datetime | None:
    try:
        issued = header.get("iat")
        if isinstance(issued, int) and not isinstance(issued, bool):
            return datetime.fromtimestamp(issued, UTC)
        signed = header.get("sigT")
        moment = datetime.fromisoformat(signed) if isinstance(signed, str) else None
    except (ValueError, OverflowError, OSError) as error:
        raise format_failure("The signing time is not a time.", "签名时间格式错误。") from error
    return moment if moment is not None and moment.tzinfo else None


def _chain(header: Json) -> tuple[Certificate, ...]:
    listed = header.get("x5c")
    if not isinstance(listed, list) or not listed:
        raise no_signing_certificate()
    try:
        return tuple(certificates.load(_standard(each)) for each in listed)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _standard(text: object) -> bytes:
    """Return the octets of plain Base64, which x5c and time-stamps use."""
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise format_failure("A value is not proper Base64.", "某个值不是规范的 Base64。")
    return data


def _signer(header: Json, offered: tuple[Certificate, ...]) -> Certificate:
    """Return the first certificate; its digest must be in the protected header (TS 119 182-1)."""
    bound = header.get("x5t#S256")
    if bound is not None and bound != _encode(offered[0].sha256):
        raise no_signing_certificate()
    return offered[0]


def _tokens(unprotected: Json) -> list[bytes]:
    """Return the tokens of signature time-stamps in etsiU; anything else there is refused."""
    if not unprotected:
        return []
    components = unprotected.get("etsiU")
    if set(unprotected) != {"etsiU"} or not isinstance(components, list):
        raise format_failure("Unprotected headers are not understood.", "无法识别未受保护的头部。")
    tokens: list[bytes] = []
    for component in components:
        read = _json(_decode(component)) if isinstance(component, str) else component
        stamps = read.get("sigTst") if isinstance(read, dict) and set(read) == {"sigTst"} else None
        listed = stamps.get("tstTokens") if isinstance(stamps, dict) else None
        if not isinstance(listed, list) or not listed:
            raise format_failure(
                "Unprotected headers are not understood.", "无法识别未受保护的头部。"
            )
        tokens.extend(_token(each) for each in listed)
    return tokens


def _token(container: object) -> bytes:
    if not isinstance(container, dict) or set(container) != {"val"}:
        raise format_failure("A time-stamp is malformed.", "时间戳格式错误。")
    return _standard(container["val"])


def _time_stamp(token: bytes) -> str:
    value = {"sigTst": {"tstTokens": [{"val": base64.b64encode(token).decode()}]}}
    return _encode(canonical_json(value))


def _read(data: bytes) -> tuple[str, list[_Signature]]:
    """Return the payload as text and the signatures over it."""
    if len(data) > _MAX_DATA:
        raise format_failure("The signature file is too large.", "签名文件过大。")
    if not data.lstrip().startswith(b"{"):
        parts = data.decode("ascii", "replace").strip().split(".")
        if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
            raise format_failure("This is not a JWS.", "这不是 JWS。")
        return parts[1], [_Signature(parts[0], parts[2], _header(parts[0]))]
    members = _json(data)
    listed = members.get("signatures", [members] if "signature" in members else [])
    alone = "signatures" not in members
    known = {"payload", "protected", "signature", "header"} if alone else {"payload", "signatures"}
    if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_SIGNATURES:
        raise format_failure("The number of signatures is wrong.", "签名数量不正确。")
    if set(members) - known:
        raise format_failure("This is not a JWS.", "这不是 JWS。")
    return _text(members, "payload"), [_signature(each) for each in listed]


def _signature(members: object) -> _Signature:
    if not isinstance(members, dict):
        raise format_failure("This is not a JWS.", "这不是 JWS。")
    unprotected = members.get("header", {})
    protected = _text(members, "protected")
    header = _header(protected)
    if not isinstance(unprotected, dict) or set(unprotected) & set(header):
        raise format_failure("The headers overlap.", "头部重复。")
    return _Signature(protected, _text(members, "signature"), header, unprotected)


def _text(members: Json, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise format_failure(f"“{name}” is missing.", f"缺少“{name}”。")
    return value


def _header(protected: str) -> Json:
    if len(protected) > _MAX_HEADER:
        raise format_failure("The header is too large.", "头部过大。")
    return _json(_decode(protected))


def _json(data: bytes) -> dict[str, object]:
    """Return a JSON object; a name twice in one object is refused (RFC 7515, section 4)."""
    try:
        value = json.loads(data, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise format_failure("The JSON is malformed.", "JSON 格式错误。") from error
    if not isinstance(value, dict):
        raise format_failure("A JSON object is expected.", "应为 JSON 对象。")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise format_failure("A JSON name is there twice.", "JSON 名称重复。")
    return members


def _embedded(key: SigningKey) -> list[Certificate]:
    return [each for each in key.chain if each is key.chain[0] or not each.self_issued]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Return the octets of base64url text without padding; refuses any other spelling."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if _encode(data) != text:
        raise format_failure("A value is not proper base64url.", "某个值不是规范的 base64url。")
    return data
