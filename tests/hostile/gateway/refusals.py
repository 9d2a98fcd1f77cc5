"""What every refusal of a gateway looks like."""

from __future__ import annotations

import re
from typing import Any

import httpx


def refused(answer: httpx.Response, status: int, code: str, where: str | None = None) -> Any:
    """Assert status, code, place, and message and hint in both languages; return the problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code), answer.text
    if where is not None:
        assert problem["where"] == where
    for name in ("message", "hint"):
        assert problem[name]["en"]
        assert re.search("[\u4e00-\u9fff]", problem[name]["zh"])
        assert not re.search(r"{\w+}", problem[name]["en"] + problem[name]["zh"])
    return problem
