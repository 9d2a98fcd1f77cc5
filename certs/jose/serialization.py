"""JWS on the wire: strict base64url and JSON, the compact and the JSON forms (RFC 7515)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from certs.conclusion import format_failure
from schemas.jsondepth import deeper_than
from schemas.jsontext import require_storable

_MAX_HEADER: Final = 64 * 1024
_MAX_DATA: Final = 64 * 1024 * 1024
_MAX_SIGNATURES: Final = 16
_DEEPEST: Final = 64
# With "signatures" these would be a second signature beside those listed (RFC 7515, 7.2.2).
_FLATTENED: Final = frozenset({"protected", "signature", "header"})
_WHOLE: Final = frozenset({"payload", "signatures"})

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: its protected header and value as text, and both headers read.

    `strange` names members beside them that are none of JWS.
    """

    protected: str
    value: str
    header: Json
    unprotected: Json = field(default_factory=dict)
    strange: frozenset[str] = frozenset()


def read(data: bytes) -> tuple[str, list[Signature]]:
    """Return the payload as text ('' when it is detached) and the signatures over it.

    Members that are none of JWS are left to the caller (RFC 7515, 7.2). Raises Refused
    (FORMAT_FAILURE) for anything but a JWS.
    """
    if len(data) > _MAX_DATA:
        raise format_failure("The signature file is too large.", "签名文件过大。")
    if not data.lstrip().startswith(b"{"):
        parts = data.decode("ascii", "replace").strip().split(".")
        if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature
            raise _no_jws()
        return parts[1], [Signature(parts[0], parts[2], _header(parts[0]))]
    members = parse(data)
    listed = members.get("signatures", [members] if "signature" in members else [])
    if "signatures" in members and members.keys() & _FLATTENED:
        raise _no_jws()
    if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_SIGNATURES:
        raise format_failure("The number of signatures is wrong.", "签名数量不正确。")
    payload = _text(members, "payload") if "payload" in members else ""
    around = members.keys() - _WHOLE - (frozenset() if "signatures" in members else _FLATTENED)
    return payload, [_signature(each, frozenset(around)) for each in listed]


def parse(data: bytes) -> dict[str, object]:
    """Return a JSON object; a name twice in one object is refused (RFC 7515, section 4).

    So are texts that cannot be written as UTF-8.
    """
    if deeper_than(data, _DEEPEST):
        raise format_failure("The JSON is nested too deep.", "JSON 嵌套过深。")
    try:
        value = json.loads(data, object_pairs_hook=_unique)
        require_storable(value)
    except (ValueError, RecursionError) as error:
        raise format_failure("The JSON is malformed.", "JSON 格式错误。") from error
    if not isinstance(value, dict):
        raise format_failure("A JSON object is expected.", "应为 JSON 对象。")
    return value


def encode(data: bytes) -> str:
    """Return base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the octets of base64url text without padding; refuses any other spelling."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        data = b""
    if encode(data) != text:
        raise format_failure("A value is not proper base64url.", "某个值不是规范的 base64url。")
    return data


def decode_plain(text: object) -> bytes:
    """Return the octets of plain Base64, which x5c and time-stamps use; refuses the rest."""
    try:
        data = base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != text:
        raise format_failure("A value is not proper Base64.", "某个值不是规范的 Base64。")
    return data


def _signature(members: object, around: frozenset[str]) -> Signature:
    if not isinstance(members, dict):
        raise _no_jws()
    unprotected = members.get("header", {})
    protected = _text(members, "protected")
    header = _header(protected)
    if not isinstance(unprotected, dict) or set(unprotected) & set(header):
        raise format_failure("The headers overlap.", "头部重复。")
    strange = around | (members.keys() - _FLATTENED - _WHOLE)
    return Signature(protected, _text(members, "signature"), header, unprotected, strange)


def _text(members: Json, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise format_failure(f"“{name}” is missing.", f"缺少“{name}”。")
    return value


def _header(protected: str) -> Json:
    if len(protected) > _MAX_HEADER:
        raise format_failure("The header is too large.", "头部过大。")
    return parse(decode(protected))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise format_failure("A JSON name is there twice.", "JSON 名称重复。")
    return members


def _no_jws() -> Exception:
    return format_failure("This is not a JWS.", "这不是 JWS。")
