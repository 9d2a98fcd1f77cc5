"""The anchor contract as seen from here: its artefact, and its calls as bytes.

`contract/Anchor.vy` is the source, `contract/Anchor.json` its ABI and bytecode (a test compiles
it again and compares). Encoding follows the Solidity contract ABI, fixed shape, so that neither
a node nor an ABI library is needed to read a call back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from ledger.anchors.errors import AnchorRefused
from ledger.anchors.secp256k1 import keccak256

WORD: Final = 32
MAX_NODES: Final = 64
_PROOF_OFFSET: Final = 4 * WORD
_SELECTOR_BYTES: Final = 4


def selector(signature: str) -> bytes:
    """Return the four bytes that name a function."""
    return keccak256(signature.encode())[:_SELECTOR_BYTES]


@dataclass(frozen=True, slots=True)
class AnchorCall:
    """One call of `anchor`: log, tree size, root, consistency proof from the size anchored before.

    `origin` is the SHA-256 of the log's origin: 32 bytes, as the contract names it.
    """

    origin: bytes
    size: int
    root: bytes
    proof: Sequence[bytes]

    def encode(self) -> bytes:
        """Return the call data."""
        head = (
            self.origin
            + _word(self.size)
            + self.root
            + _word(_PROOF_OFFSET)
            + _word(len(self.proof))
        )
        return selector(_ANCHOR) + head + b"".join(self.proof)

    @classmethod
    def decode(cls, data: bytes) -> AnchorCall:
        """Read call data; raises AnchorRefused unless it is exactly such a call."""
        words = [data[at : at + WORD] for at in range(_SELECTOR_BYTES, len(data), WORD)]
        if len(words) >= _PROOF_OFFSET // WORD + 1:
            origin, size, root, _, _, *proof = words
            call = cls(origin, int.from_bytes(size, "big"), root, tuple(proof))
            if len(proof) <= MAX_NODES and call.encode() == data:
                return call
        raise AnchorRefused(reason="the transaction does not call `anchor`")


_ANCHOR: Final = "anchor(bytes32,uint64,bytes32,bytes32[])"
SIZE: Final = "size(bytes32)"
ROOT: Final = "root(bytes32)"
OWNER: Final = "owner()"


@cache
def bytecode() -> bytes:
    """Return the code that deploys the contract."""
    artefact = json.loads(files("ledger.anchors").joinpath("contract/Anchor.json").read_text())
    return bytes.fromhex(artefact["bytecode"].removeprefix("0x"))


def log_id(origin: str) -> bytes:
    """Return the 32 bytes that name a log in the contract: SHA-256 of its origin."""
    return sha256(origin.encode()).digest()


def _word(value: int) -> bytes:
    return value.to_bytes(WORD, "big")
