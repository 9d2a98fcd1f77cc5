"""XAdES made to last: time-stamps and validation data put onto a signature (EN 319 132-1, 5.3-5.5).

Each step adds unsigned properties and leaves everything that is signed as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from certs import timestamp
from certs.algorithms import scheme_by_uri
from certs.authority.tsa import TimeStamper
from certs.conclusion import Draft
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.levels import Level
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from certs.verdict import Refused
from certs.x509.certificate import Certificate
from certs.xades import c14n, imprint, longterm, template
from certs.xades.imprint import Covered
from certs.xades.names import ds, xades
from certs.xades.references import Resolver
from certs.xades.structure import Parts, decoded, signatures, take_apart
from schemas.xml import Element, parse

_CERTIFICATE: Final = f"{ds('KeyInfo')}/{ds('X509Data')}/{ds('X509Certificate')}"


def stamp(signature: Element, stamper: TimeStamper, digest: Digest = SHA256) -> None:
    """Add a SignatureTimeStamp; raises what the stamper raises."""
    added = _add(signature, template.time_stamp("xades:SignatureTimeStamp"))
    over = imprint.signature_value(take_apart(signature), added)
    _fill(added, stamper.stamp(over(digest)))


def complete(signature: Element, gatherer: Gatherer) -> None:
    """Add what verifying the signer and the time-stamps takes; raises what the gatherer raises."""
    offered = _certificates(signature)
    found = gatherer.gather([(offered[0], offered), *_authorities(signature)])
    for each in template.validation_data(found.without(_present(signature))):
        _add(signature, each)


def archive(
    signature: Element,
    covered: Sequence[Covered],
    stamper: TimeStamper,
    digest: Digest = SHA256,
) -> None:
    """Add an ArchiveTimeStamp over everything so far; `covered` are the references' octets."""
    added = _add(signature, template.time_stamp("xades141:ArchiveTimeStamp"))
    over = imprint.archive(take_apart(signature), added, lambda: covered)
    _fill(added, stamper.stamp(over(digest)))


def augment(
    document: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a signed document with every signature at `level` at least; raises as `renew`."""
    root = _signed(document)
    for index, each in enumerate(signatures(root)):
        reached = longterm.level(take_apart(each))
        if take_apart(each).countersigned is not None or reached >= level:
            continue
        covered = _covered(document, index, detached or {})
        if reached < Level.T:
            stamp(each, stamper, digest)
        if reached < Level.LT <= level:
            complete(each, gatherer)
        if level is Level.LTA:
            archive(each, covered, stamper, digest)
    return template.serialised(root)


def _signed(document: bytes) -> Element:
    root = parse(document)
    if not signatures(root):
        raise NotExtendable(reason="there is no signature")
    return root


def renew(
    document: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a signed document with every signature archived anew.

    What the time-stamps so far need is put in first, at level T what the signer needs too. Raises
    NotExtendable for a signature without time-stamp or one that is broken, and what stamper and
    gatherer raise.
    """
    root = _signed(document)
    for index, each in enumerate(signatures(root)):
        if take_apart(each).countersigned is not None:
            continue
        covered = _covered(document, index, detached or {})
        reached = longterm.level(take_apart(each))
        if reached < Level.T:
            raise NotExtendable(reason="it has no time-stamp")
        if reached is Level.T:
            complete(each, gatherer)
        else:
            _complete_newest(each, gatherer)
        archive(each, covered, stamper, digest)
    return template.serialised(root)


def _complete_newest(signature: Element, gatherer: Gatherer) -> None:
    present = _present(signature)
    tokens = [one.token for one in longterm.stamps(take_apart(signature), tuple)]
    missing = gatherer.gather_newest(tokens, present.certificates).without(present)
    if missing:
        _add(signature, template.stamp_validation_data(missing))


def _covered(document: bytes, index: int, detached: Mapping[str, bytes]) -> list[Covered]:
    """Return the references' octets of one signature, which must be in order."""
    root = parse(document)
    try:
        parts = take_apart(signatures(root)[index])
        _check_value(parts)
        resolver = Resolver(root, parts, detached)
        resolver.check(Draft(format="XAdES"))
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    return resolver.in_order()


def _check_value(parts: Parts) -> None:
    """Refuse a wrong signature value: a fresh time-stamp must not make it look kept."""
    scheme = scheme_by_uri(parts.method.get("Algorithm", ""))
    octets = c14n.element(parts.signed_info, c14n.method_of(parts.canonicalization))
    value = decoded(parts.value.text)
    keys = [each.public_key for each in _certificates(parts.signature)]
    if not any(key is not None and scheme.verify_raw(key, value, octets) for key in keys):
        raise NotExtendable(reason="the signature value is wrong")


def _authorities(signature: Element) -> Iterator[tuple[Certificate, Sequence[Certificate]]]:
    """Yield the authority of each time-stamp with the certificates in its token."""
    parts = take_apart(signature)
    present = longterm.all_material(parts).certificates
    for each in longterm.stamps(parts, tuple):
        try:
            token = timestamp.read(each.token)
            offered = (*timestamp.embedded(token.data), *present)
            yield timestamp.authority_of(token, offered), offered
        except Refused as refused:
            raise NotExtendable(reason=refused.reason.en) from refused


def _certificates(signature: Element) -> tuple[Certificate, ...]:
    nodes = signature.iterfind(_CERTIFICATE)
    found = Material.read(decoded(node.text) for node in nodes).certificates
    if not found:
        raise NotExtendable(reason="its certificate is not in it")
    return found


def _present(signature: Element) -> Material:
    inside = longterm.all_material(take_apart(signature))
    return Material(certificates=_certificates(signature)) + inside


def _add(signature: Element, text: str) -> Element:
    """Append an unsigned signature property and return it in its place."""
    qualifying = signature.find(f"{ds('Object')}/{xades('QualifyingProperties')}")
    if qualifying is None:
        raise NotExtendable(reason="it is no XAdES signature")
    properties = qualifying.find(xades("UnsignedProperties"))
    if properties is None:
        properties = _child(qualifying, "UnsignedProperties")
    group = properties.find(xades("UnsignedSignatureProperties"))
    if group is None:
        group = _child(properties, "UnsignedSignatureProperties")
    group.append(template.fragment(text))
    return group[-1]


def _child(parent: Element, name: str) -> Element:
    parent.append(template.fragment(f"<xades:{name} {template.NAMES}/>"))
    return parent[-1]


def _fill(added: Element, token: bytes) -> None:
    added[-1].text = template.encoded(token)


def countersigned(signature: Element) -> Element:
    """Return a new, empty CounterSignature property of a signature."""
    return _add(signature, f"<xades:CounterSignature {template.NAMES}/>")
