"""From checked cryptography to a report: proven time, path, usage, strength (EN 319 102-1, 5.3).

Every form of signature fills a `Draft` while it checks format, digests and signature; what is
the same for all of them is judged here, and only after the cryptography was found in order, so
that an unknown chain never hides broken integrity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.algorithms import Scheme
from certs.decision import policy
from certs.digests import Digest
from certs.timestamp import report
from certs.trust import TrustStore
from certs.validation import judge
from certs.validation.judge import Case, Stamp
from certs.validation.material import Material
from certs.verdict import (
    Indication,
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    TimestampReport,
)
from certs.x509.certificate import Certificate
from schemas.errors import SilkgateError
from schemas.text import Text

# A time-stamp that failed on one of these is damaged; the others only prove nothing to us.
_DAMAGED: Final = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    }
)
# TLS server and client, code signing, time-stamping, OCSP: a certificate for these alone seals
# no documents (RFC 5280, 4.2.1.12).
_OTHER_PURPOSES: Final = frozenset(f"1.3.6.1.5.5.7.3.{number}" for number in (1, 2, 3, 8, 9))


@dataclass(slots=True, kw_only=True)
class Draft:
    """What is known so far about one signature.

    `digests` are those its references use, `stamps` its time-stamps, not yet judged; `material`
    is what came along for the long term. `timestamps` are reports on time-stamps: those judged
    elsewhere first, all of them in the end.
    """

    format: str
    level: str = ""
    certificate: Certificate | None = None
    offered: tuple[Certificate, ...] = ()
    scheme: Scheme | None = None
    digests: list[Digest] = field(default_factory=list)
    stamps: tuple[Stamp, ...] = ()
    material: Material = field(default_factory=Material)
    claimed_time: datetime | None = None
    timestamps: tuple[TimestampReport, ...] = ()
    refs: tuple[str, ...] = ()
    objects: tuple[SignedObject, ...] = ()
    algorithm: str = ""
    path: tuple[Certificate, ...] = ()
    cleared: bool = False

    @property
    def proven_time(self) -> datetime | None:
        """The earliest time at which a good time-stamp shows the signature to have existed."""
        return min(filter(None, (stamp.proven for stamp in self.timestamps)), default=None)

    def identify(self, certificate: Certificate, offered: tuple[Certificate, ...]) -> None:
        """Note the signer's certificate and the others that came along."""
        self.certificate = certificate
        self.offered = offered

    def check(self, scheme: Scheme, signature: bytes, octets: bytes, *, raw: bool) -> None:
        """Check the signature value with the signer's key; raises Refused when it is wrong."""
        key = self.certificate.public_key if self.certificate else None
        if key is None:
            raise Refused(
                SubIndication.SIG_CRYPTO_FAILURE,
                Text("The signer's key is of a type not supported.", "不支持该签名者的密钥类型。"),
            )
        verify = scheme.verify_raw if raw else scheme.verify
        if not verify(key, signature, octets):
            raise Refused(
                SubIndication.SIG_CRYPTO_FAILURE,
                Text("The signature value is wrong.", "签名值错误。"),
            )
        self.algorithm = f"{scheme.family.value} {scheme.digest.name}"
        self.scheme = scheme

    def report(self, refused: Refused | None = None) -> SignatureReport:
        """Return the report, passed unless there is a refusal."""
        return SignatureReport(
            format=self.format,
            level=self.level or self.format,
            indication=refused.indication if refused else Indication.TOTAL_PASSED,
            subindication=refused.sub if refused else None,
            signer=self.certificate.name if self.certificate else "",
            certificate=self.certificate.sha256.hex() if self.certificate else "",
            time=self.proven_time or self.claimed_time,
            claimed_time=self.claimed_time,
            signed_refs=self.refs,
            timestamps=self.timestamps,
            reason=refused.reason if refused else None,
            algorithm=self.algorithm,
            path=self.path,
            cleared=self.cleared,
        )


def assess(
    draft: Draft, check: Callable[[Draft], None], trust: TrustStore, at: datetime
) -> SignatureReport:
    """Run `check`, which fills the draft and raises Refused, then judge what it found."""
    try:
        check(draft)
        _judge(draft, trust, at)
    except Refused as refused:
        return draft.report(refused)
    except SilkgateError as error:
        return draft.report(Refused(SubIndication.FORMAT_FAILURE, error.message))
    return draft.report()


def _judge(draft: Draft, trust: TrustStore, at: datetime) -> None:
    certificate, scheme = draft.certificate, draft.scheme
    if certificate is None or scheme is None:
        raise no_signing_certificate()
    offered = tuple(dict.fromkeys((*draft.offered, *draft.material.certificates)))
    known, judged = draft.proven_time, draft.timestamps
    seen = judge.examine(draft.stamps, offered)
    draft.timestamps += tuple(
        report(each.found, each.found.refused, each.stamp.kind) for each in seen
    )
    _check_timestamps(draft)
    case = Case(
        signer=certificate,
        scheme=scheme,
        claimed=draft.claimed_time,
        digests=tuple(dict.fromkeys(draft.digests)),
        material=Material(certificates=offered) + draft.material,
        stamps=seen,
        known_since=known,
    )
    outcome = judge.decide(case, trust, policy.house(strict=trust.strict), at)
    draft.timestamps = judged + outcome.timestamps
    draft.path, draft.cleared = outcome.path, outcome.cleared
    _check_began(draft, certificate)
    if outcome.refused is not None:
        raise outcome.refused
    _check_usage(certificate)


def _check_began(draft: Draft, certificate: Certificate) -> None:
    proven = draft.proven_time
    if proven is not None and proven < certificate.not_before:
        raise Refused(
            SubIndication.NOT_YET_VALID,
            Text("It was signed before the certificate began.", "签名时间早于证书生效时间。"),
        )


def _check_timestamps(draft: Draft) -> None:
    for stamp in draft.timestamps:
        if stamp.subindication in _DAMAGED:
            why = stamp.reason or Text("", "")
            raise Refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Text(
                    f"A time-stamp is damaged or belongs elsewhere. {why.en}",
                    f"时间戳已损坏或不属于此签名。{why.zh}",
                ),
            )


def _check_usage(certificate: Certificate) -> None:
    """Seals often assert contentCommitment alone; either usage will do."""
    purposes = certificate.purposes
    other = purposes is not None and purposes <= _OTHER_PURPOSES
    if other or not certificate.allows("digital_signature", "content_commitment"):
        raise Refused(
            SubIndication.CHAIN_CONSTRAINTS_FAILURE,
            Text(
                f"“{certificate.name}” is not certified for signing documents.",
                f"“{certificate.name}”的证书不可用于签署文件。",
            ),
        )


def no_signing_certificate() -> Refused:
    """Return the refusal of a signature whose certificate is missing or another."""
    return Refused(
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
        Text("The signer's certificate is missing.", "缺少签名者证书。"),
    )


def format_failure(en: str, zh: str) -> Refused:
    """Return the refusal of a signature that is not in the form it should be."""
    return Refused(SubIndication.FORMAT_FAILURE, Text(en, zh))
