"""A gateway's register of titles over its API, as a party uses it from its own machine.

What the gateway says is not taken at its word: signed entries and epochs are followed here. That
the last of them is the last is the register's word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import quote, unquote

from gateway.transport.errors import AnswerNotUsable, TransportError
from gateway.transport.line import Answer
from ledger.title.epochs import Epochs, sharers
from ledger.title.errors import EntryRefused, NoSuchTitle
from ledger.title.link import Link
from ledger.title.sequence import Standing, follow_all
from schemas.jsondepth import loads

_TITLES: Final = "/v1/titles"
_JOSE: Final = "application/jose"


class Asked(Protocol):
    """A line to the gateway."""

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Return the answer, whatever its status; raises TransportError when there is none."""
        ...

    def refusal(self, path: str, answer: Answer) -> TransportError:
        """Return the error that an answer other than 2xx stands for."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteRegister:
    """The register behind a line, for the account of an API key; `name` where it is known."""

    line: Asked
    token: str
    name: str = ""

    def submit(self, signed: str) -> Mapping[str, object]:
        """Have a signed entry accepted; raises TransportError with what the gateway says."""
        return self._object("POST", f"{_TITLES}/entries", signed)

    def share(self, signed: str) -> Mapping[str, object]:
        """Have a signed epoch kept."""
        return self._object("POST", f"{_TITLES}/epochs", signed)

    @contextmanager
    def looking(self) -> Iterator[RemoteRegister]:
        """Give the register; every look asks the gateway."""
        yield self

    def standing(self, title: str) -> Standing:
        """Return what a title is by its entries; raises NoSuchTitle."""
        return self._standings(title)[-1]

    def history(self, title: str) -> list[Link]:
        """Return the endorsement chain of a title; raises NoSuchTitle."""
        return [each.link for each in self._standings(title)]

    def shared(self, title: str) -> Epochs:
        """Return the epochs of a title, read; raises NoSuchTitle, EntryRefused."""
        return Epochs.read(title, self.epochs(title), sharers(self._standings(title)))

    def epochs(self, title: str) -> Sequence[str]:
        """Return the signed epochs of a title's keys."""
        return self._texts("epochs", title)

    def export(self, title: str) -> bytes:
        """Return the history file of a title."""
        return self._asked("GET", _about("file", title)).body

    def _standings(self, title: str) -> list[Standing]:
        standings = follow_all(self._texts("entries", title))
        if any(each.title != title for each in standings):
            raise EntryRefused(reason="the register shows another title")
        if self.name and standings[-1].register != self.name:
            raise EntryRefused(reason="the title is of another register")
        return standings

    def _texts(self, what: str, title: str) -> list[str]:
        found = self._object("GET", _about(what, title)).get(what)
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise AnswerNotUsable(where=what, party="", reason="no list of signed values")
        return [str(each) for each in found]

    def _object(self, method: str, path: str, signed: str = "") -> Mapping[str, object]:
        answer = self._asked(method, path, signed)
        try:
            found = loads(answer.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise AnswerNotUsable(where=path, party="", reason="no JSON object")
        return found

    def _asked(self, method: str, path: str, signed: str = "") -> Answer:
        headers = {"authorization": f"Bearer {self.token}"}
        if signed:
            headers["content-type"] = _JOSE
        answer = self.line.ask(method, path, signed.encode() or None, headers)
        if method == "GET" and answer.status == HTTPStatus.NOT_FOUND:
            raise NoSuchTitle(where=unquote(path.partition("=")[2]))
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise self.line.refusal(path, answer)
        return answer


def _about(what: str, title: str) -> str:
    return f"{_TITLES}/{what}?title={quote(title, safe='')}"
