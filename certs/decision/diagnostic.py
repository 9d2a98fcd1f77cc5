"""Reading a diagnostic-data document into facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, TypeVar

from certs.decision.model import (
    CertificateFacts,
    CertificateStatus,
    Crypto,
    Diagnosis,
    EvidenceFacts,
    Matcher,
    RevocationFacts,
    SignatureFacts,
    Status,
    TimestampFacts,
)
from certs.errors import MalformedDiagnosis
from schemas.xml import Element, parse

NAMESPACE: Final = "http://dss.esig.europa.eu/validation/diagnostic"
_NS: Final = f"{{{NAMESPACE}}}"
_LONGEST_CHAIN: Final = 32
_SIGNER: Final = "SIGNING_CERTIFICATE"
_Facts = TypeVar("_Facts")


def read(data: bytes) -> Diagnosis:
    """Return the facts of a document; raises MalformedDiagnosis, or MalformedXml and its kin."""
    root = parse(data)
    if root.tag != _NS + "DiagnosticData":
        raise MalformedDiagnosis(reason=f"its root is {root.tag}")
    try:
        return _read(root)
    except ValueError as error:
        raise MalformedDiagnosis(reason=str(error)[:200]) from error


def _read(root: Element) -> Diagnosis:
    container = root.find(_NS + "ContainerInfo")
    certificates = _all(root, "UsedCertificates/Certificate", _certificate)
    return Diagnosis(
        validation_time=_time(root, "ValidationDate"),
        container=_text(container, "ContainerType") if container is not None else "",
        manifests=len(_find_all(container, "ManifestFiles/ManifestFile"))
        if container is not None
        else None,
        contents=tuple(
            (each.text or "").strip() for each in _find_all(container, "ContentFiles/ContentFile")
        ),
        signatures=tuple(_signature(each) for each in _find_all(root, "Signatures/Signature")),
        certificates={each.id: each for each in certificates},
        revocations={
            each.id: each for each in _all(root, "UsedRevocations/Revocation", _revocation)
        },
        timestamps={each.id: each for each in _all(root, "UsedTimestamps/Timestamp", _timestamp)},
        evidence={
            each.id: each for each in _all(root, "EvidenceRecords/EvidenceRecord", _evidence)
        },
    )


def _all(root: Element, path: str, kind: Callable[[Element], _Facts]) -> Iterator[_Facts]:
    return (kind(each) for each in _find_all(root, path))


def _path(path: str) -> str:
    return "/".join(_NS + step for step in path.split("/"))


def _find_all(at: Element | None, path: str) -> list[Element]:
    return [] if at is None else at.findall(_path(path))


def _text(at: Element | None, path: str) -> str:
    found = at.find(_path(path)) if at is not None else None
    return (found.text or "").strip() if found is not None else ""


def _yes(at: Element, path: str) -> bool:
    return _text(at, path) == "true"


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _time(at: Element, path: str) -> datetime:
    moment = _moment(_text(at, path))
    if moment is None:
        raise MalformedDiagnosis(reason=f"{path} is missing")
    return moment


def _crypto(at: Element) -> Crypto:
    found = at.find(_path("BasicSignature"))
    size = _text(found, "KeyLengthUsedToSignThisToken")
    return Crypto(
        algorithm=_text(found, "EncryptionAlgoUsedToSignThisToken"),
        digest=_digest(_text(found, "DigestAlgoUsedToSignThisToken")),
        size=int(size) if size.isdigit() else None,
        intact=found is not None and _yes(found, "SignatureIntact"),
        valid=found is not None and _yes(found, "SignatureValid"),
    )


def _digest(name: str) -> str:
    """Return a digest's name as policies write it: SHA3_384 is SHA3-384."""
    return name.replace("SHA3_", "SHA3-")


def _signer(at: Element) -> str:
    found = at.find(_path("SigningCertificate"))
    return found.get("Certificate", "") if found is not None else ""


def _chain(at: Element) -> tuple[str, ...]:
    chain = _find_all(at, "CertificateChain/ChainItem")[:_LONGEST_CHAIN]
    return tuple(each.get("Certificate", "") for each in chain)


def _matchers(at: Element, path: str) -> tuple[Matcher, ...]:
    return tuple(
        Matcher(
            each.get("type", ""),
            _digest(_text(each, "DigestMethod")),
            _yes(each, "DataFound"),
            _yes(each, "DataIntact"),
            each.get("duplicated") == "true",
        )
        for each in _find_all(at, path)
    )


def _certificate(at: Element) -> CertificateFacts:
    extensions = at.find(_path("CertificateExtensions"))
    trusted = at.find(_path("Trusted"))
    issuer = at.find(_path("IssuerEntityKey"))
    basic = at.find(_path("CertificateExtensions/BasicConstraints"))
    length = basic.get("pathLenConstraint") if basic is not None else None
    usages = _find_all(at, "CertificateExtensions/KeyUsages/keyUsageBit")
    purposes = _find_all(at, "CertificateExtensions/ExtendedKeyUsages/extendedKeyUsageOid")
    return CertificateFacts(
        id=at.get("Id", ""),
        crypto=_crypto(at),
        chain=_chain(at),
        signer=_signer(at),
        not_before=_time(at, "NotBefore"),
        not_after=_time(at, "NotAfter"),
        trusted=trusted is not None and (trusted.text or "").strip() == "true",
        trusted_from=_moment(trusted.get("startDate")) if trusted is not None else None,
        trusted_until=_moment(trusted.get("sunsetDate")) if trusted is not None else None,
        self_signed=_yes(at, "SelfSigned"),
        authority=basic is not None and basic.get("CA") == "true",
        path_length=int(length) if length else None,
        key_usages=frozenset((each.text or "").strip() for each in usages),
        purposes=frozenset((each.text or "").strip() for each in purposes),
        extensions=frozenset(
            each.get("OID", "")
            for each in (extensions if extensions is not None else ())
            if each.get("present") != "false"
        ),
        statuses=tuple(map(_status, _find_all(at, "Revocations/CertificateRevocation"))),
        keeps_expired_since=_promise(at),
        names_issuer=issuer is not None and issuer.get("subjectName") == "true",
    )


def _promise(at: Element) -> datetime | None:
    """Return the latest expiredCertsRevocationInfo of the services (TS 119 612, 5.5.9.1)."""
    services = _find_all(
        at, "TrustServiceProviders/TrustServiceProvider/TrustServices/TrustService"
    )
    found = (_moment(_text(each, "ExpiredCertsRevocationInfo")) for each in services)
    return max((each for each in found if each is not None), default=None)


def _status(at: Element) -> CertificateStatus:
    return CertificateStatus(
        at.get("Revocation", ""),
        Status(_text(at, "Status")),
        _moment(_text(at, "RevocationDate")),
        _text(at, "Reason"),
    )


def _revocation(at: Element) -> RevocationFacts:
    kept = _text(at, "ExpiredCertsOnCRL") or _text(at, "ArchiveCutOff")
    return RevocationFacts(
        id=at.get("Id", ""),
        crypto=_crypto(at),
        chain=_chain(at),
        signer=_signer(at),
        type=_text(at, "Type"),
        this_update=_moment(_text(at, "ThisUpdate")),
        next_update=_moment(_text(at, "NextUpdate")),
        produced=_time(at, "ProductionDate"),
        keeps_expired_since=_moment(kept),
        cert_hash_matches=_yes(at, "CertHashExtensionMatch"),
        responder_matches=_text(at, "Type") != "OCSP" or _named_signers(at) == [_signer(at)],
    )


def _named_signers(at: Element) -> list[str]:
    """Return the certificates that a token names as that of its signer."""
    return [
        each.get("Certificate", "")
        for each in _find_all(at, "FoundCertificates/RelatedCertificate")
        if any(_text(one, "Origin") == _SIGNER for one in _find_all(each, "CertificateRef"))
    ]


def _timestamp(at: Element) -> TimestampFacts:
    return TimestampFacts(
        id=at.get("Id", ""),
        crypto=_crypto(at),
        chain=_chain(at),
        signer=_signer(at),
        type=at.get("Type", ""),
        produced=_time(at, "ProductionTime"),
        matchers=_matchers(at, "DigestMatcher"),
        covers=_covers(at),
        evidence_record=at.find(_path("EvidenceRecordTimestampType")) is not None,
        certificate_reference=_reference(at),
    )


def _covers(at: Element) -> frozenset[str]:
    objects = _find_all(at, "TimestampedObjects/TimestampedObject")
    return frozenset(each.get("Token", "") for each in objects)


def _evidence(at: Element) -> EvidenceFacts:
    stamps = _find_all(at, "EvidenceRecordTimestamps/FoundTimestamp")
    return EvidenceFacts(
        id=at.get("Id", ""),
        matchers=_matchers(at, "DigestMatchers/DigestMatcher"),
        timestamps=tuple(each.get("Timestamp", "") for each in stamps),
        covers=_covers(at),
    )


def _signature(at: Element) -> SignatureFacts:
    stamps = _find_all(at, "FoundTimestamps/FoundTimestamp")
    records = _find_all(at, "FoundEvidenceRecords/FoundEvidenceRecord")
    dictionary = at.find(_path("PDFRevision/PDFSignatureDictionary"))
    ranges = _find_all(at, "PDFRevision/PDFSignatureDictionary/SignatureByteRange")
    return SignatureFacts(
        id=at.get("Id", ""),
        crypto=_crypto(at),
        chain=_chain(at),
        signer=_signer(at),
        claimed=_moment(_text(at, "ClaimedSigningTime")),
        format=_text(at, "SignatureFormat"),
        matchers=_matchers(at, "DigestMatchers/DigestMatcher"),
        certificate_reference=_reference(at),
        timestamps=tuple(each.get("Timestamp", "") for each in stamps),
        evidence_records=tuple(each.get("EvidenceRecord", "") for each in records),
        duplicated=at.get("duplicated") == "true",
        pdf_consistent=dictionary is None or dictionary.get("consistent") != "false",
        byte_range_valid=all(each.get("valid") != "false" for each in ranges),
        one_signer=at.find(_path("PDFRevision")) is None
        or len(_find_all(at, "SignerInformationStore/SignerInfo")) == 1,
    )


def _reference(at: Element) -> bool | None:
    """Tell whether a signed reference fits the certificate it is about; None without any."""
    found = [
        reference
        for kind in ("RelatedCertificate", "OrphanCertificate")
        for each in _find_all(at, f"FoundCertificates/{kind}")
        for reference in _find_all(each, "CertificateRef")
        if _text(reference, "Origin") == _SIGNER
    ]
    digests = [reference.find(_path("DigestAlgoAndValue")) for reference in found]
    fits = any(each is not None and each.get("match") == "true" for each in digests)
    return fits if found else None
