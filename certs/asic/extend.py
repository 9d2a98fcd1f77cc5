"""Containers archived anew, each by what its signatures are (EN 319 162-1, 4.3.4 and 4.4.5)."""

from __future__ import annotations

from collections.abc import Mapping

from certs import archive, cades, xades
from certs.asic import archiving
from certs.asic import records as asic_records
from certs.asic.files import META, is_xml_signature, open_container, payload_of
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.levels import Level
from certs.validation.sources import Gatherer


def renew(
    data: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> bytes:
    """Return a container archived anew: what its time-stamps need, and a time-stamp over all.

    XML signatures and a CMS signature over the one file get archive time-stamps of their own, in
    them; signatures over manifests get an archive manifest beside them. What an evidence record
    keeps stays as it is, and the record is renewed. Raises NotExtendable for one that is broken or
    has no time-stamp, ContainerRefused, and what stamper and gatherer raise.
    """
    files = open_container(data, limits)
    if asic_records.is_kept(files):
        return archive.write(asic_records.renew(files, stamper, gatherer, digest))
    payload = payload_of(files)
    listed = archiving.signed(files)
    for name, content in files.items():
        if is_xml_signature(name):
            files[name] = xades.renew(content, stamper, gatherer, detached=payload, digest=digest)
        elif _is_cms(name) and not listed:
            files[name] = cades.archive(content, _only(payload), stamper, gatherer, digest=digest)
    _check_any(files)
    if listed:
        files = archiving.renew(files, stamper, gatherer, digest)
    return archive.write(files)


def augment(
    data: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> bytes:
    """Return a container with each of its signatures at `level` at least; raises as `renew`.

    One that an archive time-stamp covers is at LTA, and left as it is.
    """
    files = open_container(data, limits)
    if archiving.is_archived(files):
        return data
    if asic_records.is_kept(files):
        raise NotExtendable(reason="an evidence record keeps it as it is; renew that")
    payload = payload_of(files)
    listed = archiving.signed(files)
    for name, content in files.items():
        if is_xml_signature(name):
            files[name] = xades.augment(
                content, level, stamper, gatherer, detached=payload, digest=digest
            )
        elif _is_cms(name):
            over = listed.get(name) or _only(payload)
            most = min(level, Level.LT) if listed else level
            files[name] = cades.augment(content, over, most, stamper, gatherer, digest=digest)
    _check_any(files)
    if listed and level is Level.LTA:
        files = archiving.add(files, stamper, digest)
    return archive.write(files)


def _is_cms(name: str) -> bool:
    return name.startswith(META) and name.endswith(".p7s")


def _check_any(files: Mapping[str, bytes]) -> None:
    if not any(is_xml_signature(name) or _is_cms(name) for name in files):
        raise NotExtendable(reason="there is no signature")


def _only(payload: Mapping[str, bytes]) -> bytes:
    if len(payload) != 1:
        raise NotExtendable(reason="a signature without manifest is over one file")
    return next(iter(payload.values()))
