"""What hangs on an XML signature for the long term: validation data and time-stamps, read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from certs.conclusion import format_failure
from certs.errors import UnsupportedAlgorithm
from certs.levels import Level
from certs.timestamp import Imprint, failing
from certs.validation.judge import Stamp, identifier
from certs.validation.material import Material
from certs.verdict import Refused, SubIndication
from certs.x509.ocsp_response import wrapped
from certs.xades import imprint
from certs.xades.imprint import References
from certs.xades.names import xades, xades141
from certs.xades.structure import Parts, decoded
from schemas.xml import Element

_CERTIFICATE: Final = xades("EncapsulatedX509Certificate")
_LIST: Final = xades("EncapsulatedCRLValue")
_ANSWER: Final = xades("EncapsulatedOCSPValue")
_TOKEN: Final = xades("EncapsulatedTimeStamp")
_ARCHIVE: Final = frozenset({xades("ArchiveTimeStamp"), xades141("ArchiveTimeStamp")})
_MOST_STAMPS: Final = 32
_ON_CONTENT: Final = {
    "AllDataObjectsTimeStamp": imprint.content,
    "IndividualDataObjectsTimeStamp": imprint.individual,
}
# Whether the signature value is covered too, or only the references.
_REFERRING: Final = {
    xades("SigAndRefsTimeStamp"): True,
    xades141("SigAndRefsTimeStampV2"): True,
    xades("RefsOnlyTimeStamp"): False,
    xades141("RefsOnlyTimeStampV2"): False,
}


def level(parts: Parts) -> Level:
    """Return the baseline level by the properties that are there (EN 319 132-1, section 6)."""
    names = {each.tag for each in parts.unsigned_properties}
    if xades("SignatureTimeStamp") not in names:
        return Level.B
    if xades141("ArchiveTimeStamp") in names:
        return Level.LTA
    kept = names & {xades("CertificateValues"), xades("RevocationValues")}
    return Level.LT if kept else Level.T


def material(node: Element) -> Material:
    """Return the certificates and revocation data inside a property, wherever they stand in it."""
    return Material.read(
        _values(node, _CERTIFICATE), _values(node, _LIST), map(_response, _values(node, _ANSWER))
    )


def _values(node: Element, name: str) -> Iterator[bytes]:
    for each in node.iter(name):
        try:
            yield decoded(each.text)
        except Refused:
            yield b""


def _response(value: bytes) -> bytes:
    """Return an OCSPResponse; what old writers put there bare is wrapped."""
    # An OCSPResponse starts with its ENUMERATED status, a basic one with a SEQUENCE.
    inside = 2 if value[1:2] < b"\x80" else 2 + (value[1] & 0x7F)
    return wrapped(value) if value[inside : inside + 1] == b"\x30" else value


def all_material(parts: Parts) -> Material:
    """Return the validation data in all unsigned properties."""
    found = Material()
    for each in parts.unsigned_properties:
        if not _is_stamp(each) and each.tag != xades("CounterSignature"):
            found += material(each)
    return found


def stamps(parts: Parts, covered: References) -> tuple[Stamp, ...]:
    """Return the time-stamps in the order in which they stand, with what each covers.

    `covered` gives the octets of the references once they are known. Raises Refused for one
    without a token.
    """
    found: list[Stamp] = list(_content(parts, covered))
    if sum(map(_is_stamp, parts.unsigned_properties)) > _MOST_STAMPS:
        raise format_failure("There are too many time-stamps.", "时间戳数量过多。")
    before: frozenset[str] = frozenset()
    for each in parts.unsigned_properties:
        kind = _kind(each)
        if kind == "archive":
            over = _over(parts, each, covered)
            made = [Stamp(kind, token, over, before) for token in tokens(each)]
        elif kind:
            over = _over(parts, each, covered)
            made = [Stamp(kind, token, over) for token in tokens(each)]
        else:
            before |= material(each).tokens
            continue
        found += made
        before |= {identifier(one.token) for one in made}
    return tuple(found)


def _kind(node: Element) -> str:
    """Return the kind of time-stamp in an unsigned property; '' when it is none."""
    if node.tag == xades("SignatureTimeStamp"):
        return "signature"
    if node.tag in _REFERRING:
        return "references"
    return "archive" if node.tag in _ARCHIVE else ""


def _over(parts: Parts, stamp: Element, covered: References) -> Imprint:
    """Return the imprint of a time-stamp; one that cannot be told fails it, and nothing else."""
    try:
        if stamp.tag in _ARCHIVE:
            return imprint.archive(parts, stamp, covered)
        if stamp.tag in _REFERRING:
            return imprint.references(parts, stamp, value=_REFERRING[stamp.tag])
        return imprint.signature_value(parts, stamp)
    except UnsupportedAlgorithm as error:
        return failing(Refused(SubIndication.FORMAT_FAILURE, error.message))


def _content(parts: Parts, covered: References) -> Iterator[Stamp]:
    """Yield the time-stamps on what was to be signed: on all of it, or on single references."""
    if parts.signed_properties is None:
        return
    for name, imprint_of in _ON_CONTENT.items():
        place = f"{xades('SignedDataObjectProperties')}/{xades(name)}"
        for each in parts.signed_properties.iterfind(place):
            over = imprint_of(parts, each, covered)
            for token in tokens(each):
                yield Stamp("content", token, over)


def _is_stamp(node: Element) -> bool:
    return node.find(_TOKEN) is not None


def tokens(stamp: Element) -> list[bytes]:
    """Return the tokens of a time-stamp; raises Refused when there is none."""
    found = stamp.findall(_TOKEN)
    if not found:
        raise format_failure("A time-stamp has no token.", "时间戳不含令牌。")
    return [decoded(token.text) for token in found]
