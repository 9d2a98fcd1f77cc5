"""What OpenAttestation keeps on a chain beside titles: document stores, and owners of DIDs.

A document store of the older kind answers for one hash, `isIssued(bytes32)`, `isRevoked(bytes32)`;
one of the newer kind (4 on) takes root, hash and proof. The registry of DIDs is ERC-1056.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.anchors.calls import selector
from ledger.title import abi
from ledger.title.chain import TitleChain
from ledger.title.errors import BadAnswer

_PROVEN: Final = "(bytes32,bytes32,bytes32[])"
_HEAD_WORDS: Final = 3


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """A document store, or revocation store, at an address of a chain."""

    chain: TitleChain
    address: str

    def issued(self, root: bytes) -> bool:
        """Tell whether it issued a root of 32 bytes; raises BadAnswer, AnchorUnavailable."""
        return self._answer("isIssued(bytes32)", abi.encode("isIssued(bytes32)", root))

    def revoked(self, target: bytes, path: Sequence[bytes], hashes: Sequence[bytes]) -> bool:
        """Tell whether it revoked a hash or any on its path to the root.

        `hashes` are all of them, the root last. Raises BadAnswer, AnchorUnavailable.
        """
        asked = _proven("isRevoked", hashes[-1], target, path)
        found = self.chain.view(self.address, asked)
        if found:
            return _truth(self.address, "isRevoked", found)
        name = "isRevoked(bytes32)"
        return any(self._answer(name, abi.encode(name, each)) for each in hashes)

    def _answer(self, name: str, asked: bytes) -> bool:
        return _truth(self.address, name, self.chain.view(self.address, asked))


@dataclass(frozen=True, slots=True)
class DidRegistry:
    """The registry of did:ethr at an address of a chain (ERC-1056)."""

    chain: TitleChain
    address: str

    def owner(self, account: str) -> str | None:
        """Return who owns the DID of an account, None if nobody does any more.

        Raises BadAnswer, AnchorUnavailable.
        """
        found = self.chain.view(self.address, abi.encode("identityOwner(address)", account))
        if not found:
            raise BadAnswer(where=self.address, reason="it is no registry of DIDs")
        return abi.address(found)


def _proven(name: str, root: bytes, target: bytes, path: Sequence[bytes]) -> bytes:
    """Return the call of a function of the newer stores."""
    head = root + target + abi.word(_HEAD_WORDS * abi.WORD)
    return selector(name + _PROVEN) + head + abi.word(len(path)) + b"".join(path)


def _truth(where: str, name: str, found: bytes | None) -> bool:
    if not found or len(found) != abi.WORD or abi.number(found) > 1:
        raise BadAnswer(where=where, reason="it does not answer {call}", call=name)
    return abi.number(found) == 1
