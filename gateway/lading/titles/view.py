"""What the faces show of a bill's title: the register's state beside the bill's, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.lading import checksums
from gateway.lading.chain import Json
from gateway.lading.titlebook import Chronicle, TitleBook
from gateway.lading.titles.accounts import Accounts
from ledger.title.link import Link
from ledger.title.state import Location, State
from schemas.errors import SilkgateError

_BESIDE = frozenset({"entry", "n"})
"""What the view of a step has besides the transaction itself."""


def beside(shown: Json, accounts: Accounts) -> Json:
    """Return a bill as it is shown, with its title and the register's move at each step.

    `agrees` tells whether the register has the title where the bill says it is, None where the
    bill is elsewhere or under way.
    """
    book, title = accounts.book, str(shown["checksum"])
    told: Json = {"register": shown["registry"], "title": title, "place": book.place(title)}
    try:
        known = book.read(title)
    except SilkgateError as error:
        return {**shown, "title": {**told, "state": None, "unknown": error.message.as_dict()}}
    if known is None:
        return {**shown, "title": {**told, "state": None}}
    told.update(
        kind=known.state.kind.value,
        state=known.state.as_dict(),
        paper=known.state.paper,
        beneficiary=_who(known.state.beneficiary, accounts),
        holder=_who(known.state.holder, accounts),
        agrees=_agrees(shown, known.state, accounts),
        history=[_link(each, accounts) for each in known.links],
    )
    return {**shown, "title": told, "chain": _steps(shown["chain"], title, known, book)}


def _steps(chain: Sequence[Json], title: str, known: Chronicle, book: TitleBook) -> list[Json]:
    """Return each step with the register's move of it, if there is one."""
    found = []
    for number, step in enumerate(chain):
        made = {name: value for name, value in step.items() if name not in _BESIDE}
        mark = bytes.fromhex(checksums.of_json([title, made]))
        moved = [each for each in known.links if book.marked(each, mark)]
        link = known.links[0] if number == 0 else next(iter(moved), None)
        on = {"action": link.move.action, "reference": link.reference} if link else None
        found.append({**step, "moved": on})
    return found


def _link(link: Link, accounts: Accounts) -> dict[str, Any]:
    held = {
        "beneficiary": _who(link.state.beneficiary, accounts),
        "holder": _who(link.state.holder, accounts),
    }
    return {**link.as_dict(), **held}


def _who(account: str | None, accounts: Accounts) -> str:
    """Return the platform that an account is of, else the account."""
    if account is None:
        return ""
    if account == accounts.book.own:
        return accounts.ours
    return accounts.book.owner(account) or account


def _agrees(shown: Json, state: State, accounts: Accounts) -> bool | None:
    match shown["state"]:
        case "held":
            mine = accounts.of(shown["possessor_party"])
            return state.location is Location.ESCROW and state.holder == mine
        case "surrendered":
            return state.location is Location.ISSUER
        case "ended":
            return state.location is Location.ENDED
    return None
