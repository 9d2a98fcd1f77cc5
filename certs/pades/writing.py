"""PAdES written through pyHanko: B, T, LT and LTA, each step in a revision of its own."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Final

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certs import timestamp
from certs.algorithms import Family
from certs.certificate import Certificate
from certs.errors import PdfRefused, UnsupportedAlgorithm
from certs.keys import SigningKey
from certs.levels import Level
from certs.tsa import TimeStamper
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from schemas.clock import utc_now

_FIELD: Final = "Silkgate"
_STAMP_DIGEST: Final = "sha256"


def sign(  # noqa: PLR0917 - the face of the package names them
    data: bytes,
    key: SigningKey,
    stamper: TimeStamper | None,
    gatherer: Gatherer | None,
    level: Level,
    signed_at: datetime | None,
) -> bytes:
    """Return the PDF signed at the level; raises PdfRefused for one that cannot be read."""
    if key.scheme.family is Family.SM2:
        raise UnsupportedAlgorithm(algorithm="SM2 in a PDF")
    try:
        signed = _signed(data, key, stamper if level >= Level.T else None, signed_at)
        if gatherer is not None and level >= Level.LT:
            signed = _kept(signed, key, gatherer)
            if stamper is not None and level >= Level.LTA:
                signed = _stamped(signed, stamper)
    except PdfError as error:
        raise PdfRefused(reason=str(error)) from error
    return signed


def _signed(
    data: bytes, key: SigningKey, stamper: TimeStamper | None, signed_at: datetime | None
) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data))
    if writer.prev.encrypted:
        raise PdfRefused(reason="it is encrypted")
    taken = sum(1 for _ in fields.enumerate_sig_fields(writer.prev))
    said = signers.PdfSignatureMetadata(
        field_name=f"{_FIELD}{taken + 1}",
        md_algorithm=key.scheme.digest.name,
        subfilter=fields.SigSeedSubFilter.PADES,
        name=key.certificate.name,
    )
    signer = signers.PdfSigner(
        said,
        _Signer(key, signed_at or utc_now()),
        timestamper=_Stamper(stamper) if stamper else None,
    )
    return bytes(signer.sign_pdf(writer).getvalue())


def _kept(signed: bytes, key: SigningKey, gatherer: Gatherer) -> bytes:
    """Add a document security store with what verifying signer and time-stamps takes."""
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    last = writer.prev.embedded_signatures[-1]
    asked: list[tuple[Certificate, tuple[Certificate, ...]]] = [(key.certificate, key.chain)]
    for token in _tokens(last.signer_info):
        found = timestamp.read(token)
        offered = timestamp.embedded(found.data)
        asked.append((timestamp.authority_of(found, offered), offered))
    _supply(writer, gatherer.gather(asked))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _supply(writer: IncrementalPdfFileWriter, found: Material) -> None:
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=[x509.Certificate.load(each.der) for each in found.certificates],
        ocsps=[ocsp.OCSPResponse.load(each.encoded) for each in found.answers],
        crls=[crl.CertificateList.load(each.encoded) for each in found.lists],
    )


def _stamped(signed: bytes, stamper: TimeStamper) -> bytes:
    """Add a document time-stamp over everything so far."""
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    out = signers.PdfTimeStamper(_Stamper(stamper)).timestamp_pdf(writer, _STAMP_DIGEST)
    return bytes(out.getvalue())


def _tokens(signer: cms.SignerInfo) -> list[bytes]:
    unsigned = signer["unsigned_attrs"]
    return [
        value.dump()
        for attribute in unsigned or ()
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]


class _Signer(signers.Signer):
    """Signs with a key of this room, at a time that the caller names."""

    def __init__(self, key: SigningKey, moment: datetime) -> None:
        chain = [x509.Certificate.load(each.der) for each in key.chain]
        super().__init__(
            signing_cert=chain[0],
            cert_registry=SimpleCertificateStore.from_certs(chain),
            prefer_pss=key.scheme.family is Family.PSS,
            embed_roots=False,
        )
        self._key = key
        self._moment = moment

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,  # noqa: ARG002 - the scheme of the key names it
        dry_run: bool = False,  # noqa: ARG002, FBT001, FBT002 - pyHanko's signature; as long
    ) -> bytes:
        return self._key.scheme.sign(self._key.private, data)


class _Stamper(timestamps.TimeStamper):
    """Asks an authority of this room."""

    def __init__(self, stamper: TimeStamper) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # published without
        self._stamper = stamper

    async def async_timestamp(
        self,
        message_digest: bytes,
        md_algorithm: str,  # noqa: ARG002 - told by the length
    ) -> cms.ContentInfo:
        return cms.ContentInfo.load(self._stamper.stamp(message_digest))
