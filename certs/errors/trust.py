"""What is not to be relied upon: lists, mandates, what did not pass."""

from __future__ import annotations

from schemas.errors import EvidenceError
from schemas.text import Text


class BadTrustList(EvidenceError):
    """A list of trusted services, or what belongs to it, is not to be relied upon."""

    code = "SG-3801"
    title = Text("The trust list {where} is refused: {reason}", "信任列表 {where} 被拒绝:{reason}")
    hint = Text(
        "Get the list anew from its operator, and pin its signer in domains/signers.",
        "请向列表运营方重新获取,并将其签名证书放入 domains/signers。",
    )


class RolledBack(BadTrustList):
    """A list is older than one that was seen before."""

    code = "SG-3802"
    title = Text(
        "The trust list {where} has number {found}, and number {expected} was seen before.",
        "信任列表 {where} 的序号为 {found},而此前已见过序号 {expected}。",
    )
    hint = Text(
        "Somebody may be hiding a change; ask the operator of the list for the newest one.",
        "可能有人在隐瞒变更;请向列表运营方索取最新版本。",
    )


class MandateRefused(EvidenceError):
    """A power of attorney does not say what it should."""

    code = "SG-3803"
    title = Text("The mandate is refused: {reason}", "授权书被拒绝:{reason}")
    hint = Text(
        "Ask the organisation for a mandate with agent, scope and dates.",
        "请向该机构索取载明受托人、范围与期限的授权书。",
    )


class NotAttested(EvidenceError):
    """A file whose signatures did not all pass is not vouched for."""

    code = "SG-3804"
    title = Text(
        "{where} did not pass verification, and is not attested.", "{where} 未通过验证,不予证明。"
    )
    hint = Text(
        "Run `silkgate verify` to see what is wrong with it.", "请运行 `silkgate verify` 查看原因。"
    )
