"""The archive time-stamp of CAdES, version 2 (ETSI TS 101 733 V2.2.1, 6.4.1 and annex K; RFC 5126).

It is over the SignedData as it stood: content, certificates, revocation data, and the signer with
everything on it but later archive time-stamps. Whether the tag of the unsigned attributes belongs
to that was told differently over the years, so both readings are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from certs import timestamp
from certs.asn1 import der, oids
from certs.cades import edit
from certs.cades.edit import Opened
from certs.errors import MalformedDer
from certs.timestamp import Token
from certs.validation.judge import Stamp, identifier, inside
from certs.verdict import Refused

_UNSIGNED: Final = 0xA1
_CERTIFICATES: Final = 0xA0
_REVOCATION: Final = 0xA1
_VERSIONS: Final = frozenset({oids.ARCHIVE_TIME_STAMP_V2, oids.ARCHIVE_TIME_STAMP_V3})
_STAMPS: Final = frozenset({oids.SIGNATURE_TIME_STAMP}) | _VERSIONS


@dataclass(frozen=True, slots=True)
class Place:
    """Where archive time-stamps hang: which signer of which SignedData, over which content.

    `kept` names the certificates and revocation data in the file.
    """

    encoded: bytes
    signer: int
    content: bytes
    kept: frozenset[str]


def evaluated(place: Place, token: bytes) -> Stamp | None:
    """Return an archive time-stamp with what it covers; None when it is over something else.

    Something else may also be the same in another encoding, of which nothing is left.
    """
    try:
        found = timestamp.read(token)
        opened = edit.open_data(place.encoded)
        attributes = list(_before(opened.signers[place.signer], found))
    except (Refused, MalformedDer):
        return None
    wanted = found.info.imprint
    for octets in _readings(place, opened, attributes):
        if found.info.digest.of(octets) == wanted:
            return Stamp("archive", token, lambda _: wanted, place.kept | _tokens(attributes))
    return None


def _before(signer: bytes, stamp: Token) -> Iterator[der.Node]:
    """Yield the unsigned attributes that were there when the time-stamp was made."""
    last = der.parse(signer).children()[-1]
    for each in last.children() if last.tag == _UNSIGNED else ():
        name, values = each.expect(der.SEQUENCE).children()
        if name.dotted() not in _VERSIONS:
            yield each
            continue
        if all(
            timestamp.read(one.encoded).info.time < stamp.info.time for one in values.children()
        ):
            yield each


def _readings(place: Place, opened: Opened, attributes: list[der.Node]) -> Iterator[bytes]:
    fields = der.parse(opened.signers[place.signer]).children()
    detached = len(der.parse(opened.content).children()) == 1
    encoded = b"".join(each.encoded for each in attributes)
    before = b"".join(
        (
            opened.content,
            place.content if detached else b"",
            *_sets(place.encoded),
            *(each.encoded for each in fields if each is not fields[-1] or each.tag != _UNSIGNED),
        )
    )
    yield before + der.tlv(_UNSIGNED, encoded)
    yield before + encoded


def _sets(encoded: bytes) -> Iterator[bytes]:
    """Yield the sets of certificates and of revocation data as they stand."""
    data = der.parse(encoded).children()[1].children()[0].children()
    yield from (each.encoded for each in data[3:-1] if each.tag in {_CERTIFICATES, _REVOCATION})


def _tokens(attributes: list[der.Node]) -> frozenset[str]:
    """Return the time-stamps among the attributes, and what is in them."""
    found: set[str] = set()
    for each in attributes:
        name, values = each.children()
        for value in values.children() if name.dotted() in _STAMPS else ():
            found |= {identifier(value.encoded), *inside(value.encoded).tokens}
    return frozenset(found)
