"""The building blocks of EN 319 102-1, 5.2, that look at a signature and not at its chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.decision.chain import refused, too_weak
from certs.decision.model import Diagnosis, Matcher, SignatureFacts
from certs.decision.policy import Policy
from certs.verdict import SubIndication

_SIMPLE: Final = "ASiC-S"
_ENTRY: Final = "MANIFEST_ENTRY"
_ENTRY_INTACT: Final = "ManifestEntryObjectIntact"
_SIGNED_ATTRIBUTES: Final = frozenset(
    {"SIGNED_PROPERTIES", "MESSAGE_DIGEST", "JWS_SIGNING_INPUT_DIGEST"}
)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Checks the signatures of one document under one policy; each check raises Refused."""

    facts: Diagnosis
    policy: Policy

    def check_format(self, signature: SignatureFacts) -> None:
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

    def check_identified(self, signature: SignatureFacts) -> None:
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

    def check_integrity(self, matchers: tuple[Matcher, ...], role: str, *, intact: bool) -> None:
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

    def check_acceptable(self, signature: SignatureFacts, at: datetime) -> None:
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
