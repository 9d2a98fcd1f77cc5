"""What lowers the level of a signature at home, each check with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from certs.recognition.identifiers import identifier_of
from certs.recognition.levels import Kind, Level
from certs.recognition.outcome import Check, Home
from certs.recognition.qualified import Statements
from certs.recognition.stamps import StampRecognition
from certs.verdict import SignatureReport
from certs.x509.certificate import Certificate
from schemas.text import Text


def proven_time(report: SignatureReport) -> datetime | None:
    """Return the time of the earliest good time-stamp, None without one."""
    return min(filter(None, (each.proven for each in report.timestamps)), default=None)


def checks(
    report: SignatureReport,
    home: Home,
    document: str,
    moment: datetime,
    stamps: Sequence[StampRecognition] = (),
) -> Iterator[Check]:
    """Yield what lowers the level at home, each with its reason."""
    yield from _service(home)
    yield from _algorithm(report, home, moment)
    yield from _kind(home, document)
    yield from _profile(report.path[0], home)
    if home.rules.timestamp == "required":
        yield from _stamped(report, stamps)
    if home.rules.revocation == "required" and not report.cleared:
        yield Check(
            "revocation",
            Level.NONE,
            Text(
                "Nobody said for the time that the certificates were not revoked.",
                "没有当时有效的吊销信息证明证书未被吊销。",
            ),
        )


def _service(home: Home) -> Iterator[Check]:
    """The service was granted at the time."""
    if home.service is not None and (home.status is None or not home.status.granted):
        yield Check(
            "service",
            Level.NONE,
            Text(
                f"“{home.service.name}” was not granted at the time.",
                f"该服务“{home.service.name}”当时未获授权。",
            ),
        )


def _algorithm(report: SignatureReport, home: Home, moment: datetime) -> Iterator[Check]:
    """The domain took the algorithm and the key at the time."""
    key = report.path[0].public_key
    if not any(each.fits(report.algorithm, key, moment) for each in home.rules.algorithms):
        yield Check(
            "algorithm",
            Level.NONE,
            Text(
                f"{report.algorithm} does not count in {home.domain} at the time.",
                f"{report.algorithm} 当时在 {home.domain} 不被认可。",
            ),
        )


def _kind(home: Home, document: str) -> Iterator[Check]:
    """The certificate and its service are for signatures of this kind."""
    if home.kind is Kind.ACCESS_POINT and document != "transport":
        yield Check(
            "kind",
            Level.NONE,
            Text(
                "An access point's certificate says nothing about who issued a document.",
                "接入点证书不能证明文件的签发者。",
            ),
        )
    if not home.fits:
        yield Check(
            "kind",
            Level.NONE,
            Text(
                f"The service is not for the kind “{home.kind}”.",
                f"该服务不适用于“{home.kind}”类签名。",
            ),
        )


def _stamped(report: SignatureReport, stamps: Sequence[StampRecognition]) -> Iterator[Check]:
    """A domain that asks for a time-stamp asks for one of an authority that is recognised."""
    if proven_time(report) is None:
        why = Text("The domain asks for a good time-stamp.", "该信任域要求有效的时间戳。")
        yield Check("timestamp", Level.NONE, why)
    elif not any(each.accorded.level.rank for each in stamps if each.stamp.proven):
        why = Text(
            "No authority of its time-stamps is recognised here.", "其时间戳机构在此均未获认可。"
        )
        yield Check("timestamp", Level.NONE, why)


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
        yield from _qualified(home.said_of(signer), home)


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
