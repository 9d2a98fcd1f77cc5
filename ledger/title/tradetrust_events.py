"""The endorsement chain of a TradeTrust title, told by the events of its escrow.

One action gives several events: a transfer clears the nominee, a rejection is also a transfer
back, a burn transfers to nobody. Here each action becomes one move again, and the machine is run
over them: a chain whose moves it refuses is not believed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Final, NamedTuple

from ledger.title import abi
from ledger.title.chain import Event
from ledger.title.errors import BadAnswer, MoveRefused, NoSuchTitle
from ledger.title.link import Link
from ledger.title.machine import Move, issue, step
from ledger.title.state import Kind, Roles, State, Terms
from ledger.title.tradetrust import V4, TradeTrustRegistry

_BENEFICIARY: Final = "BeneficiaryTransfer"
_HOLDER: Final = "HolderTransfer"
_NOMINATION: Final = "Nomination"
_RECEIVED: Final = "TokenReceived"


class _Shape(NamedTuple):
    """An event: types of its indexed fields, and how many words precede the remark."""

    indexed: tuple[str, ...]
    words: int


_ADDRESSES: Final = ("address", "address")
_DATA: Final = {2: ("address", "uint256"), 3: ("address", "address", "uint256")}
_SHAPES: Final[dict[str, _Shape]] = {
    _RECEIVED: _Shape((*_ADDRESSES, "bool"), 2),
    _NOMINATION: _Shape(_ADDRESSES, 2),
    _BENEFICIARY: _Shape(_ADDRESSES, 2),
    _HOLDER: _Shape(_ADDRESSES, 2),
    "RejectTransferBeneficiary": _Shape(_ADDRESSES, 2),
    "RejectTransferHolder": _Shape(_ADDRESSES, 2),
    "RejectTransferOwners": _Shape((*_ADDRESSES, "address"), 3),
    "ReturnToIssuer": _Shape(("address",), 2),
    "Surrender": _Shape(("address",), 2),
    "Shred": _Shape((), 2),
}
# An action's last event, the move it stands for, and the events that belong to it before it.
_BOTH: Final = (_BENEFICIARY, _NOMINATION, _HOLDER)
_CLOSING: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "RejectTransferBeneficiary": ("rejectTransferBeneficiary", _BOTH[:2]),
    "RejectTransferHolder": ("rejectTransferHolder", (_HOLDER,)),
    "RejectTransferOwners": ("rejectTransferOwners", _BOTH),
    "ReturnToIssuer": ("returnToIssuer", (_NOMINATION,)),
    "Surrender": ("returnToIssuer", (_NOMINATION,)),
    "Shred": ("burn", _BOTH),
}


@dataclass(frozen=True, slots=True)
class _Said:
    """One event read: its name, its parties, whether it is a minting, its remark."""

    name: str
    parties: tuple[str | None, ...]
    minting: bool
    remark: bytes


@dataclass(frozen=True, slots=True)
class _Step:
    """An action, not yet complete while events are being joined: its name is then an event's."""

    action: str
    args: tuple[str | None, ...]
    remark: bytes


def endorsement_chain(registry: TradeTrustRegistry, token_id: bytes) -> list[Link]:
    """Return every action on a token since it was issued, in order.

    The registry stands for whoever has a role in it. Raises NoSuchTitle, or BadAnswer if the
    events do not tell a history that the escrow's rules allow.
    """
    chain = registry.chain
    genesis = abi.number(registry.ask("genesis()"))
    names = _names(registry.version)
    found = chain.events(registry.escrow(token_id), genesis)
    links: list[Link] = []
    for _, group in groupby(found, key=lambda event: (event.block_number, event.tx_index)):
        events = list(group)
        said = [_read(each, names) for each in events]
        for each in _steps([one for one in said if one is not None]):
            links.append(_linked(registry, links[-1].state if links else None, events[0], each))
    if not links:
        raise NoSuchTitle(where=f"0x{token_id.hex()}")
    return links


def _linked(registry: TradeTrustRegistry, state: State | None, event: Event, made: _Step) -> Link:
    move = Move(made.action, _actor(state, made.action, registry.address), made.args)
    try:
        if state is None:
            if move.action != "issue":
                raise BadAnswer(where=registry.address, reason="the history has no beginning")
            after = issue(Terms(roles=Roles.of(registry.address)), Kind.ESCROW, move)
        else:
            after = step(state, move)
    except MoveRefused as refused:
        raise BadAnswer(where=f"0x{event.tx_hash.hex()}", reason=refused.message) from refused
    if registry.version == V4:
        after = replace(after, previous_beneficiary=None, previous_holder=None)
    time = registry.chain.mined_at(event.block_number)
    return Link(move, after, made.remark, time, f"0x{event.tx_hash.hex()}")


def _actor(state: State | None, action: str, registry: str) -> str:
    """Return who alone can have done this: the registry where a role was needed."""
    if state is None or action in {"restore", "burn"}:
        return registry
    by_holder = action in {"transferBeneficiary", "transferHolder", "transferOwners"}
    found = state.holder if by_holder or action == "rejectTransferHolder" else state.beneficiary
    return found or registry


def _steps(said: Sequence[_Said]) -> list[_Step]:
    """Join the events of one transaction into actions."""
    steps: list[_Step] = []
    for event in said:
        if event.name == _RECEIVED:
            _drop(steps, _BOTH if event.minting else ())
            action = "issue" if event.minting else "restore"
            steps.append(_Step(action, event.parties if event.minting else (), event.remark))
        elif event.name in _CLOSING:
            action, before = _CLOSING[event.name]
            _drop(steps, before)
            steps.append(_Step(action, (), event.remark))
        else:
            steps.append(_Step(event.name, event.parties[1:2], event.remark))
    return _joined(steps)


def _drop(steps: list[_Step], names: Sequence[str]) -> None:
    """Take away the events that an action gave before its last one, where they are."""
    for name in reversed(names):
        if steps and steps[-1].action == name:
            steps.pop()


def _joined(steps: Sequence[_Step]) -> list[_Step]:
    """Join transfers: of the title (which clears the nominee), of possession, of both."""
    made: list[_Step] = []
    for each in steps:
        last = made[-1] if made else None
        moved = last is not None and last.action == "transferBeneficiary"
        if each.action == _NOMINATION and each.args == (None,) and moved:
            continue
        if each.action == _HOLDER and last is not None and moved:
            made[-1] = _Step("transferOwners", (*last.args, *each.args), each.remark)
        else:
            made.append(_Step(_PLAIN.get(each.action, each.action), each.args, each.remark))
    return made


_PLAIN: Final = {
    _BENEFICIARY: "transferBeneficiary",
    _HOLDER: "transferHolder",
    _NOMINATION: "nominate",
}


@cache
def _names(version: int) -> dict[bytes, str]:
    """Return the events by first topic; version 4 has no remarks."""
    rest = ("bytes",) if version != V4 else ()
    return {
        abi.topic(f"{name}({','.join((*shape.indexed, *_DATA[shape.words], *rest))})"): name
        for name, shape in _SHAPES.items()
    }


def _read(event: Event, names: Mapping[bytes, str]) -> _Said | None:
    """Return what an event says, None for one that is not about the title."""
    name = names.get(event.topics[0]) if event.topics else None
    if name is None:
        return None
    shape = _SHAPES[name]
    if len(event.topics) != len(shape.indexed) + 1:
        raise BadAnswer(where=f"0x{event.tx_hash.hex()}", reason="{event} is malformed", event=name)
    fields = list(zip(shape.indexed, event.topics[1:], strict=True))
    parties = tuple(abi.address(value) for kind, value in fields if kind == "address")
    minting = any(kind == "bool" and any(value) for kind, value in fields)
    has_remark = len(event.data) > shape.words * abi.WORD
    remark = abi.tail(event.data, shape.words) if has_remark else b""
    return _Said(name, parties, minting, remark)
