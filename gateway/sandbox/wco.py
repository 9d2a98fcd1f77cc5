"""The simulated customs of the importing side: WCO declarations in, notifications out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import adapters
from gateway.sandbox import messages
from gateway.sandbox.customs import Declared, Request
from gateway.sandbox.script import Step
from schemas.errors import SilkgateError
from schemas.finding import Finding

_REJECTED: Final = "03"
_CODE: Final = "SANDBOX"
_ADDITIONAL: Final = "13"
_CANCELS: Final = {"COR": False, "INV": True}


class WcoCustoms:
    """Speaks as a customs of the WCO model, of the country it is given."""

    format = "wco-dec"
    amended: tuple[Step, ...] = (Step("07"),)
    cancelled: tuple[Step, ...] = (Step("10"),)

    def __init__(self, country: str) -> None:
        """Be the customs of `country` (ISO alpha-2)."""
        self._country = country

    def numbers(self, declared: Declared, now: datetime) -> dict[str, str]:
        """Return the declaration's number: year 2, country 2, then 14, 18 in all."""
        digest = hashlib.sha256(f"{declared.local}/{declared.serial}".encode()).hexdigest()
        return {"mrn": f"{now.year % 100:02d}{self._country}{digest[:13].upper()}R"}

    def answer(self, declared: Declared, numbers: dict[str, str]) -> bytes:
        """Return nothing: what this customs has to say comes as notifications."""
        del declared, numbers
        return b""

    def refusal(self, local: str, findings: Sequence[Finding], now: datetime) -> bytes:
        """Return a rejection (03) that names every error."""
        errors = [
            (_CODE, f"{finding.message.en} {finding.path}".strip()[:512]) for finding in findings
        ]
        return messages.notification(
            _REJECTED, lrn=local, mrn="", at=now, reference=_reference(local, "03"), errors=errors
        )

    def request(self, data: bytes) -> Request | None:
        """Return what an additional message (13) asks: COR to amend, INV to invalidate."""
        try:
            document = adapters.read(data, self.format).document
        except SilkgateError:
            return None
        cancels = _CANCELS.get(document.value("TypeCode"))
        if document.value("FunctionCode") != _ADDITIONAL or cancels is None:
            return None
        return Request(document.value("ID"), cancels, document.value("FunctionalReferenceID"))

    def receipt(
        self, declared: Declared, numbers: dict[str, str], step: Step, at: datetime
    ) -> bytes:
        """Return the notification of the step's function code."""
        errors = [(_CODE, "rejected by the script")] if step.code == _REJECTED else []
        return messages.notification(
            step.code,
            lrn=declared.local,
            mrn=numbers["mrn"],
            at=at,
            reference=_reference(declared.local, f"{step.code}/{at.isoformat()}"),
            errors=errors,
        )


def _reference(local: str, what: str) -> str:
    return hashlib.sha256(f"{local}/{what}".encode()).hexdigest()[:32]
