"""The three processes of EN 319 102-1: basic (5.3), with time (5.5), with archive data (5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.decision.blocks import Blocks
from certs.decision.chain import SIGNATURE, TIMESTAMP, Chains, Proofs, refused, too_weak
from certs.decision.model import Diagnosis, SignatureFacts, TimestampFacts
from certs.decision.policy import Policy
from certs.verdict import Refused, SubIndication

_CONTENT: Final = frozenset({"CONTENT_TIMESTAMP"})
# What a proof of existence may mend (5.5.4, step 2); everything else is final.
_MENDABLE: Final = frozenset(
    {
        SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
        SubIndication.REVOKED_NO_POE,
        SubIndication.REVOKED_CA_NO_POE,
        SubIndication.TRY_LATER,
        SubIndication.OUT_OF_BOUNDS_NO_POE,
        SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
        SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE,
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND_NO_POE,
    }
)


@dataclass(frozen=True, slots=True)
class Processes:
    """Decides the signatures and time-stamps of one document under one policy.

    `known` gives tokens whose existence is proven already, and since when.
    """

    facts: Diagnosis
    policy: Policy
    known: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def _now(self) -> datetime:
        return self.facts.validation_time

    @property
    def _blocks(self) -> Blocks:
        return Blocks(self.facts, self.policy)

    def decide(self, signature: SignatureFacts) -> Refused | None:
        """Return why a signature does not pass, or None: at present, else when it was proven."""
        why = self._try(signature, Proofs(self._now))
        if why is None and not self._may_be_early(signature):
            return None
        if why is not None and why.sub not in _MENDABLE:
            return why
        proofs = self.proofs()
        early = self._too_early(signature, proofs)
        if early is not None or why is None:
            return early
        why = self._try(signature, proofs)
        return self._made_certain(signature, why) if why is not None else None

    def _may_be_early(self, signature: SignatureFacts) -> bool:
        """Tell whether there is a time-stamp from before the certificate began."""
        began = self.facts.certificates[signature.signer].not_before
        return any(each.produced < began for each in self.facts.timestamps.values())

    def _too_early(self, signature: SignatureFacts, proofs: Proofs) -> Refused | None:
        """A proof from before the certificate began shows that it is not the signer's (5.5.4)."""
        if proofs.time(signature.id) >= self.facts.certificates[signature.signer].not_before:
            return None
        return refused(
            SubIndication.NOT_YET_VALID,
            "it was signed before the certificate began",
            "签名时间早于证书生效时间",
        )

    def decide_timestamp(self, stamp: TimestampFacts) -> Refused | None:
        """Return why a time-stamp alone does not pass at present, or None."""
        return self._try_timestamp(stamp, Proofs(self._now))

    def proofs(self) -> Proofs:
        """Return what good time-stamps and evidence records prove to have existed when."""
        return self.stamps()[0]

    def stamps(self) -> tuple[Proofs, dict[str, Refused | None]]:
        """Return the proofs, and for each time-stamp why it proves nothing (None: it does).

        The latest comes first: it may vouch for earlier ones.
        """
        times = dict(self.known)
        proofs = Proofs(self._now, times)
        outcomes: dict[str, Refused | None] = {}
        stamps = sorted(self.facts.timestamps.values(), key=lambda one: one.produced, reverse=True)
        for stamp in stamps:
            why = outcomes[stamp.id] = self._try_timestamp(stamp, proofs)
            if stamp.type in _CONTENT or why is not None:
                continue
            for token in stamp.covers:
                times[token] = min(times.get(token, stamp.produced), stamp.produced)
        self._add_evidence(times, proofs)
        return proofs, outcomes

    def _add_evidence(self, times: dict[str, datetime], proofs: Proofs) -> None:
        for record in self.facts.evidence.values():
            stamps = [self.facts.timestamps.get(each) for each in record.timestamps]
            good = all(
                one is not None and self._try_timestamp(one, proofs) is None for one in stamps
            )
            if not (stamps and good and all(one.found and one.intact for one in record.matchers)):
                continue
            first = min(one.produced for one in stamps if one is not None)
            for token in record.covers:
                times[token] = min(times.get(token, first), first)

    def _try(self, signature: SignatureFacts, proofs: Proofs) -> Refused | None:
        try:
            self._blocks.check_format(signature)
            self._blocks.check_identified(signature)
            self._blocks.check_integrity(
                signature.matchers, SIGNATURE, intact=signature.crypto.valid
            )
        except Refused as why:
            return why
        at = proofs.time(signature.id)
        doubt = self._try_chain(signature, proofs, at)
        if doubt is not None:
            doubt = self._made_certain(signature, doubt)
            if doubt.sub not in _MENDABLE:
                return doubt
        # What the chain leaves open counts less than a weak algorithm of the signature itself.
        try:
            self._blocks.check_acceptable(signature, at)
        except Refused as why:
            weak = SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
            return why if doubt is None or weak in {why.sub, doubt.sub} else doubt
        return doubt

    def _try_chain(self, signature: SignatureFacts, proofs: Proofs, at: datetime) -> Refused | None:
        try:
            Chains(self.facts, self.policy, proofs).check(signature.chain, SIGNATURE, at)
        except Refused as why:
            return why
        return None

    def _try_timestamp(self, stamp: TimestampFacts, proofs: Proofs) -> Refused | None:
        try:
            if stamp.signer not in self.facts.certificates:
                raise refused(
                    SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                    "the certificate of a time-stamp authority is not there",
                    "找不到时间戳机构证书",
                )
            if stamp.certificate_reference is False:
                raise refused(
                    SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                    "a time-stamp names another certificate",
                    "时间戳指明的是另一张证书",
                )
            self._blocks.check_integrity(stamp.matchers, TIMESTAMP, intact=stamp.crypto.valid)
            at = proofs.time(stamp.id)
            Chains(self.facts, self.policy, proofs).check(stamp.chain, TIMESTAMP, at)
            weak = self.policy.algorithms.weakness(stamp.crypto, at)
            if weak:
                raise too_weak(weak)
        except Refused as why:
            return why
        return None

    def _made_certain(self, signature: SignatureFacts, why: Refused) -> Refused:
        """A content time-stamp proves that it was signed later: then a doubt is a fact (5.3.4)."""
        content = [
            each.produced
            for name in signature.timestamps
            if (each := self.facts.timestamps.get(name)) is not None
            and each.type in _CONTENT
            and self._try_timestamp(each, Proofs(self._now)) is None
        ]
        if not content:
            return why
        signed_after = max(content)
        certificate = self.facts.certificates[signature.signer]
        revoked = [one.date for one in certificate.statuses if one.date is not None]
        if why.sub is SubIndication.REVOKED_NO_POE and revoked and min(revoked) <= signed_after:
            return Refused(SubIndication.REVOKED, why.reason)
        out = {SubIndication.OUT_OF_BOUNDS_NO_POE, SubIndication.OUT_OF_BOUNDS_NOT_REVOKED}
        if why.sub in out and certificate.not_after < signed_after:
            return Refused(SubIndication.EXPIRED, why.reason)
        weak = self.policy.algorithms.weakness(signature.crypto, signed_after)
        if why.sub is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE and weak:
            return Refused(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, why.reason)
        return why
