"""The archive time-stamp of CAdES, version 3 (EN 319 122-1, 5.5.3): index, imprint, coverage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from certs.asn1 import der, oids
from certs.authority.tsa import TimeStamper
from certs.cades import edit
from certs.cades.edit import Opened
from certs.digests import SHA256, Digest, digest_by_oid
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.timestamp import Imprint
from certs.validation.judge import identifier
from certs.validation.material import Material
from certs.verdict import Refused, SubIndication
from schemas.text import Text

_UNSIGNED: Final = 0xA1


@dataclass(frozen=True, slots=True)
class Index:
    """An ats-hash-index: digests of certificates, revocation data and unsigned attribute values.

    In version 3 an attribute is digested value by value, before as a whole.
    """

    encoded: bytes
    digest: Digest
    certificates: tuple[bytes, ...]
    revocation: tuple[bytes, ...]
    attributes: tuple[bytes, ...]
    by_value: bool = True


def make_index(opened: Opened, signer: int, digest: Digest = SHA256) -> bytes:
    """Return the DER of an ATSHashIndexV3 over everything there is so far."""
    groups = (
        opened.certificates,
        opened.revocation,
        tuple(_attributes(opened.signers[signer], by_value=True)),
    )
    return der.sequence(
        digest.identifier,
        *(
            der.sequence(*(der.octets(digest.of(each)) for each in sorted(group)))
            for group in groups
        ),
    )


def imprint(opened: Opened, signer: int, content: bytes, index: bytes) -> Imprint:
    """Return what the time-stamp is over: content type, digest of the content, signer, index."""
    kind = der.parse(opened.content).children()[0].encoded
    fields = der.parse(opened.signers[signer]).children()
    if fields[-1].tag == _UNSIGNED:
        fields = fields[:-1]
    fixed = b"".join(each.encoded for each in fields)
    return lambda digest: digest.of(kind + digest.of(content) + fixed + index)


def add(
    encoded: bytes,
    content: bytes,
    stamper: TimeStamper,
    *,
    signer: int = 0,
    digest: Digest = SHA256,
) -> bytes:
    """Return the signature with an archive time-stamp on one of its signers."""
    opened = edit.open_data(encoded)
    index = make_index(opened, signer, digest)
    token = stamper.stamp(imprint(opened, signer, content, index)(digest))
    marked = edit.open_data(token).with_attribute(0, oids.ATS_HASH_INDEX_V3, index).encode()
    return opened.with_attribute(signer, oids.ARCHIVE_TIME_STAMP_V3, marked).encode()


def read_index(token: bytes) -> Index:
    """Return the index in a token's unsigned attributes; raises MalformedDer without one."""
    signer = edit.open_data(token).signers[0]
    for name, values in _named(signer):
        if name in {oids.ATS_HASH_INDEX_V3, *oids.ATS_HASH_INDEXES}:
            return _index(values[0], by_value=name == oids.ATS_HASH_INDEX_V3)
    raise MalformedDer(reason="an archive time-stamp has no index")


def _index(node: der.Node, *, by_value: bool) -> Index:
    *algorithm, certificates, revocation, attributes = node.expect(der.SEQUENCE).children()
    # The algorithm may be left out in the older versions, and is SHA-256 then.
    digest = digest_by_oid(algorithm[0].children()[0].dotted()) if algorithm else SHA256
    if len(algorithm) > 1:
        raise MalformedDer(reason="an index has too many fields")
    return Index(
        node.encoded,
        digest,
        certificates=_digests(certificates),
        revocation=_digests(revocation),
        attributes=_digests(attributes),
        by_value=by_value,
    )


def _digests(group: der.Node) -> tuple[bytes, ...]:
    return tuple(each.expect(der.OCTET_STRING).content for each in group.children())


def covered(opened: Opened, signer: int, index: Index) -> frozenset[str]:
    """Return the tokens that the index names; raises Refused when it names what is not there."""
    groups = (
        (opened.certificates, index.certificates),
        (opened.revocation, index.revocation),
        (tuple(_attributes(opened.signers[signer], by_value=index.by_value)), index.attributes),
    )
    found: list[list[bytes]] = []
    for present, named in groups:
        known = {index.digest.of(each): each for each in present}
        if not set(named) <= known.keys():
            raise Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    "Something that was archived is missing or was changed.",
                    "已归档的内容缺失或被修改。",
                ),
            )
        found.append([known[each] for each in named])
    certificates, revocation, attributes = found
    tokens = {identifier(each) for each in certificates} | revocation_material(revocation).tokens
    for attribute in attributes:
        tokens |= {identifier(value) for value in _values(attribute, by_value=index.by_value)}
    return frozenset(tokens)


def revocation_material(values: Sequence[bytes]) -> Material:
    """Return the revocation data among RevocationInfoChoices."""
    lists = [each for each in values if each[0] == der.SEQUENCE]
    return Material.read((), lists, _responses(values))


def _responses(values: Sequence[bytes]) -> Iterator[bytes]:
    for each in values:
        if each[0] == 0xA1:  # noqa: PLR2004 - [1] other
            kind, value = der.parse(each, 0xA1).children()
            if kind.dotted() == oids.RI_OCSP_RESPONSE:
                yield value.encoded


def _named(signer: bytes) -> Iterator[tuple[str, list[der.Node]]]:
    last = der.parse(signer).children()[-1]
    if last.tag == _UNSIGNED:
        for each in last.children():
            name, values = each.expect(der.SEQUENCE).children()
            yield name.dotted(), values.expect(der.SET).children()


def _attributes(signer: bytes, *, by_value: bool) -> Iterator[bytes]:
    """Yield what is digested of the unsigned attributes: type and value, or whole attributes."""
    last = der.parse(signer).children()[-1]
    if last.tag != _UNSIGNED:
        return
    for each in last.children():
        name, values = each.children()
        if not by_value:
            yield each.encoded
            continue
        for value in values.children():
            yield name.encoded + value.encoded


def _values(attribute: bytes, *, by_value: bool) -> Iterator[bytes]:
    if not by_value:
        yield from (each.encoded for each in der.parse(attribute).children()[1].children())
        return
    yield attribute[2 + attribute[1] :]


def index_of(token: bytes) -> Index | None:
    """Return the index of a token, or None when there is none that can be read."""
    try:
        return read_index(token)
    except (MalformedDer, UnsupportedAlgorithm, IndexError, ValueError):
        return None
