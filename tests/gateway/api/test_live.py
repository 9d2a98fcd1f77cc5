"""The main paths over a real server on loopback, with TLS and HTTP as clients speak it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn

from gateway.api.app import create_app
from gateway.api.serve import AddressInUse, Listen, _Connections, _Protocol, serving
from gateway.store import exchanges
from gateway.transport.courier import Courier, Delivery
from gateway.transport.line import Address
from gateway.transport.lines import Lines
from gateway.transport.tls import client_context
from tests.gateway.api.world import World, seal
from tests.gateway.transport.partner import make_certificate

SUBMIT = "/v1/exchanges?receiver=sg-gateway&target=wco-dec"
XML = {"content-type": "application/xml"}


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for the loopback address."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def url(world: World, tls: Path) -> Iterator[str]:
    """The gateway's address while it serves."""
    listen = Listen(port=0, certificate=tls / "tls.pem", key=tls / "tls.key")
    with serving(create_app(world), listen) as base:
        yield base


@pytest.fixture
def client(world: World, url: str, tls: Path) -> Iterator[httpx.Client]:
    """A client with a key of all scopes."""
    with httpx.Client(
        base_url=url,
        verify=client_context(tls / "tls.pem"),
        headers={"authorization": f"Bearer {world.key()}"},
    ) as opened:
        yield opened


class Greeted(asyncio.Transport):
    """A connection whose handshake has just ended."""

    aborted = False

    def get_extra_info(self, name: str, default: object = None) -> object:  # noqa: ARG002 - asyncio's
        """Know nothing of the other side."""
        return default

    def abort(self) -> None:
        """Remember it."""
        self.aborted = True


def test_who_is_greeted_after_the_end_is_cut_off(world: World) -> None:
    """A request that came in then would find no event loop to be answered on."""
    state, loop, cut = _Connections(), asyncio.new_event_loop(), []
    for ended in (False, True):
        state.closed = ended
        made = _Protocol(uvicorn.Config(create_app(world)), state, {}, _loop=loop)
        connection = Greeted()
        made.connection_made(connection)
        cut.append(connection.aborted)
    loop.close()
    assert cut == [False, True]


def test_a_document_is_handed_in_and_followed(client: httpx.Client) -> None:
    """202 with an address; from there the exchange, its timeline and its bytes."""
    made = client.post(SUBMIT, content=b"<DecMessage/>", headers=XML)
    assert made.status_code == 202
    place = made.headers["location"]
    shown = client.get(place).json()
    assert (shown["source_format"], shown["state"]) == ("cn-dec", "ready")
    assert client.get(shown["links"]["timeline"]).json()["events"][0]["code"] == "accepted"
    source = client.get(f"{place}/payloads/source")
    assert source.content == b"<DecMessage/>"
    assert source.headers["etag"].strip('"') == shown["digest"]
    assert source.headers["content-disposition"].startswith("attachment")
    assert client.get(f"{place}/evidence").content == f"PK evidence of {shown['id']}".encode()


def test_related_documents_come_in_a_form(client: httpx.Client, world: World) -> None:
    """A declaration with its invoice and bill of lading is one submission."""
    made = client.post(
        SUBMIT,
        files=[
            ("document", ("dec.xml", b"<DecMessage/>", "application/xml")),
            ("related", ("invoice.xml", b"<Invoice/>\r\n", "application/xml")),
            ("related", ("bl.json", b'{"a": 1}', "application/json")),
        ],
    )
    assert made.status_code == 202, made.text
    kept = client.get(made.headers["location"] + "/payloads/related").json()
    assert kept == ["PEludm9pY2UvPg0K", "eyJhIjogMX0="]
    with world.store.read() as tx:
        assert exchanges.get(tx, made.json()["id"]).source_format == "cn-dec"


def test_a_hundred_documents_at_once_are_all_kept(client: httpx.Client, world: World) -> None:
    """Concurrent submissions share commits and none is lost or mixed up."""

    def submit(number: int) -> tuple[str, str]:
        made = client.post(SUBMIT, content=b"<DecMessage>%d</DecMessage>" % number, headers=XML)
        return made.json()["id"], f"<DecMessage>{number}</DecMessage>"

    with ThreadPoolExecutor(16) as threads:
        made = dict(threads.map(submit, range(100)))
    assert len(made) == 100
    for exchange_id, text in list(made.items())[::10]:
        assert client.get(f"/v1/exchanges/{exchange_id}/payloads/source").text == text
    with world.store.read() as tx:
        assert len(exchanges.listed(tx, limit=200)) == 100


def test_pages_follow_one_another(client: httpx.Client) -> None:
    """`next` leads through all exchanges, newest first, each once."""
    made = [
        client.post(SUBMIT, content=b"<DecMessage>%d</DecMessage>" % n, headers=XML).json()["id"]
        for n in range(5)
    ]
    seen: list[str] = []
    place: str | None = "/v1/exchanges?limit=2"
    while place:
        page = client.get(place)
        seen += [item["id"] for item in page.json()["items"]]
        place = page.json()["next"]
        assert (place is None) == ("link" not in page.headers)
    assert seen == sorted(made, reverse=True)


def test_the_couriers_delivery_gets_its_receipt(url: str, tls: Path) -> None:
    """Both ends of the transport speak the same language over real TLS."""
    container = seal(b"<Declaration/>", message_id="m-1")
    address = Address(party="cn-gateway", url=url, authority=tls / "tls.pem")
    with Lines([address]) as lines:
        courier = Courier(lines)
        delivery = Delivery(
            message_id="m-1", sender="sg-gateway", recipient="cn-gateway", container=container
        )
        first, again = courier.deliver_all([delivery, delivery])
        courier.close()
    assert first == again
    assert isinstance(first, bytes)
    assert first.startswith(b"receipt.m-1.")


def test_a_clearance_is_opened_asked_and_answered(client: httpx.Client, world: World) -> None:
    """Declaration, invoice and bill of lading go in; the form comes out and takes its answers."""
    opened = client.post(
        "/v1/clearances",
        files={"declaration": b"<DecMessage/>", "invoice": b"<Invoice/>", "lading": b"{}"},
        data={"receiver": "sg-gateway"},
        headers={"idempotency-key": "k"},
    )
    assert opened.status_code == 201, opened.text
    assert opened.headers["location"] == "/v1/clearances/c-1"
    request = world.clearances.opened[0]
    assert (request.tenant, request.receiver, request.key) == ("port", "sg-gateway", "k")
    assert (request.invoice, request.lading) == (b"<Invoice/>", b"{}")
    world.clearances.shown["c-1"] = {"id": "c-1", "form": {"fields": [{"id": "Importer.ID"}]}}
    assert client.get("/v1/clearances").json()["items"] == [{"id": "c-1"}]
    assert client.get("/v1/clearances/board").json()["items"][0]["id"] == "c-1"
    assert client.get("/v1/clearances/c-1/form").json()["fields"] == [{"id": "Importer.ID"}]
    sent = client.post("/v1/clearances/c-1/form", json={"Importer.ID": "201234567A"})
    assert sent.status_code == 200
    assert world.clearances.answers == {"Importer.ID": "201234567A"}
    assert client.get("/v1/clearances/c-9").status_code == 404
    assert client.post("/v1/clearances/c-1/form", json={"a": 1}).json()["code"] == "SG-1154"
    missing = client.post("/v1/clearances", files={"invoice": b"<Invoice/>"})
    assert missing.json()["where"] == "part/declaration"


def test_the_tools_keep_nothing(client: httpx.Client, world: World) -> None:
    """Validate, convert and verify answer like the command line and store nothing."""
    valid = client.post("/v1/validate?rules=cn", content=b"<DecMessage/>", headers=XML).json()
    assert (valid["valid"], valid["rulesets"]) == (True, ["cn"])
    converted = client.post("/v1/convert?to=wco-dec", content=b"<DecMessage/>", headers=XML).json()
    assert (converted["data"], converted["loss"]["target"]) == ("PG91dC8+", "wco-dec")
    verdict = client.post("/v1/verify", files=[("document", b"PK"), ("detached", b"x")]).json()
    assert (verdict["indication"], verdict["detached"]) == ("TOTAL-PASSED", 1)
    with world.store.read() as tx:
        assert exchanges.listed(tx) == []


def test_the_log_is_public_and_cached(url: str, tls: Path) -> None:
    """Anyone reads checkpoint and tiles; tiles never change, checkpoints do."""
    with httpx.Client(base_url=url, verify=client_context(tls / "tls.pem")) as anyone:
        note = anyone.get("/log/checkpoint")
        tile = anyone.get("/log/tile/0/000.p/1")
        assert anyone.get("/log/tile/0/001").status_code == 404
    assert note.text.startswith("cn-gateway/log\n")
    assert note.headers["content-type"].startswith("text/plain")
    assert tile.content == bytes(32)
    assert "immutable" in tile.headers["cache-control"]
    assert "immutable" not in note.headers["cache-control"]


def test_a_witness_answers_in_its_own_protocol(client: httpx.Client) -> None:
    """Status, type and body are those of C2SP tlog-witness, not a problem document."""
    path = "/v1/witness/add-checkpoint"
    assert client.post(path, content=b"old 0\n\nnote").status_code == 200
    moved = client.post(path, content=b"old 5\n\nnote")
    assert (moved.status_code, moved.text) == (409, "7\n")
    assert moved.headers["content-type"].startswith("text/x.tlog.size")


def test_readiness_tells_what_is_wrong(client: httpx.Client, world: World) -> None:
    """503 names the part that does not work; the process stays healthy."""
    assert client.get("/readyz").status_code == 200
    world.wrong["store"] = "disk full"
    not_ready = client.get("/readyz")
    assert (not_ready.status_code, not_ready.json()["checks"]["store"]) == (503, "disk full")
    assert client.get("/healthz").json() == {"status": "ok"}


def test_metrics_count_routes_and_not_ids(client: httpx.Client) -> None:
    """Requests are counted by route template, refusals by code, exchanges by state."""
    made = client.post(SUBMIT, content=b"<DecMessage/>", headers=XML).json()["id"]
    client.get(f"/v1/exchanges/{made}")
    client.get("/v1/exchanges/unknown")
    text = client.get("/metrics").text
    shown = 'silkgate_http_requests_total{method="GET",route="/v1/exchanges/{exchange_id}",status='
    assert f'{shown}"200"}} 1.0' in text
    assert f'{shown}"404"}} 1.0' in text
    assert 'silkgate_refusals_total{code="SG-5031"} 1.0' in text
    assert 'silkgate_exchanges{direction="out",state="ready"} 1.0' in text
    assert 'silkgate_webhooks{state="given-up"} 0.0' in text
    assert made not in text


def test_the_openapi_document_describes_every_call(client: httpx.Client) -> None:
    """OpenAPI 3.1, in both languages, with the problem's shape and the keys' scheme."""
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "Problem" in document["components"]["schemas"]
    assert "apiKey" in document["components"]["securitySchemes"]
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert any("\u4e00" <= char <= "\u9fff" for char in call["summary"]), (method, path)
            if path.startswith("/v1/") and "x-scope" in call:
                assert call["security"] == [{"apiKey": []}, {"oidc": []}]


def test_413_comes_before_the_body(url: str, tls: Path, world: World) -> None:
    """A declared length over the limit is refused without reading the body, and the line cut."""
    place = urlsplit(url)
    with (
        socket.create_connection((place.hostname, place.port), timeout=5) as plain,
        client_context(tls / "tls.pem").wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        head = (
            f"POST {SUBMIT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {world.key()}\r\n"
            "Content-Type: application/xml\r\nContent-Length: 99999999999\r\n\r\n<Dec"
        )
        line.sendall(head.encode())
        answer = b""
        while part := line.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "SG-1150"


def test_broken_http_does_not_stop_the_server(url: str, tls: Path, client: httpx.Client) -> None:
    """Rubbish, half requests and early hang-ups leave the others served."""
    place = urlsplit(url)
    rubbish = [b"\x16\x03\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/exchanges HTTP/1.1\r\n"]
    for sent in rubbish:
        with socket.create_connection((place.hostname, place.port), timeout=5) as plain:
            plain.sendall(sent)
        with (
            socket.create_connection((place.hostname, place.port), timeout=5) as plain,
            client_context(tls / "tls.pem").wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            line.sendall(sent)
    assert client.get("/healthz").status_code == 200


def test_an_address_in_use_is_told_apart(world: World, url: str) -> None:
    """A second gateway on the same port says so, with the address."""
    port = urlsplit(url).port
    assert port is not None
    with (
        pytest.raises(AddressInUse, match=str(port)),
        serving(create_app(world), Listen(port=port)),
    ):
        pass


def test_requests_under_way_are_answered_before_the_end() -> None:
    """SIGTERM lets the request that came before it finish, then the process ends with 0."""
    script = (
        "import asyncio, sys\n"
        "from gateway.api.serve import Listen, serve\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] == 'lifespan':\n"
        "        await receive(); await send({'type': 'lifespan.startup.complete'})\n"
        "        await receive(); await send({'type': 'lifespan.shutdown.complete'}); return\n"
        "    await asyncio.sleep(0.5)\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        "    await send({'type': 'http.response.body', 'body': b'done'})\n"
        "serve(app, Listen(port=int(sys.argv[1])))\n"
        "print('after', flush=True)\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-c", script, str(port)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            _wait_for(port)
            answers: list[str] = []
            asking = threading.Thread(
                target=lambda: answers.append(httpx.get(f"http://127.0.0.1:{port}/").text)
            )
            asking.start()
            _settle()
            os.kill(process.pid, signal.SIGTERM)
            asking.join(timeout=10)
            out, _ = process.communicate(timeout=10)
        finally:
            process.kill()
    assert answers == ["done"]
    assert (process.returncode, out) == (0, "after\n")


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            probe.settimeout(0.1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        _settle(0.05)


def _settle(seconds: float = 0.2) -> None:
    threading.Event().wait(seconds)
