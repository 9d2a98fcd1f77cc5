"""PAdES written through pyHanko: B, T, LT and LTA, each step in a revision of its own."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Final

from asn1crypto import x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certs.algorithms import Family
from certs.authority.tsa import TimeStamper
from certs.errors import PdfRefused, UnsupportedAlgorithm
from certs.keys import SigningKey
from certs.levels import Level
from certs.pades import keeping
from certs.validation.sources import Gatherer
from schemas.clock import utc_now

_FIELD: Final = "Silkgate"


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
                signed = keeping.stamped(signed, stamper)
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
        timestamper=keeping.Stamper(stamper) if stamper else None,
    )
    return bytes(signer.sign_pdf(writer).getvalue())


def _kept(signed: bytes, key: SigningKey, gatherer: Gatherer) -> bytes:
    """Add a document security store with what verifying signer and time-stamps takes."""
    writer = IncrementalPdfFileWriter(BytesIO(signed))
    last = writer.prev.embedded_signatures[-1]
    needed = [(key.certificate, key.chain), *keeping.authorities(last)]
    keeping.supply(writer, last, gatherer.gather(needed))
    return keeping.written(writer)


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
