"""What a verified signature is worth at home, and what it is worth here: an explanation.

Qualification is a separate answer after the verdict on the cryptography; a signature that did
not pass has no level. Everything is judged at the proven time: that of a good time-stamp, else
the time of verification, never the signer's own claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from certs.recognition.accord import Accorded, accorded, home_of
from certs.recognition.checks import checks, proven_time
from certs.recognition.folder import Domains
from certs.recognition.identifiers import identifier_of
from certs.recognition.levels import Kind, Level
from certs.recognition.mandate import standing
from certs.recognition.outcome import Check, Home, Recognition
from certs.recognition.stamps import stamped_by
from certs.trust import TrustStore
from certs.verdict import Indication, SignatureReport
from schemas.text import Text

UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What recognition is asked for: a document of a type, with mandates given beside it."""

    domains: Domains
    trust: TrustStore
    at: datetime
    document: str = UNKNOWN
    mandates: Sequence[bytes] = ()


def recognise(report: SignatureReport, question: Question) -> Recognition:
    """Return what the signature of `report` is worth in the domain of the verifier."""
    moment = proven_time(report) or question.at
    here = question.domains.here
    if report.indication is not Indication.TOTAL_PASSED or not report.path:
        return _unverified(report, question, moment)
    signer = report.path[0]
    home = home_of(report.path, question.domains, moment)
    stamps = tuple(stamped_by(report, question.domains, question.document, question.at))
    acts_for = standing(
        signer,
        question.mandates,
        question.trust,
        question.document,
        moment,
        personal=home.kind is Kind.SIGNATURE,
        issuers=question.domains.issuers,
    )
    lowered = tuple(checks(report, home, question.document, moment, stamps))
    level = min((home.granted, *(each.cap for each in lowered)), key=lambda each: each.rank)
    found = accorded(home, level, question.domains, question.document, moment)
    if not acts_for.ok and question.mandates:
        found = replace(found, level=Level.NONE, basis=acts_for.why)
    return Recognition(
        technical=report.indication,
        here=here,
        moment=moment,
        asked=question.at,
        signer=signer,
        identifier=identifier_of(signer),
        home=home,
        home_level=level,
        accorded=found.level,
        record=found.record,
        record_list=found.list,
        acts_for=acts_for,
        checks=lowered,
        basis=found.basis,
        timestamps=tuple(each.as_dict() for each in stamps),
        explanation=_explanation(home, level, found, here, checks=lowered, moment=question.at),
    )


def _unverified(report: SignatureReport, question: Question, moment: datetime) -> Recognition:
    """What did not pass verification has no level."""
    return Recognition(
        technical=report.indication,
        here=question.domains.here,
        moment=moment,
        asked=question.at,
        explanation=Text(
            "The signature did not pass verification; it has no level.",
            "签名未通过验证,不具有任何等级。",
        ),
    )


def _explanation(
    home: Home,
    level: Level,
    found: Accorded,
    here: str,
    *,
    checks: Sequence[Check],
    moment: datetime,
) -> Text:
    """Return the whole in a sentence, with every reason that lowered the level."""
    said = (
        f"list {home.list.id} number {home.list.sequence}" if home.list else "the trusted anchors"
    )
    told = f"列表 {home.list.id} 第 {home.list.sequence} 号" if home.list else "受信任的锚"
    reasons = [each.why for each in checks]
    if home.list is not None and home.list.stale(moment):
        reasons.append(Text("A newer list was due.", "该列表已逾期未更新。"))
    lowered = " ".join(each.en for each in reasons)
    lowered_zh = "".join(each.zh for each in reasons)
    return Text(
        f"By {said} it is “{level}” in {home.domain}. {lowered + ' ' if lowered else ''}"
        f"In {here} it is accorded “{found.level}”: {found.basis.en}",
        f"依据{told},其在 {home.domain} 的等级为“{level}”。{lowered_zh}"
        f"在 {here} 获认可等级为“{found.level}”:{found.basis.zh}",
    )
