"""ASiC-E with CAdES (EN 319 162-1): the container handed to partners and auditors.

It can be checked with stock `unzip`, `openssl cms -verify` and a digest tool. A container of our
own making is in one fixed form, and is refused when a single octet of that form differs, even
one that no signature covers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from certs import archive, cades, manifest, xades
from certs.errors import ContainerRefused
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.tsa import TimeStamper
from certs.verdict import (
    Refused,
    SignatureReport,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from schemas.text import Text

MIMETYPE: Final = "mimetype"
ASIC_E: Final = b"application/vnd.etsi.asic-e+zip"
ASIC_S: Final = b"application/vnd.etsi.asic-s+zip"
_META: Final = "META-INF/"
_MANIFEST: Final = "META-INF/ASiCManifest.xml"
_SIGNATURE: Final = "META-INF/signature.p7s"
_NO_FILES: Final[Mapping[str, bytes]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ContainerVerdict:
    """The verdict on a container, and its signed files; none unless it passed."""

    verdict: Verdict
    files: Mapping[str, bytes] = field(default_factory=lambda: _NO_FILES)

    @property
    def passed(self) -> bool:
        """Whether every signature passed and every file is covered."""
        return self.verdict.passed


def pack(
    files: Mapping[str, bytes],
    key: SigningKey,
    stamper: TimeStamper | None = None,
    *,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the ASiC-E container of `files`, signed, and time-stamped when there is a stamper.

    Raises ContainerRefused when there is no file, or one under META-INF or named mimetype.
    """
    if not files:
        raise ContainerRefused(reason="there is no file to sign")
    for name in files:
        if name == MIMETYPE or name.upper().startswith(_META):
            raise ContainerRefused(reason=f"the name {name!r} is reserved")
    listed = manifest.write(_SIGNATURE, files)
    signature = cades.sign(listed, key, stamper=stamper, signed_at=signed_at)
    container = archive.write(_arranged(files, listed, signature))
    archive.read(container)
    return container


def verify(
    data: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> ContainerVerdict:
    """Return the verdict on a container, with its files when it passed."""
    try:
        return _verify(open_container(data, limits), data, trust, at or utc_now())
    except Refused as refused:
        return ContainerVerdict(refusal(refused))
    except SilkgateError as error:
        return ContainerVerdict(refusal(Refused(SubIndication.FORMAT_FAILURE, error.message)))


def open_container(
    data: bytes, limits: archive.Limits = archive.DEFAULT_LIMITS
) -> dict[str, bytes]:
    """Return all files of a container, unverified; raises ContainerRefused for every trap.

    For looking inside; what is to be used comes from `verify`.
    """
    files = archive.read(data, limits)
    if next(iter(files), "") != MIMETYPE:
        raise ContainerRefused(reason="mimetype is not first")
    if files[MIMETYPE].strip() not in {ASIC_E, ASIC_S}:
        raise ContainerRefused(reason="the mimetype is not that of an ASiC container")
    return files


def _arranged(files: Mapping[str, bytes], listed: bytes, signature: bytes) -> dict[str, bytes]:
    return {MIMETYPE: ASIC_E, **files, _MANIFEST: listed, _SIGNATURE: signature}


def _verify(
    files: Mapping[str, bytes], data: bytes, trust: TrustStore, at: datetime
) -> ContainerVerdict:
    """Verify each signature; together they must cover every file outside META-INF."""
    payload = {
        name: content
        for name, content in files.items()
        if name != MIMETYPE and not name.startswith(_META)
    }
    manifests = [name for name in files if _is_manifest(name)]
    covered: set[str] = set()
    reports: list[SignatureReport] = []
    for name in manifests:
        verdict, names = _check_manifest(name, files, trust, at)
        reports.extend(verdict.signatures)
        covered |= names
        if not verdict.signatures:
            return ContainerVerdict(verdict)
    for verdict, names in _others(files, payload, trust, at, manifests):
        reports.extend(verdict.signatures)
        covered |= names
        if not verdict.signatures:
            return ContainerVerdict(verdict)
    if not reports:
        raise _refused("there is no signature", "没有签名")
    _check_covered(payload, covered)
    if manifests:
        _check_form(files, payload, data)
    verdict = combine(reports, ())
    return ContainerVerdict(verdict, MappingProxyType(payload) if verdict.passed else _NO_FILES)


def _check_manifest(
    name: str, files: Mapping[str, bytes], trust: TrustStore, at: datetime
) -> tuple[Verdict, set[str]]:
    """Return the verdict on the signature over one manifest, and the files the manifest lists.

    A listed file that is missing or differs fails the signature before anything else.
    """
    listed = manifest.read(files[name])
    for each in listed.files:
        content = files.get(each.name)
        if content is None:
            raise _refused(
                f"{each.name!r} is listed and missing", f"缺少清单所列文件 {each.name!r}"
            )
        if each.digest.of(content) != each.value:
            raise Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    f"“{each.name}” was changed after it was signed.",
                    f"“{each.name}”在签名后被修改。",
                ),
            )
    signature = files.get(listed.signature)
    if signature is None or not listed.signature.startswith(_META):
        raise _refused("the manifest names no signature", "清单未指明签名")
    verdict = cades.verify(signature, files[name], trust, at=at, ref=name)
    return _named(verdict, [each.name for each in listed.files]), {
        each.name for each in listed.files
    }


def _named(verdict: Verdict, names: Iterable[str]) -> Verdict:
    """Return the verdict with the files themselves as what is signed."""
    refs = tuple(names)
    reports = tuple(replace(each, signed_refs=refs) for each in verdict.signatures)
    return replace(verdict, signatures=reports, objects=())


def _others(
    files: Mapping[str, bytes],
    payload: Mapping[str, bytes],
    trust: TrustStore,
    at: datetime,
    manifests: Iterable[str],
) -> Iterator[tuple[Verdict, set[str]]]:
    """Verify the signatures that need no manifest: ASiC-S with CAdES, and XAdES in either."""
    named = {manifest.read(files[name]).signature for name in manifests}
    for name, content in files.items():
        if not name.startswith(_META) or name in named or name in manifests:
            continue
        if name.endswith(".p7s"):
            if len(payload) != 1:
                raise _refused(f"{name!r} signs nothing", f"{name!r} 未签署任何文件")
            only, signed = next(iter(payload.items()))
            yield cades.verify(content, signed, trust, at=at, ref=only), {only}
        elif "signatures" in name and name.endswith(".xml"):
            verdict = xades.verify(content, trust, at=at, detached=payload)
            refs = {unquote(ref) for each in verdict.signatures for ref in each.signed_refs}
            yield replace(verdict, objects=()), refs & set(payload)


def _is_manifest(name: str) -> bool:
    return name.startswith(f"{_META}ASiCManifest") and name.endswith(".xml")


def _check_covered(payload: Mapping[str, bytes], covered: set[str]) -> None:
    for name in payload:
        if name not in covered:
            raise _refused(f"{name!r} is not signed", f"{name!r} 未被签名")


def _check_form(files: Mapping[str, bytes], payload: Mapping[str, bytes], data: bytes) -> None:
    """Refuse a container of our own making in which any octet is not as we write it.

    Ours is told by its manifest, which is signed and is octet for octet what we would write.
    """
    listed, signature = files.get(_MANIFEST), files.get(_SIGNATURE)
    if listed is None or signature is None or listed != manifest.write(_SIGNATURE, payload):
        return
    if archive.write(_arranged(payload, listed, signature)) != data:
        raise _refused("its ZIP structure was changed", "其 ZIP 结构被修改")


def _refused(en: str, zh: str) -> Refused:
    return Refused(
        SubIndication.FORMAT_FAILURE,
        Text(f"The container is refused: {en}.", f"容器被拒绝:{zh}。"),
    )
