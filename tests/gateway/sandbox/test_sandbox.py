"""Simulated customs speak the real formats, at their pace, with the faults they are told."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters
from gateway.api.serve import Listen, serving
from gateway.sandbox import messages, script
from gateway.sandbox.app import Kind, Sandbox, create_app
from gateway.sandbox.postman import Posted, spoil
from gateway.sandbox.script import Faults, Script, ScriptUnknown, Step, Story
from gateway.settings import NotForProduction
from gateway.transport.headers import MESSAGE_ID
from schemas.document import Document, Term
from tests.gateway.clearance import documents as golden
from tests.gateway.sandbox.receiver import Receiver, receiver

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
G06 = (golden.GOLDEN / "g06" / "decmessage.xml").read_bytes()
QUICK = Script(stories=(Story(tuple(map(Step, "7LJPR"))),), delay=0.01)


@contextmanager
def customs(
    found: Receiver, kind: Kind = Kind.CHINA, told: Script = QUICK, token: str = ""
) -> Iterator[httpx.Client]:
    """A simulated customs that sends its receipts to `found`."""
    sandbox = Sandbox(kind=kind, script=told, receipts=found.url, token=token)
    with serving(create_app(sandbox), Listen(port=0)) as url, httpx.Client(base_url=url) as client:
        yield client


def declare(client: httpx.Client, data: bytes, message_id: str = "m1") -> httpx.Response:
    """Send a declaration."""
    return client.post("/declarations", content=data, headers={MESSAGE_ID: message_id})


def documents(bodies: list[bytes]) -> list[Document]:
    """The receipts as our own tables read them; none has a finding."""
    readings = [adapters.read(body) for body in bodies]
    assert not [finding for reading in readings for finding in reading.findings]
    return [reading.document for reading in readings]


def import_declaration() -> bytes:
    """An import declaration of g06 in the WCO format."""
    from gateway.clearance.build import lrn
    from tests.gateway.clearance.test_build import crossing

    document = crossing("g06").document
    document.terms.append(Term("FunctionalReferenceID", lrn("c-1")))
    return adapters.render(document, "wco-dec").data


def test_chinese_customs_tells_its_story_in_order() -> None:
    """Upload answered with a number, then 7 L J P R with an EntryId from customs on."""
    with receiver() as found, customs(found, token="sgk_x") as client:
        answer = adapters.read(declare(client, G06).content).document
        receipts = documents(found.wait(5))
    assert answer.value("Status.SourceCode") == "0"
    assert re.fullmatch(r"I2[0-9]{16}", answer.value("ext.cn.SeqNo"))
    assert [r.value("Status.SourceCode") for r in receipts] == [*"7LJPR"]
    assert receipts[0].value("ID") == ""
    assert {bool(re.fullmatch(r"2200[0-9]{4}0[0-9]{9}", r.value("ID"))) for r in receipts[1:]} == {
        True
    }
    times = [r.value("Status.DateTime") for r in receipts]
    assert times == sorted(set(times))
    assert set(found.keys) == {"Bearer sgk_x"}


def test_wco_customs_notifies() -> None:
    """An import declaration is taken without words; the notifications name it."""
    told = Script(stories=(Story(tuple(Step(c) for c in ("02", "01", "13", "08", "09"))),))
    with receiver() as found, customs(found, Kind.WCO, told) as client:
        answer = declare(client, import_declaration())
        receipts = documents(found.wait(5))
    assert (answer.status_code, answer.content) == (202, b"")
    assert [r.value("Status.SourceCode") for r in receipts] == ["02", "01", "13", "08", "09"]
    assert {len(r.value("ID")) for r in receipts} == {18}
    assert len({r.value("Response.FunctionalReferenceID") for r in receipts}) == 5


def test_a_repeated_message_is_one_declaration() -> None:
    """The same message id gets the same answer and no second story."""
    with receiver() as found, customs(found) as client:
        first, second = declare(client, G06), declare(client, G06)
        assert first.content == second.content
        found.wait(5)
        assert client.get("/").json()["declared"] == 1
    assert len(found.bodies) == 5


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<TradeCountry>GBR", b"<TradeCountry>303"),
        (b"<CodeTS>8457101000</CodeTS>", b""),
        (b"<DecHead>", b"<DecHead"),
    ],
)
def test_a_bad_declaration_is_refused_in_words(old: bytes, new: bytes) -> None:
    """Wrong codes, missing fields and broken XML get ResponseCode 1 and a reason, no receipts."""
    with receiver() as found, customs(found) as client:
        answer = adapters.read(declare(client, G06.replace(old, new, 1)).content).document
        assert client.get("/").json()["waiting"] == 0
    assert answer.value("Status.SourceCode") == "1"
    assert answer.value("Status.Text")
    assert found.bodies == []


def test_wco_customs_rejects_with_the_errors() -> None:
    """A document that is no declaration is answered with a rejection (03) that says why."""
    with receiver() as found, customs(found, Kind.WCO) as client:
        answer = adapters.read(declare(client, G06).content).document
    assert answer.value("Status.SourceCode") == "03"
    assert answer.value("Error[1].Text")


def test_scripted_stories_are_told_by_name() -> None:
    """A story for one local reference does not touch the others; `refuse` refuses the upload."""
    told = Script(
        stories=(
            Story((Step("7"), Step("E")), match="SMPL20260320G06"),
            Story((), match="OTHER", refuse="no"),
        ),
        delay=0.01,
    )
    with receiver() as found, customs(found, told=told) as client:
        declare(client, G06)
        other = declare(client, G06.replace(b"SMPL20260320G06", b"OTHER"), "m2")
        receipts = documents(found.wait(2))
    assert [r.value("Status.SourceCode") for r in receipts] == ["7", "E"]
    assert adapters.read(other.content).document.value("Status.Text").startswith("no")


def test_a_gateway_that_fails_gets_every_receipt_later() -> None:
    """Receipts refused with 500 are sent again until they are taken."""
    with receiver() as found, customs(found) as client:
        found.failures = 3
        declare(client, G06)
        receipts = documents(found.wait(5))
    assert {r.value("Status.SourceCode") for r in receipts} == {*"7LJPR"}


def test_faults_spoil_the_order_and_lose_nothing() -> None:
    """With every fault at work each receipt still comes, whole, at least once."""
    faults = Faults(duplicate=1, swap=0.5, lost=0.5, malformed=0.5, resend=0.05)
    told = Script(stories=QUICK.stories, delay=0.01, faults=faults, seed=5)
    with receiver() as found, customs(found, told=told) as client:
        declare(client, G06)
        found.wait(10)
        while client.get("/").json()["waiting"]:
            pass
    whole = [body for body in found.bodies if body.endswith(b"</DEC_DATA>\n")]
    codes = [d.value("Status.SourceCode") for d in documents(whole)]
    assert {*codes} == {*"7LJPR"}
    assert len(codes) == 10
    assert codes != sorted(codes, key="7LJPR".index)


def test_a_busy_customs_says_so() -> None:
    """With `busy` at 1 every declaration is answered with 503."""
    told = Script(stories=QUICK.stories, faults=Faults(busy=1.0))
    with receiver() as found, customs(found, told=told) as client:
        assert declare(client, G06).status_code == 503


@given(st.integers(0, 9), st.integers(0, 999), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_spoiling_keeps_every_receipt(
    count: int, seed: int, duplicate: float, swap: float, lost: float
) -> None:
    """Whatever the chances, each receipt is in the post at least once, and the seed repeats it."""
    posted = [Posted(n / 10, bytes([n])) for n in range(count)]
    faults = Faults(duplicate=duplicate, swap=swap, lost=lost)
    found = spoil(posted, faults, random.Random(seed))
    assert {receipt.body for receipt in found} == {receipt.body for receipt in posted}
    assert found == spoil(posted, faults, random.Random(seed))


def test_it_refuses_to_start_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment says production there is no sandbox."""
    monkeypatch.setenv("SILKGATE_MODE", "production")
    with pytest.raises(NotForProduction):
        create_app(Sandbox(kind=Kind.CHINA, script=QUICK, receipts="http://127.0.0.1:1/x"))


def test_as_a_program_it_says_where_it_listens_and_ends_when_told() -> None:
    """One JSON line with the address; closing its input ends it with exit code 0."""
    program = [sys.executable, "-m", "gateway.sandbox", "cn", "--receipts", "http://127.0.0.1:9/x"]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=golden.GOLDEN.parents[1]
    ) as running:
        assert running.stdout is not None
        said = json.loads(running.stdout.readline())
        assert httpx.get(said["state"]).json()["sandbox"] == "cn"
        running.communicate(timeout=20)
    assert running.returncode == 0


@pytest.mark.parametrize(
    "name", [p.stem for p in Path(script.__file__).with_name("scripts").glob("*.toml")]
)
def test_our_scripts_can_be_used(name: str) -> None:
    """Every script that comes with the sandbox loads, and its codes are the authority's own."""
    told = script.load(name)
    source = "cn-channel" if name.startswith("cn") else "cds-notification"
    from gateway.clearance.status import meaning

    assert all(meaning(source, step.code) for story in told.stories for step in story.receipts)


def test_an_unknown_script_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    """A name that is none, and a file that says what no script says, are refused in words."""
    with pytest.raises(ScriptUnknown) as refusal:
        script.load("nonsense")
    assert "cn-release" in refusal.value.advice.en
    (tmp_path / "x.toml").write_text('[faults]\nexplode = 1\n[[story]]\nreceipts = ["7"]\n')
    with pytest.raises(ScriptUnknown):
        script.load(str(tmp_path / "x.toml"))


def test_an_entry_number_has_its_four_parts() -> None:
    """District 4, year 4, flag 1, serial 9."""
    assert messages.entry_number("2200", 2026, "E", 7) == "220020260000000007"
    assert messages.entry_number("2200", 2026, "I", 7) == "220020261000000007"
