"""Renewal of whatever is archived: a fresh archive time-stamp before the last one dies."""

from __future__ import annotations

from collections.abc import Mapping

from certs import asic, cades, jws, pades, xades
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.tsa import TimeStamper
from certs.validation.sources import Gatherer

_ZIP = b"PK\x03\x04"
_SEQUENCE = b"\x30"


def renew_any(
    data: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return a container, XML signature, JWS, PDF or CMS signature archived anew with `digest`.

    Raises NotExtendable for what is none of these, is broken or has no time-stamp, NoPdfSupport,
    and what the stamper and the gatherer raise.
    """
    files = detached or {}
    if data.startswith(_ZIP):
        return asic.renew(data, stamper, gatherer, digest=digest)
    if data.lstrip()[:1] == b"<":
        return xades.renew(data, stamper, gatherer, detached=files, digest=digest)
    if data.lstrip()[:1] == b"{":
        return jws.renew(data, stamper, gatherer, detached=files, digest=digest)
    if pades.is_pdf(data):
        return pades.renew(data, stamper, gatherer, digest=digest)
    if data[:1] == _SEQUENCE and len(files) == 1:
        (content,) = files.values()
        return cades.archive(data, content, stamper, gatherer, digest=digest)
    raise NotExtendable(
        reason="it is of no form that can be renewed, or the signed file is missing"
    )
