"""A simulated customs: checks what it is given with our own tables, and tells its story."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import adapters
from gateway.sandbox.postman import Posted, Postman
from gateway.sandbox.script import Script, Step
from schemas.clock import Clock, utc_now
from schemas.document import Document
from schemas.errors import SilkgateError
from schemas.finding import Finding, Flag
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration as this customs registered it."""

    document: Document
    local: str
    bill: str
    serial: int


@dataclass(frozen=True, slots=True)
class Request:
    """A request to amend or cancel the declaration of `number`; `local` is its own reference."""

    number: str
    cancels: bool
    local: str = ""


class Voice(Protocol):
    """How a customs speaks: its format, its messages, and how it grants what is asked."""

    format: str
    amended: tuple[Step, ...]
    cancelled: tuple[Step, ...]

    def numbers(self, declared: Declared, now: datetime) -> dict[str, str]:
        """Return the numbers this customs gives a declaration."""
        ...

    def answer(self, declared: Declared, numbers: dict[str, str]) -> bytes:
        """Return the answer to a declaration that was taken."""
        ...

    def refusal(self, local: str, findings: Sequence[Finding], now: datetime) -> bytes:
        """Return the answer to one that was not."""
        ...

    def receipt(
        self, declared: Declared, numbers: dict[str, str], step: Step, at: datetime
    ) -> bytes:
        """Return one receipt of the story."""
        ...

    def request(self, data: bytes) -> Request | None:
        """Return what an amendment or cancellation asks; None for anything else."""
        ...


class Customs:
    """Takes declarations, gives them numbers, and has receipts sent.

    The same message id is the same declaration: it gets its answer again and no second story.
    """

    def __init__(
        self, voice: Voice, script: Script, postman: Postman, *, clock: Clock = utc_now
    ) -> None:
        """Speak with `voice` as `script` says."""
        self._voice = voice
        self._script = script
        self._postman = postman
        self._clock = clock
        self._chance = random.Random(script.seed)  # noqa: S311 - repeatable, not secret
        self._lock = threading.Lock()
        self._answers: dict[str, bytes] = {}
        self._registered: dict[str, tuple[Declared, dict[str, str]]] = {}
        self._numbered: dict[str, str] = {}
        self._last = clock()

    @property
    def taken(self) -> int:
        """How many declarations were registered."""
        return len(self._registered)

    def busy(self) -> bool:
        """Tell, by the script's chance, whether this request is turned away."""
        with self._lock:
            return self._chance.random() < self._script.faults.busy

    def slow(self) -> float:
        """Return the seconds this request waits."""
        with self._lock:
            return self._chance.uniform(0.0, self._script.faults.slow)

    def declare(self, message_id: str, data: bytes) -> bytes:
        """Take a declaration and return the answer in this customs' own format."""
        with self._lock:
            known = self._answers.get(message_id)
            if known is None:
                request = self._voice.request(data)
                known = self._declare(data) if request is None else self._change(request)
                self._answers[message_id] = known
            return known

    def _change(self, request: Request) -> bytes:
        """Grant or refuse a change as the story says; a cancelled declaration's story ends."""
        local = self._numbered.get(request.number)
        if local is None:
            said = _said("consistency", f"{request.number} is not known / 无此报关单")
            return self._voice.refusal(request.local, [said], self._moment())
        declared, numbers = self._registered[local]
        story = self._script.story(local, declared.bill)
        if request.cancels:
            steps = story.cancellation or self._voice.cancelled
        else:
            steps = story.amendment or self._voice.amended
        if steps == self._voice.cancelled:
            self._postman.withdraw(local)
        about = replace(declared, local=request.local or local)
        self._tell(about, numbers, steps)
        return b""

    def _declare(self, data: bytes) -> bytes:
        try:
            reading = adapters.read(data, self._voice.format)
            findings = [f for f in adapters.validate(reading) if f.flag is Flag.FATAL]
        except SilkgateError as error:
            said = Finding(rule=error.code, ruleset="sandbox", message=error.message)
            return self._voice.refusal("", [said], self._moment())
        document = reading.document
        local = document.value("FunctionalReferenceID")
        bill = document.value("GoodsShipment.Consignment.TransportContractDocument.ID")
        story = self._script.story(local, bill)
        if story.refuse:
            findings.append(_said("consistency", story.refuse))
        if local in self._registered:
            findings.append(_said("consistency", f"{local} has been declared / 已申报"))
        if findings:
            return self._voice.refusal(local, findings, self._moment())
        declared = Declared(document, local, bill, len(self._registered) + 1)
        numbers = self._voice.numbers(declared, self._clock())
        self._registered[local] = (declared, numbers)
        self._numbered |= dict.fromkeys(numbers.values(), local)
        self._tell(declared, numbers, story.receipts)
        return self._voice.answer(declared, numbers)

    def _tell(self, declared: Declared, numbers: dict[str, str], steps: Sequence[Step]) -> None:
        after, posted = 0.0, []
        for step in steps:
            after += self._script.pause(step, self._chance)
            receipt = self._voice.receipt(declared, numbers, step, self._moment())
            posted.append(Posted(after, receipt, declared.local))
        self._postman.post(posted)

    def _moment(self) -> datetime:
        """Return this customs' time: whole seconds, each receipt later than the one before."""
        now = self._clock().replace(microsecond=0)
        self._last = max(now, self._last.replace(microsecond=0) + timedelta(seconds=1))
        return self._last


def _said(rule: str, text: str) -> Finding:
    return Finding(rule=rule, ruleset="sandbox", message=Text(text, text))
