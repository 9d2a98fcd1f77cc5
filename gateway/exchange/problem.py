"""Problems: why an exchange was refused, put off or given up, as kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from schemas.errors import ExchangeError, SilkgateError
from schemas.text import Text


class TransientError(ExchangeError):
    """Something outside does not answer now; the pipeline tries again later."""

    code = "SG-5010"
    title = Text("{where} does not answer: {reason}", "{where} 无应答:{reason}")
    hint = Text("Nothing to do: it is tried again by itself.", "无需处理,系统会自动重试。")
    status = 503


class UnexpectedError(ExchangeError):
    """A room failed in a way it does not announce: an error of ours."""

    code = "SG-5011"
    title = Text(
        "Unexpected error in stage {where}: {reason}", "阶段 {where} 出现意外错误:{reason}"
    )
    hint = Text("Send the log of the gateway to its developers.", "请将网关日志发送给开发人员。")
    status = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One reason with its code, both texts, the hint and the place."""

    code: str
    message: Text
    hint: Text
    where: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, error: SilkgateError) -> Self:
        """Return the problem that `error` describes."""
        return cls(
            code=error.code,
            message=error.message,
            hint=error.advice,
            where=error.where,
            details={name: str(value) for name, value in error.details.items()},
        )

    def as_dict(self) -> dict[str, object]:
        """Return the problem as plain JSON values, as kept in the journal."""
        return {
            "code": self.code,
            "message": self.message.as_dict(),
            "hint": self.hint.as_dict(),
            "where": self.where,
            "details": dict(self.details),
        }
