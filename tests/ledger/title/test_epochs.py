"""Who reads what of a title: cards are their own, and a removed party reads nothing later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.title import token
from ledger.title.epochs import MOST, Epochs, sharers
from ledger.title.errors import EntryRefused, NoEpoch, NoPart, NotForYou
from ledger.title.party import PartyKey, encode
from ledger.title.privacy import Epoch, admit, begin, read_epoch
from ledger.title.readers import TYP, Card, ReadingKey, read_card
from ledger.title.sequence import follow_all
from ledger.title.sharing import Sharer, Wish
from tests.ledger.title.office import PARTIES, START, Office

TITLE = "BL-1"
NAMES = ("CARRIER", "A", "B", "C")
READING = {name: ReadingKey.generate() for name in NAMES}
ID = {name: PARTIES[name].party for name in NAMES}
CARDS = {name: read_card(READING[name].card(PARTIES[name], START)) for name in NAMES}
SHARERS = frozenset(PARTIES[name].party for name in ("CARRIER", "A", "B"))


def may(epoch: Epoch) -> bool:
    """Tell whether a party may share: the carrier, A and B."""
    return epoch.signer in SHARERS


def sharing(epochs: Epochs, name: str, **wish: object) -> Epochs:
    """Return the epochs after a party has shared, as others read them."""
    sharer = Sharer(PARTIES[name], READING[name])
    made = sharer.shared(epochs, Wish(**wish), START, after=0)  # type: ignore[arg-type]
    return Epochs.read(TITLE, [*(each.signed for each in epochs.shared), made], may)


def sealed(epochs: Epochs, name: str, remark: str) -> bytes:
    """Return a remark as a party seals it."""
    return epochs.sealing(READING[name], ID[name]).seal_remark(remark, ID[name])


def test_a_life_of_readers() -> None:
    """Widened, narrowed, and widened again for the past: each reads its own epochs, no more."""
    epochs = sharing(Epochs(TITLE), "A", newcomers=[CARDS["B"]], names={"x": "Bank"})
    epochs = sharing(epochs, "B", newcomers=[CARDS["C"]])
    first = sealed(epochs, "C", "first"), ID["C"]
    gone = PARTIES["B"].party
    epochs = sharing(epochs, "A", leavers=[gone])
    assert gone not in epochs.cards(1)
    second = sealed(epochs, "A", "second"), ID["A"]
    seen = {name: epochs.opened(READING[name]) for name in NAMES}
    texts = {
        name: [(each.remark(*said) or {})["text"] for said in (first, second)]
        for name, each in seen.items()
    }
    assert texts == {
        "A": ["first", "second"],
        "B": ["first", None],
        "C": ["first", "second"],
        "CARRIER": [None, None],
    }
    assert [seen[name].names for name in ("A", "B", "CARRIER")] == [{"x": "Bank"}] * 2 + [{}]
    assert seen["B"].remark(*second) == {"epoch": 1, "text": None}
    epochs = sharing(epochs, "A", newcomers=[CARDS["CARRIER"]], epoch=0)
    late = epochs.opened(READING["CARRIER"])
    assert [late.remark(*each) for each in (first, second)] == [
        {"epoch": 0, "text": "first"},
        {"epoch": 1, "text": None},
    ]


def test_who_has_no_part_seals_nothing() -> None:
    """Without an epoch, with a stranger's key, and with another party's reading key."""
    with pytest.raises(NoEpoch):
        Epochs(TITLE).sealing(READING["A"], PARTIES["A"].party)
    epochs = sharing(Epochs(TITLE), "A", newcomers=[CARDS["B"]])
    with pytest.raises(NoPart):
        epochs.sealing(READING["C"], PARTIES["C"].party)
    with pytest.raises(NoPart):
        epochs.sealing(READING["B"], PARTIES["A"].party)
    with pytest.raises(NoPart):
        sharing(epochs, "CARRIER", newcomers=[CARDS["C"]])
    for wrong in (PARTIES["C"].party, PARTIES["A"].party):
        with pytest.raises(EntryRefused, match="no other reader"):
            sharing(epochs, "A", leavers=[wrong])


def bound_by(signer: PartyKey, party: str, key: ReadingKey) -> str:
    """Return a card that says whatever is asked, signed by whoever."""
    said = {
        "at": "2026-11-01T08:00:00.000Z",
        "party": party,
        "reads": {"crv": "X25519", "kty": "OKP", "x": encode(key.public)},
    }
    return token.sealed(said, TYP, signer)


def test_a_card_is_its_partys_own() -> None:
    """A reading key under another's name is refused, alone and inside an epoch."""
    own = bound_by(PARTIES["A"], PARTIES["A"].party, READING["A"])
    assert read_card(own).public == READING["A"].public
    foisted = bound_by(PARTIES["C"], PARTIES["A"].party, READING["C"])
    with pytest.raises(EntryRefused, match="not signed by the party"):
        read_card(foisted)
    header, payload, _ = own.split(".")
    with pytest.raises(EntryRefused, match="signature"):
        read_card(f"{header}.{payload}.{encode(bytes(64))}")
    wrong = Card(PARTIES["A"].party, READING["C"].public, START, foisted)
    _, signed = begin(TITLE, 0, [wrong], {}, PARTIES["A"])
    with pytest.raises(EntryRefused, match="not signed by the party"):
        read_epoch(signed)
    swapped = replace(CARDS["C"], party=PARTIES["A"].party)
    _, signed = begin(TITLE, 0, [swapped], {}, PARTIES["A"])
    with pytest.raises(EntryRefused, match="a card of each reader"):
        read_epoch(signed)


def test_who_names_anothers_key_gains_and_takes_nothing() -> None:
    """A party whose card names B's reading key reads nothing, and B seals and reads as before."""
    posing = read_card(READING["B"].card(PARTIES["C"], START))
    epochs = sharing(Epochs(TITLE), "A", newcomers=[posing, CARDS["B"]])
    said = sealed(epochs, "B", "paid"), ID["B"]
    told = epochs.opened(READING["B"], [ID["B"]]).remark(*said)
    assert told == {"epoch": 0, "text": "paid"}
    assert epochs.opened(READING["C"]).remark(*said) == {"epoch": 0, "text": None}


def test_what_is_wrapped_is_what_the_epoch_commits_to() -> None:
    """A sharer who wraps other bytes than the epoch's key fools nobody, and hides nothing."""
    epochs = sharing(Epochs(TITLE), "A", newcomers=[CARDS["B"]])
    key = epochs.key(0, READING["A"])

    class Lying(type(key)):  # type: ignore[misc]
        commitment = key.commitment

    lie = admit(Lying(TITLE, 0, bytes(32)), [CARDS["B"], CARDS["C"]], {}, PARTIES["A"])
    fooled = epochs.followed(read_epoch(lie))
    assert fooled.key(0, READING["B"]).secret == key.secret
    with pytest.raises(NotForYou):
        fooled.key(0, READING["C"])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda: begin("BL-2", 1, [CARDS["A"]], {}, PARTIES["A"])[1], "another title"),
        (lambda: begin(TITLE, 2, [CARDS["A"]], {}, PARTIES["A"])[1], "left out"),
        (lambda: begin(TITLE, 0, [CARDS["A"]], {}, PARTIES["A"])[1], "another key"),
        (lambda: begin(TITLE, 1, [CARDS["C"]], {}, PARTIES["C"])[1], "without a part"),
    ],
)
def test_epochs_follow_one_another(wrong: Callable[[], str], why: str) -> None:
    """Of another title, ahead, with a second key, or by a stranger: refused offline as well."""
    epochs = sharing(Epochs(TITLE), "A")
    with pytest.raises(EntryRefused, match=why):
        Epochs.read(TITLE, [epochs.shared[0].signed, wrong()], may)


def test_a_sharer_gives_a_card_of_its_own() -> None:
    """Not another party's, nor one of another reading key."""
    for wrong in (CARDS["B"], read_card(READING["B"].card(PARTIES["A"], START))):
        sharer = Sharer(PARTIES["A"], READING["A"], wrong)
        with pytest.raises(EntryRefused, match="not that of the party"):
            sharer.shared(Epochs(TITLE), Wish(), START, after=0)


def test_an_epoch_has_bounds() -> None:
    """Neither endless readers nor endless epochs."""
    parties = [PartyKey.generate() for _ in range(40)]
    crowd = [read_card(READING["A"].card(each, START)) for each in parties]
    with pytest.raises(EntryRefused, match="no room"):
        begin(TITLE, 0, crowd, {}, PARTIES["A"])
    assert len(read_epoch(begin(TITLE, 0, crowd[:12], {}, PARTIES["A"])[1]).cards) == 12
    once = sharing(Epochs(TITLE), "A").shared[0]
    with pytest.raises(EntryRefused, match="no room"):
        Epochs(TITLE, (once,) * MOST).followed(once)


def test_the_newest_card_counts() -> None:
    """A party that makes a new reading key is given the next epoch under that one."""
    epochs = sharing(Epochs(TITLE), "A", newcomers=[CARDS["B"]])
    fresh = ReadingKey.generate()
    card = read_card(fresh.card(PARTIES["B"], START + timedelta(days=1)))
    epochs = sharing(sharing(epochs, "A", newcomers=[card]), "A", anew=True)
    assert epochs.key(0, READING["B"]) == epochs.key(0, fresh)
    with pytest.raises(NotForYou):
        epochs.key(1, READING["B"])
    assert epochs.key(1, fresh).epoch == 1
    with pytest.raises(EntryRefused, match="newer card"):
        sharing(epochs, "A", newcomers=[CARDS["B"]])


def test_no_epoch_goes_back_to_a_key_that_was_replaced() -> None:
    """A newer card that came for an old epoch is that of the next one; an older one is refused."""
    epochs = sharing(sharing(Epochs(TITLE), "A", newcomers=[CARDS["B"]]), "A", anew=True)
    fresh = ReadingKey.generate()
    card = read_card(fresh.card(PARTIES["B"], START + timedelta(days=1)))
    epochs = sharing(sharing(epochs, "A", newcomers=[card], epoch=0), "A", anew=True)
    assert epochs.cards(2)[ID["B"]] == card
    _, back = begin(TITLE, 3, [CARDS["A"], CARDS["B"]], {}, PARTIES["A"])
    with pytest.raises(EntryRefused, match="newer card"):
        epochs.followed(read_epoch(back))


def test_who_may_share_changes_with_the_title() -> None:
    """Issuer, and title holder and possessor as of the action that an epoch names."""
    office = Office()
    title = office.issue()
    office.act(title, "A", "nominate", "B")
    office.act(title, "A", "transferHolder", "C")
    may_then = sharers(follow_all(office.register.entries(title)))

    def allowed(name: str, after: int) -> bool:
        _, signed = begin(title, 0, [CARDS[name]], {}, PARTIES[name], after=after)
        return may_then(read_epoch(signed))

    assert [allowed(name, 1) for name in NAMES] == [True, True, False, False]
    assert [allowed(name, 2) for name in NAMES] == [True, True, False, True]
    assert not allowed("A", 3)
    _, late = begin(title, 0, [CARDS["C"]], {}, PARTIES["C"], after=2)
    office.register.share(late)
    _, early = begin(title, 1, [CARDS["A"]], {}, PARTIES["A"], after=1)
    with pytest.raises(EntryRefused, match="has moved"):
        office.register.share(early)
    both = [late, early]
    with pytest.raises(EntryRefused, match="an earlier time"):
        Epochs.read(title, both, may_then)
