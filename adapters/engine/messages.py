"""What the structural findings say, by kind, in English and Chinese."""

from __future__ import annotations

from typing import Final

from schemas.text import Text

MESSAGES: Final[dict[str, Text]] = {
    "mandatory": Text("{path} is required and missing or empty.", "{path} 为必填项,缺失或为空。"),
    "length": Text("{path} has the wrong length: {found}", "{path} 长度不符:{found}"),
    "format": Text("{path} is not in the right form: {found}", "{path} 格式不符:{found}"),
    "range": Text("{path} is outside the allowed range: {found}", "{path} 超出允许范围:{found}"),
    "code": Text(
        "{path} holds a code that is in no list: {found}", "{path} 的代码不在代码表中:{found}"
    ),
    "table": Text(
        "{path} holds a code of another generation of the list: {found}",
        "{path} 使用了另一代代码表的代码:{found}",
    ),
    "unknown": Text("{path} is not known in this format.", "{path} 不是该格式的已知元素。"),
    "sequence": Text("{path} is out of sequence.", "{path} 顺序错误。"),
    "repeated": Text("{path} occurs more often than allowed.", "{path} 出现次数超出允许。"),
    "shape": Text("{path} has the wrong structure.", "{path} 结构错误。"),
    "wrapper": Text("{path} wraps the document.", "{path} 是文档外层的包装。"),
    "namespace": Text(
        "{path} is not in the namespace {expected}.", "{path} 不在命名空间 {expected} 中。"
    ),
}

HINTS: Final[dict[str, Text]] = {
    "mandatory": Text("Fill in {path}.", "请填写 {path}。"),
    "length": Text("Expected: {expected}.", "应为:{expected}。"),
    "format": Text("Expected: {expected}.", "应为:{expected}。"),
    "range": Text("Expected: {expected}.", "应为:{expected}。"),
    "code": Text("Use a code of {expected}.", "请使用 {expected} 中的代码。"),
    "table": Text(
        "Use a code of {expected}; generations are never mixed.",
        "请使用 {expected} 的代码,新旧代码表不得混用。",
    ),
    "unknown": Text(
        "Check the spelling; the value is kept as an extension.", "请检查拼写;该值作为扩展保留。"
    ),
    "sequence": Text(
        "Put {expected} where the format's order wants it.", "请按格式规定的顺序放置 {expected}。"
    ),
    "repeated": Text("Expected at most {expected}.", "最多 {expected} 个。"),
    "shape": Text("Expected: {expected}.", "应为:{expected}。"),
    "wrapper": Text("Send {expected} as the root.", "请以 {expected} 为根元素提交。"),
    "namespace": Text("Declare the namespace {expected}.", "请声明命名空间 {expected}。"),
}

STRUCTURAL: Final = frozenset({"unknown", "sequence", "repeated", "shape", "wrapper", "namespace"})
