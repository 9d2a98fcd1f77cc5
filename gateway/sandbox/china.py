"""The simulated Chinese single window and customs: DecMessage in, receipts out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from gateway.sandbox import messages
from gateway.sandbox.customs import Declared, Request
from gateway.sandbox.script import Step
from schemas.finding import Finding

_CANCELS = "2"
# Before customs has received a declaration it has no EntryId; the window's own codes come first.
_BEFORE_ENTRY = frozenset({"01", "02", "03", "7"})


class China:
    """Speaks as the single window (DecImportResponse) and as customs (DEC_DATA)."""

    format = "cn-dec"
    amended: tuple[Step, ...] = (Step("M"), Step("J"))
    cancelled: tuple[Step, ...] = (Step("D"),)

    def numbers(self, declared: Declared, now: datetime) -> dict[str, str]:
        """Return the window's number (SeqNo, 18) and the EntryId (18)."""
        flag = declared.document.value("ext.cn.IEFlag")
        district = declared.document.value("ext.cn.CustomMaster")
        return {
            "seq": f"I{now.year:04d}{declared.serial:013d}",
            "entry": messages.entry_number(district, now.year, flag, declared.serial),
        }

    def answer(self, declared: Declared, numbers: dict[str, str]) -> bytes:
        """Return DecImportResponse with ResponseCode 0."""
        return messages.import_response(declared.local, seq=numbers["seq"])

    def refusal(self, local: str, findings: Sequence[Finding], now: datetime) -> bytes:
        """Return DecImportResponse with ResponseCode 1 and what is wrong."""
        del now
        return messages.import_response(local, error=_error(findings[0]))

    def request(self, data: bytes) -> Request | None:
        """Return what a request of the window's members (修撤单, JSON) asks."""
        if not data.startswith(b"{"):
            return None
        try:
            head = json.loads(data)["DecModHead"]
            return Request(str(head["EntryId"]), cancels=head["DecModType"] == _CANCELS)
        except (KeyError, TypeError, ValueError):
            return None

    def receipt(
        self, declared: Declared, numbers: dict[str, str], step: Step, at: datetime
    ) -> bytes:
        """Return DEC_DATA with the step's CHANNEL."""
        document = declared.document
        return messages.channel_receipt(
            step.code,
            seq=numbers["seq"],
            entry="" if step.code in _BEFORE_ENTRY else numbers["entry"],
            at=at,
            bill=declared.bill,
            facts={
                "ext.cn.CustomMaster": document.value("ext.cn.CustomMaster"),
                "TotalPackageQuantity": document.value("TotalPackageQuantity"),
                "ext.cn.NetWt": document.value("ext.cn.NetWt"),
                "TotalGrossMassMeasure": document.value("TotalGrossMassMeasure"),
            },
        )


def _error(finding: Finding) -> str:
    """Return what is wrong as the window says it: in Chinese, with the place."""
    said = finding.message.zh or f"{finding.rule}:{finding.found}"
    return f"{said} {finding.path}".strip()[:512]
