"""Status lists of the W3C (Bitstring Status List 1.0): whether a credential's bit is set."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.records import vc
from certs.records.identity import Identities
from certs.records.model import Broken, Identity, Integrity, in_force
from certs.records.pending import Listed
from certs.records.strict import Json, listed, parse
from schemas.text import Text

_TYPE: Final = "BitstringStatusListCredential"
_SUBJECT: Final = "BitstringStatusList"
_SHORTEST: Final = 16 * 1024
_LARGEST: Final = 16 * 1024 * 1024
_GZIP: Final = 31
_WIDEST: Final = 64
_STATUS: Final = re.compile(r"0x([0-9a-fA-F]{1,16})")
_BASE64URL: Final = re.compile(r"u?(H4sI[A-Za-z0-9_-]+)")


@dataclass(frozen=True, slots=True)
class Bits:
    """An entry's bits as a number, and the message that the list has for it, "" for none."""

    value: int
    message: str = ""


def bits_of(entry: Listed, data: bytes, identities: Identities, at: datetime) -> Bits:
    """Return what an entry's bits say in a status list: 0 when none of them is set.

    `data` is the list as a credential. Raises Broken unless it is intact, signed by the issuer of
    the credential, in force at the time, under the address and for the purpose of the entry, and
    long enough.
    """
    document = _verified(entry, data, identities, at)
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict) or _SUBJECT not in listed(subject, "type"):
        raise Broken("It holds no status list.", "其中没有状态列表。")
    if entry.purpose not in listed(subject, "statusPurpose"):
        raise Broken(
            f"The status list is not for {entry.purpose}.", f"该状态列表不用于 {entry.purpose}。"
        )
    bits = _bits(str(subject.get("encodedList", "")))
    value = _value(bits, entry.index, _size(entry, subject))
    return Bits(value, dict(_messages(subject)).get(value, ""))


def _messages(subject: Json) -> Iterator[tuple[int, str]]:
    """Yield what values mean (`statusMessage`); what is malformed means nothing."""
    for each in listed(subject, "statusMessage"):
        found = _STATUS.fullmatch(str(each.get("status"))) if isinstance(each, dict) else None
        if found:
            yield int(found[1], 16), str(each.get("message", ""))


def address(data: bytes) -> str:
    """Return the address that a status list says it has, "" where it says none."""
    try:
        return _address(parse(data))
    except Broken:
        return ""


def _address(record: Json) -> str:
    """Return what a list calls itself: its own id, else its subject's, which is a part of it.

    The recommendation has the former, TradeTrust's library writes the latter beside a UUID.
    """
    own, subject = str(record.get("id", "")), record.get("credentialSubject")
    if own.startswith("http"):
        return own
    named = subject.get("id") if isinstance(subject, dict) else ""
    return str(named or "").partition("#")[0]


def _verified(entry: Listed, data: bytes, identities: Identities, at: datetime) -> Json:
    record = parse(data)
    if not vc.is_form(record) or _TYPE not in listed(record, "type"):
        raise Broken("It is no status list.", "不是状态列表。")
    if (_address(record) or entry.url) != entry.url:
        raise Broken("The status list has another address.", "该状态列表的地址不符。")
    checked = vc.check(record, identities)
    if checked.identity is not Identity.VALID:
        raise Broken(*_because(checked.identity_why))
    if checked.integrity is not Integrity.VALID:
        raise Broken(*_because(checked.integrity_why))
    if checked.issuer != entry.issuer:
        raise Broken(
            f"The status list is signed by {checked.issuer}, not by {entry.issuer}.",
            f"该状态列表由 {checked.issuer} 签署,而非 {entry.issuer}。",
        )
    if not in_force(checked, at):
        raise Broken("The status list is not in force.", "该状态列表不在有效期内。")
    return record


def _because(why: Text) -> tuple[str, str]:
    return f"The status list: {why.en}", f"状态列表:{why.zh}"


def _bits(encoded: str) -> bytes:
    """Return the list, decompressed within bounds.

    The letter of multibase may be missing, as TradeTrust's library writes it: gzip begins alike.
    """
    found = _BASE64URL.fullmatch(encoded)
    if found is None:
        raise Broken(
            "The status list is no gzip in base64url.", "状态列表不是 base64url 编码的 gzip 数据。"
        )
    try:
        packed = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        unpacking = zlib.decompressobj(_GZIP)
        bits = unpacking.decompress(packed, _LARGEST)
    except (binascii.Error, zlib.error):
        raise Broken("The status list is no gzip.", "状态列表不是 gzip 数据。") from None
    if not unpacking.eof or unpacking.unused_data:
        raise Broken("The status list is cut short, or too large.", "状态列表不完整或过大。")
    if len(bits) < _SHORTEST:
        raise Broken(
            "The status list is shorter than the shortest allowed.", "状态列表短于允许的最短长度。"
        )
    return bits


def _size(entry: Listed, subject: Json) -> int:
    """Return how many bits an entry has, as entry or list say; one when neither does."""
    said = [size for size in (entry.size, subject.get("statusSize")) if size] or [1]
    size = said[0]
    if said.count(size) < len(said) or not isinstance(size, int) or not 1 <= size <= _WIDEST:
        raise Broken("The size of a status is not told.", "未说明状态的位数。")
    return size


def _value(bits: bytes, index: int, size: int) -> int:
    """Return an entry's bits as a number; the first bit is the most significant."""
    begin, end = index * size, (index + 1) * size
    if end > len(bits) * 8:
        raise Broken("The status list has no such entry.", "状态列表中没有该条目。")
    part = bits[begin // 8 : -(-end // 8)]
    return int.from_bytes(part, "big") >> (-end % 8) & (1 << size) - 1
