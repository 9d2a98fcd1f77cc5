"""Sending receipts to a gateway at their time, with the faults that the script asks for."""

from __future__ import annotations

import heapq
import itertools
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

import structlog

from gateway.sandbox.script import Faults
from gateway.transport.errors import TransportError
from gateway.transport.line import Line

_LOG: Final = structlog.get_logger(__name__)
_BROKEN: Final = b"<DEC_DATA><DEC_RESULT><CHANNEL>"
_RETRY: Final = 0.1
_LONGEST: Final = 5.0
_TRY_AGAIN: Final = frozenset(
    {HTTPStatus.NOT_FOUND, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
)


@dataclass(frozen=True, slots=True, order=True)
class _Letter:
    due: float
    n: int
    body: bytes = field(compare=False)
    about: str = field(compare=False, default="")
    attempts: int = field(compare=False, default=0)


@dataclass(frozen=True, slots=True)
class Posted:
    """One receipt to send, `after` seconds from now; `about` is the declaration's reference."""

    after: float
    body: bytes
    about: str = ""


class Postman:
    """Delivers receipts in a thread of its own until each is taken or refused for good."""

    def __init__(self, line: Line, token: str, faults: Faults, chance: random.Random) -> None:
        """Deliver over `line` with the API key `token`."""
        self._line = line
        self._headers = {"Content-Type": "application/xml"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._faults = faults
        self._chance = chance
        self._letters: list[_Letter] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def stop(self) -> None:
        """End at once; what is not delivered is not."""
        with self._changed:
            self._open = False
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=10.0)
        self._line.close()

    def post(self, receipts: Sequence[Posted]) -> None:
        """Take receipts in their order, and spoil it as the script's faults say."""
        now = time.monotonic()
        spoiled = spoil(receipts, self._faults, self._chance)
        with self._changed:
            for receipt in spoiled:
                due = now + receipt.after
                letter = _Letter(due, next(self._numbers), receipt.body, receipt.about)
                heapq.heappush(self._letters, letter)
            self._changed.notify()

    def withdraw(self, about: str) -> None:
        """Deliver nothing more about a declaration."""
        with self._changed:
            self._letters = [letter for letter in self._letters if letter.about != about]
            heapq.heapify(self._letters)

    @property
    def waiting(self) -> int:
        """How many receipts are still to be delivered."""
        with self._changed:
            return len(self._letters)

    def _run(self) -> None:
        while (letter := self._next()) is not None:
            if not self._delivered(letter):
                pause = min(_RETRY * 2**letter.attempts, _LONGEST)
                due = time.monotonic() + pause
                again = replace(letter, due=due, attempts=letter.attempts + 1)
                with self._changed:
                    heapq.heappush(self._letters, again)

    def _next(self) -> _Letter | None:
        """Return the next letter when it is due; None once the office is closed."""
        with self._changed:
            while self._open:
                if not self._letters:
                    self._changed.wait()
                    continue
                wait = self._letters[0].due - time.monotonic()
                if wait <= 0:
                    return heapq.heappop(self._letters)
                self._changed.wait(wait)
        return None

    def _delivered(self, letter: _Letter) -> bool:
        try:
            answer = self._line.send("", letter.body, self._headers)
        except TransportError as error:
            _LOG.info("sandbox.unreachable", error=str(error))
            return False
        if answer.status in _TRY_AGAIN or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return False
        if answer.status >= HTTPStatus.BAD_REQUEST:
            _LOG.info("sandbox.refused", status=answer.status, answer=answer.body[:300])
        return True


def spoil(receipts: Sequence[Posted], faults: Faults, chance: random.Random) -> list[Posted]:
    """Return the receipts with faults: swapped, sent twice, lost and sent again, broken before.

    Every receipt is in the result at least once, unharmed.
    """
    found = list(receipts)
    for n in range(len(found) - 1):
        if chance.random() < faults.swap:
            first, second = found[n], found[n + 1]
            found[n] = replace(second, after=first.after)
            found[n + 1] = replace(first, after=second.after)
    spoiled: list[Posted] = []
    for receipt in found:
        late = faults.resend if chance.random() < faults.lost else 0.0
        if chance.random() < faults.malformed:
            spoiled.append(Posted(receipt.after, _BROKEN))
        spoiled.append(replace(receipt, after=receipt.after + late))
        if chance.random() < faults.duplicate:
            again = receipt.after + late + chance.random() * 0.1
            spoiled.append(replace(receipt, after=again))
    return spoiled
