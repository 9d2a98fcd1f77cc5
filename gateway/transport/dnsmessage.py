"""DNS messages as far as TXT records need them: a question, and the answer to it.

RFC 1035 (section 4), RFC 6891 (OPT), RFC 6840 (5.7 and 5.8: the AD bit), RFC 8484 (the id is 0).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HEADER: Final = struct.Struct("!HHHHHH")
_FIXED: Final = struct.Struct("!HHIH")
_QUESTION: Final = struct.Struct("!HH")
_POINTER: Final = struct.Struct("!H")

_TXT: Final = 16
_CNAME: Final = 5
_OPT: Final = 41
_IN: Final = 1
_QR: Final = 0x8000
_TC: Final = 0x0200
_RD: Final = 0x0100
_AD: Final = 0x0020
_OPCODE: Final = 0x7800
_RCODE: Final = 0x000F
_NO_ERROR: Final = 0
_NO_NAME: Final = 3
_POINTS: Final = 0xC0
_UDP_SIZE: Final = 4096

_LABEL: Final = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST_NAME: Final = 253
_MOST_ALIASES: Final = 8
_MOST_LABELS: Final = 128


class BadMessage(ValueError):
    """The bytes are no usable answer to the question."""


@dataclass(frozen=True, slots=True)
class TxtAnswer:
    """The TXT records of a name, empty when there are none.

    `authenticated`: the resolver says that DNSSEC showed the answer to be genuine (the AD bit).
    """

    records: tuple[str, ...]
    authenticated: bool


def is_name(text: str) -> bool:
    """Tell whether text is a host name that can be asked for, IDNA names in their ASCII form."""
    labels = text.rstrip(".").split(".")
    return (
        text.isascii()
        and len(text) <= _LONGEST_NAME
        and len(labels) > 1
        and all(_LABEL.fullmatch(each.encode()) for each in labels)
    )


def question(name: str) -> bytes:
    """Return the question for the TXT records of `name`; the answer shall tell of DNSSEC.

    Raises ValueError unless `is_name`.
    """
    if not is_name(name):
        raise ValueError(name)
    header = _HEADER.pack(0, _RD | _AD, 1, 0, 0, 1)
    option = b"\0" + _FIXED.pack(_OPT, _UDP_SIZE, 0, 0)
    return header + _written(name) + _QUESTION.pack(_TXT, _IN) + option


def answer(data: bytes, name: str) -> TxtAnswer:
    """Return what a message answers to the question for `name`; raises BadMessage.

    Aliases (CNAME) are followed inside the message. A name that does not exist has no records.
    """
    try:
        return _answer(data, name)
    except (struct.error, IndexError) as error:
        raise BadMessage("the message is cut short") from error


def _answer(data: bytes, name: str) -> TxtAnswer:
    identity, flags, questions, answers, _, _ = _HEADER.unpack_from(data)
    _check_flags(identity, flags)
    at = _check_question(data, questions, name)
    records = list(_records(data, at, answers)) if flags & _RCODE == _NO_ERROR else []
    owner = _real_name(records, name)
    found = tuple(
        _text(content) for here, kind, content in records if kind == _TXT and here == owner
    )
    return TxtAnswer(found, bool(flags & _AD))


def _check_flags(identity: int, flags: int) -> None:
    if identity != 0:
        raise BadMessage("the id is not that of the question")
    if not flags & _QR or flags & _OPCODE:
        raise BadMessage("it is no answer to a question")
    if flags & _TC:
        raise BadMessage("the answer is truncated")
    if flags & _RCODE not in {_NO_ERROR, _NO_NAME}:
        raise BadMessage(f"the resolver failed, code {flags & _RCODE}")


def _check_question(data: bytes, questions: int, name: str) -> int:
    """Return where the answers begin."""
    asked, at = _name(data, _HEADER.size)
    kind, klass = _QUESTION.unpack_from(data, at)
    if questions != 1 or asked != _plain(name) or (kind, klass) != (_TXT, _IN):
        raise BadMessage("it answers another question")
    return at + _QUESTION.size


def _records(data: bytes, at: int, count: int) -> Iterator[tuple[str, int, bytes | str]]:
    """Yield owner, type and content of the IN records; the content of an alias is its target."""
    for _ in range(count):
        owner, at = _name(data, at)
        kind, klass, _, size = _FIXED.unpack_from(data, at)
        begin = at + _FIXED.size
        at = begin + size
        if at > len(data):
            raise BadMessage("a record is cut short")
        if klass == _IN and kind in {_TXT, _CNAME}:
            yield owner, kind, _name(data, begin)[0] if kind == _CNAME else data[begin:at]


def _real_name(records: list[tuple[str, int, bytes | str]], name: str) -> str:
    aliases = {owner: str(target) for owner, kind, target in records if kind == _CNAME}
    found = _plain(name)
    for _ in range(_MOST_ALIASES):
        if found not in aliases:
            return found
        found = aliases[found]
    raise BadMessage("too many aliases")


def _text(content: bytes | str) -> str:
    """Join the character strings of a TXT record."""
    parts, at = bytearray(), 0
    raw = content if isinstance(content, bytes) else b""
    while at < len(raw):
        size = raw[at]
        if at + 1 + size > len(raw):
            raise BadMessage("a text is cut short")
        parts += raw[at + 1 : at + 1 + size]
        at += 1 + size
    return parts.decode("utf-8", "replace")


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Return the name at a place, and where it ends there; pointers lead backwards only."""
    labels: list[str] = []
    after, limit = 0, at
    while len(labels) < _MOST_LABELS:
        size = data[at]
        if size & _POINTS == _POINTS:
            target = _POINTER.unpack_from(data, at)[0] & 0x3FFF
            after = after or at + 2
            if target >= limit:
                raise BadMessage("a name points forward")
            at = limit = target
        elif size & _POINTS:
            raise BadMessage("a label is of no known kind")
        elif size == 0:
            return ".".join(labels), after or at + 1
        else:
            label = data[at + 1 : at + 1 + size]
            if len(label) != size:
                raise BadMessage("a name is cut short")
            labels.append(label.decode("latin-1").lower())
            at += 1 + size
    raise BadMessage("a name is too long")


def _written(name: str) -> bytes:
    labels = _plain(name).split(".")
    return b"".join(bytes([len(each)]) + each.encode() for each in labels) + b"\0"


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
