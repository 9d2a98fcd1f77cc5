"""ASiC-E with CAdES (EN 319 162-1): the container handed to partners and auditors.

It can be checked with stock `unzip`, `openssl cms -verify` and a digest tool. A container of our
own making is in one fixed form, and is refused when a single octet of that form differs, even
one that no signature covers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from certs import archive, asic_archive, cades, ers, manifest, xades
from certs.asic_archive import META as _META
from certs.cades import Archived
from certs.digests import SHA256, Digest
from certs.errors import ContainerRefused
from certs.keys import SigningKey
from certs.levels import Level
from certs.trust import TrustStore
from certs.tsa import TimeStamper
from certs.validation.sources import Gatherer
from certs.verdict import (
    Indication,
    Refused,
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
_MANIFEST: Final = "META-INF/ASiCManifest.xml"
_SIGNATURE: Final = "META-INF/signature.p7s"
_RECORDS: Final = (f"{_META}evidencerecord.ers", f"{_META}evidencerecord.xml")
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
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the ASiC-E container of `files`, signed, and time-stamped when there is a stamper.

    Levels LT and LTA take stamper and gatherer; at LTA an archive manifest lists every file, and
    a time-stamp covers it. Raises ContainerRefused when there is no file, or one under META-INF
    or named mimetype.
    """
    if not files:
        raise ContainerRefused(reason="there is no file to sign")
    for name in files:
        if name == MIMETYPE or name.upper().startswith(_META):
            raise ContainerRefused(reason=f"the name {name!r} is reserved")
    listed = manifest.write(_SIGNATURE, files)
    level = level or (Level.T if stamper else Level.B)
    signature = cades.sign(
        listed,
        key,
        stamper=stamper,
        gatherer=gatherer,
        level=min(level, Level.LT),
        signed_at=signed_at,
    )
    arranged = _arranged(files, listed, signature)
    if stamper is not None and level is Level.LTA:
        arranged = asic_archive.add(arranged, stamper)
    container = archive.write(arranged)
    archive.read(container)
    return container


def renew(
    data: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> bytes:
    """Return a container archived anew: what its time-stamps need, and a time-stamp over all.

    Raises NotExtendable for one that is broken or has no time-stamp, ContainerRefused, and what
    stamper and gatherer raise.
    """
    files = open_container(data, limits)
    return archive.write(asic_archive.renew(files, stamper, gatherer, digest))


def verify(
    data: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> ContainerVerdict:
    """Return the verdict on a container, with its files when it passed."""
    try:
        return _verify(archive.read(data, limits), data, trust, at or utc_now())
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
    problem = _type_problem(files)
    if problem is not None:
        raise ContainerRefused(reason=problem.en)
    return files


def _arranged(files: Mapping[str, bytes], listed: bytes, signature: bytes) -> dict[str, bytes]:
    return {MIMETYPE: ASIC_E, **files, _MANIFEST: listed, _SIGNATURE: signature}


def _verify(
    files: Mapping[str, bytes], data: bytes, trust: TrustStore, at: datetime
) -> ContainerVerdict:
    """Verify each signature, then the container: together they must cover every file."""
    payload = {
        name: content
        for name, content in files.items()
        if name != MIMETYPE and not name.startswith(_META)
    }
    _check_number(files, payload)
    found = list(_signatures(files, payload, trust, at))
    reports = [report for verdict, _ in found for report in verdict.signatures]
    for verdict, _ in found:
        if not verdict.signatures:
            return ContainerVerdict(replace(verdict, signatures=tuple(reports)))
    if not reports:
        return ContainerVerdict(_preserved(files, payload, trust, at))
    verdict = combine(reports, ())
    covered = frozenset(name for _, names in found for name in names)
    problem = (
        _type_problem(files)
        or _coverage_problem(payload, covered)
        or _form_problem(files, payload, data)
    )
    if problem is not None and not _says_more(verdict):
        refused = Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, _explained(problem))
        return ContainerVerdict(replace(refusal(refused), signatures=tuple(reports)))
    return ContainerVerdict(verdict, MappingProxyType(payload) if verdict.passed else _NO_FILES)


def _says_more(verdict: Verdict) -> bool:
    """Tell whether the signatures themselves are worse off than a container out of order."""
    missing = verdict.subindication in {
        SubIndication.SIGNED_DATA_NOT_FOUND,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    }
    return missing or verdict.indication is Indication.TOTAL_FAILED


def _preserved(
    files: Mapping[str, bytes], payload: Mapping[str, bytes], trust: TrustStore, at: datetime
) -> Verdict:
    """Return the verdict on a container without signatures, which an evidence record may keep.

    A manifest lists the files and names the record (EN 319 162-1, A.8); the simple form needs
    none for its one file (4.3.3).
    """
    for name in files:
        if not name.startswith(f"{_META}ASiCEvidenceRecordManifest"):
            continue
        listed = manifest.read(files[name])
        failure = listed.failure(files)
        if failure is not None:
            raise failure
        names = [each.name for each in listed.files]
        problem = _coverage_problem(payload, names)
        if problem is not None:
            raise Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, _explained(problem))
        return _recorded(
            files.get(listed.signature, b""), [files[each] for each in names], trust, at
        )
    for name in _RECORDS:
        if name in files and len(payload) == 1:
            return _recorded(files[name], list(payload.values()), trust, at)
    raise _refused("there is no signature", "没有签名")


def _recorded(record: bytes, archived: Sequence[bytes], trust: TrustStore, at: datetime) -> Verdict:
    if not ers.is_record(record):
        raise Refused(
            SubIndication.NO_POE,
            Text("Evidence records in XML are not evaluated.", "未评估 XML 证据记录。"),
        )
    return ers.verify(record, archived, trust, at=at).as_verdict()


def _signatures(
    files: Mapping[str, bytes], payload: Mapping[str, bytes], trust: TrustStore, at: datetime
) -> Iterator[tuple[Verdict, Collection[str]]]:
    """Yield the verdict on each signature, and the names of the files it covers.

    With a manifest, CAdES over that; without, CAdES over the one file, or XAdES with references.
    """
    named: set[str] = set()
    stamped = asic_archive.read(files)
    for name in files:
        if name.startswith(f"{_META}ASiCManifest") and name.endswith(".xml"):
            listed = manifest.read(files[name])
            named.add(listed.signature)
            if not listed.signature.endswith(".tst"):
                yield _check_manifest(
                    name, listed, files, trust, at, stamped.over(listed.signature)
                )
    for name, content in files.items():
        if not name.startswith(_META) or name in named:
            continue
        if name.endswith(".p7s"):
            if len(payload) != 1:
                raise _refused(f"{name!r} signs nothing", f"{name!r} 未签署任何文件")
            only, signed = next(iter(payload.items()))
            over = stamped.over(name)
            yield cades.verify(content, signed, trust, at=at, ref=only, archived=over), {only}
        elif "signatures" in name and name.endswith(".xml"):
            verdict = xades.verify(content, trust, at=at, detached=files)
            refs = {unquote(ref) for each in verdict.signatures for ref in each.signed_refs}
            yield replace(verdict, objects=()), refs


def _check_manifest(  # noqa: PLR0917 - what to check, and against what
    name: str,
    listed: manifest.Manifest,
    files: Mapping[str, bytes],
    trust: TrustStore,
    at: datetime,
    archived: Sequence[Archived],
) -> tuple[Verdict, Collection[str]]:
    """Return the verdict on the signature over one manifest, and the files the manifest lists.

    A listed file that is missing or differs fails the signature, whatever else is wrong with it.
    """
    signature = files.get(listed.signature)
    if signature is None or not listed.signature.startswith(_META):
        raise _refused("the manifest names no signature", "清单未指明签名")
    names = tuple(each.name for each in listed.files)
    verdict = cades.verify(signature, files[name], trust, at=at, ref=name, archived=archived)
    reports = tuple(replace(report, signed_refs=names) for report in verdict.signatures)
    failure = listed.failure(files)
    if failure is None or verdict.indication is Indication.TOTAL_FAILED:
        return replace(verdict, signatures=reports, objects=()), names
    failed = tuple(
        replace(
            report,
            indication=failure.indication,
            subindication=failure.sub,
            reason=failure.reason,
        )
        for report in reports
    )
    return combine(failed, ()), names


def _check_number(files: Mapping[str, bytes], payload: Mapping[str, bytes]) -> None:
    """There is something to sign, and exactly one file in the simple form (EN 319 162-1, 4.3)."""
    simple = files.get(MIMETYPE, b"").strip() == ASIC_S
    if not payload or (simple and len([name for name in payload if "/" not in name]) != 1):
        raise _refused("the number of files is wrong", "文件数量不正确")


def _type_problem(files: Mapping[str, bytes]) -> Text | None:
    if next(iter(files), "") != MIMETYPE:
        return Text("mimetype is not first", "mimetype 不在首位")
    if files[MIMETYPE].strip() not in {ASIC_E, ASIC_S}:
        return Text("the mimetype is not that of an ASiC container", "mimetype 不是 ASiC 容器类型")
    return None


def _coverage_problem(payload: Mapping[str, bytes], covered: Collection[str]) -> Text | None:
    for name in payload:
        if name not in covered:
            return Text(f"{name!r} is not signed", f"{name!r} 未被签名")
    return None


def _form_problem(
    files: Mapping[str, bytes], payload: Mapping[str, bytes], data: bytes
) -> Text | None:
    """Find any octet of a container of our own making that is not as we write it.

    Ours is told by its manifest, which is signed and is octet for octet what we would write.
    """
    listed, signature = files.get(_MANIFEST), files.get(_SIGNATURE)
    if listed is None or signature is None or listed != manifest.write(_SIGNATURE, payload):
        return None
    arranged = _arranged(payload, listed, signature)
    rest = {name: content for name, content in files.items() if name not in arranged}
    if not asic_archive.accounts_for(rest):
        return Text("there are files that nobody sealed", "存在未经封装的文件")
    if archive.write({**arranged, **rest}) != data:
        return Text("its ZIP structure was changed", "其 ZIP 结构被修改")
    return None


def _explained(problem: Text) -> Text:
    return Text(f"The container is refused: {problem.en}.", f"容器被拒绝:{problem.zh}。")


def _refused(en: str, zh: str) -> Refused:
    return Refused(SubIndication.FORMAT_FAILURE, _explained(Text(en, zh)))
