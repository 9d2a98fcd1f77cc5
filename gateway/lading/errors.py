"""What the life of a bill of lading refuses (SG-55xx)."""

from __future__ import annotations

from schemas.errors import ExchangeError
from schemas.text import Text


class NotInThisState(ExchangeError):
    """The action is not possible while the transport document is in its present state."""

    code = "SG-5501"
    title = Text(
        "{action} is not possible while the transport document is {found}.",
        "运输单证处于 {found} 状态时不能执行 {action}。",
    )
    hint = Text("It is possible in {expected}.", "该操作可在以下状态执行:{expected}。")


class NotThisRole(ExchangeError):
    """Someone acts who may not take this action."""

    code = "SG-5502"
    title = Text("{found} may not {action}.", "{found} 不得执行 {action}。")
    hint = Text("It is for the {expected}.", "该操作应由 {expected} 执行。")
    status = 403


class NeverSurrendered(ExchangeError):
    """A sea waybill is no document of title: it is never surrendered."""

    code = "SG-5503"
    title = Text(
        "A sea waybill is not surrendered: it is no document of title.",
        "海运单不是物权凭证,无需交单。",
    )
    hint = Text(
        "Release the goods to the consignee; void it to amend it.",
        "请向收货人放货;如需更改请先作废。",
    )


class ReferenceUsed(ExchangeError):
    """A surrender request repeats a reference, which DCSA forbids for ever."""

    code = "SG-5504"
    title = Text(
        "The surrender request reference {found} was used before.",
        "交单请求编号 {found} 已被使用。",
    )
    hint = Text("Give every request a reference of its own.", "请为每次请求使用新的编号。")


class NotReadyToIssue(ExchangeError):
    """The document lacks what an issued bill must say."""

    code = "SG-5505"
    title = Text("The document cannot be issued: {reason}", "该单证不能签发:{reason}")
    hint = Text("Mend the draft and validate it again.", "请更正草稿并重新校验。")
    status = 422
    exit_code = 3


class LifeIncomplete(ExchangeError):
    """The evidence of a bill's life lacks a part, or has one that does not belong to it."""

    code = "SG-5506"
    title = Text("The evidence is not complete: {reason}", "证据不完整:{reason}")
    hint = Text(
        "Give every version of the document, as it was when its digest was entered.",
        "请提供登记摘要时的每一版单证。",
    )
    status = 422
    exit_code = 3
