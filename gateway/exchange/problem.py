"""Problems: why an exchange was refused, put off or given up, as kept in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from schemas.errors import SilkgateError
from schemas.text import Text


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
