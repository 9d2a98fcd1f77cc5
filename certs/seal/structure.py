"""SES_Signature and the SESeal in it, taken apart (GB/T 38540-2020, version 4; GM/T 0031-2014).

Versions 1 and 2 have UTCTime, no kind of certificate list, certificate and algorithm inside
what is signed, and the maker's signature over the seal, certificate and algorithm together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import timestamp
from certs.asn1 import der, oids
from certs.errors import MalformedDer
from certs.verdict import Refused

_MARK: Final = b"\x16\x02ES"  # the identifier in the header: IA5String "ES"
_MARKED_WITHIN: Final = 64
_CURRENT: Final = 4
_OLD: Final = frozenset({1, 2})
_RAW: Final = 64
_SM2: Final = frozenset({oids.SM2_WITH_SM3, oids.SM2_1})
_CERTIFICATES: Final = 1
_DIGESTS: Final = 2
_IA5: Final = 0x16
_UTF8: Final = 0x0C


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Octets with the signature over them: `candidates` are what writers sign, one must fit.

    The signature is DER; where a writer put r and s side by side, as in `value`, it is turned
    into DER.
    """

    candidates: tuple[bytes, ...]
    certificate: bytes
    signature: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """What the seal looks like: the kind of image (`png`, `svg`), its octets, millimetres."""

    kind: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal: what it is called, whose certificates may use it, and from when to when.

    One of `certificates` (DER) and `digests` (algorithm as text, value) is filled.
    """

    version: int
    identifier: str
    name: str
    certificates: tuple[bytes, ...]
    digests: tuple[tuple[str, bytes], ...]
    not_before: datetime
    not_after: datetime
    picture: Picture
    made: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSignature:
    """A seal affixed to data of which `data_hash` is the SM3 digest, at the time it claims.

    `token` is a time-stamp over the signature value, or b''.
    """

    version: int
    seal: Seal
    time: datetime | None
    data_hash: bytes
    property_info: str
    signed: Signed
    token: bytes


def read_seal(encoded: bytes) -> Seal:
    """Return the SESeal in DER; raises MalformedDer for anything else."""
    try:
        return _seal(der.parse(encoded))
    except (IndexError, ValueError) as error:
        raise MalformedDer(reason="a seal with too few fields or strange text") from error


def seals_in(data: bytes) -> tuple[bytes, ...]:
    """Return the SESeal (DER) in a SES_Signature; none in anything else."""
    if not is_signature(data):
        return ()
    try:
        return (der.parse(data).children()[0].children()[1].encoded,)
    except (MalformedDer, IndexError):
        return ()


def is_signature(data: bytes) -> bool:
    """Tell whether `data` begins like a SES_Signature."""
    return _MARK in data[:_MARKED_WITHIN]


def read(encoded: bytes) -> SealSignature:
    """Return the SES_Signature in DER; raises MalformedDer for anything else."""
    try:
        fields = der.parse(encoded).children()
        signed = fields[0].expect(der.SEQUENCE)
        inner = signed.children()
        version = inner[0].number()
        if len(fields) not in ((4, 5) if version == _CURRENT else (2,)):
            raise MalformedDer(reason="a seal signature with too few or too many fields")
        if version == _CURRENT:
            return _current(fields, signed, inner)
        if version in _OLD:
            return _old(fields, signed, inner)
    except (IndexError, ValueError) as error:
        raise MalformedDer(reason="a seal with too few fields or strange text") from error
    raise MalformedDer(reason=f"a seal of version {version}")


def _current(
    fields: Sequence[der.Node], signed: der.Node, inner: Sequence[der.Node]
) -> SealSignature:
    token = fields[4] if fields[4:] else None
    if token is not None and token.tag != der.BIT_STRING:
        (token,) = token.expect(0xA0).children()
    return SealSignature(
        version=_CURRENT,
        seal=_seal(inner[1]),
        time=inner[2].expect(der.GENERALIZED_TIME).moment(),
        data_hash=_bits(inner[3]),
        property_info=_text(inner[4], _IA5),
        signed=_signed(fields[1], fields[2], fields[3], signed.encoded),
        token=_bits(token) if token is not None else b"",
    )


def _old(fields: Sequence[der.Node], signed: der.Node, inner: Sequence[der.Node]) -> SealSignature:
    told = _bits(inner[2])
    return SealSignature(
        version=inner[0].number(),
        seal=_seal(inner[1]),
        time=_told_time(told),
        data_hash=_bits(inner[3]),
        property_info=_text(inner[4], _IA5),
        signed=_signed(inner[5], inner[6], fields[1], signed.encoded),
        token=b"",
    )


def _told_time(told: bytes) -> datetime | None:
    """Return the time in the timeInfo of old versions: text or a token's; a claim either way."""
    try:
        return timestamp.read(told).info.time
    except Refused:
        pass
    for tag in (der.UTC_TIME, der.GENERALIZED_TIME):
        try:
            return der.parse(der.tlv(tag, told), tag).moment()
        except MalformedDer:
            continue
    return None


def _seal(node: der.Node) -> Seal:
    fields = node.expect(der.SEQUENCE).children()
    header, identifier, described, picture, *_ = fields[0].expect(der.SEQUENCE).children()
    mark, version, _ = header.children()
    if _text(mark, _IA5) != "ES":
        raise MalformedDer(reason="no seal")
    number = version.number()
    if number == _CURRENT:
        made = _signed(fields[1], fields[2], fields[3], fields[0].encoded)
    else:
        certificate, algorithm, value = fields[1].expect(der.SEQUENCE).children()
        whole = der.sequence(fields[0].encoded, certificate.encoded, algorithm.encoded)
        made = _signed(certificate, algorithm, value, whole, fields[0].encoded)
    parts = described.expect(der.SEQUENCE).children()
    certificates, digests = _users(parts[2:4] if number == _CURRENT else [None, parts[2]])
    return Seal(
        version=number,
        identifier=_text(identifier, _IA5),
        name=_text(parts[1], _UTF8),
        certificates=certificates,
        digests=digests,
        not_before=parts[-2].moment(),
        not_after=parts[-1].moment(),
        picture=_picture(picture),
        made=made,
    )


def _picture(node: der.Node) -> Picture:
    kind, data, width, height = node.expect(der.SEQUENCE).children()
    octets = data.expect(der.OCTET_STRING).content
    return Picture(_text(kind, _IA5), octets, width.number(), height.number())


def _users(
    parts: Sequence[der.Node | None],
) -> tuple[tuple[bytes, ...], tuple[tuple[str, bytes], ...]]:
    """Return the certificates that may use the seal, or their digests."""
    kind, listed = parts
    found = listed.expect(der.SEQUENCE).children() if listed else []
    if kind is None or kind.number() == _CERTIFICATES:
        return tuple(each.expect(der.OCTET_STRING).content for each in found), ()
    if kind.number() != _DIGESTS:
        raise MalformedDer(reason="a list of an unknown kind")
    pairs = (each.expect(der.SEQUENCE).children() for each in found)
    return (), tuple(
        (named.content.decode("ascii"), value.expect(der.OCTET_STRING).content)
        for named, value in pairs
    )


def _signed(
    certificate: der.Node, algorithm: der.Node, value: der.Node, *candidates: bytes
) -> Signed:
    if algorithm.dotted() not in _SM2:
        raise MalformedDer(reason=f"a seal signed with {algorithm.dotted()}")
    octets = signature = _bits(value)
    if len(octets) == _RAW:
        r, s = (int.from_bytes(each, "big") for each in (octets[:32], octets[32:]))
        signature = der.sequence(der.integer(r), der.integer(s))
    return Signed(
        candidates=candidates,
        certificate=certificate.expect(der.OCTET_STRING).content,
        signature=signature,
        value=octets,
    )


def _bits(node: der.Node) -> bytes:
    content = node.expect(der.BIT_STRING).content
    if content[:1] != b"\x00":
        raise MalformedDer(reason="a bit string of broken octets")
    return content[1:]


def _text(node: der.Node, tag: int) -> str:
    return node.expect(tag).content.decode("utf-8")
