"""Raw transactions again from what a node tells about them (types 0, 1 and 2).

Each is checked by its hash, so a type or field that is not known here is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ledger.anchors import rlp
from ledger.anchors.header import as_bytes, as_number
from ledger.anchors.secp256k1 import keccak256

_ADDRESS: Final = 20
_SLOT: Final = 32
_GAS_PRICE: Final = (0, 1)
_TIP_AND_MAX: Final = 2


def raw_transaction(fields: Mapping[str, Any]) -> bytes | None:
    """Return the raw transaction of an `eth_getBlockByHash` entry, None if it does not fit."""
    kind = as_number(fields.get("type", 0))
    if kind not in (*_GAS_PRICE, _TIP_AND_MAX):
        return None
    try:
        payload = rlp.encode([*_head(fields, kind), *_signature(fields, kind)])
    except (KeyError, TypeError, ValueError):
        return None
    raw = payload if kind == 0 else bytes([kind]) + payload
    return raw if keccak256(raw) == as_bytes(fields["hash"]) else None


def _head(fields: Mapping[str, Any], kind: int) -> list[rlp.Item]:
    prices = ("gasPrice",) if kind in _GAS_PRICE else ("maxPriorityFeePerGas", "maxFeePerGas")
    numbers = ("nonce", *prices, "gas")
    chain = [rlp.number(as_number(fields["chainId"]))] if kind else []
    to = as_bytes(fields["to"], _ADDRESS) if fields.get("to") else b""
    data = as_bytes(fields.get("input", fields.get("data", b"")))
    head: list[rlp.Item] = [*chain, *(rlp.number(as_number(fields[name])) for name in numbers)]
    head += [to, rlp.number(as_number(fields["value"])), data]
    return [*head, _access_list(fields)] if kind else head


def _signature(fields: Mapping[str, Any], kind: int) -> list[rlp.Item]:
    v = fields["yParity"] if kind and fields.get("yParity") is not None else fields["v"]
    return [rlp.number(as_number(value)) for value in (v, fields["r"], fields["s"])]


def _access_list(fields: Mapping[str, Any]) -> list[rlp.Item]:
    return [
        [
            as_bytes(entry["address"], _ADDRESS),
            [as_bytes(slot, _SLOT) for slot in entry["storageKeys"]],
        ]
        for entry in fields.get("accessList") or ()
    ]
