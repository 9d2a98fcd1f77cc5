"""Private remarks: for the parties alone, never twice alike, and whoever left reads no more."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from ledger.title import token
from ledger.title.entry import MAX_REMARK
from ledger.title.errors import EntryRefused, NotForYou, RemarkTooLong
from ledger.title.party import PartyKey
from ledger.title.privacy import TYP, Reader, TitleKey, admit, begin, epoch_of, read_epoch
from ledger.title.readers import Card, ReadingKey, read_card
from tests.ledger.title.office import PARTIES, START

TITLE = "BL-1"
ACTOR = PARTIES["A"].party
READERS = {name: ReadingKey.generate() for name in ("A", "B", "C")}
NAMES = {PARTIES["A"].party: "Shanghai Silk Co", PARTIES["B"].party: "新加坡买方"}


def cards(*names: str) -> list[Card]:
    """Return the cards of parties."""
    return [read_card(READERS[each].card(PARTIES[each], START)) for each in names]


def key_of(name: str, signed: str) -> TitleKey:
    """Return the key that a party unwraps from an epoch."""
    return read_epoch(signed).unwrap(PARTIES[name].party, READERS[name].private)


def test_a_reader_reads_remarks_and_names() -> None:
    """Each reader unwraps the same key, opens the remark, and learns who the parties are."""
    key, signed = begin(TITLE, 0, cards("A", "B"), NAMES, PARTIES["A"])
    sealed = key.seal_remark("freight unpaid: hold", ACTOR)
    epoch = read_epoch(signed)
    assert epoch.signer == PARTIES["A"].party
    for name in ("A", "B"):
        reader = Reader([key_of(name, signed)])
        assert reader.remark(TITLE, sealed, ACTOR) == "freight unpaid: hold"
        found = {party: reader.name(TITLE, called, party) for party, called in epoch.names.items()}
        assert found == NAMES
    assert "Shanghai" not in signed


@pytest.mark.parametrize("unit", ["x", "\0", "é", "后", "😀"])
def test_ninety_bytes_of_text_fit_a_remark(unit: str) -> None:
    """Overhead is 30 bytes whatever the text; what does not fit is refused, not cut."""
    key, size = TitleKey(TITLE, 3, bytes(32)), len(unit.encode())
    for count in range(MAX_REMARK // size + 1):
        text = unit * count
        if count * size <= 90:
            sealed = key.seal_remark(text, ACTOR)
            assert len(sealed) == count * size + 30 <= MAX_REMARK
            assert Reader([key]).remark(TITLE, sealed, ACTOR) == text
        else:
            with pytest.raises(RemarkTooLong):
                key.seal_remark(text, ACTOR)


def test_the_same_remark_is_never_sealed_alike() -> None:
    """2,000 seals of one text: no nonce and no ciphertext twice, so that XOR tells nothing."""
    key = TitleKey(TITLE, 0, bytes(range(32)))
    sealed = [key.seal_remark("same text", ACTOR) for _ in range(2_000)]
    assert len({each[2:14] for each in sealed}) == len({each[14:] for each in sealed}) == 2_000


def test_every_bit_of_a_sealed_remark_counts() -> None:
    """A flipped bit, a cut or longer text, another title or purpose: refused."""
    key = TitleKey(TITLE, 0, bytes(range(32)))
    other = TitleKey("BL-2", 0, key.secret)
    reader = Reader([key, other])
    sealed = key.seal_remark("to bank custody", ACTOR)
    changed = [
        sealed[: bit // 8] + bytes([sealed[bit // 8] ^ 1 << bit % 8]) + sealed[bit // 8 + 1 :]
        for bit in range(len(sealed) * 8)
    ]
    for wrong in (*changed, sealed[:-1], sealed + b"\0", b"", sealed[:20]):
        with pytest.raises(NotForYou):
            reader.remark(TITLE, wrong, ACTOR)
    with pytest.raises(NotForYou):
        reader.remark("BL-2", sealed, ACTOR)
    with pytest.raises(NotForYou):
        reader.name(TITLE, sealed, ACTOR)


def test_what_is_sealed_is_of_one_party() -> None:
    """Who copies a remark into an entry of its own, or a name to its own id, shows nothing."""
    key, signed = begin(TITLE, 0, cards("A", "B"), NAMES, PARTIES["A"])
    thief, reader = PARTIES["C"].party, Reader([key])
    with pytest.raises(NotForYou):
        reader.remark(TITLE, key.seal_remark("paid", ACTOR), thief)
    with pytest.raises(NotForYou):
        reader.name(TITLE, read_epoch(signed).names[ACTOR], thief)


def test_who_was_removed_reads_nothing_later() -> None:
    """The next epoch's key is new and not wrapped for B; what B had it still reads, no more."""
    first, signed = begin(TITLE, 0, cards("A", "B"), NAMES, PARTIES["A"])
    second, later = begin(TITLE, 1, cards("A", "C"), NAMES, PARTIES["A"])
    assert first.secret != second.secret
    old, new = first.seal_remark("before", ACTOR), second.seal_remark("after", ACTOR)
    b = Reader([key_of("B", signed)])
    assert b.remark(TITLE, old, ACTOR) == "before"
    with pytest.raises(NotForYou):
        b.remark(TITLE, new, ACTOR)
    with pytest.raises(NotForYou):
        key_of("B", later)
    with pytest.raises(NotForYou):
        read_epoch(later).unwrap(PARTIES["A"].party, READERS["B"].private)
    with pytest.raises(NotForYou):
        Reader([TitleKey(TITLE, 1, first.secret)]).remark(TITLE, new, ACTOR)


def test_a_newcomer_reads_the_past_only_if_admitted() -> None:
    """C has no part in epoch 0 until a party that knows its key wraps it for C."""
    key, signed = begin(TITLE, 0, cards("A"), NAMES, PARTIES["A"])
    sealed = key.seal_remark("before", ACTOR)
    with pytest.raises(NotForYou):
        key_of("C", signed)
    admitted = admit(key_of("A", signed), cards("A", "C"), NAMES, PARTIES["A"])
    assert Reader([key_of("C", admitted)]).remark(TITLE, sealed, ACTOR) == "before"


def test_an_epoch_is_of_who_signed_it() -> None:
    """A changed epoch is refused; one by a stranger names the stranger."""
    _, signed = begin(TITLE, 0, cards("A"), {}, PARTIES["A"])
    with pytest.raises(EntryRefused):
        read_epoch(signed[:-2] + "AA")
    stranger = PartyKey.generate()
    _, forged = begin(TITLE, 1, cards("A"), {}, stranger)
    assert read_epoch(forged).signer == stranger.party
    with pytest.raises(EntryRefused):
        begin(TITLE, 2_048, cards("A"), {}, PARTIES["A"])


def test_what_an_epoch_holds_is_read_before_it_counts() -> None:
    """A wrapped key or name that is no base64url, and a key of low order, are refused at once."""
    _, signed = begin(TITLE, 0, cards("A"), NAMES, PARTIES["A"])
    said = token.opened(signed, TYP).payload
    for wrong in ("wrapped", "names"):
        broken = {**said, wrong: dict.fromkeys(cast("dict[str, str]", said[wrong]), "!")}
        with pytest.raises(EntryRefused, match="base64url"):
            read_epoch(token.sealed(broken, TYP, PARTIES["A"]))
    weak = replace(cards("A")[0], public=bytes(32))
    with pytest.raises(EntryRefused, match="no key"):
        begin(TITLE, 0, [weak], {}, PARTIES["A"])


def test_no_text_has_the_form_of_a_sealed_remark() -> None:
    """The first byte of what is sealed is a control character, up to the last epoch there is."""
    for epoch in (0, 255, 2_047):
        sealed = TitleKey(TITLE, epoch, bytes(32)).seal_remark("paid", ACTOR)
        assert (epoch_of(sealed), sealed[0] < ord(" ")) == (epoch, True)
    assert epoch_of(b"did:pkh:eip155:137:0x" + b"1" * 40) is None
    assert epoch_of(b"") is None
