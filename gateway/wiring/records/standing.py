"""What is told of a document of title.

Integrity (is it what was signed), issuer identity (is the signer who they say) and title are
three answers. What is not known is said to be unknown; nothing here is called live that a
register was not asked about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certs.jose.keybook import KeyBook
from certs.verdict import Indication, Refused, SubIndication, Verdict, refusal
from schemas.text import Text

Json = dict[str, object]


class Standing(StrEnum):
    """What was found about integrity or identity."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"


class Title(StrEnum):
    """Whether the document still stands for the goods."""

    LIVE = "live"
    SURRENDERED = "surrendered"
    ENDED = "ended"
    UNKNOWN = "unknown"
    NOT_TRANSFERABLE = "not-transferable"


@dataclass(frozen=True, slots=True)
class TitleVerdict:
    """The answers about one document of title, each with its reason where it is not good."""

    integrity: Standing
    issuer_identity: Standing
    title: Title
    signers: tuple[str, ...] = ()
    reason: Text | None = None

    def as_dict(self) -> Json:
        """Return the shape of `silkgate verify`: passed when both standings are valid."""
        return {
            **self._verdict().as_dict(),
            "integrity": self.integrity.value,
            "issuer_identity": self.issuer_identity.value,
            "title": self.title.value,
            "signers": list(self.signers),
        }

    def _verdict(self) -> Verdict:
        standings = (self.integrity, self.issuer_identity)
        if set(standings) == {Standing.VALID}:
            return Verdict(indication=Indication.TOTAL_PASSED)
        sub = SubIndication.NO_SIGNING_CERTIFICATE_FOUND
        if self.integrity is Standing.INVALID:
            sub = SubIndication.HASH_FAILURE
        elif self.issuer_identity is Standing.INVALID:
            sub = SubIndication.SIG_CONSTRAINTS_FAILURE
        unsaid = Text("The signer is not known.", "签名者未知。")
        return refusal(Refused(sub, self.reason or unsaid))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an auditor has beside the document: public keys and the time to judge at."""

    keys: KeyBook
    at: datetime
