"""Whatever is signed made to last: raised to a level, and archived anew before that dies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from certs import asic, cades, jws, pades, xades
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.levels import Level
from certs.validation.sources import Gatherer

_ZIP: Final = b"PK\x03\x04"
_SEQUENCE: Final = b"\x30"


def augment_any(
    data: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    detached: Mapping[str, bytes] | None = None,
    digest: Digest = SHA256,
) -> bytes:
    """Return what is signed with each of its signatures at `level` at least.

    Takes and raises what `renew_any` does; a signature without time-stamp gets one.
    """
    files = detached or {}
    if data.startswith(_ZIP):
        return asic.augment(data, level, stamper, gatherer, digest=digest)
    if data.lstrip()[:1] == b"<":
        return xades.augment(data, level, stamper, gatherer, detached=files, digest=digest)
    if jws.is_jws(data):
        return jws.augment(data, level, stamper, gatherer, detached=files, digest=digest)
    if pades.is_pdf(data):
        return pades.augment(data, level, stamper, gatherer, digest=digest)
    content = _content(data, files)
    return cades.augment(data, content, level, stamper, gatherer, digest=digest)


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
    if jws.is_jws(data):
        return jws.renew(data, stamper, gatherer, detached=files, digest=digest)
    if pades.is_pdf(data):
        return pades.renew(data, stamper, gatherer, digest=digest)
    return cades.archive(data, _content(data, files), stamper, gatherer, digest=digest)


def _content(data: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return the one file that a CMS signature is over; raises NotExtendable."""
    if data[:1] != _SEQUENCE or len(files) != 1:
        raise NotExtendable(
            reason="it is of no form that can be renewed, or the signed file is missing"
        )
    return next(iter(files.values()))
