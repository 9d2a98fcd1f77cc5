"""TradeTrust's token registry, version 5 (version 4 is read), through its ABI.

A registry is an ERC-721 whose tokens are titles; each token has an escrow contract that knows
beneficiary, holder and nominee. Where the token lies tells what the title is: with its escrow
(live), with the registry (returned to the issuer), at a burn address (ended).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

from ledger.anchors.chain import Receipt
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.transaction import ChainSigner
from ledger.title import abi
from ledger.title.chain import TitleChain
from ledger.title.errors import BadAnswer, NoSuchTitle
from ledger.title.machine import Move
from ledger.title.sending import send
from ledger.title.state import Kind, Location, Roles, State, Terms

BURNT: Final = "0x000000000000000000000000000000000000dEaD"
V5: Final = 5
V4: Final = 4


class Status(StrEnum):
    """What a title is, as far as a registry tells."""

    LIVE = "live"
    SURRENDERED = "surrendered"
    ENDED = "ended"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleStatus:
    """The status of a title, who holds it, and why it is unknown if it is.

    `version` is that of the registry (4 or 5, 0 if unknown); a paused registry moves nothing.
    """

    status: Status
    reason: str = ""
    version: int = 0
    registry: str = ""
    escrow: str | None = None
    beneficiary: str | None = None
    holder: str | None = None
    nominee: str | None = None
    paused: bool = False


def status_on(chain: TitleChain, chain_id: int, ask: Callable[[], TitleStatus]) -> TitleStatus:
    """Return what `ask` finds, if the node serves chain `chain_id` and answers; else `unknown`."""
    try:
        found = chain.chain_id()
        if found != chain_id:
            reason = f"the node serves chain {found}, not chain {chain_id}"
            return TitleStatus(status=Status.UNKNOWN, reason=reason)
        return ask()
    except AnchorUnavailable as lost:
        return TitleStatus(status=Status.UNKNOWN, reason=lost.message.en)


@dataclass(frozen=True)
class TradeTrustRegistry:
    """One token registry at an address of a chain."""

    chain: TitleChain
    address: str

    @cached_property
    def version(self) -> int:
        """The version of the contracts: 5, or 4; raises BadAnswer for anything else."""
        probe = ("getEscrowAddress(address,uint256)", "getAddress(address,uint256)")
        for version, signature in zip((V5, V4), probe, strict=True):
            found = self.chain.view(self.factory, abi.encode(signature, self.address, 0))
            if found and len(found) == abi.WORD:
                return version
        raise BadAnswer(where=self.factory, reason="it is no escrow factory of version 4 or 5")

    @cached_property
    def factory(self) -> str:
        """The address of the escrow factory."""
        found = abi.address(self.ask("titleEscrowFactory()"))
        if found is None:
            raise BadAnswer(where=self.address, reason="it has no escrow factory")
        return found

    def escrow(self, token_id: bytes) -> str:
        """Return the address of a token's escrow, whether or not it exists."""
        name = "getEscrowAddress" if self.version == V5 else "getAddress"
        found = self._ask(self.factory, f"{name}(address,uint256)", self.address, token_id)
        return abi.address(found) or ""

    def status(self, token_id: bytes) -> TitleStatus:
        """Return what the registry says of a token of 32 bytes; raises AnchorUnavailable."""
        try:
            return self._status(token_id)
        except BadAnswer as error:
            return TitleStatus(status=Status.UNKNOWN, reason=error.message.en)

    def checked_status(self, token_id: bytes, chain_id: int) -> TitleStatus:
        """Return the status on chain `chain_id`; no answer and another chain give `unknown`."""
        return status_on(self.chain, chain_id, lambda: self.status(token_id))

    def state(self, token_id: bytes) -> State:
        """Return a token as a state of the machine; raises NoSuchTitle, BadAnswer.

        Version 4 keeps no previous parties. Roles are held by accounts the registry knows; here
        the registry itself stands for them.
        """
        owner, escrow = self._owner(token_id), self.escrow(token_id)
        if owner is None:
            raise NoSuchTitle(where=f"0x{token_id.hex()}")
        location = self._location(owner, escrow)
        if location is None:
            raise BadAnswer(where=owner, reason="the token lies at a foreign address")
        state = State(
            terms=Terms(roles=Roles.of(self.address)),
            kind=Kind.ESCROW,
            beneficiary=self._party(escrow, "beneficiary()"),
            holder=self._party(escrow, "holder()"),
            nominee=self._party(escrow, "nominee()"),
            location=location,
            paused=self._paused(),
        )
        if self.version == V4:
            return state
        return replace(
            state,
            previous_beneficiary=self._party(escrow, "prevBeneficiary()"),
            previous_holder=self._party(escrow, "prevHolder()"),
        )

    def perform(
        self, account: ChainSigner, token_id: bytes, move: Move, remark: bytes = b""
    ) -> Receipt:
        """Send a party's own action; raises CallReverted, and then nothing has happened.

        `account` signs and is the actor, whatever the move says.
        """
        to = self.address if move.action in _BY_REGISTRY else self.escrow(token_id)
        return send(self.chain, account, to, self.call(token_id, move, remark))

    def call(self, token_id: bytes, move: Move, remark: bytes = b"") -> bytes:
        """Return the call data of an action, to the registry or to the escrow."""
        old = self.version == V4
        name, types = _CALLS[move.action]
        if old and move.action == "returnToIssuer":
            name = "surrender"
        values: list[abi.Value] = [*move.args]
        if move.action in _BY_REGISTRY:
            values += [token_id] if _has_id(move) else []
        if not old:
            types, values = (*types, "bytes"), [*values, remark]
        return abi.encode(f"{name}({','.join(types)})", *values)

    def ask(self, signature: str, *values: abi.Value) -> bytes:
        """Return the word that the registry answers; raises BadAnswer."""
        return self._ask(self.address, signature, *values)

    def _status(self, token_id: bytes) -> TitleStatus:
        owner, escrow = self._owner(token_id), self.escrow(token_id)
        if owner is None:
            return TitleStatus(status=Status.UNKNOWN, reason="the registry never issued it")
        location = self._location(owner, escrow)
        found = TitleStatus(
            status=Status.UNKNOWN,
            version=self.version,
            registry=self.address,
            escrow=escrow,
            paused=self._paused(),
        )
        if location is None:
            return replace(found, reason="the token lies at a foreign address")
        if location is Location.ENDED:
            return replace(found, status=Status.ENDED)
        if not self._is_of(escrow, token_id):
            return replace(found, reason="the escrow belongs to another token")
        surrendered = location is Location.ISSUER
        return replace(
            found,
            status=Status.SURRENDERED if surrendered else Status.LIVE,
            beneficiary=self._party(escrow, "beneficiary()"),
            holder=self._party(escrow, "holder()"),
            nominee=self._party(escrow, "nominee()"),
        )

    def _is_of(self, escrow: str, token_id: bytes) -> bool:
        """Tell whether the escrow is an active one of this very token."""
        registry = self._party(escrow, "registry()")
        return (
            registry is not None
            and registry.lower() == self.address.lower()
            and self._ask(escrow, "tokenId()") == token_id
            and abi.number(self._ask(escrow, "active()")) == 1
        )

    def _owner(self, token_id: bytes) -> str | None:
        """Return who has the token, None if it was never issued."""
        if len(token_id) != abi.WORD:
            raise BadAnswer(where=token_id.hex()[:80], reason="a token id has 32 bytes")
        found = self.chain.view(self.address, abi.encode("ownerOf(uint256)", token_id))
        if found == b"":
            raise BadAnswer(where=self.address, reason="there is no contract")
        return None if found is None else abi.address(found)

    def _location(self, owner: str, escrow: str) -> Location | None:
        places = {
            escrow: Location.ESCROW,
            self.address: Location.ISSUER,
            BURNT: Location.ENDED,
        }
        known = {place.lower(): location for place, location in places.items()}
        return known.get(owner.lower())

    def _paused(self) -> bool:
        return abi.number(self.ask("paused()")) == 1

    def _party(self, escrow: str, signature: str) -> str | None:
        return abi.address(self._ask(escrow, signature))

    def _ask(self, to: str, signature: str, *values: abi.Value) -> bytes:
        found = self.chain.view(to, abi.encode(signature, *values))
        if not found or len(found) != abi.WORD:
            raise BadAnswer(where=to, reason="it does not answer {call}", call=signature)
        return found


_PARTY: Final = ("address",)
_CALLS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "issue": ("mint", ("address", "address", "uint256")),
    "restore": ("restore", ("uint256",)),
    "burn": ("burn", ("uint256",)),
    "pause": ("pause", ()),
    "unpause": ("unpause", ()),
    "nominate": ("nominate", _PARTY),
    "transferBeneficiary": ("transferBeneficiary", _PARTY),
    "transferHolder": ("transferHolder", _PARTY),
    "transferOwners": ("transferOwners", _PARTY * 2),
    "rejectTransferBeneficiary": ("rejectTransferBeneficiary", ()),
    "rejectTransferHolder": ("rejectTransferHolder", ()),
    "rejectTransferOwners": ("rejectTransferOwners", ()),
    "returnToIssuer": ("returnToIssuer", ()),
}
_BY_REGISTRY: Final = frozenset({"issue", "restore", "burn", "pause", "unpause"})


def _has_id(move: Move) -> bool:
    return "uint256" in _CALLS[move.action][1]
