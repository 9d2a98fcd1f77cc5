"""What a clearance refuses, with the hint that helps."""

from __future__ import annotations

from schemas.errors import ExchangeError
from schemas.finding import Finding
from schemas.text import Text


class WrongSide(ExchangeError):
    """The declaration is not one that this gateway's country exports."""

    code = "SG-5302"
    title = Text(
        "The declaration exports from {found}; this gateway declares for {expected}.",
        "报关单的出口国为 {found},而本网关为 {expected} 申报。",
    )
    hint = Text(
        "Open the clearance at the gateway of the exporting country.",
        "请在出口国一侧的网关开启通关。",
    )
    status = 422


class NoPartner(ExchangeError):
    """No gateway is known on the other side of the corridor."""

    code = "SG-5303"
    title = Text("No partner gateway is set for {value}.", "未配置 {value} 的伙伴网关。")
    hint = Text(
        "Get the other operator's card and run `silkgate keys trust CARD`.",
        "请向对方索取名片并运行 `silkgate keys trust 名片`。",
    )
    status = 422


class NoCustoms(ExchangeError):
    """This gateway declares to nobody in a country."""

    code = "SG-5317"
    title = Text("No authority is named for {value}.", "未指定 {value} 的主管机关。")
    hint = Text(
        "Name the customs or single window in the settings, `[[authorities]]` with "
        'country = "{value}"; see docs/operations.md.',
        '请在配置中以 `[[authorities]]`(country = "{value}")指定海关或单一窗口;'
        "见 docs/operations.md。",
    )
    status = 422


class DocumentsDisagree(ExchangeError):
    """Declaration, invoice and bill of lading contradict each other in what must agree."""

    code = "SG-5304"
    title = Text("The documents contradict each other: {first}", "单证之间相互矛盾:{first}")
    hint = Text("Correct the documents and open again.", "请更正单证后重新开启。")
    status = 422
    exit_code = 3

    def __init__(self, findings: list[Finding]) -> None:
        """Carry the findings of kind `match`."""
        self.findings = findings
        super().__init__(where=findings[0].path, first=findings[0].message.en)


class AlreadyOpen(ExchangeError):
    """The same declaration is already on its way as another clearance."""

    code = "SG-5305"
    title = Text(
        "The declaration {value} is already open as clearance {clearance}.",
        "报关单 {value} 已作为通关 {clearance} 开启。",
    )
    hint = Text(
        "Follow that clearance, or amend it; a new declaration needs a new local reference.",
        "请跟踪或修改该通关;新的报关单须使用新的客户端编号。",
    )


class ReferenceUnknown(ExchangeError):
    """A receipt names no declaration that is open here."""

    code = "SG-5306"
    title = Text(
        "No clearance here has the reference {value}.", "本网关没有编号为 {value} 的通关。"
    )
    hint = Text(
        "Check the receipt's local reference and declaration number.",
        "请核对回执中的客户端编号和报关单号。",
    )
    status = 404
    exit_code = 4


class NotAReceipt(ExchangeError):
    """What an authority sent gives no status."""

    code = "SG-5307"
    title = Text("A {value} is not a receipt.", "{value} 不是回执。")
    hint = Text("Send receipts in the authority's own format.", "请提交主管机关格式的回执。")
    status = 422


class NotYours(ExchangeError):
    """A partner speaks for a side, or a clearance, that is not its own."""

    code = "SG-5308"
    title = Text(
        "{sender} may not speak for the {side} side of clearance {where}.",
        "{sender} 无权代表通关 {where} 的 {side} 方。",
    )
    hint = Text(
        "Only the gateway that declares to an authority mirrors its statuses.",
        "只有向该主管机关申报的网关才能同步其状态。",
    )
    status = 403
    exit_code = 2


class NothingToAmend(ExchangeError):
    """The new version of a declaration is the same as the last agreed one."""

    code = "SG-5309"
    title = Text("Nothing differs from the last version.", "与上一版本没有差异。")
    hint = Text("Send the declaration as it should be.", "请提交修改后的报关单。")
    status = 422


class NotYet(ExchangeError):
    """Something that comes by itself is not there yet; the errand is tried again soon."""

    code = "SG-5312"
    title = Text(
        "Clearance {where} still waits for its other part.", "通关 {where} 尚在等待另一部分。"
    )
    hint = Text("Nothing is to be done.", "无需处理。")


class ChangeConflict(ExchangeError):
    """A change begins from a value that the declaration does not have."""

    code = "SG-5313"
    title = Text(
        "{where} is {found}; the change begins from {expected}.",
        "{where} 的现值为 {found},而修改前的值为 {expected}。",
    )
    hint = Text(
        "Agree on the last version with the other side, and amend again.",
        "请与对方确认最近一次一致的版本后重新修改。",
    )
    exit_code = 3


class AlreadyCancelled(ExchangeError):
    """What is cancelled cannot be amended."""

    code = "SG-5316"
    title = Text("Clearance {where} is cancelled.", "通关 {where} 已撤销。")
    hint = Text("Open a new clearance.", "请开启新的通关。")


class UnknownTerm(ExchangeError):
    """A correction names a field that no declaration has."""

    code = "SG-5315"
    title = Text("There is no field {value}.", "没有字段 {value}。")
    hint = Text(
        "Name fields as the form and the list of changes do, such as TotalPackageQuantity.",
        "请使用表单与修改清单中的字段名,例如 TotalPackageQuantity。",
    )
    status = 422
    exit_code = 3


class MessageRefused(ExchangeError):
    """A partner's message is not what gateways tell each other."""

    code = "SG-5314"
    title = Text(
        "The partner's message cannot be read: {reason}", "无法读取伙伴网关的消息:{reason}"
    )
    hint = Text(
        "Both gateways need the same edition of Silkgate.",
        "两个网关须使用同一版本的 Silkgate。",
    )
    status = 422
