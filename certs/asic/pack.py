"""Containers (EN 319 162-1) written: ASiC-E or ASiC-S, with CAdES or XAdES.

ASiC-E with CAdES is the one handed to partners and auditors: it can be checked with stock
`unzip`, `openssl cms -verify` and a digest tool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from certs import archive, cades, xades
from certs.asic import archiving, manifest
from certs.asic.files import (
    ASIC_E,
    ASIC_S,
    MANIFEST,
    META,
    MIMETYPE,
    PACKING_LIST,
    SIGNATURE,
    XML_SIGNATURES,
)
from certs.authority.tsa import TimeStamper
from certs.errors import ContainerRefused
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.sources import Gatherer
from certs.xades.files import media_type
from certs.xades.structure import MOST_REFERENCES

_XADES_SIGNATURES: Final = f'<asic:XAdESSignatures xmlns:asic="{manifest.ASIC}"/>'
# One reference is to the signed properties.
_MOST_FILES: Final = MOST_REFERENCES - 1


class Container(StrEnum):
    """What a container holds: several files, or exactly one."""

    ASIC_E = "asic-e"
    ASIC_S = "asic-s"


class Kind(StrEnum):
    """The kind of signature in a container."""

    CADES = "cades"
    XADES = "xades"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """Who signs, at which level, and what that takes."""

    key: SigningKey
    stamper: TimeStamper | None
    gatherer: Gatherer | None
    level: Level
    signed_at: datetime | None

    def cades(self, content: bytes, most: Level) -> bytes:
        return cades.sign(
            content,
            self.key,
            stamper=self.stamper,
            gatherer=self.gatherer,
            level=min(self.level, most),
            signed_at=self.signed_at,
        )

    def xades(self, files: Mapping[str, bytes]) -> bytes:
        return xades.sign_files(
            files,
            self.key,
            stamper=self.stamper,
            gatherer=self.gatherer,
            level=self.level,
            within=_XADES_SIGNATURES,
            signed_at=self.signed_at,
        )


def pack(
    files: Mapping[str, bytes],
    key: SigningKey,
    stamper: TimeStamper | None = None,
    *,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    signed_at: datetime | None = None,
    container: Container = Container.ASIC_E,
    kind: Kind = Kind.CADES,
) -> bytes:
    """Return the container of `files`, signed, and time-stamped when there is a stamper.

    Levels LT and LTA take stamper and gatherer. In ASiC-E with CAdES an archive manifest lists
    every file at LTA, and a time-stamp covers it; the other kinds have their archive time-stamps
    in the signature. Raises ContainerRefused when there is no file, more than the container
    takes, or one under META-INF or named mimetype.
    """
    _check(files, container, kind)
    level = level or (Level.T if stamper else Level.B)
    signer = _Signer(key=key, stamper=stamper, gatherer=gatherer, level=level, signed_at=signed_at)
    packed = archive.write(_signed(files, signer, container, kind))
    archive.read(packed)
    return packed


def _check(files: Mapping[str, bytes], container: Container, kind: Kind) -> None:
    if not files:
        raise ContainerRefused(reason="there is no file to sign")
    for name in files:
        if name == MIMETYPE or name.upper().startswith(META):
            raise ContainerRefused(reason=f"the name {name!r} is reserved")
    if container is Container.ASIC_S and (len(files) > 1 or "/" in next(iter(files))):
        raise ContainerRefused(reason="ASiC-S takes one file, and no folder")
    if kind is Kind.XADES and len(files) > _MOST_FILES:
        raise ContainerRefused(reason=f"more than {_MOST_FILES} files; use CAdES")


def _signed(
    files: Mapping[str, bytes], signer: _Signer, container: Container, kind: Kind
) -> dict[str, bytes]:
    mimetype = ASIC_S if container is Container.ASIC_S else ASIC_E
    if kind is Kind.XADES:
        entries = {MIMETYPE: mimetype, **files, XML_SIGNATURES: signer.xades(files)}
        types = {name: media_type(data) for name, data in files.items()}
        if container is Container.ASIC_E:
            entries[PACKING_LIST] = manifest.packing_list(mimetype, types)
        return entries
    if container is Container.ASIC_S:
        (content,) = files.values()
        return {MIMETYPE: mimetype, **files, SIGNATURE: signer.cades(content, Level.LTA)}
    listed = manifest.write(SIGNATURE, files)
    signed = arranged(files, listed, signer.cades(listed, Level.LT))
    if signer.stamper is not None and signer.level is Level.LTA:
        return archiving.add(signed, signer.stamper)
    return signed


def arranged(files: Mapping[str, bytes], listed: bytes, signature: bytes) -> dict[str, bytes]:
    """Return the entries of our ASiC-E with CAdES before it is archived, in their order."""
    return {MIMETYPE: ASIC_E, **files, MANIFEST: listed, SIGNATURE: signature}
