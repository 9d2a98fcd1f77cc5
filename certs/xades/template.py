"""The XML text of our own signatures, part by part; every name is bound inside the signature."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from typing import Final

from certs.digests import SHA256
from certs.validation.material import Material
from certs.x509.certificate import Certificate
from certs.xades.names import (
    C14N,
    DS,
    ENVELOPED,
    EXCLUSIVE,
    SIGNED_PROPERTIES,
    XADES,
    XADES_141,
    XPATH,
)
from schemas.xml import Element, Limits, parse

_LIMITS: Final = Limits(size=1 << 30)
NAMES: Final = f'xmlns:ds="{DS}" xmlns:xades="{XADES}"'
SHA256_METHOD: Final = f'<ds:DigestMethod Algorithm="{SHA256.uri}"/>'
CANONICAL: Final = f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
OWN_OUT: Final = f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{C14N}"/>'
ALL_OUT: Final = (
    f'<ds:Transform Algorithm="{XPATH}"><ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>'
    f'</ds:Transform><ds:Transform Algorithm="{C14N}"/>'
)
EXCLUSIVELY: Final = f'<ds:Transform Algorithm="{EXCLUSIVE}"/>'


def reference(
    identifier: str, uri: str, digest: bytes, transforms: str = "", kind: str = ""
) -> str:
    """Return a ds:Reference; `uri` and `kind` are escaped, `transforms` is XML."""
    typed = f' Type="{_attribute(kind)}"' if kind else ""
    listed = f"<ds:Transforms>{transforms}</ds:Transforms>" if transforms else ""
    return (
        f'<ds:Reference Id="{identifier}"{typed} URI="{_attribute(uri)}">{listed}{SHA256_METHOD}'
        f"<ds:DigestValue>{encoded(digest)}</ds:DigestValue></ds:Reference>"
    )


def data_format(identifier: str, mime: str) -> str:
    """Return the xades:DataObjectFormat of the reference with this identifier."""
    return (
        f'<xades:DataObjectFormat ObjectReference="#{identifier}"><xades:MimeType>'
        f"{_attribute(mime)}</xades:MimeType></xades:DataObjectFormat>"
    )


def signature(  # noqa: PLR0917 - the parts, in the order in which they stand
    identifier: str, method: str, references: str, formats: str, time: str, chain: str, bound: str
) -> str:
    """Return a ds:Signature without its value and without the digest of its properties."""
    objects = (
        f"<xades:SignedDataObjectProperties>{formats}</xades:SignedDataObjectProperties>"
        if formats
        else ""
    )
    return (
        f'<ds:Signature {NAMES} Id="sig-{identifier}"><ds:SignedInfo>{CANONICAL}'
        f'<ds:SignatureMethod Algorithm="{method}"/>{references}'
        f'<ds:Reference Type="{SIGNED_PROPERTIES}" URI="#props-{identifier}"><ds:Transforms>'
        f"{EXCLUSIVELY}</ds:Transforms>{SHA256_METHOD}<ds:DigestValue/></ds:Reference>"
        f'</ds:SignedInfo><ds:SignatureValue Id="value-{identifier}"/>{chain}<ds:Object>'
        f'<xades:QualifyingProperties Target="#sig-{identifier}">'
        f'<xades:SignedProperties Id="props-{identifier}"><xades:SignedSignatureProperties>'
        f"<xades:SigningTime>{time}</xades:SigningTime>{bound}</xades:SignedSignatureProperties>"
        f"{objects}</xades:SignedProperties></xades:QualifyingProperties></ds:Object>"
        f"</ds:Signature>"
    )


@lru_cache(maxsize=256)
def key_info(chain: tuple[Certificate, ...]) -> str:
    """Return KeyInfo with the chain; a root is left out, whoever trusts it has it."""
    embedded = [each for each in chain if each is chain[0] or not each.self_signed]
    listed = "".join(
        f"<ds:X509Certificate>{encoded(each.der)}</ds:X509Certificate>" for each in embedded
    )
    return f"<ds:KeyInfo><ds:X509Data>{listed}</ds:X509Data></ds:KeyInfo>"


@lru_cache(maxsize=256)
def signing_certificate(certificate: Certificate) -> str:
    """Return SigningCertificateV2, which binds the signer's certificate by digest."""
    return (
        f"<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>{SHA256_METHOD}"
        f"<ds:DigestValue>{encoded(certificate.sha256)}</ds:DigestValue>"
        f"</xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
    )


def time_stamp(name: str, token: bytes = b"") -> str:
    """Return a time-stamp property, `name` with its prefix; without a token one to be filled."""
    newer = f' xmlns:xades141="{XADES_141}"' if name.startswith("xades141:") else ""
    return (
        f"<{name} {NAMES}{newer}>{CANONICAL}"
        f"<xades:EncapsulatedTimeStamp>{encoded(token)}</xades:EncapsulatedTimeStamp></{name}>"
    )


def validation_data(found: Material) -> list[str]:
    """Return CertificateValues and RevocationValues, each when there is something to put in."""
    values = []
    if found.certificates:
        listed = "".join(_value("X509Certificate", each.der) for each in found.certificates)
        values.append(f"<xades:CertificateValues {NAMES}>{listed}</xades:CertificateValues>")
    revocation = _group("CRLValues", "CRLValue", [each.encoded for each in found.lists])
    revocation += _group("OCSPValues", "OCSPValue", [each.encoded for each in found.answers])
    if revocation:
        values.append(f"<xades:RevocationValues {NAMES}>{revocation}</xades:RevocationValues>")
    return values


def stamp_validation_data(found: Material) -> str:
    """Return xades141:TimeStampValidationData."""
    name = "xades141:TimeStampValidationData"
    return f'<{name} xmlns:xades141="{XADES_141}">{"".join(validation_data(found))}</{name}>'


def _group(name: str, each: str, values: list[bytes]) -> str:
    listed = "".join(_value(each, value) for value in values)
    return f"<xades:{name}>{listed}</xades:{name}>" if values else ""


def _value(name: str, value: bytes) -> str:
    return f"<xades:Encapsulated{name}>{encoded(value)}</xades:Encapsulated{name}>"


def _attribute(text: str) -> str:
    for mark, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(mark, f"&{name};")
    return text


def encoded(data: bytes) -> str:
    """Return Base64 text."""
    return base64.b64encode(data).decode()


def fragment(text: str) -> Element:
    """Return the element that the text is."""
    return parse(text.encode(), _LIMITS)


def serialised(root: Element) -> bytes:
    """Return the document as UTF-8 without XML declaration: none of its bytes is unsigned."""
    out = io.BytesIO()  # written in pieces: the text is in memory once, not twice
    root.getroottree().write(out, encoding="UTF-8", xml_declaration=False)
    return out.getvalue()
