"""What the exchange pipeline refuses."""

from __future__ import annotations

from schemas.errors import ExchangeError
from schemas.text import Text


class TransientError(ExchangeError):
    """Something outside does not answer now; the pipeline tries again later."""

    code = "SG-5010"
    title = Text("{where} does not answer: {reason}", "{where} 无应答：{reason}")
    hint = Text("Nothing to do: it is tried again by itself.", "无需处理，系统会自动重试。")
    status = 503


class UnexpectedError(ExchangeError):
    """A room failed in a way it does not announce: an error of ours."""

    code = "SG-5011"
    title = Text(
        "Unexpected error in stage {where}: {reason}", "阶段 {where} 出现意外错误：{reason}"
    )
    hint = Text("Send the log of the gateway to its developers.", "请将网关日志发送给开发人员。")
    status = 500


class WorkersDied(ExchangeError):
    """A document was in hand each time when several workers in a row died."""

    code = "SG-5012"
    title = Text(
        "{count} workers died with this document in hand.",
        "处理该文件时已有 {count} 个工作进程终止。",
    )
    hint = Text(
        "Look at the document and the workers' logs, then run `silkgate exchange retry`.",
        "请检查该文件和工作进程日志，然后运行 `silkgate exchange retry`。",
    )
    status = 500


class DocumentInvalid(ExchangeError):
    """The rules found something fatal in a document."""

    code = "SG-5021"
    title = Text(
        "{count} fatal findings; the first: {rule} at {where}, found {found}, expected {expected}.",
        "发现 {count} 个致命问题；首个：{rule}，位置 {where}，实际值 {found}，应为 {expected}。",
    )
    hint = Text(
        "Correct the document as its findings say and send it again.",
        "请按检查结果更正文件后重新发送。",
    )
    status = 422
    exit_code = 3


class KeyReused(ExchangeError):
    """An idempotency key came back with a different document."""

    code = "SG-5020"
    title = Text(
        "The idempotency key {key} belongs to a different submission, {exchange}.",
        "幂等键 {key} 已用于另一次提交 {exchange}。",
    )
    hint = Text(
        "Use a new key for a new document; repeat a submission unchanged.",
        "新文件请使用新的幂等键；重复提交时内容须保持不变。",
    )
    status = 409


class MessageReused(ExchangeError):
    """A message id came back with a different container."""

    code = "SG-5022"
    title = Text(
        "Message {where} was received before with a different content.",
        "消息 {where} 此前已收到，但内容不同。",
    )
    hint = Text(
        "Send a different document as a new message.",
        "不同的文件请作为新消息发送。",
    )
    status = 409


class EnvelopeMismatch(ExchangeError):
    """What a container says of its content is not what it contains."""

    code = "SG-5023"
    title = Text(
        "The envelope of message {where} does not describe its document.",
        "消息 {where} 的信封与其文件不符。",
    )
    hint = Text("Pack the document again and send it.", "请重新打包该文件并发送。")
    status = 422
    exit_code = 3


class NotGivenUp(ExchangeError):
    """Only an exchange that was given up can be taken up again by hand."""

    code = "SG-5024"
    title = Text(
        "Exchange {where} is {state}, not failed.", "交换 {where} 的状态为 {state}，并非失败。"
    )
    hint = Text(
        "Only failed exchanges are taken up again; send a refused document anew.",
        "只有失败的交换才能重新处理；被拒绝的文件请更正后重新发送。",
    )
    status = 409
