"""Which envelopes a platform may take: by whom they are signed, and for whom they are."""

from __future__ import annotations

from typing import Final

from gateway.lading.chain import SURRENDERS, Json, claims, platform_code
from gateway.lading.control.registry import Registries
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope
from gateway.lading.parties import Member
from gateway.lading.refusals import EnvelopeRefused, SignatureRefused
from schemas.text import Text

_WAYBILL: Final = "SWB"


class Admission:
    """Judges envelopes for one platform, before anything is kept of them."""

    def __init__(self, desk: Desk, registries: Registries) -> None:
        """Judge for `desk`, with the control tracking registries by their URIs."""
        self._desk = desk
        self._registries = registries

    def admit(self, envelope: Envelope) -> Member | None:
        """Refuse an envelope by others than it says, or not for us; return whom it is for."""
        self._check_signers(envelope)
        envelope.control()
        desk, recipient = self._desk, envelope.recipient
        if envelope.document["transportDocumentTypeCode"] == _WAYBILL:
            raise _refused("a sea waybill is no document of title", "海运单不是物权凭证")
        if recipient is None or platform_code(recipient["eblPlatform"]) != desk.platform:
            raise _refused("the envelope is for another platform", "信封的接收平台不是本平台")
        if envelope.last.platform == desk.platform:
            raise _refused("the envelope is our own", "信封出自本平台")
        if envelope.registry and self._registries(envelope.registry) is None:
            raise _refused("its control registry is not used here", "本平台不使用其控制登记处")
        if len(envelope.documents) > desk.bounds.documents:
            raise _refused("too many additional documents", "附加文件过多")
        if envelope.action in SURRENDERS:
            return self._carrier(envelope, recipient)
        member = desk.parties.find(recipient)
        if member is None:
            raise _refused("the recipient is not known here", "接收方在本平台未登记")
        return member

    def _carrier(self, envelope: Envelope, recipient: Json) -> Member | None:
        """A surrender is to the carrier that issued the bill, or it is for nobody."""
        carriers = self._desk.peers.carriers()
        code = str(envelope.document["carrierCode"])
        known = code in carriers or code == self._desk.carrier
        named = any(each["partyCode"] == code for each in recipient["identifyingCodes"])
        control = envelope.control()
        issuer = control.issuer
        same = {each["partyCode"] for each in issuer["identifyingCodes"]} & {
            each["partyCode"] for each in recipient["identifyingCodes"]
        }
        if not known or not (named or same):
            raise _refused("the surrender is not to the carrier", "交单对象不是签发承运人")
        if not claims(control, envelope.document, envelope.final["actor"]):
            raise _refused("the claimant is not entitled to the goods", "申领方无权提货")
        return self._desk.parties.find(recipient)

    def _check_signers(self, envelope: Envelope) -> None:
        for signer in envelope.signers:
            if signer.doubt is not None:
                raise SignatureRefused(signer.doubt)
        speaking = [(entry.platform, entry.signer.owner) for entry in envelope.entries]
        speaking.append((envelope.last.platform, envelope.manifest_signer.owner))
        for platform, owner in speaking:
            if platform_code(owner) != platform:
                raise SignatureRefused(
                    Text(f"{owner} signed for {platform}", f"{owner} 以 {platform} 名义签名")
                )
        self._check_carrier(envelope)

    def _check_carrier(self, envelope: Envelope) -> None:
        """The issuance manifest is by the carrier of the document."""
        owner, code = envelope.carrier.owner, str(envelope.document["carrierCode"])
        if owner not in {code, self._desk.signers().get(code)}:
            raise SignatureRefused(
                Text(f"{owner} issued for the carrier {code}", f"{owner} 以承运人 {code} 名义签发")
            )


def _refused(en: str, zh: str) -> EnvelopeRefused:
    return EnvelopeRefused(Text(en, zh))
