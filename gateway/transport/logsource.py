"""Reading another operator's log: its checkpoint and tiles over HTTP (C2SP tlog-tiles)."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from gateway.transport.line import Line

_TRIES: Final = 6
_PAUSE: Final = 0.5
_AGAIN: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class LogSource:
    """The static endpoints below one address (`ledger.monitor.Source`)."""

    def __init__(self, line: Line, pause: Callable[[float], None] = time.sleep) -> None:
        """Read over `line`, whose address is the log's prefix, such as `https://host/log`."""
        self._line = line
        self._pause = pause

    def get(self, path: str) -> bytes | None:
        """Return what is at `path` (no leading slash), None if nothing is.

        A log that asks to wait is waited for, a few times. Raises TransportError.
        """
        answer = self._line.fetch(f"/{path}")
        for _ in range(_TRIES):
            if answer.status not in _AGAIN:
                break
            self._pause(answer.retry_after or _PAUSE)
            answer = self._line.fetch(f"/{path}")
        if answer.status == HTTPStatus.OK:
            return answer.body
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        raise self._line.refusal(path, answer)
