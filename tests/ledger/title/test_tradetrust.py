"""What a TradeTrust registry says, read honestly; the chain is a table of answers here.

The real contracts are in tests/interop/test_tradetrust.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest

from ledger.anchors.calls import selector
from ledger.anchors.errors import AnchorUnavailable
from ledger.anchors.secp256k1 import checksummed
from ledger.title import abi
from ledger.title.chain import TitleChain
from ledger.title.errors import BadAnswer
from ledger.title.machine import Move
from ledger.title.reverts import reason
from ledger.title.tradetrust import BURNT, Status, TradeTrustRegistry

REGISTRY, FACTORY, ESCROW, ALICE, BOB = (checksummed(bytes([n]) * 20) for n in range(1, 6))
TOKEN = bytes(range(32))
FACTORY_CALL = "getEscrowAddress(address,uint256)"


@dataclass
class Answers:
    """A chain that knows answers by contract and function."""

    table: dict[tuple[str, bytes], bytes]
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def chain_id(self) -> int:
        """Answer 31337, or not at all."""
        if self.away:
            raise AnchorUnavailable(where="evm", reason="nobody answers")
        return 31337

    def view(self, to: str, data: bytes) -> bytes | None:
        """Answer what the table has; None (reverted) for another function of a known contract."""
        known = any(contract == to for contract, _ in self.table)
        return self.table.get((to, data[:4]), None if known else b"")


def registry(owner: str | None = ESCROW, **other: abi.Value) -> tuple[Answers, TradeTrustRegistry]:
    """Return a registry whose token lies with `owner`; `other` overrides answers by name."""
    answers: dict[str, abi.Value] = {
        "beneficiary": ALICE,
        "holder": BOB,
        "nominee": None,
        "prevBeneficiary": None,
        "prevHolder": ALICE,
        "registry": REGISTRY,
        "tokenId": TOKEN,
        "active": 1,
    } | other
    table = {(ESCROW, abi.encode(f"{name}()")): abi.word(it) for name, it in answers.items()}
    table[REGISTRY, abi.encode("titleEscrowFactory()")] = abi.word(FACTORY)
    table[REGISTRY, abi.encode("paused()")] = abi.word(other.get("paused", 0))
    table[FACTORY, abi.encode(FACTORY_CALL, REGISTRY, TOKEN)[:4]] = abi.word(ESCROW)
    if owner is not None:
        table[REGISTRY, abi.encode("ownerOf(uint256)", TOKEN)[:4]] = abi.word(owner)
    chain = Answers(table)
    return chain, TradeTrustRegistry(cast("TitleChain", chain), REGISTRY)


def status(owner: str | None = ESCROW, **other: abi.Value) -> Status:
    """Return the status that such a registry gives."""
    return registry(owner, **other)[1].checked_status(TOKEN, 31337).status


def test_only_a_token_in_its_own_active_escrow_is_live() -> None:
    """Where the token lies decides; whatever does not fit is unknown, and never live."""
    assert status() is Status.LIVE
    assert status(REGISTRY) is Status.SURRENDERED
    assert status(BURNT, active=0) is Status.ENDED
    assert status(None) is Status.UNKNOWN
    assert status(BOB) is Status.UNKNOWN
    assert status(registry=BOB) is Status.UNKNOWN
    assert status(tokenId=bytes(32)) is Status.UNKNOWN
    assert status(active=0) is Status.UNKNOWN
    assert status(beneficiary=b"\xff" * 32) is Status.UNKNOWN


def test_a_paused_registry_says_so() -> None:
    """The title stays live; that nothing moves is said beside it."""
    found = registry(paused=1)[1].status(TOKEN)
    assert (found.status, found.paused) == (Status.LIVE, True)


def test_no_node_other_chain_no_contract_bad_id_are_unknown() -> None:
    """Each gives unknown with its reason."""
    chain, known = registry()
    assert "chain 31337" in known.checked_status(TOKEN, 1).reason
    assert known.checked_status(TOKEN[:31], 31337).status is Status.UNKNOWN
    chain.away = True
    assert "nobody answers" in known.checked_status(TOKEN, 31337).reason
    nothing = TradeTrustRegistry(cast("TitleChain", Answers({})), REGISTRY)
    assert "no contract" in nothing.status(TOKEN).reason


def test_a_token_is_read_as_a_state_of_the_machine() -> None:
    """Parties, previous parties and location come from the escrow."""
    state = registry()[1].state(TOKEN)
    assert (state.beneficiary, state.holder, state.previous_holder) == (ALICE, BOB, ALICE)
    with pytest.raises(BadAnswer):
        registry(BOB)[1].state(TOKEN)


def test_calls_are_the_abi_of_the_contracts() -> None:
    """Selector, words in place, the remark behind them with its length."""
    call = registry()[1].call(TOKEN, Move("transferHolder", BOB, (ALICE,)), b"abc")
    assert abi.encode("ownerOf(uint256)", TOKEN)[:4].hex() == "6352211e"
    assert call[:4] == selector("transferHolder(address,bytes)")
    assert abi.words(call[4:]) == [
        abi.word(ALICE),
        abi.word(64),
        abi.word(3),
        b"abc".ljust(32, b"\0"),
    ]
    mint = registry()[1].call(TOKEN, Move("issue", BOB, (ALICE, BOB)))
    assert abi.words(mint[4:])[:3] == [abi.word(ALICE), abi.word(BOB), TOKEN]


def test_what_is_cut_short_or_no_address_is_refused() -> None:
    """Answers of the wrong shape raise BadAnswer instead of being guessed at."""
    for wrong in (b"", b"\x01" * 32, bytes(31)):
        with pytest.raises(BadAnswer):
            abi.address(wrong)
    with pytest.raises(BadAnswer):
        abi.tail(abi.word(32) + abi.word(99), 0)
    with pytest.raises(BadAnswer):
        abi.word("not an address")
    with pytest.raises(BadAnswer):
        abi.number(b"")


def test_a_revert_is_named() -> None:
    """An error of the ABI by its selector, words as they are, nothing as such."""
    assert reason(abi.encode("CallerNotHolder()")) == "CallerNotHolder"
    words = selector("Error(string)") + abi.encode_values(("bytes",), (b"no role",))
    assert reason(words) == "no role"
    assert reason(b"") == "no reason given"
    assert reason(words[:20]) == "no reason given"
    assert reason(b"\x01\x02\x03\x04") == "01020304"
