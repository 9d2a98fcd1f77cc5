"""Decisions after EN 319 102-1 over diagnostic data: no cryptography, only what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.decision import diagnostic, policy
from certs.decision.policy import Policy
from certs.decision.process import Processes
from certs.verdict import Indication, Refused, SubIndication
from schemas.text import Text

_RANK: Final = {
    Indication.TOTAL_FAILED: 0,
    Indication.INDETERMINATE: 1,
    Indication.TOTAL_PASSED: 2,
}
_NOTHING: Final = Text("There is no signature and no time-stamp.", "没有签名,也没有时间戳。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided about one signature or time-stamp, and why."""

    id: str
    indication: Indication
    subindication: SubIndication | None = None
    reason: Text | None = None

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "id": self.id,
            "indication": self.indication.value,
            "subindication": self.subindication and self.subindication.value,
            "reason": self.reason and self.reason.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class Decisions:
    """The decisions about one document, at its own time of validation."""

    at: datetime
    signatures: tuple[Decision, ...]
    timestamps: tuple[Decision, ...]

    @property
    def overall(self) -> Decision:
        """The worst decision about the signatures, else time-stamps; neither is no success."""
        found = self.signatures or self.timestamps
        nothing = Decision(id="", indication=Indication.INDETERMINATE, reason=_NOTHING)
        return min(found, key=lambda each: _RANK[each.indication], default=nothing)


def decide(data: bytes, chosen: Policy | None = None) -> Decisions:
    """Return the decisions about a diagnostic-data document under a policy, else the default.

    Raises MalformedDiagnosis, or MalformedXml and its kin.
    """
    facts = diagnostic.read(data)
    processes = Processes(facts, chosen or policy.default())
    return Decisions(
        facts.validation_time,
        tuple(_decision(each.id, processes.decide(each)) for each in facts.signatures),
        tuple(
            _decision(each.id, processes.decide_timestamp(each))
            for each in facts.timestamps.values()
        ),
    )


def _decision(name: str, why: Refused | None) -> Decision:
    if why is None:
        return Decision(id=name, indication=Indication.TOTAL_PASSED)
    return Decision(id=name, indication=why.indication, subindication=why.sub, reason=why.reason)
