"""Evidence records in XML (RFC 6283): chains, hash trees, tokens, validation data.

A time-stamp is over the canonical form of the TimeStamp element before it in its chain; a new
chain is over the data and the canonical form of the sequence so far, side by side in the first
list of its tree. XML among the data is digested in its canonical form, or as it is.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from certs.asn1 import ber
from certs.digests import Digest, digest_by_uri
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.ers import xml_build
from certs.ers.record import ArchiveTimeStamp, Chain
from certs.ers.tree import Lists
from certs.ers.xml_build import ERS, KIND, VERSION, ers
from certs.validation.material import Material
from certs.verdict import Refused
from certs.xades import c14n
from certs.xades.structure import decoded
from schemas.errors import InputError
from schemas.xml import Element, parse

_NAMED: Final = ERS.encode()
_CANONICAL: Final = c14n.EXCLUSIVELY
_HEAD: Final = 4096
_MOST: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
class _XmlChain:
    """One chain with its digest and canonicalisation, and the elements of its time-stamps."""

    digest: Digest
    method: c14n.Method
    stamps: Chain
    nodes: tuple[Element, ...]
    kept: tuple[Material, ...]


@dataclass(frozen=True, slots=True, eq=False)
class XmlRecord:
    """An evidence record in XML; chains and time-stamps in their order, oldest first."""

    sequence: Element
    parts: tuple[_XmlChain, ...]

    @classmethod
    def begun(cls, stamp: ArchiveTimeStamp) -> XmlRecord:
        """Return a record of one time-stamp."""
        root = xml_build.empty()
        xml_build.add_stamp(xml_build.add_chain(root[0], stamp.digest), stamp)
        return _of(root)

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The time-stamps, chain by chain."""
        return tuple(each.stamps for each in self.parts)

    @property
    def newest(self) -> ArchiveTimeStamp:
        """The last archive time-stamp."""
        return self.parts[-1].stamps[-1]

    def appending(self, stamp: ArchiveTimeStamp, *, chain: bool) -> XmlRecord:
        """Return it with a further time-stamp, in its last chain or in a new one."""
        copied = self._copied()
        if chain:
            last = xml_build.add_chain(copied.sequence, stamp.digest)
        else:
            last = _ordered(copied.sequence, "ArchiveTimeStampChain")[-1]
        xml_build.add_stamp(last, stamp)
        return _of(_root(copied.sequence))

    def completed(self, found: Material) -> XmlRecord:
        """Return it with validation data beside the newest token."""
        copied = self._copied()
        xml_build.add_material(copied.parts[-1].nodes[-1], found)
        return _of(_root(copied.sequence))

    def following(self, files: Sequence[bytes], digest: Digest) -> list[bytes]:
        """Return the leaves of a next chain under a digest: the data, and the sequence so far."""
        before = c14n.element(self.sequence, _CANONICAL)
        return [*(leaf(data, digest) for data in files), digest.of(before)]

    def encode(self) -> bytes:
        """Return the XML."""
        root = _root(self.sequence)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", with_tail=False)

    def _copied(self) -> XmlRecord:
        return _of(copy.deepcopy(_root(self.sequence)))

    def kept(self, number: int, place: int) -> Material:
        """Return the validation data beside the token of a time-stamp."""
        return self.parts[number].kept[place]

    def carried(self, number: int, place: int) -> bytes:
        """Return what the time-stamp after this one in its chain is over."""
        part = self.parts[number]
        return c14n.element(part.nodes[place], part.method)

    def leaves(self, number: int, files: Sequence[bytes]) -> list[bytes]:
        """Return the leaves of a chain's first tree: the data, and the chains before it."""
        part = self.parts[number]
        listed = {value for each in part.stamps[0].lists for value in each}
        found = [_leaf(data, part, listed) for data in files]
        return [*found, part.digest.of(self._before(number))] if number else found

    def _before(self, number: int) -> bytes:
        """Return the canonical form of the sequence with the chains before this one alone."""
        root = copy.deepcopy(_root(self.sequence))
        sequence = _only(root, "ArchiveTimeStampSequence")
        for each in _ordered(sequence, "ArchiveTimeStampChain")[number:]:
            c14n.take_out(each)
        return c14n.element(sequence, self.parts[number].method)


def leaf(data: bytes, digest: Digest) -> bytes:
    """Return the leaf for data as we write it: XML counts in its canonical form (RFC 6283, 3.2)."""
    if data.lstrip()[:1] == b"<":
        try:
            return digest.of(c14n.document(parse(data), _CANONICAL))
        except InputError:
            pass
    return digest.of(data)


def _leaf(data: bytes, part: _XmlChain, listed: set[bytes]) -> bytes:
    plain = part.digest.of(data)
    if plain in listed or data.lstrip()[:1] != b"<":
        return plain
    try:
        return part.digest.of(c14n.document(parse(data), part.method))
    except InputError:
        return plain


def is_xml_record(data: bytes) -> bool:
    """Tell whether data is an evidence record in XML."""
    if _NAMED not in data[:_HEAD]:
        return False
    try:
        return parse(data).tag == ers("EvidenceRecord")
    except InputError:
        return False


def read(data: bytes) -> XmlRecord:
    """Return the record in XML.

    Raises MalformedDer (also for XML out of form) or UnsupportedAlgorithm, and what the XML
    parser raises.
    """
    return _of(parse(data))


def _of(root: Element) -> XmlRecord:
    if root.tag != ers("EvidenceRecord") or root.get("Version") != VERSION:
        raise MalformedDer(reason="no evidence record of version 1.0")
    if root.find(ers("EncryptionInformation")) is not None:
        raise UnsupportedAlgorithm(algorithm="evidence records over encrypted data")
    sequence = _only(root, "ArchiveTimeStampSequence")
    try:
        chains = _ordered(sequence, "ArchiveTimeStampChain")
        return XmlRecord(sequence, tuple(map(_chain, chains)))
    except Refused as refused:
        raise MalformedDer(reason=refused.reason.en) from refused


def _root(node: Element) -> Element:
    return node.getroottree().getroot()


def _chain(node: Element) -> _XmlChain:
    method = _only(node, "CanonicalizationMethod")
    digest = digest_by_uri(_only(node, "DigestMethod").get("Algorithm", ""))
    stamps = _ordered(node, "ArchiveTimeStamp")
    nodes = tuple(_only(each, "TimeStamp") for each in stamps)
    return _XmlChain(
        digest,
        c14n.method_of(method),
        tuple(
            ArchiveTimeStamp(digest, _tree(each), _token(inner))
            for each, inner in zip(stamps, nodes, strict=True)
        ),
        nodes,
        tuple(map(_information, nodes)),
    )


def _tree(stamp: Element) -> Lists:
    tree = stamp.find(ers("HashTree"))
    if tree is None:
        return ()
    found = tuple(
        tuple(decoded(value.text) for value in each.findall(ers("DigestValue")))
        for each in _ordered(tree, "Sequence")
    )
    if not all(found):
        raise MalformedDer(reason="a hash tree has an empty list")
    return found


def _token(node: Element) -> bytes:
    token = _only(node, "TimeStampToken")
    if token.get("Type") != KIND:
        raise UnsupportedAlgorithm(algorithm=f"time-stamps of type {token.get('Type')}")
    return ber.leading(decoded(token.text))


def _information(node: Element) -> Material:
    """Return the certificates and revocation data beside a token."""
    by_type: dict[str, list[bytes]] = {"CERT": [], "CRL": [], "OCSP": []}
    for each in node.iterfind(f"{ers('CryptographicInformationList')}/*"):
        by_type.get(each.get("Type", ""), []).append(decoded(each.text))
    return Material.read(by_type["CERT"], by_type["CRL"], by_type["OCSP"])


def _only(node: Element, name: str) -> Element:
    found = node.findall(ers(name))
    if len(found) != 1:
        raise MalformedDer(reason=f"an evidence record has not one {name}")
    return found[0]


def _ordered(node: Element, name: str) -> list[Element]:
    """Return children by their Order, which must count from one."""
    found = node.findall(ers(name))
    if not 0 < len(found) <= _MOST:
        raise MalformedDer(reason=f"an evidence record has no {name}, or too many")
    by_order = {each.get("Order", "").strip(): each for each in found}
    if set(by_order) != {str(number) for number in range(1, len(found) + 1)}:
        raise MalformedDer(reason=f"the order of {name} does not count from one")
    return [by_order[str(number)] for number in range(1, len(found) + 1)]
