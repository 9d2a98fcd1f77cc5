"""What can go wrong on the way to another party.

    TransportError            SG-5200  (ExchangeError)
    ├── Unreachable           SG-5201  no answer: connection, TLS, timeout     try again
    │   └── NotConnected      SG-5206  no connection: nothing was sent         try again
    ├── Busy                  SG-5202  429, 408, 425 or 5xx                    try again
    ├── Refused               SG-5203  any other 4xx, or a redirect            for good
    ├── AnswerNotUsable       SG-5204  200, but not what was promised          for good
    └── NotAllowed            SG-5205  the address is not one of the settings  for good

`retryable` tells the two kinds apart; `retry_after` is the wait the other side asked for.
"""

from __future__ import annotations

from typing import ClassVar

from schemas.errors import ExchangeError
from schemas.text import Text


class TransportError(ExchangeError):
    """A message did not get through."""

    code = "SG-5200"
    title = Text("{party} was not reached.", "未能送达 {party}。")
    hint = Text("See the timeline of the exchange.", "请查看该交换的时间线。")
    status = 502
    retryable: ClassVar[bool] = False

    def __init__(self, *, where: str = "", retry_after: float = 0.0, **details: object) -> None:
        """Remember also how many seconds the other side asked to wait."""
        self.retry_after = retry_after
        super().__init__(where=where, **details)


class Unreachable(TransportError):
    """There was no answer: connection refused, TLS failure, or time ran out."""

    code = "SG-5201"
    title = Text("{party} does not answer: {reason}", "{party} 没有应答：{reason}")
    hint = Text(
        "Nothing to do: delivery is tried again. If it lasts, check {where} and its certificate.",
        "无需操作：系统将自动重试。若持续失败，请检查 {where} 及其证书。",
    )
    status = 504
    retryable = True


class NotConnected(Unreachable):
    """There was no connection: the other side has got nothing of the message."""

    code = "SG-5206"


class Busy(TransportError):
    """The other side answered that it cannot take the message now."""

    code = "SG-5202"
    title = Text(
        "{party} cannot take it now ({status}): {reason}",
        "{party} 暂时无法接收（{status}）：{reason}",
    )
    hint = Text("Nothing to do: delivery is tried again.", "无需操作：系统将自动重试。")
    status = 503
    retryable = True


class Refused(TransportError):
    """The other side refused the message; sending it again would not help."""

    code = "SG-5203"
    title = Text(
        "{party} refused it ({status}): {reason}", "{party} 拒绝接收（{status}）：{reason}"
    )
    hint = Text(
        "Read the reason; correct the document or the agreement with {party}, then submit anew.",
        "请查看原因，更正文件或与 {party} 的约定后重新提交。",
    )


class AnswerNotUsable(TransportError):
    """The other side said yes, but its answer is not what the protocol promises."""

    code = "SG-5204"
    title = Text("The answer of {party} is not usable: {reason}", "{party} 的应答不可用：{reason}")
    hint = Text(
        "Ask the operator of {party} to check its gateway.", "请联系 {party} 的运营方检查其网关。"
    )


class NotAllowed(TransportError):
    """The address is not one that the settings allow."""

    code = "SG-5205"
    title = Text(
        "{where} is not an address that may be called: {reason}", "不允许访问地址 {where}：{reason}"
    )
    hint = Text(
        "Name it as a partner or authority in the settings.",
        "请在配置中将其登记为合作方或主管机关。",
    )
    status = 500
