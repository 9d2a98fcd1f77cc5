"""XAdES-B and XAdES-B-T, enveloped: one document, one signature, last in the root element.

The document is referenced as a whole in inclusive C14N 1.0, so that every namespace declaration
is covered, also those that only values use; everything inside the signature is in exclusive
C14N, so that it does not matter where the signature stands. EN 319 132-1, sections 5 and 6.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from lxml import etree

from certs.certificate import Certificate
from certs.digests import SHA256
from certs.errors import AlreadySigned
from certs.keys import SigningKey
from certs.tsa import TimeStamper
from certs.xades import c14n
from certs.xades.names import (
    C14N,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    SIGNATURE,
    SIGNED_PROPERTIES,
    XADES,
)
from schemas.clock import utc_now
from schemas.xml import Element, parse

_EXCLUSIVE: Final = c14n.Method(EXCLUSIVE, exclusive=True, comments=False)
_SHA256: Final = f'<ds:DigestMethod Algorithm="{SHA256.uri}"/>'
_SIGNATURE: Final = (
    f'<ds:Signature xmlns:ds="{DS}" xmlns:xades="{XADES}" Id="sig-{{id}}"><ds:SignedInfo>'
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    f'<ds:SignatureMethod Algorithm="{{method}}"/>'
    f'<ds:Reference Id="doc-{{id}}" URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{C14N}"/></ds:Transforms>'
    f"{_SHA256}<ds:DigestValue>{{digest}}</ds:DigestValue></ds:Reference>"
    f'<ds:Reference Type="{SIGNED_PROPERTIES}" URI="#props-{{id}}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>'
    f"{_SHA256}<ds:DigestValue/></ds:Reference></ds:SignedInfo>"
    f"<ds:SignatureValue/>{{key_info}}<ds:Object>"
    f'<xades:QualifyingProperties Target="#sig-{{id}}"><xades:SignedProperties Id="props-{{id}}">'
    f"<xades:SignedSignatureProperties><xades:SigningTime>{{time}}</xades:SigningTime>"
    f"{{certificate}}</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
    f'<xades:DataObjectFormat ObjectReference="#doc-{{id}}"><xades:MimeType>text/xml'
    f"</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
    f"</xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"
)
_TIME_STAMP: Final = (
    f'<xades:UnsignedProperties xmlns:xades="{XADES}" xmlns:ds="{DS}">'
    f"<xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    f"<xades:EncapsulatedTimeStamp>{{token}}</xades:EncapsulatedTimeStamp>"
    f"</xades:SignatureTimeStamp></xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A signed document still held as a tree, so that a later stage can stamp it at once."""

    root: Element
    signature: Element

    def stamp(self, stamper: TimeStamper) -> Prepared:
        """Add a signature time-stamp; raises what the stamper raises."""
        value = self.signature[1]
        digest = hashlib.sha256(c14n.element(value, _EXCLUSIVE)).digest()
        token = _base64(stamper.stamp(digest))
        self.signature[3][0].append(_fragment(_TIME_STAMP.format(token=token)))
        return self

    def to_bytes(self) -> bytes:
        """Return the document as UTF-8 without XML declaration: none of its bytes is unsigned."""
        return etree.tostring(self.root.getroottree(), encoding="UTF-8", xml_declaration=False)


def prepare(
    document: bytes | Element, key: SigningKey, *, signed_at: datetime | None = None
) -> Prepared:
    """Sign a document (bytes, or a tree that may be changed) to XAdES-B.

    Raises the errors of schemas.xml.parse, AlreadySigned, UnsupportedAlgorithm.
    """
    root = parse(document) if isinstance(document, bytes) else document
    if next(root.iter(SIGNATURE), None) is not None:
        raise AlreadySigned
    digest = hashlib.sha256(c14n.document(root, c14n.INCLUSIVE)).digest()
    moment = (signed_at or utc_now()).astimezone(UTC)
    root.append(
        _fragment(
            _SIGNATURE.format(
                id=secrets.token_hex(8),
                method=key.scheme.uri,
                digest=_base64(digest),
                key_info=_key_info(key.chain),
                time=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                certificate=_signing_certificate(key.certificate),
            )
        )
    )
    signature = root[-1]
    _fill(signature, key)
    return Prepared(root, signature)


def sign(
    document: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the document signed to XAdES-B, or to XAdES-B-T when there is a stamper."""
    prepared = prepare(document, key, signed_at=signed_at)
    return (prepared.stamp(stamper) if stamper else prepared).to_bytes()


def _fill(signature: Element, key: SigningKey) -> None:
    """Put in the digest of the signed properties and the signature value.

    Done with the signature in its place: lxml may take up a prefix that the document declares.
    """
    signed_info, value, _, container = signature
    properties = container[0][0]
    digest = hashlib.sha256(c14n.element(properties, _EXCLUSIVE)).digest()
    signed_info[3][2].text = _base64(digest)
    octets = c14n.element(signed_info, _EXCLUSIVE)
    value.text = _base64(key.scheme.sign_raw(key.private, octets))


@lru_cache(maxsize=256)
def _key_info(chain: tuple[Certificate, ...]) -> str:
    """Return KeyInfo with the chain; a root is left out, whoever trusts it has it."""
    embedded = [each for each in chain if each is chain[0] or not each.self_issued]
    listed = "".join(
        f"<ds:X509Certificate>{_base64(each.der)}</ds:X509Certificate>" for each in embedded
    )
    return f"<ds:KeyInfo><ds:X509Data>{listed}</ds:X509Data></ds:KeyInfo>"


@lru_cache(maxsize=256)
def _signing_certificate(certificate: Certificate) -> str:
    return (
        f"<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>{_SHA256}"
        f"<ds:DigestValue>{_base64(certificate.sha256)}</ds:DigestValue>"
        f"</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
    )


def _fragment(text: str) -> Element:
    return parse(text.encode())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
