"""What the time-stamps of an XML signature are over, octet for octet (EN 319 132-1, 5.3 to 5.5).

Everything is canonicalised while the signature stands in its place, part by part, and digested
without being joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

from certs.conclusion import format_failure
from certs.digests import SHA256, Digest
from certs.errors import UnsupportedAlgorithm
from certs.timestamp import Imprint, failing
from certs.xades import c14n
from certs.xades.names import SIGNED_PROPERTIES, ds, xades, xades141
from certs.xades.structure import Parts
from schemas.xml import Element, Limits, parse

_REFERENCES: Final = frozenset(
    name
    for base in (
        "CompleteCertificateRefs",
        "CompleteRevocationRefs",
        "AttributeCertificateRefs",
        "AttributeRevocationRefs",
    )
    for name in (xades(base), xades141(f"{base}V2"))
)
_LIMITS: Final = Limits(size=1 << 30)


@dataclass(frozen=True, slots=True)
class Covered:
    """The octets of one reference after its transforms; a node set has still to be canonical.

    `state` stands for octets that were streamed into a SHA-256 and not kept.
    """

    octets: bytes = b""
    node_set: bool = False
    state: c14n.Digesting | None = None

    def canonical(self, method: c14n.Method) -> bytes:
        """Return the octets, a node set in the canonical form of the time-stamp."""
        if not self.node_set or method == c14n.INCLUSIVE:
            return self.octets
        return c14n.document(parse(self.octets, _LIMITS), method)


@dataclass(frozen=True, slots=True)
class _Placed:
    """The parts of a signature as text, from before anything was taken out of the tree."""

    method: c14n.Method
    fixed: tuple[bytes, ...]
    properties: tuple[bytes, ...]
    objects: tuple[bytes, ...]


class Hash(Protocol):
    """A digest that takes octets in."""

    def update(self, octets: bytes, /) -> None:
        """Take in octets."""
        ...

    def digest(self) -> bytes:
        """Return the digest so far."""
        ...


References = Callable[[], Sequence[Covered]]


def signature_value(parts: Parts, stamp: Element) -> Imprint:
    """Return the imprint of a SignatureTimeStamp: the SignatureValue element."""
    octets = c14n.element(parts.value, method_of(stamp))
    return lambda digest: digest.of(octets)


def references(parts: Parts, stamp: Element, *, value: bool) -> Imprint:
    """Return the imprint of SigAndRefsTimeStamp (`value`) or RefsOnlyTimeStamp."""
    method = method_of(stamp)
    wanted = _REFERENCES | ({xades("SignatureTimeStamp")} if value else frozenset())
    found = [c14n.element(parts.value, method)] if value else []
    found += [c14n.element(each, method) for each in _before(parts, stamp) if each.tag in wanted]
    return lambda digest: digest.of(b"".join(found))


def archive(parts: Parts, stamp: Element, covered: References) -> Imprint:
    """Return the imprint of an ArchiveTimeStamp of XAdES 1.4.1, or by the older rule of 1.3.2.

    The older one leaves out each ds:Object that the signature refers to.
    """
    older = stamp.tag == xades("ArchiveTimeStamp")
    placed = _placed(parts, stamp, older=older)

    @cache
    def imprint(digest: Digest) -> bytes:
        given = list(covered())
        state = _begun(given, digest)
        for each in given:
            state.update(each.canonical(placed.method))
        for octets in (*placed.fixed, *placed.properties, *placed.objects):
            state.update(octets)
        return state.digest()

    return imprint


def _begun(covered: list[Covered], digest: Digest) -> Hash:
    """Return a digest to go on with: that of what was streamed before, which then stands first."""
    streamed = covered[0].state if covered else None
    if streamed is not None:
        if digest is not SHA256:
            raise UnsupportedAlgorithm(algorithm=digest.name)
        covered.pop(0)
        return streamed.copy()
    return hashlib.new(digest.name, usedforsecurity=not digest.weak)


def _placed(parts: Parts, stamp: Element, *, older: bool) -> _Placed:
    method = method_of(stamp)
    fixed = [parts.signed_info, parts.value]
    if parts.key_info is not None:
        fixed.append(parts.key_info)
    return _Placed(
        method,
        tuple(c14n.element(each, method) for each in fixed),
        tuple(c14n.element(each, method) for each in _before(parts, stamp)),
        tuple(c14n.element(each, method) for each in objects(parts, older=older)),
    )


def content(parts: Parts, stamp: Element, covered: References) -> Imprint:
    """Return the imprint of an AllDataObjectsTimeStamp: every reference but the properties."""
    method = method_of(stamp)
    own = [each.get("Type") == SIGNED_PROPERTIES for each in parts.references]

    def imprint(digest: Digest) -> bytes:
        found = zip(covered(), own, strict=True)
        return digest.of(b"".join(each.canonical(method) for each, mine in found if not mine))

    return imprint


def individual(parts: Parts, stamp: Element, covered: References) -> Imprint:
    """Return the imprint of an IndividualDataObjectsTimeStamp: the references that it includes.

    Each xades:Include names one ds:Reference, whose data counts (EN 319 132-1, 5.2.8.3); one that
    names none fails the time-stamp.
    """
    method = method_of(stamp)
    named = {f"#{each.get('Id')}": place for place, each in enumerate(parts.references)}
    uris = [each.get("URI", "") for each in stamp.iterchildren(xades("Include"))]
    if not uris or not set(uris) <= named.keys():
        return failing(
            format_failure("A time-stamp includes no reference.", "时间戳未包含任何引用。")
        )

    def imprint(digest: Digest) -> bytes:
        found = covered()
        return digest.of(b"".join(found[named[uri]].canonical(method) for uri in uris))

    return imprint


def objects(parts: Parts, *, older: bool) -> Iterator[Element]:
    """Yield the ds:Object elements that an archive time-stamp is over."""
    referred = {each.get("URI", "").removeprefix("#") for each in parts.references}
    for each in parts.signature.iterchildren(ds("Object")):
        if each.find(xades("QualifyingProperties")) is not None:
            continue
        if not (older and each.get("Id") in referred):
            yield each


def _before(parts: Parts, stamp: Element) -> Iterator[Element]:
    for each in parts.unsigned_properties:
        if each is stamp:
            return
        yield each


def method_of(stamp: Element) -> c14n.Method:
    """Return how a time-stamp canonicalises; C14N 1.0 unless it says otherwise."""
    node = stamp.find(ds("CanonicalizationMethod"))
    return c14n.INCLUSIVE if node is None else c14n.method_of(node)
