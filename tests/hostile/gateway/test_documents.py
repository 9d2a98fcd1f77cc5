"""Bad documents at every door of a gateway that takes documents."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.sandbox import shipments
from tests.hostile.gateway.conftest import kept
from tests.hostile.gateway.refusals import refused
from tests.journeys.pair import Pair

SHIPMENT = shipments.load("g01")
XML = {"content-type": "application/xml"}
BOMB = (
    b'<!DOCTYPE d [<!ENTITY a0 "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><DecMessage>&a9;</DecMessage>"
)
UNREADABLE = {
    "malformed": (b"<DecMessage><DecHead></DecMessage>", 400, "SG-1101"),
    "cut short": (SHIPMENT.declaration[:5000], 400, "SG-1101"),
    "binary": (b"\x00\xff\xfe\x80" * 50, 400, "SG-1107"),
    "doctype": (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><DecMessage/>', 400, "SG-1102"),
    "entity bomb": (BOMB, 400, "SG-1102"),
    "too deep": (b"<a>" * 300 + b"</a>" * 300, 413, "SG-1103"),
    "wrong namespace": (
        b'<Invoice xmlns="urn:example:invoice"><ID>1</ID></Invoice>',
        422,
        "SG-1106",
    ),
    "no format of ours": (b"<html><body/></html>", 422, "SG-1106"),
}
DOORS = {
    "exchanges": "/v1/exchanges?receiver=sg-port&target=wco-dec",
    "validate": "/v1/validate",
    "convert": "/v1/convert?to=wco-dec",
    "clearances": "/v1/clearances",
    "receipts": "/v1/authorities/cn-customs/receipts",
}
BLOCK = bytes(1 << 20)
WRONG = {
    "over-long field": (
        "<AgentName>示例桥报关有限公司</AgentName>",
        f"<AgentName>{'示例' * 80}</AgentName>",
        "length",
        "/DecMessage/DecHead/AgentName",
    ),
    "code of no list": (
        "<TradeCountry>SGP</TradeCountry>",
        "<TradeCountry>QQQ</TradeCountry>",
        "code",
        "/DecMessage/DecHead/TradeCountry",
    ),
    "mixed code generations": (
        "<TradeCountry>SGP</TradeCountry>",
        "<TradeCountry>132</TradeCountry>",
        "table",
        "/DecMessage/DecHead/TradeCountry",
    ),
}


def _wrong(case: str) -> bytes:
    old, new, _, _ = WRONG[case]
    text = SHIPMENT.declaration.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


def _open(gateways: Pair, declaration: bytes) -> httpx.Response:
    files = {"declaration": ("d.xml", declaration), "invoice": ("i.xml", SHIPMENT.invoice)}
    return gateways.exporter.http.post("/v1/clearances", files=files)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("case", UNREADABLE)
def test_a_document_nobody_can_read_is_refused_everywhere(
    gateways: Pair, door: str, case: str
) -> None:
    """The same status and code whatever the call; nothing of it is kept."""
    document, status, code = UNREADABLE[case]
    if door == "clearances":
        answer = _open(gateways, document)
    else:
        answer = gateways.exporter.http.post(DOORS[door], content=document, headers=XML)
    refused(answer, status, code)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_declaration_opens_no_clearance(gateways: Pair, case: str) -> None:
    """422 with every finding, its rule, its place, and texts in both languages."""
    _, _, rule, place = WRONG[case]
    problem = refused(_open(gateways, _wrong(case)), 422, "SG-5021", place)
    assert (rule, place) in [(found["rule"], found["path"]) for found in problem["findings"]]


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("receiver", "nobody", "SG-5303"), ("corridor", "nowhere", "SG-5310")],
)
def test_a_clearance_leads_somewhere(gateways: Pair, field: str, value: str, code: str) -> None:
    """A receiver or corridor that there is not is refused at once, not after the release."""
    files = {"declaration": ("d.xml", SHIPMENT.declaration)}
    answer = gateways.exporter.http.post("/v1/clearances", files=files, data={field: value})
    refused(answer, 422, code)


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_document_is_told_so_by_the_tool(gateways: Pair, case: str) -> None:
    """The check alone answers 200 with `valid` false and the finding at its place."""
    _, _, rule, place = WRONG[case]
    answer = gateways.exporter.http.post("/v1/validate", content=_wrong(case), headers=XML)
    verdict = answer.json()
    assert (answer.status_code, verdict["valid"]) == (200, False)
    found = [one for one in verdict["findings"] if (one["rule"], one["path"]) == (rule, place)]
    assert found[0]["message"]["zh"]


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_document_goes_no_further(gateways: Pair, case: str) -> None:
    """Accepted as handed in, then refused by the rules: not signed, not logged, not delivered."""
    before = [kept(side) for side in gateways.sides]
    exchange = gateways.exporter.send(_wrong(case), "wco-dec", "sg-port")
    ended = gateways.exporter.settled(exchange)
    assert (ended["state"], ended["stage"], ended["leaf"]) == ("refused", "validate", None)
    findings = gateways.exporter.get(f"/v1/exchanges/{exchange}/findings")
    assert WRONG[case][3] in [found["path"] for found in findings]
    events: list[Any] = gateways.exporter.get(f"/v1/exchanges/{exchange}/timeline")["events"]
    assert (events[-1]["code"], events[-1]["detail"]["problem"]["code"]) == ("refused", "SG-5021")
    after = [kept(side) for side in gateways.sides]
    assert after[1] == before[1], "nothing reached the other side"
    assert after[0]["entries"] == before[0]["entries"], "nothing was logged"


def test_the_same_document_again_is_the_same_exchange(gateways: Pair) -> None:
    """A double click sends nothing twice; another document under a used key is refused."""
    first = gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port")
    gateways.exporter.settled(first)
    before = kept(gateways.exporter)
    assert gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port") == first
    assert kept(gateways.exporter) == before
    where = "/v1/exchanges?receiver=sg-port&target=peppol-ubl"
    headers = XML | {"idempotency-key": "k-1"}
    http = gateways.exporter.http
    once = http.post(where, content=SHIPMENT.invoice, headers=headers)
    gateways.exporter.settled(once.json()["id"])
    before = kept(gateways.exporter)
    refused(http.post(where, content=SHIPMENT.declaration, headers=headers), 409, "SG-5020")
    assert kept(gateways.exporter) == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("declared", [True, False])
def test_a_giant_body_is_refused_early(gateways: Pair, declared: bool) -> None:  # noqa: FBT001
    """With its length told, before a byte is read; without, with the first byte too many."""
    size = gateways.exporter.settings.limits.body_bytes + 1

    def giant() -> Iterator[bytes]:
        for _ in range(size // len(BLOCK)):
            yield BLOCK
        yield b" "

    headers = XML | ({"content-length": str(size)} if declared else {})
    with gateways.exporter.caller(gateways.exporter.token) as http:
        answer = http.post(DOORS["exchanges"], content=giant(), headers=headers)
    refused(answer, 413, "SG-1150", "body")
    assert answer.headers["connection"] == "close"


@pytest.mark.usefixtures("untouched")
def test_a_slow_body_does_not_hold_a_place(gateways: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever dribbles is told 408 and hung up on."""
    monkeypatch.setattr("gateway.api.body._SECONDS", 0.3)

    def dribble() -> Iterator[bytes]:
        yield b"<DecMessage>"
        for _ in range(10):
            threading.Event().wait(0.1)
            yield b" "

    with gateways.exporter.caller(gateways.exporter.token) as http:
        answer = http.post(DOORS["exchanges"], content=dribble(), headers=XML)
    refused(answer, 408, "SG-1156", "body")
