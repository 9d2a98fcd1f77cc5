"""XML signatures verified: XAdES at every level, and what plain XMLDSig can give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from lxml import etree

from certs.algorithms import scheme_by_uri
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.digests import Digest, digest_by_uri
from certs.errors import MalformedCertificate, UnsupportedAlgorithm
from certs.trust import TrustStore
from certs.verdict import (
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from certs.xades import c14n, longterm
from certs.xades.names import ds, xades
from certs.xades.references import Resolver
from certs.xades.structure import Parts, decoded, signatures, take_apart
from schemas.clock import utc_now
from schemas.errors import InputError
from schemas.text import Text
from schemas.xml import Element, parse

# Canonical octets that verifying may cost: so many times the document, and so many anyway.
_REPEATS: Final = 16
_ALWAYS: Final = 4 * 1024 * 1024
# Elements times namespaces in scope, per octet of the document.
_SCOPES: Final = 2
_PROPERTY_NAMES: Final = frozenset(
    {
        *(
            xades(name)
            for name in (
                "CounterSignature",
                "SignatureTimeStamp",
                "CompleteCertificateRefs",
                "CompleteRevocationRefs",
                "AttributeCertificateRefs",
                "AttributeRevocationRefs",
                "SigAndRefsTimeStamp",
                "RefsOnlyTimeStamp",
                "CertificateValues",
                "RevocationValues",
                "AttrAuthoritiesCertValues",
                "AttributeRevocationValues",
                "ArchiveTimeStamp",
            )
        ),
    }
)


def verify(
    document: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    detached: Mapping[str, bytes] | None = None,
) -> Verdict:
    """Return the verdict on every signature in an XML document.

    `detached` gives files by name for references that lead out of the document; nothing is ever
    fetched. Only `Verdict.signed` may be parsed afterwards.
    """
    moment = at or utc_now()
    try:
        root = parse(document)
        _check_scopes(document, root)
        count = len(signatures(root))
    except InputError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    except Refused as refused:
        return refusal(refused)
    if not count:
        return refusal(format_failure("There is no signature.", "没有签名。"))
    with c14n.bounded(_REPEATS * len(document) + _ALWAYS):
        return _each(document, root, count, partial(_judged, detached or {}, trust, moment))


def _check_scopes(document: bytes, root: Element) -> None:
    """Refuse many namespaces over many elements: canonicalising takes their product in time."""
    most = _SCOPES * len(document) + 1_000_000
    if document.count(b"xmlns") * document.count(b"<") <= most:
        return
    total = scope = 0
    for event, _ in etree.iterwalk(root, events=("start", "start-ns", "end-ns")):
        scope += (event == "start-ns") - (event == "end-ns")
        total += scope if event == "start" else 0
        if total > most:
            raise format_failure("There are too many namespaces.", "命名空间过多。")


def _each(
    document: bytes,
    root: Element,
    count: int,
    judged: Callable[[Element, int], tuple[SignatureReport, tuple[SignedObject, ...]]],
) -> Verdict:
    reports: list[SignatureReport] = []
    objects: list[SignedObject] = []
    for index in range(count):
        # Checking takes signatures out of the tree, so each further one gets a fresh tree.
        report, signed = judged(parse(document) if index else root, index)
        reports.append(report)
        objects.extend(signed)
    return combine(reports, objects)


def _judged(
    detached: Mapping[str, bytes], trust: TrustStore, at: datetime, tree: Element, index: int
) -> tuple[SignatureReport, tuple[SignedObject, ...]]:
    draft = Draft(format="XAdES")
    report = assess(draft, partial(_check, tree, index, detached, trust), trust, at)
    return report, draft.objects


def _check(
    root: Element, index: int, detached: Mapping[str, bytes], trust: TrustStore, draft: Draft
) -> None:
    """Check format, certificate, signature value, references and time-stamps, in this order."""
    parts = take_apart(signatures(root)[index])
    draft.level = _level(parts)
    draft.claimed_time = _claimed_time(parts)
    offered = _certificates(parts)
    signed_octets = c14n.element(parts.signed_info, c14n.method_of(parts.canonicalization))
    resolver = Resolver(root, parts, detached)
    stamps = longterm.stamps(parts, resolver.in_order)
    draft.material = longterm.all_material(parts)
    value = decoded(parts.value.text)
    scheme = scheme_by_uri(parts.method.get("Algorithm", ""))
    candidates = (*offered, *draft.material.certificates)
    signer = _signing_certificate(parts, candidates, trust)
    draft.identify(signer, offered)
    resolver.check(draft)
    if len(parts.method):
        raise format_failure("The signature method has parameters.", "签名方法带有参数。")
    try:
        draft.check(scheme, value, signed_octets, raw=True)
    except Refused as refused:
        # The key offered is not the signer's; whether the signer's made the value nobody can tell.
        raise refused if _names(parts, signer) else no_signing_certificate() from refused
    resolver.check_signed(draft)
    draft.stamps = stamps
    resolver.check_scope()
    _check_bound(parts, signer)


def _level(parts: Parts) -> str:
    if parts.signed_properties is None:
        return "XML-NOT-ETSI"
    return f"XAdES-BASELINE-{longterm.level(parts).name}"


def _signature_property(parts: Parts, *names: str) -> Element | None:
    """Return the signed signature property that has one of these names; refuses two."""
    if parts.signed_properties is None:
        return None
    group = parts.signed_properties.find(xades("SignedSignatureProperties"))
    found = [] if group is None else [each for each in group if each.tag in set(map(xades, names))]
    if len(found) > 1:
        raise format_failure(f"{names[0]} is there twice.", f"{names[0]} 重复出现。")
    return found[0] if found else None


def _claimed_time(parts: Parts) -> datetime | None:
    node = _signature_property(parts, "SigningTime")
    if node is None:
        return None
    try:
        moment = datetime.fromisoformat((node.text or "").strip())
    except ValueError as error:
        raise format_failure("The signing time is not a time.", "签名时间格式错误。") from error
    return moment if moment.tzinfo else None


def _certificates(parts: Parts) -> tuple[Certificate, ...]:
    """Return the certificates in KeyInfo; unknown properties of XAdES 1.3.2 are refused."""
    nodes: list[Element] = []
    if parts.key_info is not None:
        nodes.extend(parts.key_info.iterfind(f"{ds('X509Data')}/{ds('X509Certificate')}"))
    found = [_certificate(node) for node in nodes]
    for each in parts.unsigned_properties:
        if each.tag not in _PROPERTY_NAMES and each.tag.startswith(xades("")):
            raise format_failure(f"Unknown property {each.tag}.", f"未知属性 {each.tag}。")
    return tuple(found)


def _certificate(node: Element) -> Certificate:
    try:
        return certificates.load(decoded(node.text))
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _bound(parts: Parts) -> tuple[Digest, bytes] | None:
    """Return what SigningCertificate(V2) says of the signer's certificate, or None.

    What cannot be read names nobody.
    """
    bound = _signature_property(parts, "SigningCertificateV2", "SigningCertificate")
    cert = None if bound is None else bound.find(xades("Cert"))
    digest = None if cert is None else cert.find(xades("CertDigest"))
    if digest is None:
        return None
    method = digest.find(ds("DigestMethod"))
    try:
        algorithm = digest_by_uri("" if method is None else method.get("Algorithm", ""))
        return algorithm, decoded(digest.findtext(ds("DigestValue")))
    except (UnsupportedAlgorithm, Refused):
        return None


def _check_bound(parts: Parts, signer: Certificate) -> None:
    """KeyInfo only offers a certificate; the signature must name it by digest."""
    bound = _bound(parts)
    if bound is None or not _names(parts, signer):
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("The signature does not name its certificate.", "签名未指明其签名证书。"),
        )


def _names(parts: Parts, signer: Certificate) -> bool:
    """Tell whether the signature names no other certificate than this one."""
    bound = _bound(parts)
    return bound is None or bound[0].of(signer.der) == bound[1]


def _signing_certificate(
    parts: Parts, candidates: tuple[Certificate, ...], trust: TrustStore
) -> Certificate:
    """Return the certificate that the signature names, or the first that KeyInfo offers."""
    bound = _bound(parts)
    if bound is not None:
        algorithm, expected = bound
        for each in (*candidates, *trust.anchors, *trust.known):
            if algorithm.of(each.der) == expected:
                return each
    if parts.key_info is None or not candidates:
        raise no_signing_certificate()
    return candidates[0]
