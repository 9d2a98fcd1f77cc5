"""Block headers of EVM chains: encoded from a node's answer, and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ledger.anchors import rlp
from ledger.anchors.errors import AnchorRefused
from ledger.anchors.secp256k1 import keccak256

_FIXED: Final = {
    "parentHash": 32,
    "sha3Uncles": 32,
    "miner": 20,
    "stateRoot": 32,
    "transactionsRoot": 32,
    "receiptsRoot": 32,
    "logsBloom": 256,
}
_NUMBERS: Final = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")
# What later upgrades added at the end, in their order, with the length of hashes (0: a number).
_LATER: Final = {
    "baseFeePerGas": 0,
    "withdrawalsRoot": 32,
    "blobGasUsed": 0,
    "excessBlobGas": 0,
    "parentBeaconBlockRoot": 32,
    "requestsHash": 32,
}
_MIN_FIELDS: Final = 15


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says that matters here."""

    hash: bytes
    number: int
    time: datetime
    transactions_root: bytes


def encode_header(block: Mapping[str, Any]) -> bytes:
    """Return the RLP of a header from the fields of `eth_getBlockByHash`, hex text or bytes.

    Whether the node gave all its fields is seen by the hash: compare `read_header(...).hash`.
    """
    fields: list[rlp.Item] = [as_bytes(block[name], size) for name, size in _FIXED.items()]
    fields += [rlp.number(as_number(block[name])) for name in _NUMBERS]
    fields += [
        as_bytes(block["extraData"]),
        as_bytes(block["mixHash"], 32),
        as_bytes(block["nonce"], 8),
    ]
    for name, size in _LATER.items():
        if block.get(name) is None:
            break
        value = block[name]
        fields.append(as_bytes(value, size) if size else rlp.number(as_number(value)))
    return rlp.encode(fields)


def read_header(data: bytes) -> Header:
    """Read the RLP of a header; raises AnchorRefused."""
    fields = rlp.decode(data)
    if isinstance(fields, bytes) or len(fields) < _MIN_FIELDS:
        raise AnchorRefused(reason="the block header is malformed")
    root, seconds = fields[4], rlp.to_number(fields[11])
    if not isinstance(root, bytes):
        raise AnchorRefused(reason="the block header is malformed")
    try:
        time = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as wrong:
        raise AnchorRefused(reason="the block's time is out of range") from wrong
    return Header(keccak256(data), rlp.to_number(fields[8]), time, root)


def as_number(value: object) -> int:
    """Return a number that a node gives as hex text, bytes or int."""
    return int(value, 16) if isinstance(value, str) else int.from_bytes(_raw(value), "big")


def _raw(value: object) -> bytes:
    if isinstance(value, int):
        return rlp.number(value)
    if isinstance(value, str):
        digits = value.removeprefix("0x")
        return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2))
    return bytes(value) if isinstance(value, bytes | bytearray) else b""


def as_bytes(value: object, size: int = 0) -> bytes:
    """Return bytes that a node gives as hex text, bytes or int, filled to `size` from the left."""
    return _raw(value).rjust(size, b"\x00")
