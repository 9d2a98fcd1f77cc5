"""What is wrong with a hook that somebody wants."""

from __future__ import annotations

from schemas.errors import ExchangeError
from schemas.text import Text


class HookRefused(ExchangeError):
    """The address of a hook is not one that may be told anything."""

    code = "SG-5701"
    title = Text("Nothing is told to {where}: {reason}", "不向 {where} 发送通知:{reason}")
    hint = Text(
        "Ask the operator to name its host in `[webhooks] hosts`; nobody is told by default.",
        "请运营方在 `[webhooks] hosts` 中登记该主机;默认不向任何地址发送。",
    )
    status = 422
    exit_code = 2


class NoSuchEvent(ExchangeError):
    """An event that nothing is told of."""

    code = "SG-5702"
    title = Text("There is no event {where}.", "没有事件 {where}。")
    hint = Text("Use of: {known}.", "可用的有:{known}。")
    status = 422
    exit_code = 2


class TooManyHooks(ExchangeError):
    """A tenant has as many hooks as it may have."""

    code = "SG-5703"
    title = Text("{where} has {most} hooks already.", "{where} 已有 {most} 个通知地址。")
    hint = Text("Remove one first.", "请先删除一个。")
    status = 409


class NoHooks(ExchangeError):
    """This gateway tells nobody anything."""

    code = "SG-5704"
    title = Text("This gateway has no webhooks.", "本网关未启用通知。")
    hint = HookRefused.hint
    status = 404
    exit_code = 4
