"""The three processes of EN 319 102-1: basic (5.3), with time (5.5), with archive data (5.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.decision.chain import SIGNATURE, TIMESTAMP, Chains, Proofs, refused, too_weak
from certs.decision.model import Diagnosis, Matcher, SignatureFacts, TimestampFacts
from certs.decision.policy import Policy
from certs.verdict import Refused, SubIndication

_SIMPLE: Final = "ASiC-S"
_ENTRY: Final = "MANIFEST_ENTRY"
_ENTRY_INTACT: Final = "ManifestEntryObjectIntact"
_CONTENT: Final = frozenset({"CONTENT_TIMESTAMP"})
_SIGNED_ATTRIBUTES: Final = frozenset(
    {"SIGNED_PROPERTIES", "MESSAGE_DIGEST", "JWS_SIGNING_INPUT_DIGEST"}
)
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
            self._check_format(signature)
            self._check_identified(signature)
            self._check_integrity(signature.matchers, SIGNATURE, intact=signature.crypto.valid)
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
            self._check_acceptable(signature, at)
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
            self._check_integrity(stamp.matchers, TIMESTAMP, intact=stamp.crypto.valid)
            at = proofs.time(stamp.id)
            Chains(self.facts, self.policy, proofs).check(stamp.chain, TIMESTAMP, at)
            weak = self.policy.algorithms.weakness(stamp.crypto, at)
            if weak:
                raise too_weak(weak)
        except Refused as why:
            return why
        return None

    def _check_format(self, signature: SignatureFacts) -> None:
        """Format checking (5.2.2)."""
        if (
            signature.duplicated
            or any(each.duplicated for each in signature.matchers)
            or not signature.one_signer
            or not signature.pdf_consistent
            or not signature.byte_range_valid
            or (self.facts.container and self._container_is_broken())
        ):
            raise refused(
                SubIndication.FORMAT_FAILURE, "the form is not that of its format", "格式不符合要求"
            )

    def _container_is_broken(self) -> bool:
        """The type is accepted; signed files and, in the extended form, a manifest are there."""
        facts, demands = self.facts, self.policy.demands
        accepted = self.policy.ids.get("ContainerConstraints/AcceptableContainerTypes")
        simple = facts.container == _SIMPLE
        roots = [each for each in facts.contents if "/" not in each]
        signed = len(roots) == 1 if simple else bool(facts.contents)
        return (
            bool(accepted and facts.container not in accepted)
            or (demands("ContainerConstraints/SignedFilesPresent") and not signed)
            or (
                demands("ContainerConstraints/ManifestFilePresent")
                and not simple
                and not facts.manifests
            )
        )

    def _check_identified(self, signature: SignatureFacts) -> None:
        """Identification of the signing certificate (5.2.3)."""
        mismatch = signature.certificate_reference is False and self.policy.demands(
            "SignatureConstraints/SignedAttributes/CertDigestMatch"
        )
        if signature.signer not in self.facts.certificates or mismatch:
            raise refused(
                SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                "the signer's certificate is not there",
                "找不到签名者证书",
            )

    def _check_integrity(self, matchers: tuple[Matcher, ...], role: str, *, intact: bool) -> None:
        """Cryptographic verification (5.2.7): never hidden behind doubts about the chain."""
        for each in matchers:
            if each.type == _ENTRY:
                self._check_entry(each, role)
                continue
            if not each.found and self.policy.demands(f"{role}/ReferenceDataExistence"):
                raise refused(
                    SubIndication.SIGNED_DATA_NOT_FOUND,
                    "signed data is missing",
                    "缺少被签名的数据",
                )
            if (
                each.found
                and not each.intact
                and self.policy.demands(f"{role}/ReferenceDataIntact")
            ):
                raise refused(
                    SubIndication.HASH_FAILURE, "signed data was changed", "被签名的数据已被改动"
                )
        if not intact and self.policy.demands(f"{role}/SignatureIntact"):
            raise refused(
                SubIndication.SIG_CRYPTO_FAILURE, "the signature value is wrong", "签名值不正确"
            )

    def _check_entry(self, each: Matcher, role: str) -> None:
        """What a manifest lists must be as listed where it is at hand; it need not be."""
        if each.found and not each.intact and self.policy.demands(f"{role}/{_ENTRY_INTACT}"):
            raise refused(
                SubIndication.HASH_FAILURE, "signed data was changed", "被签名的数据已被改动"
            )

    def _check_acceptable(self, signature: SignatureFacts, at: datetime) -> None:
        """Signature acceptance (5.2.8): signed attributes, then algorithms."""
        attributes = "SignatureConstraints/SignedAttributes"
        certificate = self.facts.certificates[signature.signer]
        claimed = signature.claimed
        kinds = {each.type for each in signature.matchers}
        if (
            (claimed is None and self.policy.demands(f"{attributes}/SigningTime"))
            or (
                claimed is not None
                and not certificate.not_before <= claimed <= certificate.not_after
                and self.policy.demands(f"{attributes}/SigningTimeInCertRange")
            )
            or (
                not kinds & _SIGNED_ATTRIBUTES
                and self.policy.demands(f"{attributes}/MessageDigestOrSignedPropertiesPresent")
            )
        ):
            raise refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                "a signed attribute is missing or does not fit",
                "缺少签名属性或签名属性不符",
            )
        weak = self.policy.algorithms.weakness(signature.crypto, at) or next(
            filter(
                None,
                (
                    self.policy.algorithms.digest_weakness(one.digest, at)
                    for one in signature.matchers
                ),
            ),
            "",
        )
        if weak:
            raise too_weak(weak)

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
