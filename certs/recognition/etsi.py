"""Trusted lists of ETSI TS 119 612 (versions 5 and 6), read: signature, scheme, services.

The list of lists points at national lists and pins their signers. What is read here becomes a
`TrustList` like our own: each service with its history, so that the past can be asked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import xades
from certs.errors import BadTrustList, MalformedCertificate
from certs.recognition.levels import Kind
from certs.recognition.lists import Service, Status, TrustList, moment_of
from certs.recognition.overrides import Assertion, Criteria, Override
from certs.recognition.rules import Rules, built_in
from certs.trust import TrustStore
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.errors import InputError
from schemas.xml import Element, parse

_NS: Final = {
    "tsl": "http://uri.etsi.org/02231/v2#",
    "add": "http://uri.etsi.org/02231/v2/additionaltypes#",
    "ecc": "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#",
}
_ROOT: Final = f"{{{_NS['tsl']}}}TrustServiceStatusList"
_VERSIONS: Final = frozenset({"5", "6"})
_DOMAIN: Final = "EU-QTSP"
_LIST_OF_LISTS: Final = "http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUlistofthelists"
_MEDIA_TYPE: Final = "application/vnd.etsi.tsl+xml"
_FOR_PEOPLE: Final = re.compile(r"\.pdf(\?|$)", re.IGNORECASE).search
_TYPES: Final = "http://uri.etsi.org/TrstSvc/Svctype/"
_KINDS: Final = {
    f"{_TYPES}CA/QC": Kind.ANY,
    f"{_TYPES}CA/PKC": Kind.ANY,
    f"{_TYPES}TSA/QTST": Kind.TIMESTAMP,
    f"{_TYPES}TSA": Kind.TIMESTAMP,
}
# Granted since July 2016 (Regulation 910/2014); before, under the Directive of 1999.
_STATUSES: Final = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
_GRANTED: Final = frozenset(
    f"{_STATUSES}{word}"
    for word in (
        *("granted", "undersupervision", "supervisionincessation", "accredited"),
        *("recognisedatnationallevel", "setbynationallaw"),
    )
)
_QUALIFYING: Final = frozenset({f"{_TYPES}CA/QC", f"{_TYPES}TSA/QTST"})
# Criteria of clause 5.5.9.2.2.3, in elements of their own.
_PURPOSES: Final = f"{{{_NS['add']}}}ExtendedKeyUsage"
_ATTRIBUTES: Final = f"{{{_NS['add']}}}CertSubjectDNAttribute"
_MOST_SERVICES: Final = 5000
_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where another list is, for which territory, and who may sign it."""

    location: str
    territory: str
    kind: str
    signers: tuple[Certificate, ...]
    media_type: str = ""

    @property
    def is_list(self) -> bool:
        """Whether it leads to a list in XML: not to one for people, nor to a list of lists."""
        readable = self.media_type in {"", _MEDIA_TYPE}
        return readable and self.kind != _LIST_OF_LISTS and not _FOR_PEOPLE(self.location)


@dataclass(frozen=True, slots=True)
class Read:
    """A list with the pointers it holds, and the territory it is for."""

    list: TrustList
    territory: str
    pointers: tuple[Pointer, ...]
    is_list_of_lists: bool


def is_trusted_list(data: bytes) -> bool:
    """Tell whether `data` looks like a list of this standard."""
    return b"TrustServiceStatusList" in data[:4096]


def territory_of(data: bytes) -> str:
    """Return the territory a list claims to be for, before anything was checked ('' = none)."""
    try:
        return _text(parse(data), "tsl:SchemeInformation/tsl:SchemeTerritory")
    except InputError:
        return ""


def read(
    data: bytes, signers: Sequence[Certificate], *, name: str = "", at: datetime | None = None
) -> Read:
    """Return the list in `data`; raises BadTrustList unless one of `signers` signed all of it."""
    root, signer = _signed_root(data, signers, name, at)
    try:
        return _read(root, hashlib.sha256(data).hexdigest(), signer)
    except (ValueError, MalformedCertificate) as error:
        raise BadTrustList(where=name, reason=str(error)) from error


def _signed_root(
    data: bytes, signers: Sequence[Certificate], name: str, at: datetime | None
) -> tuple[Element, str]:
    """Return the list as it was signed, and its signer; only what was signed is looked at."""
    verdict = xades.verify(data, TrustStore.of(*signers), at=at)
    if not verdict.passed:
        why = verdict.reason.en if verdict.reason else "its signature"
        raise BadTrustList(where=name, reason=why)
    report = verdict.signatures[0]
    pinned = report.certificate in {each.sha256.hex() for each in signers}
    for each in verdict.objects:
        root = _root(each.data)
        if root is not None and pinned and len(verdict.signatures) == 1:
            return root, report.signer
    raise BadTrustList(where=name, reason="no pinned signer signed the whole list")


def _root(octets: bytes) -> Element | None:
    try:
        root = parse(octets)
    except InputError:
        return None
    return root if root.tag == _ROOT else None


def _read(root: Element, digest: str, signer: str) -> Read:
    scheme = root.find("tsl:SchemeInformation", _NS)
    if scheme is None:
        raise ValueError("no information on the scheme")
    if _text(scheme, "tsl:TSLVersionIdentifier") not in _VERSIONS:
        raise ValueError("its version is neither 5 nor 6")
    kind = _text(scheme, "tsl:TSLType")
    territory = _text(scheme, "tsl:SchemeTerritory")
    due = _text(scheme, "tsl:NextUpdate/tsl:dateTime")
    listed = root.iterfind(".//tsl:TSPService", _NS)
    found = TrustList(
        id=f"TL-{territory}",
        domain=_DOMAIN,
        sequence=int(_text(scheme, "tsl:TSLSequenceNumber")),
        issued=moment_of(_text(scheme, "tsl:ListIssueDateTime")),
        next_update=moment_of(due) if due else None,
        sha256=digest,
        signer=signer,
        rules=_rules(),
        services=tuple(_services(listed)),
    )
    pointers = tuple(map(_pointer, scheme.iterfind(".//tsl:OtherTSLPointer", _NS)))
    return Read(found, territory, pointers, kind == _LIST_OF_LISTS)


def _rules() -> Rules:
    return built_in()[_DOMAIN]


def _pointer(node: Element) -> Pointer:
    return Pointer(
        _text(node, "tsl:TSLLocation"),
        _text(node, ".//tsl:SchemeTerritory"),
        _text(node, ".//tsl:TSLType"),
        tuple(
            _certificates(node.iterfind("tsl:ServiceDigitalIdentities//tsl:X509Certificate", _NS))
        ),
        _text(node, ".//add:MimeType"),
    )


def _services(nodes: Iterable[Element]) -> Iterator[Service]:
    """Yield a service per certificate, of the kinds that documents rest on."""
    for number, node in enumerate(nodes):
        if number >= _MOST_SERVICES:
            raise ValueError(f"more than {_MOST_SERVICES} services")
        current = node.find("tsl:ServiceInformation", _NS)
        if current is None:
            raise ValueError("a service without information")
        kind = _KINDS.get(_text(current, "tsl:ServiceTypeIdentifier"))
        if kind is None:
            continue
        past = node.iterfind("tsl:ServiceHistory/tsl:ServiceHistoryInstance", _NS)
        history = sorted(map(_status, (current, *past)), key=lambda each: each.since)
        identity = current.iterfind("tsl:ServiceDigitalIdentity//tsl:X509Certificate", _NS)
        for each in _certificates(identity):
            yield Service(
                name=_text(current, "tsl:ServiceName/tsl:Name"),
                kind=kind,
                certificate=each,
                history=tuple(history),
            )


def _status(node: Element) -> Status:
    qualifying = _text(node, "tsl:ServiceTypeIdentifier") in _QUALIFYING
    return Status(
        _text(node, "tsl:ServiceStatus") in _GRANTED,
        "qualified" if qualifying else "advanced",
        moment_of(_text(node, "tsl:StatusStartingTime")),
        _purposes(node),
        tuple(map(_override, node.iterfind(".//ecc:QualificationElement", _NS))),
    )


def _override(node: Element) -> Override:
    named = node.iterfind("ecc:Qualifiers/ecc:Qualifier", _NS)
    criteria = node.find("ecc:CriteriaList", _NS)
    if criteria is None:
        raise ValueError("a qualification without criteria")
    return Override(
        frozenset(each.get("uri", "").rpartition("/")[2] for each in named), _criteria(criteria)
    )


def _criteria(node: Element, depth: int = 0) -> Criteria:
    if depth > _DEEPEST:
        raise ValueError("criteria nested too deep")
    others = [one for each in node.iterfind("ecc:otherCriteriaList", _NS) for one in each]
    purposes = [each for each in others if each.tag == _PURPOSES]
    attributes = [each for each in others if each.tag == _ATTRIBUTES]
    return Criteria(
        Assertion(node.get("assert", "all")),
        tuple(
            tuple(
                (bit.get("name", ""), (bit.text or "").strip() in {"true", "1"})
                for bit in each.iterfind("ecc:KeyUsageBit", _NS)
            )
            for each in node.iterfind("ecc:KeyUsage", _NS)
        ),
        tuple(map(_identifiers, node.iterfind("ecc:PolicySet", _NS))),
        tuple(_criteria(each, depth + 1) for each in node.iterfind("ecc:CriteriaList", _NS)),
        len(others) - len(purposes) - len(attributes),
        tuple(map(_identifiers, purposes)),
        tuple(map(_identifiers, attributes)),
    )


def _identifiers(node: Element) -> frozenset[str]:
    """Return the OIDs in an element, which may be written as URN."""
    return frozenset(
        (each.text or "").strip().removeprefix("urn:oid:")
        for each in node.iterfind(".//{*}Identifier")
    )


def _purposes(node: Element) -> frozenset[str]:
    """Return what the service is qualified for: `ForeSignatures`, `ForeSeals`, and so on."""
    uris = node.iterfind(".//tsl:AdditionalServiceInformation/tsl:URI", _NS)
    return frozenset((each.text or "").strip().rpartition("/")[2] for each in uris)


def _certificates(nodes: Iterable[Element]) -> Iterator[Certificate]:
    for each in nodes:
        try:
            octets = base64.b64decode("".join((each.text or "").split()), validate=True)
        except binascii.Error as error:
            raise MalformedCertificate(reason="no Base64") from error
        yield certificates.load(octets)


def _text(node: Element, place: str) -> str:
    found = node.find(place, _NS)
    return (found.text or "").strip() if found is not None else ""
