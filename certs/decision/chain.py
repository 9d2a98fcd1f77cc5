"""Certificate chains and revocation data (EN 319 102-1, 5.2.6 and 5.6.2.2), over facts.

Everything is judged at the time at which it is proven to have existed: a signature at its
earliest time-stamp, a certificate or revocation answer likewise, what has no proof at the time of
validation. With no proofs at all this is the validation at present.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.decision import constraints
from certs.decision.model import (
    CertificateFacts,
    CertificateStatus,
    Diagnosis,
    RevocationFacts,
    Status,
)
from certs.decision.policy import Policy
from certs.verdict import Refused, SubIndication
from schemas.text import Text

SIGNATURE: Final = "SignatureConstraints/BasicSignatureConstraints"
TIMESTAMP: Final = "Timestamp/BasicSignatureConstraints"
REVOCATION: Final = "Revocation/BasicSignatureConstraints"
_HOLD: Final = "certificateHold"
_DEEPEST: Final = 4
_WEAK: Final = SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
_REVOKED: Final = frozenset({SubIndication.REVOKED_NO_POE, SubIndication.REVOKED_CA_NO_POE})
_VALID_THEN: Final = "Revocation/RevocationIssuerValidAtProductionTime"
_INFORMED: Final = "Revocation/RevocationHasInformationAboutCertificate"


@dataclass(frozen=True, slots=True)
class Proofs:
    """When things are proven to have existed: `times` by token id, else `now`."""

    now: datetime
    times: Mapping[str, datetime] = field(default_factory=dict)

    def time(self, token: str) -> datetime:
        """Return the earliest proven time of a token."""
        return min(self.times.get(token, self.now), self.now)


@dataclass(frozen=True, slots=True)
class Chains:
    """Judges chains of one document under one policy."""

    facts: Diagnosis
    policy: Policy
    proofs: Proofs

    def check(self, chain: Sequence[str], role: str, at: datetime, depth: int = 0) -> None:
        """Raise Refused unless what was signed at `at` has a good chain to an anchor."""
        path = self._to_anchor(chain, at)
        for place, each in enumerate(path[:-1]):
            where = f"{role}/{'CACertificate' if place else 'SigningCertificate'}"
            constraints.check(self.policy, path, place, where)
            self._check_certificate(each, where, at, depth)

    def _to_anchor(self, chain: Sequence[str], at: datetime) -> list[CertificateFacts]:
        path: list[CertificateFacts] = []
        for name in self._whole(chain):
            each = self.facts.certificates.get(name)
            if each is None:
                break
            path.append(each)
            if each.trusted:
                if _trusted_at(each, at):
                    return path
                raise refused(
                    SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE,
                    "the anchor was not trusted at that time",
                    "信任锚在该时间不受信任",
                )
        raise refused(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            "no chain leads to a trust anchor",
            "没有通往信任锚的证书链",
        )

    def _whole(self, chain: Sequence[str]) -> Sequence[str]:
        """Return a chain, followed by that of its last certificate."""
        last = self.facts.certificates.get(chain[-1]) if chain else None
        return chain if last is None else (*chain, *last.chain)

    def _check_certificate(
        self, each: CertificateFacts, where: str, at: datetime, depth: int
    ) -> None:
        skipped = each.self_signed or self.policy.skips_revocation(where, each.extensions)
        known, doubt = (None, None) if skipped else self._status(each, where, depth)
        if known is not None:
            _check_not_revoked(known, at, authority=where.endswith("CACertificate"))
        self._check_crypto(each, known)
        if doubt is not None and doubt.sub not in _REVOKED:
            raise doubt
        self._check_validity(each, where, at, known)

    def _check_validity(
        self,
        each: CertificateFacts,
        where: str,
        at: datetime,
        known: CertificateStatus | None,
    ) -> None:
        """The certificate must be valid at the time, and its status known for good."""
        stale = (
            known is not None
            and self.policy.demands(f"{where}/RevocationIssuerNotExpired")
            and self._issuer_out_of_bounds(self.facts.revocations[known.revocation])
        )
        if self.policy.demands(f"{where}/NotExpired") and not (
            each.not_before <= at <= each.not_after
        ):
            raise refused(
                SubIndication.OUT_OF_BOUNDS_NO_POE
                if known is None or stale
                else SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
                "a certificate was not valid at the proven time",
                "证书在可证明的时间不在有效期内",
            )
        if stale:
            # Of an expired certificate nothing can be learnt any more; of another it still can.
            raise refused(
                SubIndication.OUT_OF_BOUNDS_NO_POE
                if self.proofs.now > each.not_after
                else SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE,
                "the issuer of the revocation answer is not valid at the proven time",
                "吊销信息的签发者证书在可证明的时间不在有效期内",
            )

    def _issuer_out_of_bounds(self, found: RevocationFacts) -> bool:
        issuer = self.facts.certificates.get(found.signer)
        moment = self.proofs.time(found.id)
        if issuer is None or issuer.trusted:
            return False
        return not issuer.not_before <= moment <= issuer.not_after

    def _check_crypto(self, each: CertificateFacts, known: CertificateStatus | None) -> None:
        weak = self.policy.algorithms.weakness(each.crypto, self.proofs.time(each.id))
        if not weak and known is not None:
            found = self.facts.revocations[known.revocation]
            weak = self.policy.algorithms.weakness(found.crypto, self.proofs.time(found.id))
        if weak:
            raise too_weak(weak)

    def _status(
        self, each: CertificateFacts, where: str, depth: int
    ) -> tuple[CertificateStatus | None, Refused | None]:
        """Return the newest acceptable answer about a certificate, and what is doubtful about it.

        An answer by the issuer counts also when the issuer was revoked, and one with weak
        algorithms: both are found out where they belong, after what the answer says.
        """
        answers = sorted(
            (one for one in each.statuses if one.revocation in self.facts.revocations),
            key=lambda one: self.facts.revocations[one.revocation].produced,
            reverse=True,
        )
        if not answers and self.policy.demands(f"{where}/RevocationDataAvailable"):
            raise refused(
                SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
                "nothing is known about the revocation of a certificate",
                "缺少证书的吊销信息",
            )
        for answer in answers:
            try:
                self._check_answer(each, answer, depth)
            except Refused as why:
                own = self.facts.revocations[answer.revocation].signer == each.signer
                if why.sub is _WEAK or (own and why.sub in _REVOKED):
                    return answer, why
            else:
                return answer, None
        if answers and self.policy.demands(f"{where}/AcceptableRevocationDataFound"):
            raise refused(
                SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
                "no acceptable revocation answer about a certificate",
                "没有可接受的证书吊销信息",
            )
        return None, None

    def _check_answer(self, each: CertificateFacts, answer: CertificateStatus, depth: int) -> None:
        """Revocation acceptance (5.2.5): signed by who may, then, about this certificate."""
        found = self.facts.revocations[answer.revocation]
        issuer = self.facts.certificates.get(found.signer)
        update = found.this_update
        if (
            answer.status is Status.UNKNOWN
            or update is None
            or issuer is None
            or not found.crypto.valid
            or depth > _DEEPEST
        ):
            raise _unacceptable("it is incomplete, unsigned or says nothing")
        lasting = issuer.trusted and not (found.type == "OCSP" and self.policy.demands(_VALID_THEN))
        if not lasting and not issuer.not_before <= found.produced <= issuer.not_after:
            raise _unacceptable("its issuer was not valid when it answered")
        if not found.responder_matches and self.policy.demands("Revocation/OCSPResponderIdMatch"):
            raise _unacceptable("its responder is another than it names")
        if update < each.not_before:
            raise _unacceptable("it is older than the certificate")
        # An answer that names the certificate knows about it, whatever it could have dropped.
        listed = answer.status is Status.REVOKED and not self.policy.demands(_INFORMED)
        if update > each.not_after and not listed and not self._still_informed(each, found):
            raise _unacceptable("it no longer covers the expired certificate")
        self.check(found.chain, REVOCATION, found.produced, depth + 1)

    def _still_informed(self, each: CertificateFacts, found: RevocationFacts) -> bool:
        """Tell whether an answer given after the certificate ended still covers it.

        What the answer says of itself prevails over its issuer's trusted list.
        """
        issuer = self.facts.certificates.get(found.signer)
        promise = found.keeps_expired_since
        if promise is None and issuer is not None:
            promise = issuer.keeps_expired_since
        return found.cert_hash_matches or (promise is not None and promise <= each.not_after)


def _check_not_revoked(known: CertificateStatus, at: datetime, *, authority: bool) -> None:
    if known.status is not Status.REVOKED or (known.date is not None and known.date > at):
        return
    if known.reason == _HOLD:
        raise refused(SubIndication.TRY_LATER, "a certificate is on hold", "证书处于暂停状态")
    raise refused(
        SubIndication.REVOKED_CA_NO_POE if authority else SubIndication.REVOKED_NO_POE,
        "a certificate was revoked",
        "证书已被吊销",
    )


def _trusted_at(each: CertificateFacts, at: datetime) -> bool:
    return (each.trusted_from is None or each.trusted_from <= at) and (
        each.trusted_until is None or at <= each.trusted_until
    )


def _unacceptable(en: str) -> Refused:
    return refused(
        SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
        f"a revocation answer is not acceptable: {en}",
        "吊销信息不可接受",
    )


def too_weak(what: str) -> Refused:
    """Return the refusal of an algorithm that had ended by the proven time."""
    return refused(
        SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
        f"{what} was no longer to be relied on at the proven time",
        f"在可证明的时间 {what} 已不可信赖",
    )


def refused(sub: SubIndication, en: str, zh: str) -> Refused:
    """Return a refusal with its reason as sentences."""
    return Refused(sub, Text(f"{en[0].upper()}{en[1:]}.", f"{zh}。"))
