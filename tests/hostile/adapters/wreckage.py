"""Invoices broken in the ways that wires, tools and enemies break them.

Input number `n` is always the same.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import adapters
from tests.conformance.invoice import sound

_FOLDER = Path(adapters.__file__).parent
_TEXT = re.compile(rb">([^<>]+)<")
_TAG = re.compile(rb"<((?:c[ab]c|r[as]m|udt):[A-Za-z]+)")
_CBC = b"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_CII = b"urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
_VALUES = (
    b"1E+100", b"-1E+999999999", b"1e-400", b"NaN", b"-INF", b"0x10", b"1,00", b"", b" ", b"--1",
    b"9" * 5_000, b"0." + b"0" * 5_000 + b"1", b"A" * 200_000, b"\xc2\xa0", b"\xd9\xa1", b"-0",
    b"2026-02-30", b"0000-00-00", b"99999-01-01", b"20260231", b"true ", b"2", b"&amp;", b"&#x9;",
    b"<!-- x -->", b"1<!-- x -->00", b"<?x y?>1", b"<![CDATA[1]]>", b"]]&gt;", b"&#0;", b"&lol;",
    b"\x00", b"\x1b[31m", b"\xff\xfe", b"\xed\xa0\x80", "\u202e1".encode(), "\U0001f9fe".encode(),
    b"<x>1</x>", b"<a:b>1</a:b>", b"%s%n{0}{x}", b"../../etc/passwd", b"${jndi}", b"' or '1'='1",
    b"1" * 400, b"1" * 401, b"urn:peppol:pint:billing-1@sg-1", b"urn:peppol:pint:billing-1@zz-9",
)  # fmt: skip
_NOT_XML = (
    b"", b" ", b"\x00" * 64, b"<", b"<>", b"%PDF-1.7\n%\xe2\xe3", b"PK\x03\x04" + b"\x00" * 40,
    b"{}", b"[1,2", b"UNA:+.? 'UNB+UNOC:3", b"\x1f\x8b\x08\x00", b"ISO-10303;", b"<Invoice/>",
    b"<?xml version='1.0'?>", b"<?xml version='1.0' encoding='klingon'?><a/>", b"\xef\xbb\xbf",
    b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", b"\xff\xfe<\x00",
    b"<a:CrossIndustryInvoice xmlns:a='" + _CII + b"'/>", b"\x00\x00\xfe\xff",
)  # fmt: skip
_INCLUDE = b"<i:include xmlns:i='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"
_WRONG = ("utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "shift_jis", "gb18030", "utf-7")
_DECLARED = (b"UTF-8", b"UTF-16", b"ISO-8859-1", b"US-ASCII", b"EBCDIC-CP-BE", b"x", b"")
_BOMS = (
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf\xef\xbb\xbf",
    b"\x00\x00\xfe\xff",
)
_BOMB = (
    b'<!DOCTYPE Invoice [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY lol "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
_OUTSIDE = b'<!DOCTYPE Invoice [<!ENTITY lol SYSTEM "file:///etc/hostname">]>'


def wreck(number: int) -> bytes:
    """Return broken input number `number`."""
    chance = random.Random(number)
    way = _WAYS[number % len(_WAYS)]
    data = way(chance.choice(_sound()), chance)
    return way(data, chance) if chance.random() < 0.2 else data


@cache
def _sound() -> tuple[bytes, ...]:
    samples = [_FOLDER / name / "samples" / "complete.xml" for name in ("peppol_ubl", "cefact_cii")]
    ours = (sound.pint("sg"), sound.pint("my"), sound.credit_note(sound.invoice()))
    return (*(sample.read_bytes() for sample in samples), *ours)


def _value(data: bytes, chance: random.Random) -> bytes:
    """Put a bad value where a good one stands."""
    places = list(_TEXT.finditer(data))
    if not places:
        return data
    at = chance.choice(places)
    return data[: at.start(1)] + chance.choice(_VALUES) + data[at.end(1) :]


def _values(data: bytes, chance: random.Random) -> bytes:
    """Put one bad value everywhere."""
    bad = chance.choice(_VALUES[:12])
    return _TEXT.sub(lambda at: b">" + (bad if at[1].strip() else at[1]) + b"<", data)


def _element(data: bytes, chance: random.Random) -> bytes:
    """Take an element out, double it, or put it where it does not belong."""
    tags = sorted(set(_TAG.findall(data)))
    if not tags:
        return data
    tag = chance.choice(tags)
    found = re.search(b"<" + tag + b"[ >].*?</" + tag + b">", data, re.DOTALL)
    if found is None:
        return data
    elsewhere = chance.choice([at.start() for at in _TAG.finditer(data)])
    return chance.choice(
        (
            data[: found.start()] + data[found.end() :],
            data[: found.end()] + found[0] + data[found.end() :],
            data[: found.end()] + found[0] * 500 + data[found.end() :],
            data[:elsewhere] + found[0] + data[elsewhere:],
        )
    )


def _unknown(data: bytes, chance: random.Random) -> bytes:
    """Put in what no schema knows."""
    at = chance.choice([each.start() for each in _TAG.finditer(data)] or [len(data)])
    strange = (
        b"<unknown/>", b"<x:y xmlns:x='urn:x'>1</x:y>", b"<cbc:Foo xmlns:cbc='" + _CBC + b"'/>",
        b"<!-- -->", b"<?php exit ?>", b"text", _INCLUDE, b"<a b='" + b"c" * 100_000 + b"'/>",
        b"<a " + b" ".join(b"a%d='1'" % n for n in range(2_000)) + b"/>",
    )  # fmt: skip
    return data[:at] + chance.choice(strange) + data[at:]


def _spaces(data: bytes, chance: random.Random) -> bytes:
    """Change a namespace or a prefix."""
    return chance.choice(
        (
            data.replace(b"CommonBasicComponents-2", b"CommonBasicComponents-3"),
            data.replace(b"Invoice-2", b"Invoice-1").replace(b":100", b":99"),
            data.replace(b"xmlns:cbc=", b"xmlns:zzz=", 1),
            data.replace(b"cbc:", b"", 3),
            re.sub(rb"xmlns(:\w+)?=\"[^\"]*\"", b"", data),
            data.replace(b"<Invoice", b"<CreditNote").replace(b"</Invoice", b"</CreditNote"),
        )
    )


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """Cut, flip, double or shuffle bytes."""
    out = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(max(1, len(out)))
        kind = chance.randrange(5)
        if kind == 0:
            del out[at:]
        elif kind == 1 and at < len(out):
            out[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            out[at:at] = bytes([chance.randrange(256)])
        elif kind == 3:
            out[at:at] = out[at : at + 64]
        else:
            del out[at : at + chance.randrange(1, 40)]
    return bytes(out)


def _encoding(data: bytes, chance: random.Random) -> bytes:
    """Write the text in one encoding and declare another; put a byte order mark before it."""
    declared = chance.choice(_DECLARED)
    data = re.sub(rb"encoding=\"[^\"]*\"", b'encoding="' + declared + b'"', data, count=1)
    text = data.decode("utf-8", "replace")
    wrong = text.encode(chance.choice(_WRONG), "replace")
    return chance.choice((wrong, data, chance.choice(_BOMS) + data, chance.choice(_BOMS) + wrong))


def _bomb(data: bytes, chance: random.Random) -> bytes:
    """Nest deeply, repeat without end, declare entities."""
    head, _, body = data.partition(b"?>")
    deep = chance.choice((90, 101, 3_000, 100_000))
    line = re.search(rb"<cac:InvoiceLine>.*</cac:InvoiceLine>", data, re.DOTALL)
    many = data.replace(line[0], line[0] * 300) if line else data
    return chance.choice(
        (
            head + b"?>" + _BOMB + _value(body, random.Random(7)).replace(b">1<", b">&lol;<", 1),
            head + b"?>" + _OUTSIDE + body.replace(b">1<", b">&lol;<", 1),
            (head + b"?>" + _BOMB + body).decode("utf-8", "replace").encode("utf-16"),
            b"<a>" * deep + b"</a>" * deep,
            data.replace(b"<cbc:Note>", b"<cbc:Note>" + b"<a>" * deep + b"</a>" * deep, 1),
            many,
            b" " * chance.choice((1, 5_000)) + data,
        )
    )


def _not_xml(data: bytes, chance: random.Random) -> bytes:
    """Send something else."""
    noise = bytes(chance.randrange(256) for _ in range(chance.randrange(400)))
    return chance.choice((*_NOT_XML, noise, data + data, data + noise, noise + data))


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _value, _element, _value, _unknown, _values, _spaces, _bytes, _encoding, _bomb, _not_xml,
)  # fmt: skip
