"""Title histories as JSON Lines: a header with the issue, then one action a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ledger.title.errors import BadHistory, MoveRefused
from ledger.title.machine import Move, issue, step
from ledger.title.state import Kind, Roles, State, Terms
from schemas.jsondepth import loads
from schemas.text import Text

_MOST_LINES: Final = 1_000_000
_LONGEST_LINE: Final = 65_536
_NOBODY: Final = "0x" + 40 * "0"
"""The zero address of a chain: the escrow's word for no party."""

_TOO_LONG: Final = Text("the history is too long.", "历史记录过长。")
_NOT_JSON: Final = Text("it is not JSON.", "不是有效的 JSON。")
_NO_OBJECT: Final = Text("it is not an object.", "不是 JSON 对象。")
_NO_HEADER: Final = Text("the header is missing.", "缺少表头。")
_NO_ISSUE: Final = Text("the header has no issue.", "表头缺少签发信息(issue)。")
_NO_ACTION: Final = Text("n, action or args are missing.", "缺少 n、action 或 args。")
_NO_KIND: Final = Text("the kind is unknown.", "提单类别(kind)未知。")
_NO_PARTY: Final = Text("a party is missing.", "缺少当事方。")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one action: its number, the state after it, and why it was refused."""

    n: int
    move: Move
    state: State
    refused: MoveRefused | None

    def as_dict(self) -> dict[str, object]:
        """Return it as the command line prints it."""
        refused = self.refused
        return {
            "n": self.n,
            "action": self.move.action,
            "result": "rejected" if refused else "accepted",
            "reason": refused and {"guard": refused.guard.name, **refused.guard.value.as_dict()},
            "state": self.state.as_dict(),
        }


def replay(lines: Iterable[str | bytes]) -> Iterator[Outcome]:
    """Yield what the machine says to each action of a history; raises BadHistory."""
    rows = _rows(lines)
    state = _issued(next(rows, None))
    for number, row in rows:
        n, move = _move(row, number)
        refused = None
        try:
            state = step(state, move)
        except MoveRefused as error:
            refused = error
        yield Outcome(n, move, state, refused)


def _rows(lines: Iterable[str | bytes]) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        if number > _MOST_LINES or len(line) > _LONGEST_LINE:
            raise BadHistory(number, _TOO_LONG)
        if not line.strip():
            continue
        try:
            row = loads(line if isinstance(line, bytes) else line.encode())
        except ValueError as error:
            raise BadHistory(number, _NOT_JSON) from error
        if not isinstance(row, dict):
            raise BadHistory(number, _NO_OBJECT)
        yield number, row


def _issued(first: tuple[int, dict[str, object]] | None) -> State:
    if first is None:
        raise BadHistory(1, _NO_HEADER)
    number, header = first
    start = header.get("issue")
    if not isinstance(start, dict):
        raise BadHistory(number, _NO_ISSUE)
    issuer = _party(header.get("issuer"), number)
    terms = Terms(
        roles=Roles.of(issuer),
        shipper=_maybe(header.get("shipper"), number),
        consignee=_maybe(header.get("consignee"), number),
    )
    to = (_maybe(start.get("beneficiary"), number), _maybe(start.get("holder"), number))
    try:
        return issue(terms, _kind(header.get("kind"), number), Move("issue", issuer, to))
    except MoveRefused as refused:
        raise BadHistory(number, refused.guard.value) from refused


def _move(row: dict[str, object], number: int) -> tuple[int, Move]:
    n, action, args = row.get("n"), row.get("action"), row.get("args")
    if args is None:
        args = []
    if type(n) is not int or not isinstance(action, str) or not isinstance(args, list):
        raise BadHistory(number, _NO_ACTION)
    actor = _party(row.get("actor"), number)
    return n, Move(action, actor, tuple(_maybe(each, number) for each in args))


def _kind(found: object, number: int) -> Kind:
    try:
        return Kind(str(found))
    except ValueError as error:
        raise BadHistory(number, _NO_KIND) from error


def _party(found: object, number: int) -> str:
    if not isinstance(found, str) or not found:
        raise BadHistory(number, _NO_PARTY)
    return found


def _maybe(found: object, number: int) -> str | None:
    return None if found in (None, _NOBODY) else _party(found, number)
