"""The register: signed entries, one head, no second life, no two media."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.title.entry import TYP, Entry, Statement, read
from ledger.title.errors import (
    Disputed,
    EntryRefused,
    Guard,
    MediumRefused,
    MoveRefused,
    NoSuchTitle,
    OutOfOrder,
)
from ledger.title.machine import ACTIONS, Move
from ledger.title.mandate import Mandate
from ledger.title.party import PartyKey, decode, encode
from ledger.title.privacy import begin
from ledger.title.readers import ReadingKey, read_card
from ledger.title.state import Kind, Location
from ledger.title.token import opened, sealed
from schemas.errors import LedgerError
from tests.ledger.title.office import CONTENT, ORIGIN, PARTIES, START, Office, issuing, twenty_moves

EVIDENCE = "ab" * 32


@pytest.fixture
def office() -> Office:
    """A register in memory."""
    return Office()


def refused(office: Office, guard: Guard, *act: str, **more: Any) -> None:
    """Check that an action is refused on a guard, and that nothing has changed."""
    before = (office.log.size, office.titles.head(act[0]))
    with pytest.raises(MoveRefused) as error:
        office.act(*act, **more)
    assert error.value.guard is guard
    assert (office.log.size, office.titles.head(act[0])) == before


def test_each_action_is_signed_chained_and_logged(office: Office) -> None:
    """Every accepted entry is a leaf of the log and names its predecessor; history tells all."""
    title = office.issue()
    office.act(title, "A", "transferHolder", "C")
    accepted = office.act(title, "C", "transferHolder", "A", remark=b"back")
    assert (accepted.leaf, office.log.size) == (2, 3)
    links = office.register.history(title)
    assert [link.move.action for link in links] == ["issue", "transferHolder", "transferHolder"]
    assert links[-1].remark == b"back"
    assert links[-1].reference == accepted.standing.digest
    assert office.register.standing(title).state.holder == PARTIES["A"].party


def test_after_a_transfer_the_old_controller_is_refused(office: Office) -> None:
    """Control passes at once and for good; the receiver alone may give it back."""
    title = office.issue()
    office.act(title, "A", "transferOwners", "B", "B")
    refused(office, Guard.NOT_HOLDER, title, "A", "transferHolder", "C")
    refused(office, Guard.NOT_BOTH, title, "A", "rejectTransferOwners")
    refused(office, Guard.NOT_BOTH, title, "A", "returnToIssuer")
    office.act(title, "B", "rejectTransferOwners")
    assert office.register.standing(title).state.holder == PARTIES["A"].party


def test_an_id_is_issued_once_whatever_became_of_it(office: Office) -> None:
    """A second issue is refused while the title lives and after it was shredded."""
    title = office.issue()
    again = office.entry(title, "CARRIER", "issue", "B", "B", n=0, previous="", issue=issuing())
    for _ in range(2):
        with pytest.raises(MoveRefused) as error:
            office.register.submit(again.sealed(PARTIES["CARRIER"]))
        assert error.value.guard is Guard.ID_USED
        if office.register.standing(title).state.location is Location.ESCROW:
            office.act(title, "A", "returnToIssuer")
            office.act(title, "CARRIER", "burn")
    refused(office, Guard.ENDED, title, "CARRIER", "restore")


def test_only_the_registers_issuers_issue(office: Office) -> None:
    """A party that is no issuer cannot issue, even with roles of its own making."""
    terms = issuing()
    entry = office.entry("BL-9", "A", "issue", "A", "A", issue=terms)
    with pytest.raises(MoveRefused):
        office.register.submit(entry.sealed(PARTIES["A"]))
    own = replace(
        terms,
        terms=replace(terms.terms, roles=replace(terms.terms.roles, minter=PARTIES["A"].party)),
    )
    entry = office.entry("BL-9", "A", "issue", "A", "A", issue=own)
    with pytest.raises(MoveRefused) as error:
        office.register.submit(entry.sealed(PARTIES["A"]))
    assert error.value.guard is Guard.NO_ROLE


@pytest.mark.parametrize("nobody", ["0x" + 40 * "0", "BANK"])
def test_a_title_goes_to_keys_alone(office: Office, nobody: str) -> None:
    """What is no party's id could never act: neither possession nor a nomination goes there."""
    title = office.issue()
    for action in ("nominate", "transferHolder", "transferBeneficiary"):
        entry = office.entry(title, "A", action)
        odd = replace(entry, move=replace(entry.move, args=(nobody,)))
        with pytest.raises(EntryRefused, match="no party"):
            office.register.submit(odd.sealed(PARTIES["A"]))
    assert office.register.standing(title).n == 0


def test_a_repeated_entry_gets_its_receipt_and_another_is_disputed(office: Office) -> None:
    """The same again, or signed again: the same place. Anything else for that place: Disputed."""
    title = office.issue()
    one = office.entry(title, "A", "transferOwners", "B", "B").sealed(PARTIES["A"])
    other = office.entry(title, "A", "transferOwners", "C", "C").sealed(PARTIES["A"])
    first = office.register.submit(one)
    again = office.register.submit(one)
    assert (again.leaf, again.standing, again.repeated) == (first.leaf, first.standing, True)
    entry = read(one)
    resigned = office.register.submit(entry.sealed(PARTIES["A"]))
    assert (resigned.standing.digest, resigned.repeated) == (first.standing.digest, True)
    with pytest.raises(Disputed):
        office.register.submit(other)
    with pytest.raises(Disputed):
        office.register.submit(replace(entry, remark=b"x").sealed(PARTIES["A"]))
    assert office.log.size == 2
    assert office.register.standing(title).state.holder == PARTIES["B"].party


def test_an_old_entry_cannot_be_played_again_elsewhere(office: Office) -> None:
    """Signed for one place, register and title, an entry is refused in every other."""
    title = office.issue()
    office.issue("BL-2")
    held = office.entry(title, "A", "transferHolder", "C")
    for wrong in (
        replace(held, title="BL-2"),
        replace(held, register="other.example/log"),
        replace(held, previous=EVIDENCE),
    ):
        with pytest.raises(EntryRefused):
            office.register.submit(wrong.sealed(PARTIES["A"]))
    for n in (2, 99):
        with pytest.raises(OutOfOrder):
            office.register.submit(replace(held, n=n).sealed(PARTIES["A"]))
    office.act(title, "A", "transferHolder", "B")
    office.act(title, "B", "transferHolder", "A")
    with pytest.raises(Disputed):
        office.register.submit(held.sealed(PARTIES["A"]))
    with pytest.raises(NoSuchTitle):
        office.register.standing("BL-3")


def test_times_are_the_registers_and_never_go_back(office: Office) -> None:
    """An entry of long ago, of the future, or earlier than its predecessor is refused."""
    title = office.issue()
    held = office.entry(title, "A", "transferHolder", "C")
    for at in (
        held.at - timedelta(minutes=6),
        held.at + timedelta(minutes=6),
        office.register.standing(title).at - timedelta(milliseconds=1),
    ):
        with pytest.raises(EntryRefused):
            office.register.submit(replace(held, at=at).sealed(PARTIES["A"]))


def test_nobody_signs_for_another(office: Office) -> None:
    """An entry by another key than its actor's is refused, whatever it says."""
    title = office.issue()
    entry = office.entry(title, "A", "transferHolder", "C")
    with pytest.raises(EntryRefused, match="another party"):
        office.register.submit(entry.sealed(PARTIES["C"]))


def test_every_part_of_an_entry_is_under_the_signature(office: Office) -> None:
    """Any character of a signed entry changed: refused, and nothing has changed."""
    title = office.issue()
    signed = office.entry(title, "A", "transferHolder", "C", remark=b"x", place="CNSHA").sealed(
        PARTIES["A"]
    )
    for at, old in enumerate(signed):
        new = "A" if old != "A" else "B"
        with pytest.raises(EntryRefused):
            office.register.submit(f"{signed[:at]}{new}{signed[at + 1 :]}")
    assert office.log.size == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: replace(entry, place="CNSHAX"),
        lambda entry: replace(entry, remark=bytes(121)),
        lambda entry: replace(entry, title="a b"),
        lambda entry: replace(entry, title="x" * 101),
        lambda entry: replace(entry, n=-1),
        lambda entry: replace(entry, move=Move("transferHolder", entry.move.actor, ("C",) * 5)),
        lambda entry: replace(entry, move=Move("transferHolder", entry.move.actor, ("",))),
        lambda entry: replace(entry, previous="ab"),
        lambda entry: replace(entry, previous=""),
        lambda entry: replace(entry, issue=issuing()),
        lambda entry: replace(entry, statement=Statement(text=" ")),
        lambda entry: replace(entry, statement=Statement(text="x", evidence="zz")),
    ],
)
def test_a_malformed_entry_is_refused(office: Office, change: Callable[[Entry], Entry]) -> None:
    """Fields out of range, missing or too many are refused although the signature holds."""
    title = office.issue()
    entry = change(office.entry(title, "A", "transferHolder", "C"))
    with pytest.raises(EntryRefused):
        office.register.submit(entry.sealed(PARTIES["A"]))


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "e30.e30.AA", "x" * 20_000])
def test_what_is_no_token_is_refused(office: Office, token: str) -> None:
    """Text that is no compact JWS of ours is an error of ours, never a crash."""
    with pytest.raises(EntryRefused):
        office.register.submit(token)


@pytest.mark.parametrize(
    ("name", "value"),
    [("alg", "none"), ("alg", "HS256"), ("kid", "x"), ("typ", "JWT"), ("jwk", {"kty": "oct"})],
)
def test_another_header_is_refused(office: Office, name: str, value: object) -> None:
    """Algorithm none, a symmetric key, another type, an unknown member: refused."""
    title = office.issue()
    signed = office.entry(title, "A", "transferHolder", "C").sealed(PARTIES["A"])
    head, payload, _ = signed.split(".")
    header = {**json.loads(decode(head)), name: value}
    head = encode(json.dumps(header, sort_keys=True, separators=(",", ":")).encode())
    value_of = encode(PARTIES["A"].sign(f"{head}.{payload}".encode()))
    with pytest.raises(EntryRefused):
        office.register.submit(f"{head}.{payload}.{value_of}")


def test_the_gateway_acts_on_mandate(office: Office) -> None:
    """An agent signs for its party where the mandate says so, and nowhere else."""
    title = office.issue()
    entry = office.entry(title, "A", "transferHolder", "C")
    mandate = Mandate(
        agent=PARTIES["AGENT"].party,
        register=ORIGIN,
        titles={title},
        actions={"transferHolder"},
        since=entry.at - timedelta(days=1),
        until=entry.at + timedelta(days=1),
    )
    for wrong, party in (
        (replace(mandate, agent=PARTIES["C"].party), "A"),
        (replace(mandate, register="other.example/log"), "A"),
        (replace(mandate, titles={"BL-2"}), "A"),
        (replace(mandate, actions={"nominate"}), "A"),
        (replace(mandate, until=entry.at - timedelta(seconds=1)), "A"),
        (replace(mandate, since=entry.at + timedelta(seconds=1)), "A"),
        (mandate, "B"),
    ):
        order = replace(entry, mandate=wrong.sealed(PARTIES[party]))
        with pytest.raises(EntryRefused, match="mandate"):
            office.register.submit(order.sealed(PARTIES["AGENT"]))
    order = replace(entry, mandate=mandate.sealed(PARTIES["A"]))
    accepted = office.register.submit(order.sealed(PARTIES["AGENT"]))
    assert accepted.standing.last.signer == PARTIES["AGENT"].party
    assert accepted.standing.state.holder == PARTIES["C"].party


def test_paper_and_title_never_count_both(office: Office) -> None:
    """To paper ends the title under its serial; back needs statement and evidence, once."""
    title = office.issue()
    office.act(title, "A", "returnToIssuer")
    with pytest.raises(MediumRefused):
        office.act(title, "CARRIER", "switchToPaper", "P-7")
    office.act(
        title, "CARRIER", "switchToPaper", "P-7", statement=Statement(text="on paper", paper="P-7")
    )
    assert office.register.standing(title).state.paper == "P-7"
    refused(office, Guard.ENDED, title, "CARRIER", "restore")
    with pytest.raises(MediumRefused, match="evidence"):
        office.issue("BL-2", statement=Statement(text="paper cancelled", paper="P-7"))
    back = Statement(text="paper cancelled", evidence=EVIDENCE, paper="P-7")
    office.issue("BL-2", statement=back)
    with pytest.raises(MediumRefused, match="replaced before"):
        office.issue("BL-3", statement=back)
    office.issue("BL-4")
    office.act("BL-4", "A", "returnToIssuer")
    with pytest.raises(MediumRefused, match="known already"):
        office.act(
            "BL-4", "CARRIER", "switchToPaper", "P-7", statement=Statement(text="x", paper="P-7")
        )


def test_a_title_replaces_only_those_that_have_ended(office: Office) -> None:
    """A switched bill (SWI) is issued in place of ended titles; a living one is no such."""
    title = office.issue()
    said = Statement(text="switched", titles=(title,))
    with pytest.raises(MediumRefused, match="has not ended"):
        office.issue("BL-2", statement=said)
    office.act(title, "A", "returnToIssuer")
    office.act(title, "CARRIER", "burn")
    office.issue("BL-2", statement=said)
    with pytest.raises(NoSuchTitle):
        office.issue("BL-5", statement=Statement(text="switched", titles=("BL-77",)))


def test_an_amendment_links_old_and_new_content(office: Office) -> None:
    """The issue has the digest of the bill, the amendment that of the new one."""
    title = office.issue()
    office.act(title, "A", "returnToIssuer")
    office.act(title, "CARRIER", "amend", EVIDENCE)
    office.act(title, "CARRIER", "restore")
    contents = [link.state.content for link in office.register.history(title)]
    assert contents == [CONTENT, CONTENT, EVIDENCE, EVIDENCE]


def test_pause_stops_everything(office: Office) -> None:
    """A paused title is not moved by anybody until the office lets it go on."""
    title = office.issue(kind=Kind.BLANK)
    office.act(title, "CARRIER", "pause")
    refused(office, Guard.PAUSED, title, "A", "transferOwners", "B", "B")
    office.act(title, "CARRIER", "unpause")
    office.act(title, "A", "transferOwners", "B", "B")


def test_a_party_is_its_key(office: Office) -> None:
    """Both kinds of key sign, and a stranger's is a party of its own without any right."""
    twenty_moves(office)
    stranger = PartyKey.generate()
    title = office.issue()
    entry = office.entry(title, "A", "transferHolder", "C")
    order = replace(entry, move=replace(entry.move, actor=stranger.party))
    with pytest.raises(MoveRefused):
        office.register.submit(order.sealed(stranger))


def test_every_entry_is_stamped_before_it_counts(office: Office) -> None:
    """The stamper is given each entry's digest; while it does not answer nothing is accepted."""
    asked: list[bytes] = []

    def stamper(digest: bytes) -> bytes:
        if len(asked) == 2:
            raise TimeoutError
        asked.append(digest)
        return b"token " + digest

    office.register._stamper = stamper
    title = office.issue()
    accepted = office.act(title, "A", "transferHolder", "C")
    assert office.register.stamps(title) == [b"token " + digest for digest in asked]
    assert asked[1].hex() == accepted.standing.digest
    with pytest.raises(TimeoutError):
        office.act(title, "C", "transferHolder", "A")


def test_keys_are_shared_by_those_who_have_part_in_the_title(office: Office) -> None:
    """Issuer and holders begin epochs, strangers do not; none is left out, and none is doubled."""
    title = office.issue()
    readers = [read_card(ReadingKey.generate().card(PARTIES["A"], START))]
    for name, epoch, right in (("A", 0, True), ("CARRIER", 1, True), ("C", 2, False)):
        _, signed = begin(title, epoch, readers, {}, PARTIES[name])
        if right:
            assert office.register.share(signed).epoch == epoch
        else:
            with pytest.raises(MoveRefused):
                office.register.share(signed)
    _, ahead = begin(title, 3, readers, {}, PARTIES["A"])
    with pytest.raises(EntryRefused, match="left out"):
        office.register.share(ahead)
    _, other = begin(title, 1, readers, {}, PARTIES["A"])
    with pytest.raises(EntryRefused, match="another key"):
        office.register.share(other)
    assert len(office.register.epochs(title)) == 2


def test_no_action_and_no_arguments_crash_the_register(office: Office) -> None:
    """Every action, known or not, with 0 to 4 arguments of any sort: accepted or refused."""
    title = office.issue()
    args: tuple[str | None, ...] = ("A", None, "x" * 100, "straight")
    said = Statement(text="on paper", paper="P-1")
    for action in (*ACTIONS, "", "sell"):
        for count in range(5):
            for actor in ("A", "CARRIER"):
                for more in ({}, {"statement": said}):
                    entry = office.entry(title, actor, action, *args[:count], **more)
                    with suppress(LedgerError):
                        office.register.submit(entry.sealed(PARTIES[actor]))
    assert office.register.standing(title).state.active


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
FIELDS = ("action", "actor", "args", "at", "issue", "mandate", "n", "place", "previous", "remark")
TIMES = st.sampled_from(["0001-01-01T00:00:00.000+23:59", "9999-12-31T23:59:59.999-23:59", "now"])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from((*FIELDS, "register", "statement", "title", "x")), JSON | TIMES)
def test_whatever_a_field_is_it_is_read_or_refused(field: str, value: object) -> None:
    """A signed entry with any field replaced by any JSON: an entry, or EntryRefused."""
    office = Office()
    title = office.issue()
    signed = office.entry(title, "A", "transferHolder", "C").sealed(PARTIES["A"])
    payload = {**opened(signed, TYP).payload, field: value}
    with suppress(EntryRefused):
        assert read(sealed(payload, TYP, PARTIES["A"])).n >= 0
