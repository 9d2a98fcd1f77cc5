"""Our own contract: a title is one storage slot, the hash of its state.

`contract/Title.vy` is the source, `contract/Title.json` its ABI and bytecode (a test compiles it
again and compares). Whoever moves a title gives the state it comes from, so that of two moves
from one state only one can be mined. A party sends its own transaction, or signs an order
(EIP-712) that another sends for it. Remarks go on chain as their SHA-256 alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import Protocol

from ledger.anchors.chain import Receipt
from ledger.anchors.secp256k1 import keccak256
from ledger.anchors.transaction import ChainSigner
from ledger.title import abi
from ledger.title.chain import Event, TitleChain
from ledger.title.errors import BadAnswer, MoveRefused, NoSuchTitle
from ledger.title.link import Link
from ledger.title.machine import BY_ROLE, Move, issue, step
from ledger.title.sending import deploy, send
from ledger.title.slotcall import (
    DOMAIN,
    ISSUE_CALL,
    ISSUED,
    KINDS,
    MOVE_CALL,
    MOVED,
    ORDER,
    SIGNED_CALL,
    STATE,
    Head,
    asked,
    moved,
    remark_word,
)
from ledger.title.state import Roles, State, Terms

MINTER, RESTORER, ACCEPTER, PAUSER, ADMIN = (1 << bit for bit in range(5))


class OrderSigner(Protocol):
    """A party's key on secp256k1, wherever it is."""

    @property
    def address(self) -> str:
        """The party's address (EIP-55)."""
        ...

    def sign_digest(self, digest: bytes) -> tuple[int, int, int]:
        """Return (r, s, parity) over a 32-byte digest, s in the lower half."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A move that a party signed: from `head` alone, until a second since 1970 alone."""

    id: bytes
    head: Head
    move: Move
    remark: bytes
    until: int
    signature: tuple[int, int, int]


@dataclass(frozen=True)
class SlotRegister:
    """One contract of ours at an address of a chain; nothing of it is before block `since`."""

    chain: TitleChain
    address: str
    since: int = 0

    @classmethod
    def deployed(cls, chain: TitleChain, account: ChainSigner) -> SlotRegister:
        """Deploy a contract in which `account` has all roles."""
        return cls(chain, deploy(chain, account, bytecode()))

    @cached_property
    def genesis(self) -> Terms:
        """The terms of every title here; the contract itself stands for whoever has a role."""
        return Terms(roles=Roles.of(self.address))

    def issue(
        self, account: ChainSigner, title: bytes, first: State, remark: bytes = b""
    ) -> Receipt:
        """Issue a title under an id of 32 bytes as `first` has it; raises CallReverted."""
        return send(self.chain, account, self.address, self.issue_call(title, first, remark))

    def issue_call(self, title: bytes, first: State, remark: bytes = b"") -> bytes:
        """Return the call data of an issue."""
        parties = Head(first, 0).words()
        content = parties[7]
        named = (*parties[:2], *parties[5:7])
        values = (title, KINDS.index(first.kind), *named, content, remark_word(remark))
        return abi.encode(ISSUE_CALL, *values)

    def perform(
        self,
        account: ChainSigner,
        title: bytes,
        move: Move,
        remark: bytes = b"",
        head: Head | None = None,
    ) -> Receipt:
        """Send a party's own move from `head`, by default the present one.

        Raises CallReverted, and then nothing has happened.
        """
        call = self.call(title, head or self.head(title), move, remark)
        return send(self.chain, account, self.address, call)

    def call(self, title: bytes, head: Head, move: Move, remark: bytes = b"") -> bytes:
        """Return the call data of a move from a head."""
        return abi.encode(MOVE_CALL, title, *head.words(), *asked(move, remark))

    def order(
        self,
        signer: OrderSigner,
        title: bytes,
        move: Move,
        *,
        until: int,
        remark: bytes = b"",
        head: Head | None = None,
    ) -> Order:
        """Return a move signed by a party, for another to send until second `until`."""
        known = head or self.head(title)
        digest = self.order_digest(title, known, move, remark=remark, until=until)
        return Order(title, known, move, remark, until, signer.sign_digest(digest))

    def order_digest(
        self, title: bytes, head: Head, move: Move, *, remark: bytes, until: int
    ) -> bytes:
        """Return what a party signs (EIP-712)."""
        name, version = keccak256(b"Silkgate title"), keccak256(b"1")
        parts: tuple[abi.Value, ...] = (DOMAIN, name, version, self.chain.chain_id(), self.address)
        domain = keccak256(b"".join(map(abi.word, parts)))
        said: tuple[abi.Value, ...] = (ORDER, title, head.digest(), *asked(move, remark), until)
        return keccak256(b"\x19\x01" + domain + keccak256(b"".join(map(abi.word, said))))

    def relay(self, account: ChainSigner, order: Order) -> Receipt:
        """Send a party's order and pay for it; raises CallReverted."""
        r, s, parity = order.signature
        call = abi.encode(
            SIGNED_CALL,
            order.id,
            *order.head.words(),
            *asked(order.move, order.remark),
            order.until,
            27 + parity,
            abi.word(r),
            s,
        )
        return send(self.chain, account, self.address, call)

    def give_roles(self, account: ChainSigner, party: str, roles: int) -> Receipt:
        """Set what a party may do: the sum of MINTER, RESTORER, ACCEPTER, PAUSER, ADMIN."""
        call = abi.encode("give_roles(address,uint256)", party, roles)
        return send(self.chain, account, self.address, call)

    def head(self, title: bytes) -> Head:
        """Return the present state of a title; raises NoSuchTitle, BadAnswer."""
        links = self.history(title)
        return Head(links[-1].state, len(links) - 1)

    def history(self, title: bytes) -> list[Link]:
        """Return every move of a title since its issue, told by the events.

        The machine is run over them and its last state must hash to the slot: events that do
        not tell the whole story are refused. Raises NoSuchTitle, BadAnswer.
        """
        slot = self.chain.view(self.address, abi.encode("head(bytes32)", title))
        if slot is None or len(slot) != abi.WORD:
            raise BadAnswer(where=self.address, reason="there is no title contract")
        if not any(slot):
            raise NoSuchTitle(where=f"0x{title.hex()}")
        links: list[Link] = []
        for event in self.chain.events(self.address, self.since, None, title):
            if event.topics[0] in (ISSUED, MOVED):
                links.append(self._link(event, links[-1].state if links else None))
        if not links or Head(links[-1].state, len(links) - 1).digest() != slot:
            raise BadAnswer(where=f"0x{title.hex()}", reason="the events do not lead to the slot")
        return links

    def _link(self, event: Event, before: State | None) -> Link:
        words = abi.words(event.data)
        try:
            if event.topics[0] == ISSUED:
                move, after = self._first(words)
                remark = words[len(STATE)]
            else:
                move, remark = moved(words)
                after = self._after(before, move)
        except MoveRefused as error:
            raise BadAnswer(where=f"0x{event.tx_hash.hex()}", reason=error.message) from error
        except IndexError as error:
            where = f"0x{event.tx_hash.hex()}"
            raise BadAnswer(where=where, reason="its bytes are cut short") from error
        time = self.chain.mined_at(event.block_number)
        return Link(move, after, remark if any(remark) else b"", time, f"0x{event.tx_hash.hex()}")

    def _first(self, words: list[bytes]) -> tuple[Move, State]:
        parties = [abi.address(each) for each in words[:7]]
        move = Move("issue", self.address, (parties[0], parties[1]))
        terms = replace(self.genesis, shipper=parties[5], consignee=parties[6])
        content = words[7].hex() if any(words[7]) else ""
        return move, issue(terms, KINDS[abi.number(words[9])], move, content=content)

    def _after(self, before: State | None, move: Move) -> State:
        """Apply a move; of actions that need a role the contract has checked the actor."""
        if before is None:
            raise BadAnswer(where=self.address, reason="the history has no beginning")
        return step(before, replace(move, actor=self.address) if move.action in BY_ROLE else move)


@cache
def bytecode() -> bytes:
    """Return the code that deploys the contract."""
    artefact = json.loads(files("ledger.title").joinpath("contract/Title.json").read_text())
    return bytes.fromhex(artefact["bytecode"].removeprefix("0x"))
