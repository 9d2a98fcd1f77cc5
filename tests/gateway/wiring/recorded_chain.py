"""A chain that answers views from recorded states of token registries, version 4 or 5."""

from __future__ import annotations

from dataclasses import dataclass, field

from ledger.anchors.errors import AnchorUnavailable
from ledger.title import abi
from schemas.keccak import keccak256

FACTORY = "0x" + "fa" * 20
ESCROW = "0x" + "ec" * 20
BURNT = "0x000000000000000000000000000000000000dEaD"
HOLDER = "0x" + "01" * 20
BANK = "0x" + "02" * 20


def _selector(signature: str) -> bytes:
    return keccak256(signature.encode())[:4]


@dataclass
class RecordedChain:
    """One registry with one token.

    `owner` is where the token lies: "escrow", "registry", "burnt", an address, "" for never
    issued. `escrow_of` is the token that the escrow says it is of, `active` whether it is.
    """

    registry: str
    token_id: bytes
    owner: str = "escrow"
    version: int = 5
    id: int = 31337
    active: bool = True
    escrow_of: bytes | None = None
    beneficiary: str | None = HOLDER
    holder: str | None = HOLDER
    contract: bool = True
    up: bool = True
    asked: list[str] = field(default_factory=list)

    name = "recorded"

    def chain_id(self) -> int:
        """Return the chain's id."""
        if not self.up:
            raise AnchorUnavailable(where="recorded", reason="it does not answer")
        return self.id

    def view(self, to: str, data: bytes) -> bytes | None:
        """Return what a contract answers, None if the call reverts, b"" where there is none."""
        self.asked.append(to)
        if to.lower() == self.registry.lower():
            return self._registry(data) if self.contract else b""
        answers = {FACTORY: self._factory, ESCROW: self._escrow}
        found = answers.get(to.lower())
        return found(data) if found else b""

    def _registry(self, data: bytes) -> bytes | None:
        match data[:4]:
            case selector if selector == _selector("ownerOf(uint256)"):
                return self._owner(data[4:])
            case selector if selector == _selector("titleEscrowFactory()"):
                return abi.word(FACTORY)
            case selector if selector == _selector("paused()"):
                return abi.word(0)
        return None

    def _owner(self, token_id: bytes) -> bytes | None:
        if token_id != self.token_id or not self.owner:
            return None
        places = {"escrow": ESCROW, "registry": self.registry, "burnt": BURNT}
        return abi.word(places.get(self.owner, self.owner))

    def _factory(self, data: bytes) -> bytes | None:
        name = "getEscrowAddress" if self.version == 5 else "getAddress"
        if data[:4] == _selector(f"{name}(address,uint256)"):
            return abi.word(ESCROW)
        return None

    def _escrow(self, data: bytes) -> bytes | None:
        said: dict[str, abi.Value] = {
            "registry()": self.registry,
            "tokenId()": self.token_id if self.escrow_of is None else self.escrow_of,
            "active()": int(self.active),
            "beneficiary()": self.beneficiary,
            "holder()": self.holder,
            "nominee()": None,
        }
        for signature, value in said.items():
            if data[:4] == _selector(signature):
                return abi.word(value)
        return None
