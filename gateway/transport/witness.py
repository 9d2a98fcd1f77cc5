"""The other operator as witness of our log (C2SP tlog-witness, `add-checkpoint`)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from gateway.transport.errors import AnswerNotUsable, TransportError
from gateway.transport.headers import ADD_CHECKPOINT, PLAIN
from gateway.transport.line import Answer, Line
from schemas.text import Text


class WitnessElsewhere(TransportError):
    """The witness has seen another size than the one the request builds on (409)."""

    code = "SG-5210"
    title = Text("{party} has last seen size {size}.", "{party} 最近所见的大小为 {size}。")
    hint = Text("Send the consistency proof from that size.", "请从该大小起发送一致性证明。")
    status = 409

    def __init__(self, *, where: str, party: str, size: int) -> None:
        """Remember the size to prove from."""
        self.size = size
        super().__init__(where=where, party=party, size=size)


class WitnessClient:
    """Asks other operators to cosign our checkpoints."""

    def __init__(self, lines: Mapping[str, Line]) -> None:
        """Ask over `lines`."""
        self._lines = lines

    def add_checkpoint(self, party: str, request: bytes) -> bytes:
        """Return the cosignature lines for an add-checkpoint request body.

        Raises WitnessElsewhere with the size to prove from, or another TransportError.
        """
        line = self._lines[party]
        answer = line.send(ADD_CHECKPOINT, request, {"Content-Type": PLAIN})
        if answer.status == HTTPStatus.OK:
            return answer.body
        if answer.status == HTTPStatus.CONFLICT:
            raise WitnessElsewhere(
                where=line.address.url, party=party, size=_size(line, party, answer)
            )
        raise line.refusal(ADD_CHECKPOINT, answer)


def _size(line: Line, party: str, answer: Answer) -> int:
    text = answer.body.strip()
    if not text.isdigit():
        raise AnswerNotUsable(
            where=line.address.url, party=party, reason="409 without the size last seen"
        )
    return int(text)
