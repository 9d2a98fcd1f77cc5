"""Titles over HTTP: parties sign, the gateway keeps, anybody verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select
from starlette.testclient import TestClient

from certs import timestamp
from certs.trust import TrustStore
from certs.verdict import BlockIndication
from gateway import setup
from gateway.api.app import create_app
from gateway.cli.title.group import group
from gateway.settings import load
from gateway.settings.lading import LadingPeer
from gateway.settings.titles import TitleSettings
from gateway.store import hooks, migrations
from gateway.store.hooks import Hook
from gateway.store.tables.title import TITLE_ENTRY, TITLE_PARTY
from gateway.store.titles import StoredTitles
from gateway.wiring.api_keys import issue as issue_key
from gateway.wiring.assembly import Gateway
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from gateway.wiring.doctor.check import State
from gateway.wiring.doctor.diagnosis import examine
from gateway.wiring.titles.readers import Readers
from ledger.title.entry import Entry
from ledger.title.errors import NoSuchTitle
from ledger.title.historyfile import verify_history
from ledger.title.machine import Move
from ledger.title.mandate import Mandate
from ledger.title.party import encode
from ledger.title.privacy import begin
from ledger.title.readers import ReadingKey, read_card
from schemas.clock import iso, utc_now
from tests.ledger.title.office import PARTIES, issuing

JOSE = {"content-type": "application/jose"}
SCOPES = ["titles:read", "titles:write"]


class World:
    """A gateway with a register, and a client of it."""

    def __init__(self, home: Path) -> None:
        """Make the gateway; the carrier alone may issue."""
        setup.create(
            home, party="log", name="log", country="SG", port=8443, extra='log_shards = "month"\n'
        )
        settings = load(home)
        token = issue_key(settings, tenant="log", scopes=SCOPES, days=3650)
        of = {"shipper": (PARTIES["A"].party,), "bank": (PARTIES["C"].party,), "nobody": ()}
        titles = TitleSettings(issuers=(PARTIES["CARRIER"].party,), parties=of)
        # After the certificates were made, to the second, as entries have it.
        self.now = datetime.fromisoformat(iso(utc_now())) + timedelta(minutes=1)
        self.gateway = Gateway(
            settings.model_copy(update={"titles": titles}), clock=lambda: self.now
        )
        self.client = TestClient(
            create_app(self.gateway), headers={"authorization": f"Bearer {token}"}
        )

    def entry(self, title: str, actor: str, action: str, *to: str, **more: Any) -> Entry:
        """Return the entry that a party would sign now."""
        with self.gateway.store.read() as tx:
            head = StoredTitles(tx).head(title)
        values: dict[str, Any] = {
            "register": self.gateway.settings.origin,
            "title": title,
            "n": 0 if head is None else head.n + 1,
            "previous": "" if head is None else head.digest,
            "move": Move(action, PARTIES[actor].party, tuple(PARTIES[each].party for each in to)),
            "at": self.now,
        }
        return Entry(**{**values, **more})

    def send(self, entry: Entry, signer: str) -> Any:
        """Submit an entry."""
        signed = entry.sealed(PARTIES[signer])
        return self.client.post("/v1/titles/entries", content=signed, headers=JOSE)

    def issue(self, title: str = "BL-1") -> None:
        """Issue a title to A."""
        entry = self.entry(title, "CARRIER", "issue", "A", "A", issue=issuing())
        assert self.send(entry, "CARRIER").status_code == 201

    def reads(self, tenant: str, path: str = "", title: str = "BL-1") -> int:
        """Return the status that an account's key gets for a title."""
        token = issue_key(self.gateway.settings, tenant=tenant, scopes=SCOPES, days=3650)
        headers = {"authorization": f"Bearer {token}"}
        place = f"/v1/titles{path}"
        return int(self.client.get(place, params={"title": title}, headers=headers).status_code)

    def show(self, title: str = "BL-1") -> Any:
        """Return what a title is."""
        return self.client.get("/v1/titles", params={"title": title}).json()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A gateway."""
    made = World(tmp_path)
    with made.client:
        yield made
    made.gateway.close()


def test_accounts_are_told_of_the_titles_that_name_them(world: World) -> None:
    """An entry is put down for each account that may read its title and asks to be told."""
    with world.gateway.store.begin() as tx:
        for account in ("shipper", "bank", "nobody"):
            hooks.add(
                tx,
                Hook(
                    id=account, tenant=account, url="x", events=("title.*",), created_at=world.now
                ),
            )
    world.issue()
    world.send(world.entry("BL-1", "A", "nominate", "C"), "A")
    with world.gateway.store.read() as tx:
        told = {each: hooks.deliveries(tx, each) for each in ("shipper", "bank", "nobody")}
    assert [one.body["action"] for one in told["shipper"]] == ["issue", "nominate"]
    assert [(one.subject, one.n, one.body["action"]) for one in told["bank"]] == [
        ("title/BL-1", 1, "nominate")
    ]
    assert told["nobody"] == []


def test_a_title_lives_over_http(world: World) -> None:
    """Issued, moved, repeated, disputed: the codes tell, and the state is one."""
    world.issue()
    entry = world.entry("BL-1", "A", "transferHolder", "C")
    rival = replace(entry, move=replace(entry.move, args=(PARTIES["B"].party,)))
    first = world.send(entry, "A")
    assert (first.status_code, first.json()["n"], first.json()["repeated"]) == (201, 1, False)
    again = world.send(entry, "A")
    assert (again.status_code, again.json()["leaf"]) == (200, first.json()["leaf"])
    late = world.send(rival, "A")
    assert (late.status_code, late.json()["code"]) == (409, "SG-4067")
    forged = world.send(world.entry("BL-1", "C", "transferHolder", "A"), "A")
    assert (forged.status_code, forged.json()["code"]) == (422, "SG-4065")
    barred = world.send(world.entry("BL-1", "A", "nominate", "A"), "A")
    assert (barred.status_code, barred.json()["code"]) == (409, "SG-4060")
    shown = world.show()
    assert shown["state"]["holder"] == PARTIES["C"].party
    assert [link["stamped"] for link in shown["history"]] == [True, True]
    assert world.client.get("/v1/titles", params={"title": "BL-9"}).status_code == 404


@pytest.mark.parametrize("path", ["", "/entries", "/file", "/epochs"])
def test_an_account_reads_the_titles_that_name_it(world: World, path: str) -> None:
    """From the entry on that names a party of it, for good; to others there is no such title."""
    world.issue()
    world.gateway.sealing.round()
    assert [world.reads(each, path) for each in ("shipper", "log")] == [200, 200]
    assert [world.reads(each, path) for each in ("bank", "nobody", "stranger")] == [404, 404, 404]
    world.send(world.entry("BL-1", "A", "transferOwners", "C", "C"), "A")
    world.gateway.sealing.round()
    assert [world.reads(each, path) for each in ("shipper", "bank")] == [200, 200]
    assert world.reads("nobody", path) == world.reads("shipper", path, "BL-9") == 404


def test_accounts_stand_for_parties_of_bills_and_peers(world: World) -> None:
    """A key's thumbprint among a member's codes, and the accounts of a peer, count as well."""
    settings = world.gateway.settings
    thumb, seal = PARTIES["B"].party, PARTIES["C"].party
    settings.path(settings.lading.parties).write_text(
        '[[party]]\ntenant = "buyer"\nname = "Buyer"\n'
        f'codes = [["W3C", "urn:ietf:params:oauth:jwk-thumbprint:sha-256:{thumb}"]]\n'
    )
    peer = LadingPeer(code="BOLE", url="https://bole.example", accounts=(seal,))
    lading = settings.lading.model_copy(update={"peers": (peer,)})
    readers = Readers(settings.model_copy(update={"lading": lading}))
    assert readers("buyer") == {thumb}
    assert readers("BOLE") == {seal}
    assert readers("shipper") == {PARTIES["A"].party}
    assert readers("stranger") == frozenset()


def test_a_peer_that_knows_the_id_reads_the_title(world: World) -> None:
    """A platform has to tell whose a title is that is not its own; its list names its own alone."""
    world.issue()
    desk = replace(world.gateway.titles, peers=frozenset({"BOLE"}))
    assert desk.show("BL-1", "BOLE") == desk.show("BL-1")
    assert list(desk.ids("BOLE")) == []
    with pytest.raises(NoSuchTitle):
        desk.show("BL-1", "WAVE")


def test_the_list_of_titles_is_that_of_the_reader(world: World) -> None:
    """The operator's list has all, an account's those that name it."""
    for title in ("BL-1", "BL-2"):
        world.issue(title)
    world.send(world.entry("BL-2", "A", "transferHolder", "C"), "A")
    desk = world.gateway.titles
    assert [list(desk.ids(each)) for each in (None, "shipper", "bank", "nobody")] == [
        ["BL-1", "BL-2"],
        ["BL-1", "BL-2"],
        ["BL-2"],
        [],
    ]


def test_titles_of_before_are_found_by_their_parties(world: World) -> None:
    """The migration reads the entries that there are: the same parties as when they came."""
    world.issue()
    world.send(world.entry("BL-1", "A", "transferHolder", "C"), "A")
    named = select(TITLE_PARTY.c.party, TITLE_PARTY.c.title).order_by(TITLE_PARTY.c.party)
    with world.gateway.store.read() as tx:
        before = [tuple(row) for row in tx.execute(named)]
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with world.gateway.store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        command.upgrade(config, "head")
    with world.gateway.store.read() as tx:
        assert [tuple(row) for row in tx.execute(named)] == before
    assert {party for party, _ in before} >= {PARTIES[each].party for each in "AC"}


def test_nobody_issues_unless_the_settings_say_so(world: World) -> None:
    """Another party's issue is refused, and nothing is there afterwards."""
    terms = issuing()
    roles = replace(terms.terms.roles, minter=PARTIES["A"].party)
    own = replace(terms, terms=replace(terms.terms, roles=roles))
    answer = world.send(world.entry("BL-1", "A", "issue", "A", "A", issue=own), "A")
    assert (answer.status_code, answer.json()["code"]) == (409, "SG-4060")
    assert world.client.get("/v1/titles", params={"title": "BL-1"}).status_code == 404


def test_the_file_verifies_with_the_logs_key_from_any_shard(world: World) -> None:
    """Sealed in one month and the next: the file holds, and an auditor is told as of when."""
    world.issue()
    world.gateway.sealing.round()
    world.now += timedelta(days=31)
    world.send(world.entry("BL-1", "A", "transferHolder", "C"), "A")
    early = world.client.get("/v1/titles/file", params={"title": "BL-1"})
    assert early.json()["code"] == "SG-5403"
    world.gateway.sealing.round()
    data = world.client.get("/v1/titles/file", params={"title": "BL-1"}).content
    key = world.gateway.logbook.signer.key
    found = verify_history(data, key)
    assert found.checkpoint.checkpoint.origin.endswith(f"{world.now:%Y-%m}")
    assert found.last.state.holder == PARTIES["C"].party
    verdict = Auditor(Trusted.of_home(world.gateway.settings)).verify(data)
    assert (verdict["integrity"], verdict["title"]) == ("VALID", "unknown")


def test_an_auditor_sees_when_each_entry_was_stamped(world: World) -> None:
    """From the file alone: time and authority by entry; an authority not trusted is no proof."""
    world.issue()
    world.send(world.entry("BL-1", "A", "transferHolder", "C"), "A")
    world.gateway.sealing.round()
    data = world.client.get("/v1/titles/file", params={"title": "BL-1"}).content
    trusted = Trusted.of_home(world.gateway.settings)
    told: dict[str, Any] = dict(Auditor(trusted).verify(data))
    for link in told["history"]:
        assert link["stamp"]["indication"] == "PASSED"
        stamped, acted = (datetime.fromisoformat(t) for t in (link["stamp"]["time"], link["time"]))
        assert abs(stamped - acted) < timedelta(minutes=5)
    stranger = replace(trusted, store=TrustStore(frozenset()))
    found: dict[str, Any] = dict(Auditor(stranger).verify(data))
    assert found["integrity"] == "VALID"
    assert {link["stamp"]["indication"] for link in found["history"]} == {"INDETERMINATE"}


def test_a_stamp_of_another_entry_makes_the_file_invalid(world: World) -> None:
    """A register that puts the token of one entry with another is not believed."""
    world.issue()
    world.send(world.entry("BL-1", "A", "transferHolder", "C"), "A")
    with world.gateway.store.begin() as tx:
        titles = StoredTitles(tx)
        token = titles.stamp("BL-1", 0)
        assert token is not None
        titles.put_stamp("BL-1", 1, token)
    world.gateway.sealing.round()
    data = world.client.get("/v1/titles/file", params={"title": "BL-1"}).content
    found = Auditor(Trusted.of_home(world.gateway.settings)).verify(data)
    assert (found["integrity"], found["indication"]) == ("INVALID", "TOTAL-FAILED")


def test_each_entry_has_a_time_stamp_over_its_bytes(world: World) -> None:
    """The token of the built-in authority holds over the entry as it was signed."""
    world.issue()
    with world.gateway.store.read() as tx:
        titles = StoredTitles(tx)
        (signed,) = titles.entries("BL-1")
        token = titles.stamp("BL-1", 0)
    assert token is not None
    report = timestamp.verify(token, signed.encode(), world.gateway.trust)
    assert report.indication is BlockIndication.PASSED
    other = timestamp.verify(token, signed.encode() + b"x", world.gateway.trust)
    assert other.indication is not BlockIndication.PASSED
    assert sha256(signed.encode()).hexdigest() == world.show()["entry"]


def test_the_gateway_acts_on_mandate_alone(world: World) -> None:
    """With a mandate its seal signs for the party; without, for more, or for others: refused."""
    world.issue()
    agent = world.gateway.titles.agent.party
    mandate = Mandate(
        agent=agent,
        register=world.gateway.settings.origin,
        titles={"BL-1"},
        actions={"transferHolder"},
        since=world.now - timedelta(days=1),
        until=world.now + timedelta(days=1),
    ).sealed(PARTIES["A"])
    asked: dict[str, Any] = {
        "title": "BL-1",
        "action": "transferHolder",
        "actor": PARTIES["A"].party,
        "args": [PARTIES["C"].party],
        "mandate": mandate,
        "remark": encode(b"by the gateway"),
    }
    orders = "/v1/titles/orders"
    beyond = world.client.post(orders, json={**asked, "action": "nominate"})
    assert (beyond.status_code, beyond.json()["code"]) == (422, "SG-4065")
    names = ("title", "action", "actor", "mandate", "place")
    odd: list[dict[str, Any]] = [{name: "\ud800"} for name in names]
    odd += [{"args": ["\ud800"]}, {"mandate": ""}, {"args": [5]}, {"title": 5}, {"other": "x"}]
    for wrong in odd:
        body = json.dumps({**asked, **wrong})
        told = world.client.post(orders, content=body, headers={"content-type": "application/json"})
        assert told.json()["code"] == "SG-1154", wrong
    assert world.client.post(orders, json=[]).status_code == 422
    for thief in ("bank", "nobody"):  # who reads the mandate in an entry does not act on it
        barred = world.client.post(orders, json=asked, headers=as_account(world, thief))
        assert (barred.status_code, barred.json()["code"]) == (403, "SG-6011")
    done = world.client.post(orders, json=asked, headers=as_account(world, "shipper"))
    assert done.status_code == 201
    assert world.show()["state"]["holder"] == PARTIES["C"].party
    assert world.show()["history"][-1]["remark"] == b"by the gateway".hex()


def test_keys_of_remarks_are_shared_and_given_out(world: World) -> None:
    """An epoch by the holder is kept and handed to readers; by a stranger it is refused."""
    world.issue()
    readers = [read_card(ReadingKey.generate().card(PARTIES["A"], world.now))]
    _, signed = begin("BL-1", 0, readers, {}, PARTIES["A"])
    _, forged = begin("BL-1", 1, readers, {}, PARTIES["C"])
    epochs = "/v1/titles/epochs"
    assert world.client.post(epochs, content=signed, headers=JOSE).status_code == 201
    assert world.client.post(epochs, content=forged, headers=JOSE).status_code == 409
    found = world.client.get(epochs, params={"title": "BL-1"}).json()
    assert found == {"epochs": [signed]}


def kept(world: World, account: str, key: ReadingKey) -> None:
    """Keep a reading key for an account in the gateway."""
    settings = world.gateway.settings
    key.save(settings.home / f"{account}.pem", setup.secret(settings))
    readers = {**settings.titles.readers, account: Path(f"{account}.pem")}
    titles = settings.titles.model_copy(update={"readers": readers})
    world.gateway.settings = settings.model_copy(update={"titles": titles})
    world.gateway.__dict__.pop("titles", None)


def as_account(world: World, tenant: str) -> dict[str, str]:
    """Return the headers of an account's calls."""
    token = issue_key(world.gateway.settings, tenant=tenant, scopes=SCOPES, days=3650)
    return {"authorization": f"Bearer {token}"}


def test_an_account_has_opened_what_is_sealed_for_its_party(world: World) -> None:
    """By its own key, kept here, and for a party of its own: not for others, nor the operator."""
    keys = {name: ReadingKey.generate() for name in ("A", "C")}
    for account, party in (("shipper", "A"), ("bank", "C"), ("nobody", "A")):
        kept(world, account, keys[party])
    world.issue()
    cards = [read_card(keys[each].card(PARTIES[each], world.now)) for each in keys]
    key, signed = begin("BL-1", 0, cards, {PARTIES["A"].party: "Silk Co"}, PARTIES["A"])
    later, anew = begin("BL-1", 1, cards[:1], {}, PARTIES["A"])
    for each in (signed, anew):
        shared = world.client.post("/v1/titles/epochs", content=each, headers=JOSE)
        assert shared.status_code == 201
    actor = PARTIES["A"].party
    remarks = [key.seal_remark("pledged", actor), later.seal_remark("sold", actor)]
    for to, remark in zip(("C", "B"), remarks, strict=True):
        entry = world.entry("BL-1", "A", "nominate", to, remark=remark)
        assert world.send(entry, "A").status_code == 201
    seen = {}
    for account in ("shipper", "bank", "log"):
        told = world.client.get(
            "/v1/titles", params={"title": "BL-1"}, headers=as_account(world, account)
        ).json()
        texts = [link["sealed"]["text"] for link in told["history"] if "sealed" in link]
        seen[account] = (texts, list(told["names"].values()))
    assert seen == {
        "shipper": (["pledged", "sold"], ["Silk Co"]),
        "bank": (["pledged", None], ["Silk Co"]),
        "log": ([None, None], []),
    }
    stranger = world.gateway.titles.confidant
    with world.gateway.titles.looking() as register:
        assert stranger.opened(register, "BL-1", "nobody").names == {}
        assert stranger.opened(register, "BL-1", None).names == {}


def test_the_gateway_seals_for_the_party_that_it_acts_for(world: World) -> None:
    """On a mandate, with the key that is kept for the account; for another's it has no part."""
    keys = {name: ReadingKey.generate() for name in ("A", "C")}
    for account, key in (("shipper", "A"), ("bank", "C")):
        kept(world, account, keys[key])
    world.issue()
    mandate = Mandate(
        agent=world.gateway.titles.agent.party,
        register=world.gateway.settings.origin,
        titles={"BL-1"},
        actions={"nominate"},
        since=world.now - timedelta(days=1),
        until=world.now + timedelta(days=1),
    ).sealed(PARTIES["A"])
    asked = {
        "title": "BL-1",
        "action": "nominate",
        "actor": PARTIES["A"].party,
        "args": [PARTIES["C"].party],
        "mandate": mandate,
        "private": "at 80 %",
    }

    def answer(account: str, **more: str) -> tuple[int, str]:
        found = world.client.post(
            "/v1/titles/orders", json={**asked, **more}, headers=as_account(world, account)
        )
        return found.status_code, found.json().get("code", "")

    assert answer("shipper") == (409, "SG-4071")
    cards = [read_card(keys[each].card(PARTIES[each], world.now)) for each in keys]
    _, signed = begin("BL-1", 0, cards, {}, PARTIES["A"])
    world.client.post("/v1/titles/epochs", content=signed, headers=JOSE)
    assert answer("log") == (422, "SG-1154")
    assert answer("bank") == (403, "SG-6011")
    assert answer("shipper", remark=encode(b"open")) == (422, "SG-1154")
    assert answer("shipper", private="x" * 91) == (422, "SG-4069")
    assert world.show()["n"] == 0
    assert answer("shipper") == (201, "")
    bank = world.client.get(
        "/v1/titles", params={"title": "BL-1"}, headers=as_account(world, "bank")
    ).json()
    assert bank["history"][-1]["sealed"] == {"epoch": 0, "text": "at 80 %"}


def test_the_doctor_tries_the_reading_keys(world: World) -> None:
    """A key under the gateway's secret opens; an open one is not taken."""
    home = world.gateway.settings.home
    ReadingKey.generate().save(home / "good.pem", setup.secret(world.gateway.settings))
    ReadingKey.generate().save(home / "open.pem")
    with (home / "silkgate.toml").open("a") as file:
        file.write('[titles.readers]\nshipper = "good.pem"\nbank = "open.pem"\n')
    found = {each.name: each.state for each in examine(home)}
    assert found["reading key of shipper"] is State.OK
    assert found["reading key of bank"] is State.ERROR


def test_scopes_are_asked_for(world: World) -> None:
    """Without a key, or with one for something else, nothing is read or written."""
    token = issue_key(world.gateway.settings, tenant="port", scopes=["log:write"], days=1)
    for headers in ({"authorization": ""}, {"authorization": f"Bearer {token}"}):
        for path in ("/v1/titles", "/v1/titles/file", "/v1/titles/epochs"):
            answer = world.client.get(path, params={"title": "BL-1"}, headers=headers)
            assert answer.status_code in {401, 403}
        for path in ("/v1/titles/entries", "/v1/titles/orders", "/v1/titles/epochs"):
            answer = world.client.post(path, content="{}", headers={**headers, **JOSE})
            assert answer.status_code in {401, 403}


def test_the_registers_of_gateways_are_read_by_command(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """`title show` and `fsck` read the database; a changed entry is found."""
    world.issue()
    world.gateway.sealing.round()
    home = str(world.gateway.settings.home)
    assert _run(capsys, "show", "BL-1", "--home", home)["state"]["holder"] == PARTIES["A"].party
    assert _run(capsys, "fsck", "--home", home) == {"sound": True, "findings": []}
    with world.gateway.store.begin() as tx:
        tx.execute(TITLE_ENTRY.update().values(digest="00" * 32))
    found = _run(capsys, "fsck", "--home", home)
    assert [each["rule"] for each in found["findings"]] == ["head"]


def _run(capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    with pytest.raises(SystemExit):
        group.main([*args, "--json"], prog_name="title")
    return json.loads(capsys.readouterr().out.splitlines()[-1])
