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
from certs.recognition.folder import Domains
from certs.recognition.identifiers import Identifier, identifier_of
from certs.recognition.levels import Kind, Level
from certs.recognition.lists import Record, Service, Status, TrustList
from certs.recognition.mandate import Standing, standing
from certs.recognition.overrides import adjusted
from certs.recognition.qualified import Statements, kind_of, statements
from certs.recognition.rules import Rules, built_in
from certs.trust import TrustStore
from certs.verdict import BlockIndication, Indication, SignatureReport
from schemas.clock import iso
from schemas.text import Text

_OWN: Final = "OWN"
_AGREED: Final = "agreed"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; the level is at most `cap` because of it."""

    name: str
    cap: Level
    why: Text

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {"check": self.name, "at_most": self.cap.value, "why": self.why.as_dict()}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a signature comes from: its domain and rules, and the service that vouches for it."""

    domain: str
    rules: Rules
    kind: Kind
    list: TrustList | None = None
    service: Service | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The outcome for one signature, as of `moment`, when `asked`; never a bool."""

    technical: Indication
    here: str
    moment: datetime
    asked: datetime
    signer: Certificate | None = None
    identifier: Identifier | None = None
    home: Home | None = None
    home_level: Level = Level.NONE
    accorded: Level = Level.NONE
    record: Record | None = None
    record_list: TrustList | None = None
    acts_for: Standing | None = None
    checks: tuple[Check, ...] = ()
    basis: Text | None = None
    explanation: Text

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values, in the shape of `recognition` in `silkgate verify`."""
        home, record = self.home, self.record
        return {
            "from": home.domain if home else None,
            "to": self.here,
            "technical": self.technical.value,
            "home_level": self.home_level.value,
            "accorded_level": self.accorded.value,
            "basis": self.basis and self.basis.as_dict(),
            "at": iso(self.moment),
            "signer": self._signer(),
            "acts_for": self.acts_for and self.acts_for.as_dict(),
            "service": self._service(),
            "list": home.list.reference(self.asked) if home and home.list else None,
            "record": record and {**record.as_dict(), "to": self.here},
            "record_list": self.record_list and self.record_list.reference(self.asked),
            "checks": [each.as_dict() for each in self.checks],
            "explanation": self.explanation.as_dict(),
        }

    def _signer(self) -> dict[str, object] | None:
        if self.signer is None:
            return None
        return {
            "name": self.signer.name,
            "kind": self.home.kind.value if self.home else None,
            "identifier": self.identifier and self.identifier.as_dict(),
        }

    def _service(self) -> dict[str, object] | None:
        home = self.home
        if home is None or home.service is None:
            return None
        status = home.status
        return {
            "name": home.service.name,
            "kind": home.service.kind.value,
            "status": ("granted" if status.granted else "withdrawn") if status else "unknown",
            "national_level": status.level if status else None,
            "since": iso(status.since) if status else None,
        }


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
    moment = _proven(report) or question.at
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
    checks = tuple(_checks(report, home, question, moment))
    level = min((_granted(home), *(each.cap for each in checks)), key=lambda each: each.rank)
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
        checks=checks,
        basis=basis,
        explanation=_explanation(
            home, level, accorded, here=here, checks=checks, basis=basis, moment=question.at
        ),
    )


def _proven(report: SignatureReport) -> datetime | None:
    good = [
        each.time
        for each in report.timestamps
        if each.indication is BlockIndication.PASSED and each.time
    ]
    return min(good, default=None)


def _home(trail: Sequence[Certificate], domains: Domains, moment: datetime) -> Home:
    """Return the best service that vouches for the path; without any, the operators' own."""
    found = []
    for each, service in domains.services(trail):
        status = service.status(moment)
        said = _said(trail[0], status)
        access = service.kind is Kind.ACCESS_POINT
        kind = Kind.ACCESS_POINT if access else kind_of(trail[0], said)
        found.append(Home(each.domain, each.rules, kind, each, service, status))
    if not found:
        return Home(_OWN, built_in()[_OWN], kind_of(trail[0], statements(trail[0])))
    return max(found, key=lambda home: (_fits(home), _granted(home).rank))


def _fits(home: Home) -> bool:
    """Tell whether the service is for this kind of signature."""
    return home.service is None or home.service.kind in {home.kind, Kind.ANY}


def _said(signer: Certificate, status: Status | None) -> Statements:
    """Return what a certificate says of itself, as the list corrects it for the time."""
    return adjusted(statements(signer), signer, status.overrides if status else ())


def _granted(home: Home) -> Level:
    """Return the level that the list gives the service at the time."""
    if home.service is None:
        return home.rules.level(_AGREED)
    if home.status is None or not home.status.granted:
        return Level.NONE
    return home.rules.level(home.status.level)


def _checks(
    report: SignatureReport, home: Home, question: Question, moment: datetime
) -> Iterator[Check]:
    """Yield what lowers the level at home, each with its reason."""
    signer, rules = report.path[0], home.rules
    if home.service is not None and (home.status is None or not home.status.granted):
        yield Check(
            "service",
            Level.NONE,
            Text(
                f"“{home.service.name}” was not granted at the time.",
                f"该服务“{home.service.name}”当时未获授权。",
            ),
        )
    if not any(each.fits(report.algorithm, signer.public_key, moment) for each in rules.algorithms):
        yield Check(
            "algorithm",
            Level.NONE,
            Text(
                f"{report.algorithm} does not count in {home.domain} at the time.",
                f"{report.algorithm} 当时在 {home.domain} 不被认可。",
            ),
        )
    if home.kind is Kind.ACCESS_POINT and question.document != "transport":
        yield Check(
            "kind",
            Level.NONE,
            Text(
                "An access point's certificate says nothing about who issued a document.",
                "接入点证书不能证明文件的签发者。",
            ),
        )
    if not _fits(home):
        yield Check(
            "kind",
            Level.NONE,
            Text(
                f"The service is not for the kind “{home.kind}”.",
                f"该服务不适用于“{home.kind}”类签名。",
            ),
        )
    yield from _profile(signer, home)
    if rules.timestamp == "required" and _proven(report) is None:
        yield Check(
            "timestamp",
            Level.NONE,
            Text("The domain asks for a good time-stamp.", "该信任域要求有效的时间戳。"),
        )
    if rules.revocation == "required" and not report.cleared:
        yield Check(
            "revocation",
            Level.NONE,
            Text(
                "Nobody said for the time that the certificates were not revoked.",
                "没有当时有效的吊销信息证明证书未被吊销。",
            ),
        )


def _profile(signer: Certificate, home: Home) -> Iterator[Check]:
    """Check the identifier of an organisation, and what the certificate says of itself."""
    identifier = identifier_of(signer)
    if identifier is not None and identifier.valid is False:
        yield Check(
            "identifier",
            Level.NONE,
            Text(
                f"{identifier.value} is no {identifier.scheme}: its check digit is wrong.",
                f"{identifier.value} 不是有效的 {identifier.scheme}:校验位错误。",
            ),
        )
    asked = home.rules.identifiers
    if asked and home.kind is Kind.SEAL and (identifier is None or identifier.scheme not in asked):
        yield Check(
            "identifier",
            Level.LOW,
            Text(
                f"The seal names no organisation by {', '.join(asked)}.",
                f"印章未以 {'、'.join(asked)} 标识机构。",
            ),
        )
    if home.rules.statements:
        yield from _qualified(_said(signer, home.status), home)


def _qualified(said: Statements, home: Home) -> Iterator[Check]:
    """Regulation 910/2014: a qualified certificate, for this kind, on a qualified device."""
    purposes = home.status.purposes if home.status else frozenset()
    needed = "ForeSeals" if home.kind is Kind.SEAL else "ForeSignatures"
    if not said.qualified:
        why = Text("The certificate is not said to be qualified.", "证书未声明为合格证书。")
        yield Check("qualified", Level.LOW, why)
    elif purposes and needed not in purposes:
        why = Text(f"The service is not qualified {needed}.", f"该服务不具备 {needed} 资格。")
        yield Check("qualified", Level.LOW, why)
    elif not said.device:
        why = Text("The key is not on a qualified device.", "密钥不在合格签名设备中。")
        yield Check("device", Level.HIGH, why)


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
