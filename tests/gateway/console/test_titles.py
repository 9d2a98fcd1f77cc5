"""The console's pages of titles."""

from __future__ import annotations

import httpx
import pytest

from gateway.api.keys import Scope
from ledger.title.errors import NoSuchTitle
from ledger.title.historyfile import verify_history
from ledger.title.privacy import begin
from ledger.title.readers import ReadingKey, read_card
from tests.gateway.api.world import World
from tests.gateway.console.conftest import sign_in
from tests.ledger.title.office import PARTIES, START, Office

EVIL = "<script>"


class Desk:
    """A register with one title, as the gateway's desk shows it."""

    def __init__(self) -> None:
        """Play a short life."""
        self.office = Office()
        self.readers: list[str | None] = []
        self.title = self.office.issue("BL-1")
        self.office.act(self.title, "A", "transferOwners", "B", "B", remark=EVIL.encode())
        self.reading = ReadingKey.generate()
        card = read_card(self.reading.card(PARTIES["B"], START))
        names = {PARTIES["A"].party: "Sample & Sons"}
        key, signed = begin(self.title, 0, [card], names, PARTIES["B"], after=1)
        self.office.register.share(signed)
        paid = key.seal_remark("<b>paid</b>", PARTIES["B"].party)
        self.office.act(self.title, "B", "returnToIssuer", remark=paid)
        self.office.log.checkpoint()
        self.opens = False

    def ids(self, reader: str | None = None) -> list[str]:
        """Return the only title, and one with a name that would be markup."""
        self.readers.append(reader)
        return [self.title, EVIL]

    def show(self, title: str, reader: str | None = None) -> dict[str, object]:
        """Return the title in the desk's shape."""
        self.readers.append(reader)
        standing = self.office.register.standing(title)
        links = self.office.register.history(title)
        opened = self.office.register.shared(title).opened(self.reading if self.opens else None)
        return {
            **opened.as_dict(),
            "title": title,
            "register": self.office.register.name,
            "kind": standing.state.kind.value,
            "content": standing.state.content,
            "paper": "",
            "paused": False,
            "state": standing.state.as_dict(),
            "history": [{**opened.link(link.as_dict()), "stamped": True} for link in links],
        }

    def file(self, title: str, reader: str | None = None) -> bytes:
        """Return the history file."""
        self.readers.append(reader)
        return self.office.register.export(title)


@pytest.fixture
def desk(world: World) -> Desk:
    """The gateway's register."""
    made = Desk()
    world.titles = made
    return made


@pytest.mark.usefixtures("desk")
def test_titles_are_listed_and_found(reader: httpx.Client) -> None:
    """The list leads to each title, and names are text, never markup."""
    text = reader.get("/console/titles").text
    assert 'href="/console/titles?title=BL-1"' in text
    assert EVIL not in text.replace('<script src="/console/static/console.js" defer>', "")


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("returned to the issuer", "title and possession transferred", "surrendered")),
        ("zh", ("已退回签发人", "一并转让权利与占有", "交单退回")),
    ],
)
def test_a_title_is_shown_as_a_timeline(
    reader: httpx.Client, lang: str, words: tuple[str, ...]
) -> None:
    """State, holders, and each action in order, in both languages."""
    text = reader.get("/console/titles", params={"title": "BL-1", "lang": lang}).text
    assert all(word in text for word in words)
    assert PARTIES["B"].party in text
    assert text.index("transferred" if lang == "en" else "一并转让") < text.index(words[2])


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("sealed, epoch", "Private")), ("zh", ("已加密，期次", "私密"))]
)
def test_a_private_remark_is_a_seal_to_others(
    reader: httpx.Client, desk: Desk, lang: str, words: tuple[str, str]
) -> None:
    """Whoever is no reader sees that there is one, and in which epoch; a reader text and names."""
    page = {"title": "BL-1", "lang": lang}
    text = reader.get("/console/titles", params=page).text
    assert f"{words[0]} 0" in text
    assert "paid" not in text
    assert "Sample" not in text
    desk.opens = True
    text = reader.get("/console/titles", params=page).text
    assert f"{words[1]}</span> &lt;b&gt;paid&lt;/b&gt;" in text
    assert "Sample &amp; Sons" in text
    assert words[0] not in text


def test_the_history_is_handed_out(reader: httpx.Client, desk: Desk) -> None:
    """The file is the one that proves itself; a title that is not there is a page of its own."""
    answer = reader.get("/console/titles/file", params={"title": "BL-1"})
    found = verify_history(answer.content, desk.office.signer.key)
    assert found.last.title == "BL-1"
    assert "title-BL-1.json" in answer.headers["content-disposition"]
    with pytest.raises(NoSuchTitle):
        desk.show("BL-2")
    assert reader.get("/console/titles", params={"title": "BL-2"}).status_code == 404


@pytest.mark.usefixtures("desk")
def test_a_key_without_the_scope_sees_nothing(visitor: httpx.Client, world: World) -> None:
    """Titles are shown to keys that may read them."""
    sign_in(visitor, world.key(scopes=frozenset({Scope.BOARD})))
    for path in ("/console/titles", "/console/titles/file?title=BL-1"):
        assert visitor.get(path).status_code == 403


def test_pages_are_those_of_the_visitors_account(
    visitor: httpx.Client, world: World, desk: Desk
) -> None:
    """The register is asked on behalf of whoever looks: list, title and file."""
    sign_in(visitor, world.key("other"))
    for path in ("", "?title=BL-1", "/file?title=BL-1"):
        assert visitor.get(f"/console/titles{path}").status_code == 200
    assert desk.readers == ["other"] * 3
