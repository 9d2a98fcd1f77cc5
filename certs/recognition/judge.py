"""What a verified signature is worth at home, and what it is worth here: an explanation.

Qualification is a separate answer after the verdict on the cryptography; a signature that did
not pass has no level. Everything is judged at the proven time: that of a good time-stamp, else
the time of verification, never the signer's own claim.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.certificate import Certificate
from certs.recognition.checks import checks, proven_time
from certs.recognition.folder import Domains
from certs.recognition.identifiers import identifier_of
from certs.recognition.levels import Kind, Level
from certs.recognition.lists import Record, TrustList
from certs.recognition.mandate import standing
from certs.recognition.outcome import Check, Home, Recognition, corrected
from certs.recognition.qualified import kind_of, statements
from certs.recognition.rules import built_in
from certs.trust import TrustStore
from certs.verdict import Indication, SignatureReport
from schemas.text import Text

_OWN: Final = "OWN"
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
        why = Text(
            "The signature did not pass verification; it has no level.",
            "签名未通过验证,不具有任何等级。",
        )
        return Recognition(
            technical=report.indication,
            here=here,
            moment=moment,
            asked=question.at,
            explanation=why,
        )
    signer = report.path[0]
    home = _home(report.path, question.domains, moment)
    acts_for = standing(
        signer,
        question.mandates,
        question.trust,
        question.document,
        moment,
        personal=home.kind is Kind.SIGNATURE,
    )
    lowered = tuple(checks(report, home, question.document, moment))
    level = min((home.granted, *(each.cap for each in lowered)), key=lambda each: each.rank)
    found = _accorded(home, level, question, moment)
    accorded, record, record_list, basis = found
    if not acts_for.ok and question.mandates:
        accorded, basis = Level.NONE, acts_for.why
    return Recognition(
        technical=report.indication,
        here=here,
        moment=moment,
        asked=question.at,
        signer=signer,
        identifier=identifier_of(signer),
        home=home,
        home_level=level,
        accorded=accorded,
        record=record,
        record_list=record_list,
        acts_for=acts_for,
        checks=lowered,
        basis=basis,
        explanation=_explanation(
            home, level, accorded, here=here, checks=lowered, basis=basis, moment=question.at
        ),
    )


def _home(trail: Sequence[Certificate], domains: Domains, moment: datetime) -> Home:
    """Return the best service that vouches for the path; without any, the operators' own."""
    found = []
    for each, service in domains.services(trail):
        status = service.status(moment)
        said = corrected(trail[0], status)
        access = service.kind is Kind.ACCESS_POINT
        kind = Kind.ACCESS_POINT if access else kind_of(trail[0], said)
        found.append(Home(each.domain, each.rules, kind, each, service, status))
    if not found:
        return Home(_OWN, built_in()[_OWN], kind_of(trail[0], statements(trail[0])))
    return max(found, key=lambda home: (home.fits, home.granted.rank))


_Accorded = tuple[Level, Record | None, TrustList | None, Text]


def _accorded(home: Home, level: Level, question: Question, moment: datetime) -> _Accorded:
    """Return the level accorded here, the record and list it rests on, and the basis in words."""
    here = question.domains.here
    if home.domain == here:
        basis = Text(f"It is at home in {here}.", f"该签名即来自 {here}。")
        return level, None, None, basis
    found = [
        (record.levels.get(level, Level.NONE), record, each)
        for each, record in _records(question.domains.of(here))
        if record.source == home.domain and record.covers(home.kind, question.document, moment)
    ]
    if not found:
        basis = Text(
            f"{here} recognises no such service of {home.domain} for “{question.document}”"
            f" on {moment:%Y-%m-%d}.",
            f"{here} 在 {moment:%Y-%m-%d} 未就“{question.document}”承认 {home.domain} 的此类服务。",
        )
        return Level.NONE, None, None, basis
    accorded, record, its_list = max(found, key=lambda each: each[0].rank)
    return accorded, record, its_list, record.basis


def _records(lists: Iterable[TrustList]) -> Iterator[tuple[TrustList, Record]]:
    for each in lists:
        for record in each.records:
            yield each, record


def _explanation(
    home: Home,
    level: Level,
    accorded: Level,
    *,
    here: str,
    checks: Sequence[Check],
    basis: Text,
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
        f"In {here} it is accorded “{accorded}”: {basis.en}",
        f"依据{told},其在 {home.domain} 的等级为“{level}”。{lowered_zh}"
        f"在 {here} 获认可等级为“{accorded}”:{basis.zh}",
    )
