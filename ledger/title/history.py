"""Title histories as JSON Lines: a header with the issue, then one action a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ledger.title.errors import BadHistory, MoveRefused
from ledger.title.machine import Move, issue, step
from ledger.title.state import Kind, Roles, State, Terms

_MOST_LINES: Final = 1_000_000
_LONGEST_LINE: Final = 65_536


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
            raise BadHistory(where=f"line {number}", reason="the history is too long")
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise BadHistory(where=f"line {number}", reason="it is not JSON") from error
        if not isinstance(row, dict):
            raise BadHistory(where=f"line {number}", reason="it is not an object")
        yield number, row


def _issued(first: tuple[int, dict[str, object]] | None) -> State:
    if first is None:
        raise BadHistory(where="line 1", reason="the header is missing")
    number, header = first
    start = header.get("issue")
    if not isinstance(start, dict):
        raise BadHistory(where=f"line {number}", reason="the header has no issue")
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
        raise BadHistory(where=f"line {number}", reason=refused.guard.value.en) from refused


def _move(row: dict[str, object], number: int) -> tuple[int, Move]:
    n, action, args = row.get("n"), row.get("action"), row.get("args", [])
    if type(n) is not int or not isinstance(action, str) or not isinstance(args, list):
        raise BadHistory(where=f"line {number}", reason="n, action or args are missing")
    actor = _party(row.get("actor"), number)
    return n, Move(action, actor, tuple(_maybe(each, number) for each in args))


def _kind(found: object, number: int) -> Kind:
    try:
        return Kind(str(found))
    except ValueError as error:
        raise BadHistory(where=f"line {number}", reason="the kind is unknown") from error


def _party(found: object, number: int) -> str:
    if not isinstance(found, str) or not found:
        raise BadHistory(where=f"line {number}", reason="a party is missing")
    return found


def _maybe(found: object, number: int) -> str | None:
    return None if found is None else _party(found, number)
