"""The console shows what is, in two languages, to those who may see it."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

import gateway.console
from gateway.api.keys import Scope
from gateway.store.model import State
from tests.gateway.api.world import NOW, World
from tests.gateway.console import scene
from tests.gateway.console.conftest import sign_in

CHINESE = re.compile("[\u4e00-\u9fff]")
PAGES = ("clearances", "clearances/c-1", "exchanges", "exchanges/{id}", "verify", "login")


class Outline(HTMLParser):
    """What a page is made of: tags with their attributes, and problems of its structure."""

    VOID = frozenset({"meta", "link", "input", "img", "br", "!doctype"})

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that the innermost tag is the one that ends."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all tags of a name."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def made(world: World) -> str:
    """An exchange that was delivered, and clearances at several points."""
    world.clearances.shown |= {
        "c-1": scene.clearance("c-1", scene.RELEASED, scene.INSPECTION),
        "c-2": scene.clearance("c-2", scene.CLOSED, scene.CLOSED),
        "c-3": scene.clearance("c-3", scene.RELEASED, None, form=scene.FORM),
    }
    return scene.exchange(world, "1")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_sound_and_in_one_language(
    reader: httpx.Client, made: str, path: str, language: str
) -> None:
    """Tags close, fields have labels, nothing is inline or foreign; Chinese pages are Chinese."""
    answer = reader.get(f"/console/{path.format(id=made)}?lang={language}")
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    outline = Outline(answer.text)
    assert outline.wrong == []
    assert outline.open == []
    (html,) = outline.all("html")
    assert html["lang"] == ("zh-Hans" if language == "zh" else "en")
    labelled = {attributes.get("for") for attributes in outline.all("label")}
    for kind in ("input", "select"):
        for field in outline.all(kind):
            assert field.get("type") == "hidden" or field.get("id") in labelled
    for _, attributes in outline.tags:
        assert not any(name == "style" or name.startswith("on") for name in attributes)
        for name in ("src", "href", "action"):
            assert (attributes.get(name) or "/").startswith(("/", "#")), attributes
    heading = re.search("<h1>(.*?)</h1>", answer.text, re.DOTALL)
    assert heading
    if path in {"clearances", "verify", "exchanges", "login"}:
        assert bool(CHINESE.search(heading[1])) is (language == "zh")


def test_the_language_of_the_browser_is_the_default(visitor: httpx.Client) -> None:
    """Accept-Language decides until the reader chooses; the choice stays in the links."""
    page = visitor.get("/console/login", headers={"accept-language": "zh-CN"})
    assert "登录控制台" in page.text
    chosen = visitor.get("/console/login?lang=en", headers={"accept-language": "zh-CN"})
    assert "Sign in to the console" in chosen.text
    assert 'action="/console/login?lang=en"' in chosen.text


def test_an_exchange_shows_source_meaning_and_target_with_its_losses(
    reader: httpx.Client, made: str
) -> None:
    """Each source value with its term's name, where it went, and a mark on what was lost."""
    text = reader.get(f"/console/exchanges/{made}?lang=zh").text
    assert "发货人名称" in text
    for value in ("DecMessage/DecHead/TrafMode", "rec19", "未传递", "有缩减", "9800000012345"):
        assert value in text
    assert len(re.findall(r'<tr class="cls-\w+ lost">', text)) == 2
    assert "Declaration/GoodsShipment/Importer/ID" in text
    assert "名称过长。" in text


def test_no_value_of_a_document_becomes_markup(reader: httpx.Client, world: World) -> None:
    """A document that carries a script shows it as text."""
    made = scene.exchange(world, "2", state=State.REFUSED, stage="validate")
    text = reader.get(f"/console/exchanges/{made}").text
    assert scene.EVIL not in text
    assert "&lt;script&gt;" in text


def test_the_timeline_tells_where_it_stopped(reader: httpx.Client, world: World) -> None:
    """The stage that refused is marked, with the reason and what to do."""
    made = scene.exchange(world, "2", state=State.REFUSED, stage="validate")
    text = reader.get(f"/console/exchanges/{made}?lang=en").text
    assert '<li class="stopped" aria-current="step">validate</li>' in text
    assert "Refused in stage validate" in text
    assert "Correct it." in text
    assert "Download evidence" not in text


def test_evidence_and_payloads_are_downloads(reader: httpx.Client, made: str) -> None:
    """The browser saves them and never runs them; salts are not among them."""
    page = reader.get(f"/console/exchanges/{made}").text
    assert f"/console/exchanges/{made}/evidence" in page
    assert "payloads/commitments" not in page
    evidence = reader.get(f"/console/exchanges/{made}/evidence")
    assert evidence.content.startswith(b"PK")
    source = reader.get(f"/console/exchanges/{made}/payloads/source")
    for answer in (evidence, source):
        assert answer.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
    assert reader.get(f"/console/exchanges/{made}/payloads/commitments").status_code == 404


def test_lists_have_pages_and_states(reader: httpx.Client, world: World) -> None:
    """Forty to a page; a state shows only its own."""
    ids = [scene.exchange(world, str(n)) for n in range(41)]
    first = reader.get("/console/exchanges").text
    assert ids[0] not in first
    following = re.search(r'href="(/console/exchanges\?before=[^"]+)"', first)
    assert following
    assert ids[0] in reader.get(following[1]).text
    assert ids[-1] not in reader.get("/console/exchanges?state=refused").text


def test_the_board_has_both_sides_of_each_clearance(
    reader: httpx.Client, made: str, world: World
) -> None:
    """Export and import status side by side, with codes, and what is waited for."""
    assert made
    text = reader.get("/console/clearances?lang=en").text
    assert text.count('<div class="side good">') == 4
    assert text.count('<div class="side warn">') == 1
    for word in (
        "Released",
        "Inspection ordered",
        "cleared on both sides",
        "waits for the importer",
    ):
        assert word in text
    assert 'data-refresh="1"' in text
    world.clearances.shown.clear()
    assert "No clearance has been opened yet." in reader.get("/console/clearances?lang=en").text


def test_a_clearance_shows_proof_amendments_and_its_documents(
    reader: httpx.Client, made: str, world: World
) -> None:
    """What both customs see alike by name, field-level changes, and links to the exchanges."""
    assert made
    one = scene.exchange(world, "9", clearance_id="c-1")
    page = reader.get("/console/clearances/c-1?lang=zh").text
    assert "双方海关所见一致" in page
    assert "发货人名称" in page
    assert scene.EVIL not in page
    assert re.findall(r'<td class="value"[^>]*>(12\d)</td>', page) == ["120", "121"]
    assert "待确认" in page
    assert f"/console/exchanges/{one}/evidence?lang=zh" in page
    assert made not in page


def _token(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_the_importer_fills_in_the_form(reader: httpx.Client, made: str, world: World) -> None:
    """Labels, reasons and known values are there; what is sent reaches the clearance."""
    assert made
    page = reader.get("/console/clearances/c-3?lang=zh").text
    for word in ("进口商 UEN", "新加坡海关要求。", 'value="201234567A"', "消费税减免", "LED lamp"):
        assert word in page
    sent = reader.post(
        "/console/clearances/c-3/form",
        data={"token": _token(page), "GoodsShipment.Importer.ID": " 201234567A ", "empty": ""},
    )
    assert sent.status_code == 303
    assert sent.headers["location"] == "/console/clearances/c-3?sent=1"
    assert world.clearances.answers == {"GoodsShipment.Importer.ID": "201234567A"}


def test_a_proposed_change_is_confirmed(reader: httpx.Client, made: str, world: World) -> None:
    """The page shows field, old and new value and why; one press confirms, only with the token."""
    assert made
    page = reader.get("/console/clearances/c-1?lang=zh").text
    for word in ("毛重", "120", "121", "weighed again", "待确认", "确认此项修改"):
        assert word in page
    place = "/console/clearances/c-1/confirmations"
    assert reader.post(place, data={"number": "1"}).status_code == 403
    assert reader.post(place, data={"token": _token(page), "number": "x"}).status_code == 422
    assert world.clearances.changes == []
    sent = reader.post(place, data={"token": _token(page), "number": "1"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/console/clearances/c-1")
    assert world.clearances.changes == [("confirm", 1)]


def test_a_proposed_change_is_declined_with_a_reason(
    reader: httpx.Client, made: str, world: World
) -> None:
    """The same form asks why; without a reason, or without the token, nothing is declined."""
    assert made
    page = reader.get("/console/clearances/c-1?lang=zh").text
    assert "拒绝此项修改" in page
    place, said = "/console/clearances/c-1/refusals", {"number": "1", "reason": "not ours"}
    assert reader.post(place, data=said).status_code == 403
    token = _token(page)
    assert reader.post(place, data={"token": token, "number": "1"}).status_code == 422
    assert world.clearances.changes == []
    assert reader.post(place, data={"token": token, **said}).status_code == 303
    assert world.clearances.changes == [("decline", 1, "not ours")]


@pytest.mark.parametrize("token", [None, "", "x" * 43, "\u00e9"])
def test_a_form_from_elsewhere_is_not_taken(
    reader: httpx.Client, made: str, world: World, token: str | None
) -> None:
    """Without the token of the session nothing is changed, and the page says why."""
    assert made
    data = {"GoodsShipment.Importer.ID": "evil"} | ({} if token is None else {"token": token})
    refused = reader.post("/console/clearances/c-3/form", data=data)
    assert refused.status_code == 403
    assert "SG-6020" in refused.text
    assert world.clearances.answers == {}


def test_the_token_of_one_session_is_none_of_another(
    reader: httpx.Client, visitor: httpx.Client, made: str, world: World
) -> None:
    """A token that leaked from another session opens nothing."""
    assert made
    stolen = _token(reader.get("/console/clearances/c-3").text)
    sign_in(visitor, world.key())
    refused = visitor.post("/console/clearances/c-3/form", data={"token": stolen, "a": "b"})
    assert refused.status_code == 403


def test_a_file_is_verified_and_not_kept(reader: httpx.Client) -> None:
    """The verdict is shown for a good file, a doubtful one and none."""
    token = _token(reader.get("/console/verify").text)

    def drop(data: bytes, token: str = token) -> httpx.Response:
        files = {"file": ("evidence<1>.asice", data)}
        return reader.post("/console/verify?lang=en", data={"token": token}, files=files)

    good = drop(b"PK...")
    assert "Everything is in order" in good.text
    assert "evidence&lt;1&gt;.asice" in good.text
    assert '<li class="good"><b>In the transparency log</b>' in good.text
    assert "It is in the log &lt;cn&gt;." in good.text
    assert "It could not be decided" in drop(b"?").text
    assert drop(b"").status_code == 422
    assert drop(b"PK", token="wrong").status_code == 403
    assert reader.post("/console/verify", content=b"PK").status_code == 415


def test_signing_in_makes_a_careful_cookie(visitor: httpx.Client, world: World) -> None:
    """HttpOnly, SameSite=Strict, only for the console, and without the key in it."""
    token = world.key()
    answer = sign_in(visitor, token)
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/console", "Max-Age=28800"):
        assert part in cookie
    assert token.split("_", 2)[2] not in cookie
    assert visitor.get("/console/clearances").status_code == 200


def test_without_a_session_every_page_leads_to_the_sign_in(
    visitor: httpx.Client, made: str
) -> None:
    """Nothing is shown to strangers, and after signing in the reader is where he wanted to be."""
    for path in (*PAGES[:-1], "exchanges/{id}/evidence", "exchanges/{id}/payloads/source"):
        answer = visitor.get(f"/console/{path.format(id=made)}")
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/console/login?next=%2Fconsole%2F")
    assert visitor.post("/console/clearances/c-3/form", data={"a": "b"}).status_code == 303


def test_a_wrong_key_stays_outside(visitor: httpx.Client) -> None:
    """The sign-in page says that the key is not known, in the reader's language."""
    refused = visitor.post(
        "/console/login", data={"key": "sgk_wrong"}, headers={"accept-language": "zh"}
    )
    assert refused.status_code == 401
    assert "API 密钥无效。" in refused.text
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "place", ["https://evil.example/", "//evil.example", "/console//x", "/\\x"]
)
def test_the_sign_in_never_leads_away(visitor: httpx.Client, world: World, place: str) -> None:
    """A link that was sent to the reader cannot make the console an open redirect."""
    answer = visitor.post("/console/login", data={"key": world.key(), "next": place})
    assert answer.headers["location"] == "/console/clearances"


def test_a_session_ends(reader: httpx.Client, world: World) -> None:
    """After eight hours, and on signing out, and with a forged cookie there is no session."""
    assert reader.get("/console/verify").status_code == 200
    world.now = NOW + timedelta(hours=8)
    assert reader.get("/console/verify").status_code == 303
    world.now = NOW
    token = _token(reader.get("/console/verify").text)
    assert reader.post("/console/logout", data={"token": "x"}).status_code == 403
    assert reader.post("/console/logout", data={"token": token}).status_code == 303
    assert reader.get("/console/verify").status_code == 303
    reader.cookies.set("silkgate_session", "id.9999999999.x.forged", path="/console")
    assert reader.get("/console/verify").status_code == 303


def test_another_tenant_sees_nothing_of_it(visitor: httpx.Client, made: str, world: World) -> None:
    """An exchange of somebody else is a page that does not exist."""
    sign_in(visitor, world.key("other"))
    assert visitor.get(f"/console/exchanges/{made}").status_code == 404
    assert made not in visitor.get("/console/exchanges").text
    assert visitor.get("/console/clearances/c-1").status_code == 404


def test_a_key_sees_only_what_its_scopes_allow(
    visitor: httpx.Client, made: str, world: World
) -> None:
    """The console is no way around the scopes of a key."""
    assert made
    sign_in(visitor, world.key(scopes=frozenset({Scope.BOARD})))
    assert visitor.get("/console/exchanges").status_code == 403
    assert visitor.get("/console/verify").status_code == 403
    page = visitor.get("/console/clearances/c-3")
    assert page.status_code == 200
    refused = visitor.post("/console/clearances/c-3/form", data={"token": _token(page.text)})
    assert refused.status_code == 403


def test_own_files_only(visitor: httpx.Client) -> None:
    """Style, script and mark come from the package; nothing else can be read."""
    for name, kind in (("console.css", "text/css"), ("console.js", "text/javascript")):
        answer = visitor.get(f"/console/static/{name}")
        assert answer.headers["content-type"].startswith(kind)
        assert "http" not in answer.text
    for name in ("../words.csv", "words.csv", "%2e%2e%2fwords.csv", "..%2f"):
        assert visitor.get(f"/console/static/{name}").status_code == 404


def test_no_word_of_the_console_is_idle() -> None:
    """Every row of words.csv is said somewhere: by its id, or as a value of a coded kind."""
    folder = Path(gateway.console.__file__).parent
    pages = [*folder.glob("*.py"), *folder.glob("templates/*.html")]
    source = "".join(page.read_text("utf-8") for page in pages)
    kinds = re.findall(r"label\('(\w+)'|t\('(\w+)-' ~", source)
    spoken = tuple(f"{label or joined}-" for label, joined in kinds)
    rows = csv.DictReader((folder / "words.csv").read_text("utf-8").splitlines())
    idle = [
        row["id"]
        for row in rows
        if not re.search(f"['\"]{row['id']}['\"]", source) and not row["id"].startswith(spoken)
    ]
    assert idle == []
