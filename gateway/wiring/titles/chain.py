"""A title register on a chain as the lading room asks it (`gateway.lading.titlebook`).

The account of the gateway there sends its own moves; those of a party that has an account of its
own are sent on the party's signed order (EIP-712). What the node does not answer is not decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Final

from gateway.lading.refusals import PeerSilent, TransferDisputed
from gateway.lading.titlebook import Chronicle, Opening
from ledger.anchors.errors import AnchorUnavailable, SendRefused, WrongChain
from ledger.anchors.transaction import ChainSigner
from ledger.title.chain import TitleChain
from ledger.title.chaintitles import ChainTitles, SlotTitles, TradeTrustTitles
from ledger.title.errors import BadAnswer, CallReverted, MoveRefused, NoSuchTitle
from ledger.title.link import Link
from ledger.title.machine import Move, issue, step
from ledger.title.pkh import ChainAccount
from ledger.title.slot import Order, SlotRegister
from ledger.title.slotcall import Head
from ledger.title.state import Roles, Terms
from ledger.title.tradetrust import TradeTrustRegistry
from schemas.text import Text

_ORDER: Final = re.compile(r"([0-9a-f]{1,16})\.([0-9a-f]{64})([0-9a-f]{64})(0[01])")
_RACED: Final = frozenset({"not the head", "another move came first"})
"""What is said of a move from a state that is no longer the title's: the state is read again."""


@dataclass(frozen=True)
class ChainBook:
    """Titles in one contract: ours, or TradeTrust's registry (`tradetrust`)."""

    connect: Callable[[], TitleChain]
    chain_id: int
    contract: str
    sender: ChainSigner
    tradetrust: bool = False
    confirmations: int = 0
    since: int = 0
    platforms: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def own(self) -> str:
        """The address of our account."""
        return self.sender.address

    def account(self, code: str) -> str | None:
        """Return the address in a `did:pkh` of this chain."""
        found = ChainAccount.read(code)
        return found.address if found and found.chain_id == self.chain_id else None

    def platform(self, code: str) -> str | None:
        """Return the address of another platform."""
        return self.platforms.get(code)

    def owner(self, account: str) -> str:
        """Return the platform whose account it is."""
        return next((code for code, known in self.platforms.items() if known == account), "")

    def place(self, title: str) -> str:
        """Return chain, contract and id."""
        return f"eip155:{self.chain_id}:{self.contract}/{title}"

    def read(self, title: str) -> Chronicle | None:
        """Return what the contract's events tell, confirmed by the contract."""
        with self._asked():
            try:
                links = self._titles.history(bytes.fromhex(title))
            except NoSuchTitle:
                return None
        return Chronicle(links[-1].state, links)

    def marked(self, link: Link, mark: bytes) -> bool:
        """Tell whether a move has the mark: as it is, or in our contract by its digest."""
        return link.remark == (mark if self.tradetrust else sha256(mark).digest())

    def final(self, link: Link) -> bool:
        """Tell whether enough blocks follow that of the move."""
        if not self.confirmations:
            return True
        with self._asked():
            receipt = self._chain.receipt(bytes.fromhex(link.reference.removeprefix("0x")))
            latest = self._chain.head().latest
        return receipt is not None and latest - receipt.block_number >= self.confirmations

    def issue(self, title: str, opening: Opening, mark: bytes) -> None:
        """Issue a title; the chain has room for its kind, parties and document, not for more."""
        with self._asked():
            office = self._titles.office
            terms = Terms(
                roles=Roles.of(office), shipper=opening.shipper, consignee=opening.consignee
            )
            move = Move("issue", office, (opening.beneficiary, opening.holder))
            first = issue(terms, opening.kind, move, content=title)
            self._titles.issue(self.sender, bytes.fromhex(title), first, mark)

    def perform(self, title: str, move: Move, mark: bytes, order: str = "") -> None:
        """Send a move of our own account, or a party's order."""
        written = self._written(move)
        with self._asked():
            if move.actor == self.own:
                self._titles.perform(self.sender, bytes.fromhex(title), written, mark)
            elif order and not self.tradetrust:
                register = self._slots
                signed = _signed(order, bytes.fromhex(title), register.head, written, mark)
                register.relay(self.sender, signed)
            else:
                raise TransferDisputed(Text("the party has not ordered it", "当事方未签发指令"))

    def to_sign(
        self, title: str, moves: Sequence[Move], mark: bytes, until: datetime
    ) -> Mapping[str, object]:
        """Return the digests of a party's orders (EIP-712), each from the state before it."""
        if self.tradetrust:
            raise TransferDisputed(Text("the registry takes no orders", "该登记处不接受指令"))
        id_, second, digests = bytes.fromhex(title), int(until.timestamp()), []
        with self._asked():
            head = self._slots.head(id_)
            for move in moves:
                remark = mark if move is moves[-1] else b""
                digest = self._slots.order_digest(id_, head, move, remark=remark, until=second)
                digests.append(digest.hex())
                head = Head(step(head.state, move), head.sequence + 1)
        return {"until": f"{second:x}", "digests": digests}

    @cached_property
    def _chain(self) -> TitleChain:
        chain = self.connect()
        if chain.chain_id() != self.chain_id:
            raise WrongChain(found=chain.chain_id(), expected=self.chain_id)
        return chain

    @cached_property
    def _titles(self) -> ChainTitles:
        if self.tradetrust:
            return TradeTrustTitles(TradeTrustRegistry(self._chain, self.contract))
        return SlotTitles(self._slots)

    @cached_property
    def _slots(self) -> SlotRegister:
        return SlotRegister(self._chain, self.contract, self.since)

    def _written(self, move: Move) -> Move:
        """Return a move as the contract takes it: of a paper's serial our contract has the digest.

        TradeTrust's has no such move: the title is burnt.
        """
        if move.action != "switchToPaper":
            return move
        if self.tradetrust:
            return Move("burn", move.actor)
        serial = sha256((move.args[0] or "").encode()).hexdigest()
        return replace(move, args=(serial,))

    @contextmanager
    def _asked(self) -> Iterator[None]:
        try:
            yield
        except (AnchorUnavailable, SendRefused, WrongChain, BadAnswer) as error:
            raise PeerSilent(error.message, where=self.contract) from error
        except MoveRefused as error:
            raise TransferDisputed(error.message) from error
        except CallReverted as error:
            reason = str(error.details["reason"])
            if reason in _RACED:
                raise PeerSilent(error.message, where=self.contract) from error
            raise TransferDisputed(error.message) from error


def _signed(
    order: str, title: bytes, head: Callable[[bytes], Head], move: Move, mark: bytes
) -> Order:
    """Read a party's order: the last second it counts, and r, s and parity, all in hex."""
    found = _ORDER.fullmatch(order)
    if found is None:
        raise TransferDisputed(Text("the order cannot be read", "指令无法读取"))
    until, r, s, parity = (int(each, 16) for each in found.groups())
    return Order(title, head(title), move, mark, until, (r, s, parity))
