"""Private remarks and names by command: who is a reader reads, and whoever left reads no more."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.title.home import register_in
from ledger.title import token
from ledger.title.entry import Entry
from ledger.title.machine import Move
from ledger.title.party import PartyKey, encode
from ledger.title.privacy import TYP as KEYS
from ledger.title.readers import TYP, ReadingKey
from schemas.clock import utc_now
from tests.gateway.cli.conftest import Run, Silkgate

NAMES = ("carrier", "shipper", "bank", "consignee")


class Parties:
    """A register in a folder with a title of the shipper's, and parties with cards."""

    def __init__(self, silkgate: Silkgate, folder: Path) -> None:
        """Make keys, reading keys and cards, and issue BL-1 to the shipper."""
        self.silkgate, self.folder, self.ids = silkgate, folder, {}
        for name in NAMES:
            key = f"{name}.pem"
            self.ids[name] = silkgate("title", "key", "-o", key, "--json").row["party"]
            made = silkgate("title", "reader", "--key", key, "-o", f"{name}-reader.pem")
            (folder / f"{name}.card").write_text(made.out)
        (folder / "bill.json").write_text("{}")
        self.log = folder / "log.vkey"
        self.log.write_text(silkgate("title", "init", "--origin", "port.example/titles").out)
        self.issue("BL-1")

    def issue(self, title: str) -> None:
        """Issue a title to the shipper."""
        issued = ("title", "issue", title, "--document", "bill.json")
        run = self.silkgate(*issued, "--beneficiary", self.ids["shipper"], "--key", "carrier.pem")
        assert run.code == 0

    def share(self, by: str, *more: str) -> Run:
        """Share the keys of BL-1."""
        return self.as_("share", "BL-1", *more, by=by)

    def act(self, by: str, *more: str) -> Run:
        """Act on BL-1, with a private remark."""
        return self.as_("act", "BL-1", *more, "--private", by=by)

    def as_(self, command: str, *words: str, by: str) -> Run:
        """Run a command with the keys of a party."""
        keys = ("--key", f"{by}.pem", "--reader-key", f"{by}-reader.pem")
        return self.silkgate("title", command, *words, *keys, "--json")

    def seen(self, by: str = "", title: str = "BL-1") -> Any:
        """Return what a party sees of a title."""
        key = ("--reader-key", f"{by}-reader.pem") if by else ()
        return self.silkgate("title", "show", title, *key, "--json").row

    def texts(self, by: str = "") -> list[Any]:
        """Return the private remarks as a party reads them."""
        return [link["sealed"]["text"] for link in self.seen(by)["history"] if "sealed" in link]


@pytest.fixture
def parties(silkgate: Silkgate, tmp_path: Path) -> Parties:
    """Carrier, shipper, bank and consignee."""
    return Parties(silkgate, tmp_path)


def lived(parties: Parties) -> None:
    """Play the bank's custody: it reads while it has a part in the title, and then no more."""
    ids = parties.ids
    named = [word for name in ("shipper", "bank") for word in ("--name", f"{ids[name]}={name} co")]
    begun = parties.share("shipper", "--with", "carrier.card", "--with", "bank.card", *named).row
    assert (begun["epoch"], begun["begun"]) == (0, True)
    assert begun["readers"] == sorted(ids[name] for name in ("shipper", "carrier", "bank"))
    pledged = parties.act("shipper", "transferHolder", ids["bank"], "--remark", "pledged: 80 %")
    assert (pledged.code, f"bank co ({ids['bank']})" in pledged.err) == (0, True)
    back = parties.act("bank", "transferHolder", ids["shipper"], "--remark", "贷款已还清")
    assert back.code == 0
    left = parties.share("shipper", "--without", ids["bank"], "--with", "consignee.card").row
    assert (left["epoch"], ids["bank"] in left["readers"]) == (1, False)
    sold = parties.act(
        "shipper", "transferOwners", *(ids["consignee"],) * 2, "--remark", "price: 9"
    )
    assert sold.code == 0


def test_whoever_left_reads_nothing_later(parties: Parties) -> None:
    """The bank reads what was written while it was a reader, and sees the rest as sealed."""
    lived(parties)
    assert parties.texts("carrier") == ["pledged: 80 %", "贷款已还清", "price: 9"]
    assert parties.texts("bank") == ["pledged: 80 %", "贷款已还清", None]
    assert parties.texts("consignee") == [None, None, "price: 9"]
    assert parties.texts() == [None] * 3
    ids = parties.ids
    names = {ids["shipper"]: "shipper co", ids["bank"]: "bank co"}
    assert parties.seen("consignee")["names"] == names
    assert parties.seen()["names"] == {}
    remarks = [bytes.fromhex(link["remark"]) for link in parties.seen()["history"]]
    assert all(len(each) <= 120 for each in remarks)
    assert "pledged" not in json.dumps(parties.seen())
    barred = parties.share("bank", "--with", "bank.card", "--new")
    assert barred.row["error"]["details"]["guard"] == "NO_ROLE"
    shown = parties.silkgate("title", "show", "BL-1", "--reader-key", "bank-reader.pem").out
    assert "private (epoch 0): pledged: 80 %" in shown
    assert "sealed (epoch 1)" in shown
    assert f"shipper co ({ids['shipper']}): transferHolder bank co" in shown
    outside = parties.silkgate("title", "show", "BL-1").out
    assert outside.count("sealed (epoch 0)") == 2
    assert "pledged" not in outside


def test_an_auditor_opens_them_offline(parties: Parties) -> None:
    """The epochs go with the history: whoever has a reader's key reads, the rest see seals."""
    lived(parties)
    run = parties.silkgate("title", "export", "BL-1", "-o", "bl.json", "--epochs", "bl.epochs")
    assert run.code == 0
    check = ("title", "verify", "bl.json", "--key", parties.log, "--json")
    keyed = ("--epochs", "bl.epochs", "--reader-key", "carrier-reader.pem")
    found = parties.silkgate(*check, *keyed)
    assert (found.code, found.row["history"][-1]["sealed"]["text"]) == (0, "price: 9")
    assert parties.silkgate(*check).row["verified"] is True
    epochs = json.loads((parties.folder / "bl.epochs").read_text())["epochs"]
    foreign = json.dumps({"epochs": [*epochs, forged(parties)]})
    (parties.folder / "bl.epochs").write_text(foreign)
    assert parties.silkgate(*check, *keyed).code == 3


def test_the_evidence_of_a_life_holds_them(
    parties: Parties, silkgate: Silkgate, home: Path, trust: Path
) -> None:
    """`verify` opens them in a history with its epochs, and in one sealed file; else they stay."""
    lived(parties)
    shutil.copy(parties.log, trust / "titles.vkey")
    silkgate("title", "export", "BL-1", "-o", "bl.json", "--epochs", "bl.epochs")
    sealed = ("lading", "evidence", "bl.json", "--document", "bill.json", "--with", "bl.epochs")
    made = silkgate(*sealed, "--key", "seal", "--home", home, "-o", "life.asice")
    assert made.code == 0, made.err
    jwk = silkgate("title", "key", "--of", "carrier.pem", "--json").row["jwk"]
    (parties.folder / "keys").mkdir()
    (parties.folder / "keys" / "carrier.jwk").write_text(json.dumps(jwk))
    check = ("--trust", trust, "--keys", "keys", "--offline")
    key = ("--reader-key", "bank-reader.pem")
    for files in (("bl.json", "--detached", "bl.epochs"), ("life.asice",)):
        for opens, texts in ((key, ["pledged: 80 %", "贷款已还清", None]), ((), [None] * 3)):
            run = silkgate("verify", *files, *check, *opens, "--json")
            assert run.code == 0, run.out
            found = [link["sealed"]["text"] for link in run.row["history"] if "sealed" in link]
            assert found == texts
            assert bool(run.row["names"]) is bool(opens)
    shown = silkgate("verify", "life.asice", *check, *key).out
    assert "transferHolder: private (epoch 0): pledged: 80 %" in shown
    assert "transferOwners: sealed (epoch 1)" in shown
    foreign = json.dumps({"epochs": [forged(parties)]})
    (parties.folder / "bl.epochs").write_text(foreign)
    run = silkgate("verify", "bl.json", "--detached", "bl.epochs", *check, "--json")
    assert (run.code, run.row["integrity"]) == (3, "INVALID")


def forged(parties: Parties) -> str:
    """Return the first epoch as a stranger signs it."""
    with register_in(parties.folder / "titles") as register, register.looking() as looking:
        epoch = looking.epochs("BL-1")[0]
    return token.sealed(token.opened(epoch, KEYS).payload, KEYS, PartyKey.generate())


def entered(parties: Parties, title: str, remark: bytes) -> None:
    """Enter a move of the shipper's with whatever remark, signed as it is."""
    shipper = PartyKey.load(parties.folder / "shipper.pem")
    with register_in(parties.folder / "titles") as register:
        head = register.head(title)
        assert head is not None
        entry = Entry(
            register=register.key.name,
            title=title,
            n=head.n + 1,
            previous=head.digest,
            move=Move("nominate", shipper.party, (parties.ids["bank"],)),
            at=utc_now(),
            remark=remark,
        )
        register.submit(entry.sealed(shipper))


def flipped(sealed: bytes) -> bytes:
    """Return what was sealed with its last bit turned."""
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


@pytest.mark.parametrize(
    ("title", "change"), [("BL-1", flipped), ("BL-2", bytes)], ids=["flipped", "replayed"]
)
def test_what_was_changed_or_replayed_is_not_opened(
    parties: Parties, title: str, change: Callable[[bytes], bytes]
) -> None:
    """A flipped bit, and the remark of one title under another: nobody is told a text."""
    assert parties.share("shipper").code == 0
    issued = "BL-2"
    parties.issue(issued)
    parties.as_("share", issued, by="shipper")
    parties.act("shipper", "nominate", parties.ids["carrier"], "--remark", "hold the cargo")
    sealed = bytes.fromhex(parties.seen()["history"][-1]["remark"])
    entered(parties, title, change(sealed))
    last = parties.seen("shipper", title)["history"][-1]
    assert last["sealed"] == {"epoch": 0, "text": None}


def test_without_a_part_nothing_is_sealed(parties: Parties) -> None:
    """No epoch, no part, too long, no key: refused in both languages, and nothing is entered."""
    move = ("transferHolder", parties.ids["bank"])
    codes = [parties.act("shipper", *move, "--remark", "x").row["error"]["code"]]
    assert parties.share("carrier").code == 0
    refused = parties.act("shipper", *move, "--remark", "x").row["error"]
    codes.append(refused["code"])
    assert all(refused["message"][language] for language in ("en", "zh"))
    parties.share("carrier", "--with", "shipper.card")
    codes.append(parties.act("shipper", *move, "--remark", "x" * 91).row["error"]["code"])
    keyed = ("--key", "shipper.pem", "--json")
    plain = ("title", "act", "BL-1", *move, "--private", "--remark", "x", *keyed)
    codes.append(parties.silkgate(*plain).row["error"]["code"])
    other = parties.silkgate(*plain, "--reader-key", "carrier-reader.pem").row["error"]
    codes.append(other["code"])
    assert codes == ["SG-4071", "SG-4072", "SG-4069", "SG-1166", "SG-4072"]
    assert parties.act("shipper", *move).code == 2
    assert parties.seen()["n"] == 0
    assert parties.act("shipper", *move, "--remark", "x" * 90).code == 0


def test_a_reading_key_is_its_partys_own(parties: Parties) -> None:
    """A card that another signed, or nobody, lets nobody in; nor does a party without a part."""
    bank = PartyKey.load(parties.folder / "bank.pem")
    said = {
        "at": "2026-11-28T08:00:00.000Z",
        "party": parties.ids["consignee"],
        "reads": {"crv": "X25519", "kty": "OKP", "x": encode(ReadingKey.generate().public)},
    }
    foisted = token.sealed(said, TYP, bank)
    card = parties.folder / "wrong.card"
    for text in (foisted, foisted.rpartition(".")[0] + ".", json.dumps(said)):
        card.write_text(text)
        assert parties.share("shipper", "--with", "wrong.card").row["error"]["code"] == "SG-4065"
    stranger = parties.share("consignee")
    assert stranger.row["error"]["details"]["guard"] == "NO_ROLE"
    assert parties.seen()["epochs"] == []


def test_what_is_given_wrong_is_told(parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys come by reference; nothing to share, a name without a party, no key: usage errors."""
    monkeypatch.setenv("READING", (parties.folder / "shipper-reader.pem").read_text())
    keyed = ("--key", "shipper.pem", "--reader-key", "env:READING", "--json")
    assert parties.silkgate("title", "share", "BL-1", *keyed).row["epoch"] == 0
    codes = [
        parties.share("shipper").row["error"]["code"],
        parties.share("shipper", "--name", "nobody").row["error"]["code"],
        parties.share("shipper", "--name", "someone=\x1b[2J").row["error"]["code"],
        parties.silkgate("title", "share", "BL-1", "--key", "shipper.pem", "--json").row["error"][
            "code"
        ],
        parties.silkgate("title", "show", "BL-1", "--reader-key", "bill.json", "--json").row[
            "error"
        ]["code"],
    ]
    assert codes == ["SG-1168", "SG-1169", "SG-1169", "SG-1166", "SG-1166"]
    assert parties.share("shipper", "--epoch", "0", "--new").code == 2
    made = ("title", "reader", "--key", "shipper.pem")
    assert parties.silkgate(*made).code == 2
    again = parties.silkgate(*made, "--reader-key", "shipper-reader.pem", "--json").row
    assert again["party"] == parties.ids["shipper"]
