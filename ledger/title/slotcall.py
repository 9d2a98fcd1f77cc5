"""How our contract takes states and moves, and how its events are read back."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger.anchors.secp256k1 import keccak256
from ledger.title import abi
from ledger.title.machine import Move
from ledger.title.state import Kind, Location, State

KINDS: Final = (Kind.ESCROW, Kind.TO_ORDER, Kind.STRAIGHT, Kind.BLANK)
LOCATIONS: Final = (Location.ESCROW, Location.ISSUER, Location.ENDED)
_ACTIONS: Final = (
    "nominate",
    "transferBeneficiary",
    "transferHolder",
    "transferOwners",
    "rejectTransferBeneficiary",
    "rejectTransferHolder",
    "rejectTransferOwners",
    "returnToIssuer",
    "changeKind:blank",
    "changeKind:to-order",
    "restore",
    "burn",
    "amend",
    "switchToPaper",
    "pause",
    "unpause",
)
"""The contract counts its actions from 1 in this order."""

_NAMING: Final = frozenset({"amend", "switchToPaper"})
"""Actions whose argument, a hex digest, stands where others have the digest of their remark."""

STATE: Final = ("address",) * 7 + ("bytes32", "uint64", "uint8", "uint8", "bool")
MOVE: Final = ("uint8", "address", "address", "bytes32")
_TUPLES: Final = f"(({','.join(STATE)}),({','.join(MOVE)})"
MOVE_CALL: Final = f"move(bytes32,{_TUPLES[1:]})"
SIGNED_CALL: Final = f"move_signed(bytes32,{_TUPLES[1:]},uint64,uint8,bytes32,uint256)"
ISSUE_CALL: Final = "issue(bytes32,uint8,address,address,address,address,bytes32,bytes32)"
ISSUED: Final = abi.topic(f"Issued(bytes32,({','.join(STATE)}),bytes32)")
MOVED: Final = abi.topic(f"Moved(bytes32,address,({','.join(MOVE)}))")
DOMAIN: Final = abi.topic(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
ORDER: Final = abi.topic(
    "Order(bytes32 id,bytes32 head,uint8 action,address first,address second,"
    "bytes32 remark,uint64 until)"
)


@dataclass(frozen=True, slots=True)
class Head:
    """A title as the contract knows it: state of the machine, and how many moves made it."""

    state: State
    sequence: int

    def words(self) -> tuple[abi.Value, ...]:
        """Return the state as the contract takes it."""
        state = self.state
        return (
            state.beneficiary,
            state.holder,
            state.nominee,
            state.previous_beneficiary,
            state.previous_holder,
            state.terms.shipper,
            state.terms.consignee,
            bytes.fromhex(state.content) if state.content else bytes(abi.WORD),
            self.sequence,
            KINDS.index(state.kind),
            LOCATIONS.index(state.location),
            state.paused,
        )

    def digest(self) -> bytes:
        """Return the hash that the slot has."""
        return keccak256(abi.encode_values(STATE, self.words()))


def remark_word(remark: bytes) -> bytes:
    """Return what stands on chain for a remark: its SHA-256, zero for none."""
    return sha256(remark).digest() if remark else bytes(abi.WORD)


def asked(move: Move, remark: bytes) -> tuple[abi.Value, ...]:
    """Return a move as the contract takes it."""
    args = move.args
    if move.action in _NAMING:
        return _number(move.action), None, None, bytes.fromhex(args[0] or "").rjust(abi.WORD, b"\0")
    if move.action == "changeKind":
        return _number(f"changeKind:{args[0]}"), None, None, remark_word(remark)
    first, second = (*args, None, None)[:2]
    return _number(move.action), first, second, remark_word(remark)


def _number(action: str) -> int:
    """Return the contract's number of an action, 0 (which it refuses) for an unknown one."""
    return _ACTIONS.index(action) + 1 if action in _ACTIONS else 0


def moved(words: list[bytes]) -> tuple[Move, bytes]:
    """Return a move out of its event, and what it has in place of a remark."""
    actor = abi.address(words[0]) or ""
    action, _, kind = _ACTIONS[abi.number(words[1]) - 1].partition(":")
    parties = tuple(map(abi.address, words[2:4]))
    if kind:
        return Move(action, actor, (kind,)), words[4]
    if action in _NAMING:
        return Move(action, actor, (words[4].hex(),)), words[4]
    count = {"nominate": 1, "transferBeneficiary": 1, "transferHolder": 1, "transferOwners": 2}
    return Move(action, actor, parties[: count.get(action, 0)]), words[4]
