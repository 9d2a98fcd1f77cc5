"""The salted leaves of OpenAttestation 2.0 and the digest over them.

A leaf of `data` is the text `uuid:type:value`. Its hash is Keccak-256 of the JSON object
`{"dotted.path": "uuid:type:value"}`; the target hash is Keccak-256 of the sorted JSON array of
all hashes, those of redacted leaves among them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Final

from certs.errors import RecordRefused
from certs.records.model import Broken
from certs.records.strict import Json, number, stringify
from schemas.keccak import keccak256

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_PARTS: Final = 3
_SAFE_INTEGER: Final = 2**53 - 1
_TYPES: Final = {"string", "number", "boolean", "null", "undefined"}


def digest(data: Json, obfuscated: list[object]) -> bytes:
    """Return the target hash of salted data; raises Broken when paths would be ambiguous."""
    hashes = [keccak256(stringify({path: leaf}).encode()).hex() for path, leaf in leaves(data)]
    for each in obfuscated:
        if not isinstance(each, str) or not _HASH.fullmatch(each):
            raise Broken(
                "A redacted leaf is no hash of 64 hex digits.",
                "某个已隐去的叶子不是 64 位十六进制散列。",
            )
        hashes.append(each)
    if len(set(hashes)) != len(hashes):
        raise Broken("A leaf is there twice.", "某个叶子重复出现。")
    return keccak256(stringify(sorted(hashes)).encode())


def leaf_hash(path: str, leaf: object) -> str:
    """Return the hash by which a redacted leaf stays in the digest (hex)."""
    return keccak256(stringify({path: leaf}).encode()).hex()


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield dotted path and leaf; an empty object or array is a leaf of its own.

    Raises Broken for a name with a dot, or none: different records would then have one digest.
    """
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, child in pairs:
            if name == "" or "." in str(name):
                raise Broken(f"The name {name!r} is ambiguous.", f"名称 {name!r} 有歧义。")
            yield from leaves(child, f"{path}.{name}" if path else str(name))
    elif path:
        yield path, value


def unsalted(value: object) -> object:
    """Return what a salted record says; a leaf that carries no salt stays as it is."""
    if isinstance(value, dict):
        return {name: unsalted(child) for name, child in value.items()}
    if isinstance(value, list):
        return [unsalted(child) for child in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(leaf: str) -> object:
    parts = leaf.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[1] not in _TYPES:
        return leaf
    _, kind, text = parts
    if kind == "number":
        return _number(text)
    if kind == "boolean":
        return text == "true"
    return None if kind in {"null", "undefined"} else text


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def salted(value: object, salt: Callable[[], str] = lambda: str(uuid.uuid4())) -> object:
    """Return a value with a salt of its own on every leaf; raises RecordRefused for a dot."""
    if isinstance(value, dict):
        for name in value:
            if not name or "." in name:
                reason = f"the name {name!r} is ambiguous"
                raise RecordRefused(reason=reason)
        return {name: salted(child, salt) for name, child in value.items()}
    if isinstance(value, list | tuple):
        return [salted(child, salt) for child in value]
    return f"{salt()}:{_kind(value)}:{_written(value)}"


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() if abs(value) > _SAFE_INTEGER:
            raise RecordRefused(reason=f"{value} is beyond the numbers of ECMAScript: use text")
        case int() | float():
            return "number"
        case str():
            return "string"
    raise RecordRefused(reason=f"{value!r} is no JSON value")


def _written(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return number(value)
    return str(value)
