"""Accounts of EVM chains as DIDs: `did:pkh:eip155:CHAIN:ADDRESS` (did:pkh, CAIP-10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ledger.anchors.secp256k1 import checksummed

_FORM: Final = re.compile(r"did:pkh:eip155:([1-9][0-9]{0,17}):0x([0-9a-fA-F]{40})")


@dataclass(frozen=True, slots=True)
class ChainAccount:
    """An account: the number of its chain and its address with the capitals of EIP-55."""

    chain_id: int
    address: str

    @classmethod
    def read(cls, did: str) -> ChainAccount | None:
        """Return the account in a DID, None for a text that is none."""
        found = _FORM.fullmatch(did)
        return found and cls(int(found[1]), checksummed(bytes.fromhex(found[2])))

    def __str__(self) -> str:
        """Return the DID."""
        return f"did:pkh:eip155:{self.chain_id}:{self.address}"
