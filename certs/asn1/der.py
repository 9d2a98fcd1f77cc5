"""DER: a small writer, and a strict, bounded reader (ITU-T X.690, section 10).

The writer returns bytes; structures are built by nesting calls. The reader gives `Node`s over
one buffer and refuses what DER forbids: indefinite or non-minimal lengths, trailing bytes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple

from certs.errors import MalformedDer

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OID: Final = 0x06
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31

_MAX_CHILDREN: Final = 4096
_LONG_FORM: Final = 0x80
_LONG_TAG: Final = 0x1F
_MAX_LENGTH_OCTETS: Final = 4
_CENTURY_TURN: Final = "50"  # RFC 5280, 4.1.2.5.1
_EARLIEST_GENERALIZED: Final = 2050
_TIME: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return one element with the given tag octet around the concatenated parts."""
    content = b"".join(parts)
    size = len(content)
    if size < _LONG_FORM:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE."""
    return tlv(SEQUENCE, *parts)


def set_of(*parts: bytes) -> bytes:
    """Return a SET OF, its elements sorted as octet strings as DER wants (X.690, 11.6)."""
    return tlv(SET, *sorted(parts))


def octets(value: bytes) -> bytes:
    """Return an OCTET STRING."""
    return tlv(OCTET_STRING, value)


def context(number: int, *parts: bytes) -> bytes:
    """Return a constructed element of context class, `[number]`."""
    return tlv(0xA0 | number, *parts)


def integer(value: int) -> bytes:
    """Return an INTEGER in the fewest octets."""
    return tlv(INTEGER, value.to_bytes(_signed_size(value), "big", signed=True))


def _signed_size(value: int) -> int:
    return (value if value >= 0 else ~value).bit_length() // 8 + 1


def null() -> bytes:
    """Return NULL."""
    return b"\x05\x00"


@lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER from its dotted text."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OID, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(arc: int) -> bytes:
    digits = [arc & 0x7F]
    while arc := arc >> 7:
        digits.append(0x80 | (arc & 0x7F))
    return bytes(reversed(digits))


def utc_time(moment: datetime) -> bytes:
    """Return UTCTime to the second, or GeneralizedTime from 2050 on (RFC 5652, 11.3)."""
    moment = moment.astimezone(UTC)
    if moment.year >= _EARLIEST_GENERALIZED:
        return tlv(GENERALIZED_TIME, moment.strftime("%Y%m%d%H%M%SZ").encode())
    return tlv(UTC_TIME, moment.strftime("%y%m%d%H%M%SZ").encode())


def generalized_time(moment: datetime) -> bytes:
    """Return GeneralizedTime with Z, fractions without trailing zeros (RFC 3161, 2.4.2)."""
    moment = moment.astimezone(UTC)
    text = moment.strftime("%Y%m%d%H%M%S")
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    return tlv(GENERALIZED_TIME, text.encode() + b"Z")


class Node(NamedTuple):
    """One element in `data`: its tag, where it starts, where its content starts and ends.

    A named tuple, because a signature is made of many and frozen dataclasses are slow to make.
    """

    data: bytes
    tag: int
    start: int
    inside: int
    end: int

    @property
    def content(self) -> bytes:
        """The octets inside."""
        return self.data[self.inside : self.end]

    @property
    def encoded(self) -> bytes:
        """The whole element, tag and length included."""
        return self.data[self.start : self.end]

    def children(self) -> list[Node]:
        """Return the elements inside a constructed one, at most 4,096."""
        found: list[Node] = []
        at = self.inside
        while at < self.end:
            child = _element(self.data, at, self.end)
            found.append(child)
            at = child.end
            if len(found) > _MAX_CHILDREN:
                raise MalformedDer(reason="too many elements")
        return found

    def expect(self, tag: int) -> Node:
        """Return the node itself; raises MalformedDer when it has another tag."""
        if self.tag != tag:
            raise MalformedDer(reason=f"tag {self.tag:#04x} where {tag:#04x} is expected")
        return self

    def number(self) -> int:
        """Return the value of an INTEGER in its shortest form."""
        content = self.expect(INTEGER).content
        value = int.from_bytes(content, "big", signed=True)
        if not content or len(content) != _signed_size(value):
            raise MalformedDer(reason="an integer is not in its shortest form")
        return value

    def dotted(self) -> str:
        """Return the dotted text of an OBJECT IDENTIFIER."""
        return _dotted(self.expect(OID).content)

    def moment(self) -> datetime:
        """Return the value of a UTCTime or GeneralizedTime in UTC."""
        return _moment(self.tag, self.content)


def parse(data: bytes, tag: int = SEQUENCE) -> Node:
    """Return the one element that fills `data`; raises MalformedDer for anything else."""
    node = _element(data, 0, len(data))
    if node.end != len(data):
        raise MalformedDer(reason="octets after the end")
    return node.expect(tag)


def _element(data: bytes, at: int, limit: int) -> Node:
    """Return the element that starts at `at`; low tag numbers only, definite minimal length."""
    if at + 2 > limit:
        raise MalformedDer(reason="it ends too early")
    tag, size, inside = data[at], data[at + 1], at + 2
    if tag & _LONG_TAG == _LONG_TAG:
        raise MalformedDer(reason="a tag above 30")
    if size >= _LONG_FORM:
        width = size & 0x7F
        size = int.from_bytes(data[inside : inside + width], "big")
        if not 0 < width <= _MAX_LENGTH_OCTETS or size < _LONG_FORM or size < 1 << 8 * (width - 1):
            raise MalformedDer(reason="a length that DER does not allow")
        inside += width
    if inside + size > limit:
        raise MalformedDer(reason="it ends too early")
    return Node(data, tag, at, inside, inside + size)


@lru_cache(maxsize=1024)
def _dotted(content: bytes) -> str:
    arcs: list[int] = []
    value = 0
    for octet in content:
        if value == 0 and octet == _LONG_FORM:
            raise MalformedDer(reason="an object identifier is not in its shortest form")
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not arcs or content[-1] & 0x80:
        raise MalformedDer(reason="an object identifier ends too early")
    root = min(arcs[0] // 40, 2)
    return ".".join(map(str, (root, arcs[0] - 40 * root, *arcs[1:])))


def _moment(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii", "replace")
    if tag == UTC_TIME:
        text = f"{19 if text[:2] >= _CENTURY_TURN else 20}{text}"
    elif tag != GENERALIZED_TIME:
        raise MalformedDer(reason="a time is expected")
    match = _TIME.fullmatch(text)
    if match is None:
        raise MalformedDer(reason="a time is not in the form YYYYMMDDhhmmssZ")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    micros = int((match.group(7) or "").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, micros, tzinfo=UTC)
    except ValueError as error:
        raise MalformedDer(reason="a time does not exist") from error
