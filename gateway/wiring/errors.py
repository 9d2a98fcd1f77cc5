"""Refusals that arise where rooms meet."""

from __future__ import annotations

from typing import Self

from certs.verdict import Verdict
from schemas.errors import EvidenceError, ExchangeError
from schemas.text import Text


class NotVerified(EvidenceError):
    """A signature did not verify, or not for whom it should."""

    code = "SG-3060"
    title = Text(
        "{where} is not verified: {indication} {sub}: {reason}",
        "{where} 未通过验证:{indication} {sub}:{reason}",
    )
    hint = Text(
        "Nothing was stored. Check the file and the sender's trust anchor.",
        "未保存任何内容。请检查文件及发送方的信任锚。",
    )

    @classmethod
    def because(cls, verdict: Verdict, where: str) -> Self:
        """Return the refusal that a verdict stands for."""
        reason = verdict.reason.en if verdict.reason else ""
        sub = verdict.subindication.value if verdict.subindication else ""
        return cls(where=where, indication=verdict.indication.value, sub=sub, reason=reason)


class NotVerifiedYet(NotVerified):
    """Nothing is wrong with a signature but that no word on revocation is to be had now."""

    code = "SG-3062"
    title = Text(
        "{where} cannot be verified now: {sub}: {reason}", "{where} 目前无法验证:{sub}:{reason}"
    )
    hint = Text(
        "Send it again later; the receiver demands a word on revocation of every certificate.",
        "请稍后重新发送;接收方要求每张证书均有吊销状态信息。",
    )
    status = 503


class NotReady(ExchangeError):
    """Evidence is asked for before all of it is there."""

    code = "SG-5060"
    title = Text(
        "The evidence of {where} is not complete: {missing}.", "{where} 的证据尚不完整:{missing}。"
    )
    hint = Text(
        "Ask again once the checkpoint that covers it is sealed and anchored.",
        "请在覆盖该文件的检查点签署并锚定后重试。",
    )
    status = 409
    exit_code = 4


class WrongBatch(ExchangeError):
    """A batch of statuses is not from whom, or not for whom, it should be."""

    code = "SG-5061"
    title = Text("The batch of {where} is refused: {reason}.", "{where} 的批次被拒绝:{reason}。")
    hint = Text("Send it to the gateway it names, as its sender.", "请以发送方身份发往其所载网关。")
    status = 403
