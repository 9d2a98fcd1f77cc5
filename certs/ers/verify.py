"""Evidence records verified: since when files are proven to exist.

RFC 4998, 4.3 and 5.3; RFC 6283, 3.3 and 4.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from certs.digests import Digest
from certs.ers.record import ArchiveTimeStamp
from certs.ers.syntax import Evidence, read
from certs.timestamp import Imprint
from certs.trust import TrustStore
from certs.validation import judge
from certs.validation.judge import Stamp
from certs.validation.material import Material
from certs.verdict import (
    BlockIndication,
    Indication,
    Refused,
    SignatureReport,
    SubIndication,
    TimestampReport,
    Verdict,
    combine,
)
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from schemas.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVerdict:
    """What a record proves: the files existed at `time`; None unless it passed."""

    indication: Indication
    subindication: SubIndication | None = None
    time: datetime | None = None
    timestamps: tuple[TimestampReport, ...] = ()
    reason: Text | None = None

    @property
    def passed(self) -> bool:
        """Whether the record is good and covers the files."""
        return self.indication is Indication.TOTAL_PASSED

    def as_verdict(self) -> Verdict:
        """Return it as a verdict, with one report in place of a signature's."""
        report = SignatureReport(
            format="EvidenceRecord",
            level="EvidenceRecord",
            indication=self.indication,
            subindication=self.subindication,
            signer=self.timestamps[0].authority if self.timestamps else "",
            time=self.time,
            timestamps=self.timestamps,
            reason=self.reason,
        )
        return combine((report,), ())


def verify(
    encoded: bytes, files: Sequence[bytes], trust: TrustStore, *, at: datetime | None = None
) -> RecordVerdict:
    """Return what a record proves about these files, all of which must be its group.

    The chains must follow one another in time and each cover the one before; every time-stamp is
    judged at the time of the next one.
    """
    try:
        stamps, kept = _stamps(read(encoded), files)
        reports = judge.prove(stamps, trust, at or utc_now(), kept)
        _check_order(reports)
    except SilkgateError as error:
        return refused(Refused(SubIndication.FORMAT_FAILURE, error.message))
    except Refused as why:
        return refused(why)
    for each in reports:
        if each.indication is not BlockIndication.PASSED:
            sub = each.subindication or SubIndication.FORMAT_FAILURE
            return refused(Refused(sub, each.reason or Text("", "")), reports)
    return RecordVerdict(
        indication=Indication.TOTAL_PASSED, time=reports[0].time, timestamps=reports
    )


def refused(why: Refused, reports: tuple[TimestampReport, ...] = ()) -> RecordVerdict:
    """Return the verdict on a record that proves nothing."""
    return RecordVerdict(
        indication=why.indication, subindication=why.sub, reason=why.reason, timestamps=reports
    )


def _stamps(record: Evidence, files: Sequence[bytes]) -> tuple[list[Stamp], Material]:
    """Return the time-stamps, oldest first, each over what it must be over, and what is beside."""
    found: list[Stamp] = []
    kept, covered = Material(), frozenset[str]()
    for number, chain in enumerate(record.chains):
        for place, stamp in enumerate(chain):
            if stamp.digest != chain[0].digest:
                raise _broken("A chain changes its digest.", "同一链中的摘要算法不一致。")
            if place:
                leaves = [stamp.digest.of(record.carried(number, place - 1))]
            else:
                leaves = record.leaves(number, files)
            _check_leaves(stamp, leaves, whole=not place)
            found.append(Stamp("archive", stamp.token, _imprint(stamp, leaves), covered))
            beside = record.kept(number, place)
            covered |= {judge.identifier(stamp.token)} | judge.inside(stamp.token).tokens
            covered |= beside.tokens
            kept += beside
    return found, kept


def _check_leaves(stamp: ArchiveTimeStamp, leaves: list[bytes], *, whole: bool) -> None:
    """Every leaf must be in the first list; a group's list may hold a neighbour, but no leaf more.

    RFC 4998, 4.3: a file added to a group is noticed.
    """
    if not leaves:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("The archived files are not here.", "缺少已归档的文件。"),
        )
    listed = stamp.lists[0] if stamp.lists else tuple(leaves[:1])
    if not set(leaves) <= set(listed):
        raise Refused(
            SubIndication.HASH_FAILURE,
            Text("The files are not those that were archived.", "文件与已归档的不一致。"),
        )
    if whole and len(leaves) > 1 and len(set(listed)) != len(set(leaves)):
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("Files of the archived group are missing.", "归档组中缺少文件。"),
        )


def _imprint(stamp: ArchiveTimeStamp, leaves: list[bytes]) -> Imprint:
    root = stamp.root(leaves[0])

    def imprint(digest: Digest) -> bytes:
        if digest != stamp.digest:
            raise _broken("A time-stamp has another digest.", "时间戳使用了其他摘要算法。")
        return root

    return imprint


def _check_order(reports: Sequence[TimestampReport]) -> None:
    times = [each.time for each in reports if each.time]
    if times != sorted(times):
        raise Refused(
            SubIndication.TIMESTAMP_ORDER_FAILURE,
            Text("The time-stamps are not in order.", "时间戳顺序不正确。"),
        )


def _broken(en: str, zh: str) -> Refused:
    return Refused(SubIndication.FORMAT_FAILURE, Text(en, zh))
