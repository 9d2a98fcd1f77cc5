"""A gateway's attestation of somebody else's signature: it was verified, with this outcome.

The report has the structure of ETSI TS 119 102-2 (main and sub-indication, signer, times,
validator), with recognition as an extension. The original goes unchanged beside it into a
container under the gateway's own seal: the gateway vouches for the verification, and never signs
as if it were the signer.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from certs import asic
from certs.authority.tsa import TimeStamper
from certs.errors import NotAttested
from certs.keys import SigningKey
from certs.verdict import Indication
from schemas.clock import iso, utc_now
from schemas.xml import Element

REPORT: Final = "validation-report.xml"
_NS: Final = "http://uri.etsi.org/19102/v1.2.1#"
_DS: Final = "http://www.w3.org/2000/09/xmldsig#"
_OURS: Final = "urn:silkgate:recognition:1"
_MAIN: Final = "urn:etsi:019102:mainindication:"
_SUB: Final = "urn:etsi:019102:subindication:"
_PROCESS: Final = "urn:etsi:019102:validationprocess:LTA"
_SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"

_PREFIXES: Final = {_NS: "vr", _DS: "ds", _OURS: "sg"}

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Attested:
    """What is attested: a file, and the verdict on it in the shape of `silkgate verify`."""

    name: str
    data: bytes
    verdict: Json


def attest(
    attested: Attested,
    key: SigningKey,
    stamper: TimeStamper | None = None,
    *,
    now: datetime | None = None,
) -> bytes:
    """Return the container (ASiC-E) of the original and the report, sealed by `key`.

    Raises NotAttested unless every signature passed: nothing else is vouched for.
    """
    if attested.verdict.get("indication") != Indication.TOTAL_PASSED.value:
        raise NotAttested(where=attested.name)
    moment = now or utc_now()
    files = {attested.name: attested.data, REPORT: report(attested, key, moment)}
    return asic.pack(files, key, stamper, signed_at=moment)


def report(attested: Attested, validator: SigningKey, moment: datetime) -> bytes:
    """Return the validation report (XML) on a file, made by the holder of `validator`."""
    signatures = attested.verdict.get("signatures")
    listed = signatures if isinstance(signatures, Sequence) else ()
    root = _element(
        "ValidationReport",
        *(_signature(each, moment) for each in listed),
        _element("SignatureValidationObjects", _original(attested)),
        _element(
            "SignatureValidator",
            _element("DigestAlgAndValue", *_digest(validator.certificate.der)),
            _element("SignerInformation", _element("Signer", validator.certificate.name)),
        ),
        _recognition(attested.verdict),
    )
    encoded: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return encoded


def _signature(found: Json, moment: datetime) -> Element:
    sub = found.get("subindication")
    status = _element(
        "SignatureValidationStatus",
        _element("MainIndication", _MAIN + str(found["indication"]).lower()),
        *([_element("SubIndication", _SUB + str(sub))] if sub else []),
    )
    times = _element(
        "ValidationTimeInfo",
        _element("ValidationTime", iso(moment)),
        _element("BestSignatureTime", _element("POETime", str(found.get("time") or iso(moment)))),
    )
    signer = _element(
        "SignerInformation",
        _element(
            "SignerCertificate", _element("VOReference", f"#sha256-{found.get('certificate')}")
        ),
        _element("Signer", str(found.get("signer") or "")),
    )
    return _element(
        "SignatureValidationReport",
        _element("SignatureIdentifier", _element("SignatureFormat", str(found.get("level") or ""))),
        _element("ValidationProcess", _PROCESS),
        status,
        times,
        signer,
    )


def _original(attested: Attested) -> Element:
    return _element(
        "ValidationObject",
        _element("ObjectType", "urn:etsi:019102:validationObject:signedData"),
        _element("ValidationObjectRepresentation", _element("URI", attested.name)),
        _element("DigestAlgAndValue", *_digest(attested.data)),
    )


def _digest(data: bytes) -> tuple[Element, Element]:
    return (
        _element("DigestMethod", namespace=_DS, Algorithm=_SHA256),
        _element(
            "DigestValue", base64.b64encode(hashlib.sha256(data).digest()).decode(), namespace=_DS
        ),
    )


def _recognition(verdict: Json) -> Element:
    """Return what the signature was found to be worth, as the JSON of `silkgate verify`."""
    text = json.dumps(verdict.get("recognition") or {}, ensure_ascii=False, sort_keys=True)
    return _element("Recognition", text, namespace=_OURS)


def _element(name: str, *parts: Element | str, namespace: str = _NS, **attributes: str) -> Element:
    """Return an element with children, or with text."""
    names = {_PREFIXES[namespace]: namespace}
    made = etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=names)
    for part in parts:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made
