"""Containers (EN 319 162-1) verified: ASiC-E and ASiC-S, with CAdES, XAdES or evidence records.

An ASiC-E with CAdES of our own making is in one fixed form, and is refused when a single octet of
that form differs, even one that no signature covers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

from certs import archive, cades, ers, xades
from certs.asic import archiving, manifest
from certs.asic import records as asic_records
from certs.asic.files import (
    ASIC_S,
    MANIFEST,
    META,
    MIMETYPE,
    SIGNATURE,
    is_xml_signature,
    payload_of,
    type_problem,
)
from certs.asic.pack import arranged
from certs.asic.records import Records
from certs.cades.verify import Archived
from certs.trust import TrustStore
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

_RECORDS: Final = (f"{META}evidencerecord.ers", f"{META}evidencerecord.xml")
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


def _verify(
    files: Mapping[str, bytes], data: bytes, trust: TrustStore, at: datetime
) -> ContainerVerdict:
    """Verify each signature, then the container: together they must cover every file."""
    payload = payload_of(files)
    _check_number(files, payload)
    records = asic_records.read(files, trust, at)
    found = list(_signatures(files, payload, records, trust, at))
    reports = [report for verdict, _ in found for report in verdict.signatures]
    for verdict, _ in found:
        if not verdict.signatures:
            return ContainerVerdict(replace(verdict, signatures=tuple(reports)))
    if not reports:
        return ContainerVerdict(_preserved(files, payload, records, trust, at))
    verdict = combine(reports, ())
    covered = frozenset(name for _, names in found for name in names)
    problem = (
        type_problem(files)
        or records.problem
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
    files: Mapping[str, bytes],
    payload: Mapping[str, bytes],
    records: Records,
    trust: TrustStore,
    at: datetime,
) -> Verdict:
    """Return the verdict on a container without signatures, which an evidence record may keep.

    A manifest lists the files and names the record (EN 319 162-1, A.8); the simple form needs
    none for its one file (4.3.3).
    """
    for each in records.found:
        problem = _coverage_problem(payload, each.files)
        if problem is not None:
            raise Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, _explained(problem))
        return each.verdict.as_verdict()
    for name in _RECORDS:
        if name in files and len(payload) == 1:
            return ers.verify(files[name], list(payload.values()), trust, at=at).as_verdict()
    raise _refused("there is no signature", "没有签名")


def _signatures(
    files: Mapping[str, bytes],
    payload: Mapping[str, bytes],
    records: Records,
    trust: TrustStore,
    at: datetime,
) -> Iterator[tuple[Verdict, Collection[str]]]:
    """Yield the verdict on each signature, and the names of the files it covers.

    With a manifest, CAdES over that; without, CAdES over the one file, or XAdES with references.
    Each is judged as of the time that the evidence records about it prove.
    """
    named: set[str] = set()
    stamped = archiving.read(files)
    for name in files:
        if name.startswith(f"{META}ASiCManifest") and name.endswith(".xml"):
            listed = manifest.read(files[name])
            named.add(listed.signature)
            if not listed.signature.endswith(".tst"):
                then = records.as_of(listed.signature, at)
                over = stamped.over(listed.signature)
                verdict, names = _check_manifest(name, listed, files, trust, then, over)
                yield records.noted(verdict, listed.signature), names
    for name, content in files.items():
        if not name.startswith(META) or name in named:
            continue
        then = records.as_of(name, at)
        if name.endswith(".p7s"):
            if len(payload) != 1:
                raise _refused(f"{name!r} signs nothing", f"{name!r} 未签署任何文件")
            only, signed = next(iter(payload.items()))
            over = stamped.over(name)
            verdict = cades.verify(content, signed, trust, at=then, ref=only, archived=over)
            yield records.noted(verdict, name), {only}
        elif is_xml_signature(name):
            verdict = xades.verify(content, trust, at=then, detached=files)
            refs = {unquote(ref) for each in verdict.signatures for ref in each.signed_refs}
            yield records.noted(replace(verdict, objects=()), name), refs


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
    if signature is None or not listed.signature.startswith(META):
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
    listed, signature = files.get(MANIFEST), files.get(SIGNATURE)
    if listed is None or signature is None or listed != manifest.write(SIGNATURE, payload):
        return None
    expected = arranged(payload, listed, signature)
    rest = {name: content for name, content in files.items() if name not in expected}
    recorded = asic_records.ours(files)
    if not archiving.accounts_for({n: each for n, each in rest.items() if n not in recorded}):
        return Text("there are files that nobody sealed", "存在未经封装的文件")
    if archive.write({**expected, **rest}) != data:
        return Text("its ZIP structure was changed", "其 ZIP 结构被修改")
    return None


def _explained(problem: Text) -> Text:
    return Text(f"The container is refused: {problem.en}.", f"容器被拒绝:{problem.zh}。")


def _refused(en: str, zh: str) -> Refused:
    return Refused(SubIndication.FORMAT_FAILURE, _explained(Text(en, zh)))
