"""What a PDF file keeps for the long term: its document security store, and document time-stamps.

EN 319 142-1, 5.4; ISO 32000-2, 12.8.4.3 and 12.8.5.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.validation.dss import DocumentSecurityStore

from certs import timestamp
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.validation.material import Material
from certs.x509.certificate import Certificate

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

Needs = list[tuple[Certificate, tuple[Certificate, ...]]]
"""Signers, each with certificates that help to find its chain."""


def authorities(found: EmbeddedPdfSignature) -> Needs:
    """Return who made the time-stamps in a signature; raises Refused when one is unreadable."""
    needed: Needs = []
    for token in map(timestamp.read, signature_tokens(found)):
        offered = timestamp.embedded(token.data)
        needed.append((timestamp.authority_of(token, offered), offered))
    return needed


def signature_tokens(found: EmbeddedPdfSignature) -> list[bytes]:
    """Return the time-stamps on the value of a signature."""
    unsigned = found.signer_info["unsigned_attrs"]
    return [
        value.dump()
        for attribute in unsigned or ()
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]


def supply(writer: IncrementalPdfFileWriter, about: EmbeddedPdfSignature, found: Material) -> None:
    """Put validation data into the document security store, named as that of one signature."""
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        about.pkcs7_content.hex().encode(),
        certs=[x509.Certificate.load(each.der) for each in found.certificates],
        ocsps=[ocsp.OCSPResponse.load(each.encoded) for each in found.answers],
        crls=[crl.CertificateList.load(each.encoded) for each in found.lists],
    )


def written(writer: IncrementalPdfFileWriter) -> bytes:
    """Return the file with a revision more."""
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def stamped(data: bytes, stamper: TimeStamper, digest: Digest = SHA256) -> bytes:
    """Return the file with a document time-stamp over everything so far."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    out = signers.PdfTimeStamper(Stamper(stamper)).timestamp_pdf(writer, digest.name)
    return bytes(out.getvalue())


class Stamper(timestamps.TimeStamper):
    """Asks an authority of this room."""

    def __init__(self, stamper: TimeStamper) -> None:
        """Ask `stamper`."""
        super().__init__()  # type: ignore[no-untyped-call] # published without
        self._stamper = stamper

    async def async_timestamp(
        self,
        message_digest: bytes,
        md_algorithm: str,  # noqa: ARG002 - told by the length
    ) -> cms.ContentInfo:
        """Return the token over a digest."""
        return cms.ContentInfo.load(self._stamper.stamp(message_digest))
