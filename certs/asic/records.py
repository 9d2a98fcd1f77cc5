"""Evidence records inside a container (EN 319 162-1, A.8), also beside signatures.

ASiCEvidenceRecordManifest*.xml lists files, signatures among them, and names the record about
them. What a record proves to exist is judged as of that time, a record under a later one too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from certs import archive, ers
from certs.asic import manifest
from certs.asic.files import META, MIMETYPE, open_container
from certs.asic.manifest import Manifest
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.ers import RecordVerdict, Syntax
from certs.trust import TrustStore
from certs.validation.sources import Gatherer
from certs.verdict import (
    BlockIndication,
    Indication,
    Refused,
    SignatureReport,
    SubIndication,
    TimestampReport,
    Verdict,
)
from schemas.text import Text

_MANIFEST: Final = f"{META}ASiCEvidenceRecordManifest"
_RECORD: Final = f"{META}evidencerecord"
_ENDING: Final = {Syntax.ASN1: ".ers", Syntax.XML: ".xml"}
_MOST: Final = 64
_BLOCKS: Final = {
    Indication.TOTAL_PASSED: BlockIndication.PASSED,
    Indication.TOTAL_FAILED: BlockIndication.FAILED,
    Indication.INDETERMINATE: BlockIndication.INDETERMINATE,
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One record: its name, the files it is about, and what it proves of them."""

    name: str
    files: tuple[str, ...]
    verdict: RecordVerdict

    @property
    def report(self) -> TimestampReport:
        """The record as a time-stamp on each of its files."""
        found = self.verdict
        first = found.timestamps[0] if found.timestamps else None
        return TimestampReport(
            type="evidence-record",
            indication=_BLOCKS[found.indication],
            subindication=found.subindication,
            time=found.time,
            authority=first.authority if first else "",
            path=first.path if first else (),
            reason=found.reason,
        )


@dataclass(frozen=True, slots=True)
class Records:
    """The evidence records of a container, the newest first."""

    found: tuple[Kept, ...] = ()

    def as_of(self, name: str, at: datetime) -> datetime:
        """Return the time as of which to judge a file: when it is proven to have existed."""
        times = [each.verdict.time for each in self.found if name in each.files]
        return min([at, *(time for time in times if time)])

    def noted(self, verdict: Verdict, name: str) -> Verdict:
        """Return the verdict on a signature file with the records about it in its reports."""
        about = tuple(each.report for each in self.found if name in each.files)

        def noted(report: SignatureReport) -> SignatureReport:
            known = [one.time for one in about if one.indication is BlockIndication.PASSED]
            time = min((one for one in (report.time, *known) if one), default=None)
            return replace(report, timestamps=(*report.timestamps, *about), time=time)

        return replace(verdict, signatures=tuple(map(noted, verdict.signatures)))

    @property
    def problem(self) -> Text | None:
        """What is wrong with a record that is broken or about other files; None otherwise."""
        for each in self.found:
            missing = each.verdict.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
            if missing or each.verdict.indication is Indication.TOTAL_FAILED:
                why = each.verdict.reason or Text("", "")
                return Text(
                    f"an evidence record is damaged or belongs elsewhere ({why.en})",
                    f"证据记录已损坏或不属于此容器({why.zh})",
                )
        return None


def read(files: Mapping[str, bytes], trust: TrustStore, at: datetime) -> Records:
    """Return the records with what each proves; raises Refused for a malformed manifest."""
    records = Records()
    for name in reversed(_manifests(files)):
        listed = manifest.read(files[name])
        names = tuple(each.name for each in listed.files)
        proven = _proven(listed, files, trust, records.as_of(listed.signature, at))
        records = Records((*records.found, Kept(listed.signature, names, proven)))
    return records


def _manifests(files: Mapping[str, bytes]) -> list[str]:
    found = [name for name in files if name.startswith(_MANIFEST) and name.endswith(".xml")]
    if len(found) > _MOST:
        raise manifest.malformed()
    return found


def _proven(
    listed: Manifest, files: Mapping[str, bytes], trust: TrustStore, at: datetime
) -> RecordVerdict:
    failure = listed.failure(files)
    record = files.get(listed.signature)
    if failure is None and record is None:
        failure = Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("The evidence record is missing.", "缺少证据记录。"),
        )
    if failure is not None or record is None:
        return ers.refused(failure or manifest.malformed())
    return ers.verify(record, [files[each.name] for each in listed.files], trust, at=at)


def ours(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return the names of records and manifests that are octet for octet as we write them."""
    found: set[str] = set()
    for name in _manifests(files):
        listed = manifest.read(files[name])
        about = {each.name: files.get(each.name, b"") for each in listed.files}
        if files[name] == _listing(listed.signature, about, listed.files[0].digest):
            found |= {name, listed.signature}
    return frozenset(found)


def _listing(record: str, about: Mapping[str, bytes], digest: Digest) -> bytes:
    return manifest.write(record, about, media_type="", digest=digest)


def keep(
    containers: Sequence[bytes],
    stamper: TimeStamper,
    digest: Digest = SHA256,
    syntax: Syntax = Syntax.ASN1,
) -> list[bytes]:
    """Return containers with a record inside each, all under one time-stamp.

    A record is about every file there is so far but the type. Raises ContainerRefused.
    """
    opened = [open_container(each) for each in containers]
    about = [{name: data for name, data in files.items() if name != MIMETYPE} for files in opened]
    made = ers.make([list(each.values()) for each in about], stamper, digest, syntax)
    kept = []
    for files, listed, record in zip(opened, about, made, strict=True):
        number = len(_manifests(files)) + 1
        name = f"{_RECORD}{number:03d}{_ENDING[syntax]}"
        files[f"{_MANIFEST}{number:03d}.xml"] = _listing(name, listed, digest)
        files[name] = record
        kept.append(archive.write(files))
    return kept


def renew(
    files: Mapping[str, bytes], stamper: TimeStamper, gatherer: Gatherer, digest: Digest
) -> dict[str, bytes]:
    """Return the files with the newest record renewed, under a new digest by hash tree.

    Raises NotExtendable for a container without record, or whose newest one is broken.
    """
    listed = manifest.read(files[_manifests(files)[-1]])
    failure = listed.failure(files)
    if failure is not None:
        raise NotExtendable(reason=failure.reason.en)
    record = files.get(listed.signature, b"")
    if not ers.is_record(record):
        raise NotExtendable(reason="its evidence record cannot be read")
    if ers.newest_digest(record) == digest:
        (renewed,) = ers.renew_time_stamps([record], stamper, gatherer)
    else:
        group = [files[each.name] for each in listed.files]
        (renewed,) = ers.renew_hash_tree([(record, group)], stamper, gatherer, digest)
    return {**files, listed.signature: renewed}


def is_kept(files: Mapping[str, bytes]) -> bool:
    """Tell whether there is a record inside."""
    return bool(_manifests(files))
