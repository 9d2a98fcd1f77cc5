"""Anchor records: what an evidence package carries about an anchor (JSON, version 1).

A chain record holds everything to check it offline: the raw transaction, the block's header, and
the proof that the transaction is in the block. A file record holds the line and the hash of the
line before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ledger.anchors.errors import AnchorRefused
from schemas.jcs import canonical_json
from schemas.jsondepth import loads

TYPE: Final = "silkgate-anchor/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainRecord:
    """An anchor on an EVM chain.

    `header` is the RLP of the block header, `proof` the trie nodes to the transaction at
    `index`; both are empty if the node did not give them, and then nothing ties the transaction
    to a block but the node's word.
    """

    origin: str
    size: int
    root: bytes
    chain_id: int
    contract: str
    raw: bytes
    block_number: int
    block_hash: bytes
    header: bytes = b""
    index: int = 0
    proof: tuple[bytes, ...] = ()

    def __bytes__(self) -> bytes:
        """Return the record as canonical JSON."""
        return canonical_json(
            {
                "type": TYPE,
                "kind": "evm",
                "origin": self.origin,
                "size": str(self.size),
                "root": self.root.hex(),
                "chain_id": str(self.chain_id),
                "contract": self.contract,
                "transaction": f"0x{self.raw.hex()}",
                "block_number": str(self.block_number),
                "block_hash": f"0x{self.block_hash.hex()}",
                "header": f"0x{self.header.hex()}",
                "index": self.index,
                "proof": [f"0x{node.hex()}" for node in self.proof],
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """An anchor in an append-only file: its line, and the SHA-256 of the line before (or zeros)."""

    origin: str
    size: int
    root: bytes
    file: str
    line: int
    time: str
    previous: bytes

    def text(self) -> str:
        """Return the line as it stands in the file, without its newline."""
        return (
            f"{self.line} {self.time} {self.origin} {self.size} {self.root.hex()}"
            f" {self.previous.hex()}"
        )

    def __bytes__(self) -> bytes:
        """Return the record as canonical JSON."""
        return canonical_json(
            {
                "type": TYPE,
                "kind": "file",
                "origin": self.origin,
                "size": str(self.size),
                "root": self.root.hex(),
                "file": self.file,
                "line": self.line,
                "time": self.time,
                "previous": self.previous.hex(),
            }
        )


def parse_record(data: bytes) -> ChainRecord | FileRecord:
    """Read a record; raises AnchorRefused unless it is well-formed and in its one form."""
    try:
        value = loads(data)
        record: ChainRecord | FileRecord = _BY_KIND[value["kind"]](value)
    except (ValueError, KeyError, TypeError) as wrong:
        raise AnchorRefused(reason="it is not an anchor record") from wrong
    if bytes(record) != data:
        raise AnchorRefused(reason="it is not in canonical form")
    return record


def _chain(value: dict[str, Any]) -> ChainRecord:
    return ChainRecord(
        origin=value["origin"],
        size=int(value["size"]),
        root=bytes.fromhex(value["root"]),
        chain_id=int(value["chain_id"]),
        contract=value["contract"],
        raw=_hex(value["transaction"]),
        block_number=int(value["block_number"]),
        block_hash=_hex(value["block_hash"]),
        header=_hex(value["header"]),
        index=value["index"],
        proof=tuple(map(_hex, value["proof"])),
    )


def _file(value: dict[str, Any]) -> FileRecord:
    return FileRecord(
        origin=value["origin"],
        size=int(value["size"]),
        root=bytes.fromhex(value["root"]),
        file=value["file"],
        line=value["line"],
        time=value["time"],
        previous=bytes.fromhex(value["previous"]),
    )


_BY_KIND: Final[dict[str, Callable[[dict[str, Any]], ChainRecord | FileRecord]]] = {
    "evm": _chain,
    "file": _file,
}


def _hex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
