"""Fee-market transactions (EIP-1559, type 2): made, signed, and read back strictly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from ledger.anchors import rlp
from ledger.anchors.errors import AnchorRefused
from ledger.anchors.secp256k1 import address_of, checksummed, keccak256, recover

_TYPE: Final = b"\x02"
_FIELDS: Final = 12
_ADDRESS_BYTES: Final = 20


class ChainSigner(Protocol):
    """Signs for one chain account, wherever its key is: a file, a token, a remote signer."""

    @property
    def address(self) -> str:
        """The account's address (EIP-55)."""
        ...

    def sign(self, transaction: Transaction) -> tuple[int, int, int]:
        """Return (r, s, parity) over a transaction, s in the lower half of the group order.

        A signer that is elsewhere sees what it signs, and may refuse.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What a type-2 transaction says; fees in wei per gas, `to` empty for a deployment."""

    chain_id: int
    nonce: int
    tip: int
    max_fee: int
    gas: int
    to: str
    data: bytes
    value: int = 0

    def _payload(self) -> list[rlp.Item]:
        numbers = (self.chain_id, self.nonce, self.tip, self.max_fee, self.gas)
        to = bytes.fromhex(self.to.removeprefix("0x"))
        return [*map(rlp.number, numbers), to, rlp.number(self.value), self.data, []]

    def digest(self) -> bytes:
        """Return the hash that is signed."""
        return keccak256(_TYPE + rlp.encode(self._payload()))

    def signed(self, account: ChainSigner) -> bytes:
        """Return the raw transaction, ready to be sent."""
        r, s, parity = account.sign(self)
        return _TYPE + rlp.encode([*self._payload(), *map(rlp.number, (parity, r, s))])


@dataclass(frozen=True, slots=True)
class Signed:
    """A raw transaction read back: what it says, who sent it, its hash, (r, s, parity)."""

    transaction: Transaction
    sender: str
    hash: bytes
    signature: tuple[int, int, int]


def transaction_hash(raw: bytes) -> bytes:
    """Return the hash by which the chain knows a raw transaction."""
    return keccak256(raw)


def read(raw: bytes) -> Signed:
    """Read a raw type-2 transaction and recover its sender; raises AnchorRefused."""
    if raw[:1] != _TYPE:
        raise AnchorRefused(reason="the transaction is not of type 2")
    fields = rlp.decode(raw[1:])
    if isinstance(fields, bytes) or len(fields) != _FIELDS:
        raise AnchorRefused(reason=f"the transaction has not {_FIELDS} fields")
    to, data, access = fields[5], fields[7], fields[8]
    if not isinstance(to, bytes) or not isinstance(data, bytes) or list(access) != []:
        raise AnchorRefused(reason="recipient, data or access list are malformed")
    if len(to) not in (0, _ADDRESS_BYTES):
        raise AnchorRefused(reason="the recipient is no address")
    chain_id, nonce, tip, max_fee, gas = map(rlp.to_number, fields[:5])
    transaction = Transaction(
        chain_id=chain_id,
        nonce=nonce,
        tip=tip,
        max_fee=max_fee,
        gas=gas,
        to=checksummed(to) if to else "",
        data=data,
        value=rlp.to_number(fields[6]),
    )
    parity, r, s = map(rlp.to_number, fields[9:])
    sender = address_of(recover(transaction.digest(), r, s, parity))
    return Signed(transaction, sender, transaction_hash(raw), (r, s, parity))
