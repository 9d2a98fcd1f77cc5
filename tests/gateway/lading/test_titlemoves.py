"""What each DCSA transaction is on a title register, and that the machine takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from gateway.lading.chain import follow, step
from gateway.lading.control.registry import Step
from gateway.lading.parties import Member, PartyBook
from gateway.lading.refusals import TransferDisputed
from gateway.lading.titlebook import Chronicle, Opening
from gateway.lading.titles.accounts import Accounts
from gateway.lading.titles.moves import moves, opening
from ledger.title.link import Link
from ledger.title.machine import Move, issue
from ledger.title.machine import step as move_on
from ledger.title.state import Kind, Location, Roles, State, Terms
from tests.gateway.lading.envelopes import Json, checksum, document, party, transaction

OWN = {"Shipper": "a-shipper", "Bank": "a-bank", "Buyer": "a-buyer"}


@dataclass
class Book:
    """A register that is never asked: accounts alone."""

    own: str = "carx"
    platforms: Mapping[str, str] = field(default_factory=lambda: {"BOLE": "bole", "WAVE": "wave"})

    def account(self, code: str) -> str | None:
        """Return the account in a code of its form."""
        return code.removeprefix("did:") if code.startswith("did:") else None

    def platform(self, code: str) -> str | None:
        """Return a platform's account."""
        return self.platforms.get(code)

    def owner(self, account: str) -> str:
        """Return the platform of an account."""
        return {theirs: code for code, theirs in self.platforms.items()}.get(account, "")

    def place(self, title: str) -> str:
        """Return the id."""
        return title

    def read(self, title: str) -> Chronicle | None:
        """Never asked."""
        raise NotImplementedError

    def marked(self, link: Link, mark: bytes) -> bool:
        """Never asked."""
        raise NotImplementedError

    def final(self, link: Link) -> bool:
        """Never asked."""
        raise NotImplementedError

    def issue(self, title: str, opening: Opening, mark: bytes) -> None:
        """Never asked."""

    def perform(self, title: str, move: Move, mark: bytes, order: str = "") -> None:
        """Never asked."""

    def to_sign(
        self, title: str, moves: Sequence[Move], mark: bytes, until: datetime
    ) -> Mapping[str, object]:
        """Never asked."""
        raise NotImplementedError


def who(name: str, platform: str = "CARX", *, own: bool = False) -> Json:
    """Return a party, perhaps with an account of its own in its codes."""
    made = party(name, platform)
    if own:
        made["identifyingCodes"].append(
            {"codeListProvider": "W3C", "partyCode": f"did:{OWN[name]}"}
        )
    return made


def accounts(*, own: bool = False) -> Accounts:
    """Return the accounts as platform CARX knows them."""
    members = [
        Member(
            tenant=name.lower(),
            name=name,
            codes=frozenset(
                (each["codeListProvider"], each["partyCode"])
                for each in who(name, own=own)["identifyingCodes"]
            ),
        )
        for name in OWN
    ]
    return Accounts(Book(), "CARX", PartyBook(members))


class Story:
    """A bill and its title, step by step; the machine has to take every move."""

    def __init__(self, *, own: bool, to_order: bool, holder: str = "Shipper", **named: str) -> None:
        """Issue to a party; `named` are the names behind the document's parties."""
        self.own, self.accounts = own, accounts(own=own)
        self.document = document(to_order=to_order)
        for role, name in named.items():
            codes = who(name, own=own)["identifyingCodes"]
            self.document["documentParties"][role]["identifyingCodes"] = codes
        made = transaction("ISSUE", party("Carrier", "CARX"), who(holder, own=own))
        self.control = follow([("CARX", made)], self.document)
        begun = opening(self._step(made), self.accounts)
        terms = Terms(roles=Roles.of("carx"), shipper=begun.shipper, consignee=begun.consignee)
        first = Move("issue", "carx", (begun.beneficiary, begun.holder))
        self.state: State = issue(terms, begun.kind, first, content="5a" * 32)

    def _step(self, made: Json) -> Step:
        return Step(
            bill=checksum(self.document), document=self.document, made=made, after=self.control
        )

    def does(self, action: str, actor: Json, to: Json | None = None, **more: str) -> list[str]:
        """Make a transaction; return the moves it is."""
        made = transaction(action, actor, to, **more)
        self.control = step(self.control, str(actor["eblPlatform"]), made)
        due = moves(self._step(made), self.state, self.accounts)
        for move in due:
            self.state = move_on(self.state, move)
        return [move.action for move in due]

    @property
    def held(self) -> tuple[str | None, str | None]:
        """Who has title, and possession."""
        return self.state.beneficiary, self.state.holder


CARRIER = party("Carrier", "CARX")
SHIPPER, BANK = who("Shipper", own=True), who("Bank", own=True)
BUYER = {**who("Buyer", own=True), "eblPlatform": "BOLE"}


def test_a_straight_bill_between_named_accounts_passes_by_name():
    """Possession goes through a bank, and the consignee takes title with it from there."""
    story = Story(own=True, to_order=False, shipper="Shipper", consignee="Buyer")
    assert story.state.kind is Kind.STRAIGHT
    assert story.does("TRANSFER", SHIPPER, BANK) == ["nominate", "transferHolder"]
    assert story.held == ("a-shipper", "a-bank")
    assert story.does("TRANSFER", BANK, BUYER) == ["transferOwners"]
    assert story.held == ("a-buyer", "a-buyer")


def test_a_straight_bill_of_unknown_names_has_title_with_possession():
    """The platforms answer for who may claim: the register keeps it with whoever has the bill."""
    story = Story(own=False, to_order=False)
    assert story.state.kind is Kind.ESCROW
    assert story.does("TRANSFER", who("Shipper"), party("Forwarder", "BOLE")) == ["transferOwners"]
    assert story.held == ("bole", "bole")


def test_an_endorsee_with_an_account_has_title_while_another_has_possession():
    """The pledge: possession with the bank, title with the endorsee, until it comes together."""
    story = Story(own=True, to_order=True, holder="Bank", endorsee="Buyer")
    assert (story.state.kind, story.held) == (Kind.TO_ORDER, ("a-buyer", "a-bank"))
    assert story.does("TRANSFER", BANK, SHIPPER) == ["transferHolder"]
    assert story.does("TRANSFER", SHIPPER, BUYER) == ["transferHolder"]
    assert story.held == ("a-buyer", "a-buyer")


def test_an_endorsement_moves_title_and_a_blank_one_the_kind():
    """Endorsed in blank, handed on, endorsed to order again: the machine takes each."""
    story = Story(own=True, to_order=True, endorsee="Shipper")
    assert story.does("BLANK_ENDORSE", SHIPPER) == ["changeKind"]
    assert story.does("TRANSFER", SHIPPER, BANK) == ["transferOwners"]
    assert story.does("ENDORSE_TO_ORDER", BANK, SHIPPER) == ["changeKind", "transferBeneficiary"]
    assert story.held == ("a-shipper", "a-bank")
    assert story.does("SIGN", BANK) == []


@pytest.mark.parametrize(
    ("reason", "answer", "wanted", "location"),
    [
        ({}, "SACC", ["burn"], Location.ENDED),
        ({"reasonCode": "SWTP"}, "SACC", ["switchToPaper"], Location.ENDED),
        ({}, "SREJ", ["restore"], Location.ESCROW),
    ],
)
def test_a_surrender_is_returned_and_answered(
    reason: dict[str, str], answer: str, wanted: list[str], location: Location
):
    """SACC ends it, on paper where paper was asked for; SREJ gives it back."""
    story = Story(own=True, to_order=False, shipper="Shipper", consignee="Buyer")
    asked = "SURRENDER_FOR_AMENDMENT" if reason else "SURRENDER_FOR_DELIVERY"
    assert story.does(asked, SHIPPER, CARRIER, **reason) == ["returnToIssuer"]
    assert story.does(answer, CARRIER, SHIPPER) == wanted
    assert story.state.location is location
    assert story.state.paper == ("MAEU:SGX0001" if reason else "")


def test_who_is_not_in_possession_on_the_register_does_nothing():
    """The chain says the shipper has it; the register says the bank: a dispute."""
    story = Story(own=True, to_order=False, shipper="Shipper", consignee="Buyer")
    story.state = replace(story.state, holder="a-bank")
    with pytest.raises(TransferDisputed):
        story.does("TRANSFER", SHIPPER, BUYER)


def test_a_receiver_without_any_account_gets_nothing():
    """Neither a code of the party nor its platform names one."""
    story = Story(own=True, to_order=False, shipper="Shipper", consignee="Buyer")
    with pytest.raises(TransferDisputed):
        story.does("TRANSFER", SHIPPER, party("Buyer", "IQAX"))


def test_what_a_party_here_calls_itself_counts_only_as_our_list_has_it():
    """A stranger's account among the codes of a party of ours does not become its account."""
    book = accounts(own=False)
    forged = who("Buyer")
    forged["identifyingCodes"].append({"codeListProvider": "W3C", "partyCode": "did:thief"})
    assert book.of(forged) == "carx"
