"""Bad input is refused with the right status, code, place and hint; nothing of it is kept."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api.keys import Scope
from gateway.store import exchanges
from gateway.store.model import Direction
from tests.gateway.api.conftest import Ask
from tests.gateway.api.world import NOW, World, seal

SUBMIT = "/v1/exchanges?receiver=sg-gateway&target=wco-dec"
XML = {"content-type": "application/xml"}
ASICE = "application/vnd.etsi.asic-e+zip"
BOMB = (
    b'<!DOCTYPE d [<!ENTITY a0 "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><DecMessage>&a9;</DecMessage>"
)


CALLS = [
    ("POST", "/v1/exchanges"),
    ("GET", "/v1/exchanges"),
    ("GET", "/v1/exchanges/%00/payloads/%ff"),
    ("GET", "/v1/exchanges/x/timeline"),
    ("POST", "/v1/deliveries"),
    ("POST", "/v1/statuses"),
    ("POST", "/v1/witness/add-checkpoint"),
    ("POST", "/v1/clearances"),
    ("POST", "/v1/clearances/x/form"),
    ("POST", "/v1/clearances/x/amendments"),
    ("POST", "/v1/clearances/x/cancellation"),
    ("POST", "/v1/clearances/x/confirmations"),
    ("POST", "/v1/clearances/x/refusals"),
    ("GET", "/v1/clearances/x"),
    ("POST", "/v1/authorities/cn-customs/receipts"),
    ("POST", "/v1/validate"),
    ("POST", "/v1/convert"),
    ("POST", "/v1/verify"),
    ("GET", "/log/tile/../../x"),
    ("GET", "/problems/x"),
]


def is_problem(answer: httpx.Response, status: int, code: str, where: str) -> dict[str, Any]:
    """Assert the whole shape of a problem document and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"/problems/{code}"
    assert problem["where"] == where
    assert problem["title"]
    for name in ("message", "hint"):
        assert problem[name]["en"].isascii()
        assert any("\u4e00" <= char <= "\u9fff" for char in problem[name]["zh"])
        assert not re.search(r"{\w+}", problem[name]["en"] + problem[name]["zh"])
    assert problem["instance"].startswith("urn:uuid:")
    assert problem["instance"].endswith(answer.headers["x-request-id"])
    return problem


def nothing_kept(world: World) -> bool:
    """Tell whether the store holds no exchange at all."""
    with world.store.read() as tx:
        return exchanges.listed(tx) == []


HOSTILE = {
    "malformed": (b"<DecMessage><a></DecMessage>", 400, "SG-1101", "line 1"),
    "text": (b"not xml at all", 400, "SG-1101", "line 1"),
    "binary": (b"\x00\xff\xfe", 400, "SG-1101", "line 1"),
    "doctype": (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><DecMessage/>', 400, "SG-1102", "line 1"),
    "bomb": (BOMB, 400, "SG-1102", "line 1"),
    "deep": (b"<a>" * 200 + b"</a>" * 200, 413, "SG-1103", ""),
    "foreign": (b'<Foreign xmlns="urn:x"/>', 422, "SG-1120", "line 1"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_document_nobody_can_read_is_refused_at_the_door(
    world: World, ask: Ask, case: str
) -> None:
    """The sender learns at once what is wrong and where; there is no exchange of it."""
    document, status, code, where = HOSTILE[case]
    is_problem(ask("POST", SUBMIT, content=document, headers=XML), status, code, where)
    assert nothing_kept(world)


def test_an_empty_body_is_no_document(world: World, ask: Ask) -> None:
    """Nothing is accepted that has no content."""
    is_problem(ask("POST", SUBMIT, headers=XML), 400, "SG-1155", "body")
    assert nothing_kept(world)


def test_a_compressed_body_is_never_unpacked(world: World, ask: Ask) -> None:
    """A Content-Encoding is refused, so that no bomb can be one."""
    headers = XML | {"content-encoding": "gzip"}
    answer = ask("POST", SUBMIT, content=b"\x1f\x8b", headers=headers)
    is_problem(answer, 415, "SG-1152", "header/Content-Encoding")
    assert nothing_kept(world)


def test_a_body_over_the_limit_is_refused(world: World, ask: Ask) -> None:
    """One byte more than agreed is too much, and is told as 413."""
    is_problem(ask("POST", SUBMIT, content=b"x" * 200_001, headers=XML), 413, "SG-1150", "body")
    assert nothing_kept(world)


def test_a_body_without_a_length_is_bounded_too(world: World, ask: Ask) -> None:
    """A chunked body is refused with the first byte that is too many; the rest is not asked for."""
    asked = 0

    async def endless() -> Any:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 50_000

    is_problem(ask("POST", SUBMIT, content=endless(), headers=XML), 413, "SG-1150", "body")
    assert asked <= 6
    assert nothing_kept(world)


@pytest.mark.parametrize(
    ("path", "code", "where"),
    [
        ("/v1/exchanges?target=wco-dec", "SG-1157", "query/receiver"),
        ("/v1/exchanges?receiver=sg-gateway&target=fax", "SG-1154", "query/target"),
        ("/v1/exchanges?receiver=nobody&target=wco-dec", "SG-1154", "query/receiver"),
        (f"/v1/exchanges?receiver={'x' * 500}&target=wco-dec", "SG-1154", "query/receiver"),
        (SUBMIT + "&profile=../../etc/%00", "SG-1154", "query/profile"),
    ],
)
def test_a_wrong_parameter_is_named(ask: Ask, path: str, code: str, where: str) -> None:
    """Missing, unknown, over-long and ill-formed parameters say which one."""
    is_problem(ask("POST", path, content=b"<DecMessage/>", headers=XML), 422, code, where)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "state=lost"])
def test_a_wrong_page_is_named(ask: Ask, query: str) -> None:
    """Pages have bounds, and states are those of the house."""
    name = query.partition("=")[0]
    is_problem(ask("GET", f"/v1/exchanges?{query}"), 422, "SG-1154", f"query/{name}")


def test_no_key_is_no_access(ask: Ask) -> None:
    """Without a key the answer is 401, and says what to send."""
    answer = ask("GET", "/v1/exchanges", key=None)
    is_problem(answer, 401, "SG-6001", "header/Authorization")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["sgk_nobody_" + "A" * 43, "sgk_x", "Basic", "sgk__", "\u00e9"])
def test_an_unknown_key_is_no_access(ask: Ask, token: str) -> None:
    """A key that is not ours is 401, whatever it looks like."""
    answer = ask(
        "GET", "/v1/exchanges", key=None, headers={"authorization": f"Bearer {token}".encode()}
    )
    is_problem(answer, 401, "SG-6002", "header/Authorization")


def test_a_key_with_another_secret_is_no_access(world: World, ask: Ask) -> None:
    """Knowing the id of a key is not knowing the key."""
    token = world.key()
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    is_problem(ask("GET", "/v1/exchanges", key=forged), 401, "SG-6002", "header/Authorization")


def test_an_expired_key_is_no_access(world: World, ask: Ask) -> None:
    """A key ends at its moment, also one that was in use just before."""
    token = world.key(expires_at=NOW + timedelta(seconds=10))
    assert ask("GET", "/v1/exchanges", key=token).status_code == 200
    world.now = NOW + timedelta(seconds=10)
    problem = is_problem(
        ask("GET", "/v1/exchanges", key=token), 401, "SG-6003", "header/Authorization"
    )
    assert "2026-03-14T08:00:10.000Z" in problem["detail"]


def test_a_key_does_only_what_its_scopes_say(world: World, ask: Ask) -> None:
    """A key that may read may not submit."""
    token = world.key(scopes=frozenset({Scope.READ}))
    assert ask("GET", "/v1/exchanges", key=token).status_code == 200
    answer = ask("POST", SUBMIT, key=token, content=b"<DecMessage/>", headers=XML)
    problem = is_problem(answer, 403, "SG-6004", "header/Authorization")
    assert "exchanges:write" in problem["detail"]
    assert nothing_kept(world)


@pytest.mark.parametrize("part", ["", "/timeline", "/payloads/source", "/loss", "/evidence"])
def test_another_tenants_exchange_does_not_exist(world: World, ask: Ask, part: str) -> None:
    """The wrong tenant sees 404 everywhere, word for word as for an id that never was."""
    made = ask("POST", SUBMIT, content=b"<DecMessage/>", headers=XML).json()["id"]
    stranger = world.key("other")
    answer = ask("GET", f"/v1/exchanges/{made}{part}", key=stranger)
    absent = ask("GET", f"/v1/exchanges/{'0' * 36}{part}", key=stranger)
    assert answer.status_code == absent.status_code == 404
    assert answer.json()["detail"].replace(made, "0" * 36) == absent.json()["detail"]
    assert ask("GET", "/v1/exchanges", key=stranger).json()["items"] == []


def test_salts_never_leave(ask: Ask) -> None:
    """The commitments' salts and values are no payload that can be asked for."""
    made = ask("POST", SUBMIT, content=b"<DecMessage/>", headers=XML).json()["id"]
    path = f"/v1/exchanges/{made}/payloads/commitments"
    is_problem(ask("GET", path), 404, "SG-5401", path)


def test_an_idempotency_key_holds_one_document(world: World, ask: Ask) -> None:
    """The same submission again gets the same exchange; another under the same key is 409."""
    headers = XML | {"idempotency-key": "order-1"}
    first = ask("POST", SUBMIT, content=b"<DecMessage/>", headers=headers)
    again = ask("POST", SUBMIT, content=b"<DecMessage/>", headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["duplicate"], again.json()["duplicate"]) == (False, True)
    other = ask("POST", SUBMIT, content=b"<DecMessage> </DecMessage>", headers=headers)
    is_problem(other, 409, "SG-5020", "")
    with world.store.read() as tx:
        assert len(exchanges.listed(tx)) == 1


def test_the_same_document_twice_is_one_exchange(ask: Ask) -> None:
    """Without a key the content is the key: a double click sends nothing twice."""
    ids = {ask("POST", SUBMIT, content=b"<DecMessage/>", headers=XML).json()["id"] for _ in "ab"}
    assert len(ids) == 1


def test_an_unknown_address_is_a_problem(ask: Ask) -> None:
    """404 has the shape of every refusal."""
    is_problem(ask("GET", "/v1/nothing"), 404, "SG-5401", "/v1/nothing")
    is_problem(ask("GET", "/v1/exchanges/"), 404, "SG-5401", "/v1/exchanges/")


def test_a_method_not_offered_names_those_that_are(ask: Ask) -> None:
    """405 lists all methods of the address."""
    answer = ask("DELETE", "/v1/exchanges")
    is_problem(answer, 405, "SG-5402", "/v1/exchanges")
    assert answer.headers["allow"] == "GET, POST"


def test_the_language_is_the_readers(ask: Ask) -> None:
    """Title and detail follow Accept-Language; the hint comes in both."""
    chinese = ask("GET", "/v1/x", headers={"accept-language": "fr, zh-CN;q=0.9, en;q=0.8"})
    assert chinese.json()["detail"] == "/v1/x 不存在。"
    assert chinese.headers["content-language"] == "zh"
    english = ask("GET", "/v1/x", headers={"accept-language": "en-GB;q=0.7, zh;q=0.1"})
    assert english.json()["detail"] == "There is nothing at /v1/x."
    nonsense = ask("GET", "/v1/x", headers={"accept-language": ";;q=x,," * 50})
    assert nonsense.headers["content-language"] == "en"


def test_an_unexpected_error_tells_nothing_of_the_inside(world: World, ask: Ask) -> None:
    """A failure of ours is 500 with an id for the operator's log; the process goes on."""
    world.tools.failure = RuntimeError("secret detail of /srv/silkgate")
    answer = ask("POST", SUBMIT, content=b"<DecMessage/>", headers=XML)
    is_problem(answer, 500, "SG-1000", "")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    world.tools.failure = None
    assert ask("POST", SUBMIT, content=b"<DecMessage/>", headers=XML).status_code == 202


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    call=st.sampled_from(CALLS),
    body=st.binary(max_size=60),
    kind=st.sampled_from(["application/xml", "application/json", "application/jose", ASICE, "x"])
    | st.just("multipart/form-data; boundary=b"),
    query=st.text(max_size=20),
    name=st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20),
)
def test_no_request_breaks_the_gateway(  # noqa: PLR0917 - the parts of a request
    ask: Ask, call: tuple[str, str], body: bytes, kind: str, query: str, name: str
) -> None:
    """Whatever is sent to any call is answered, and never with a failure of ours."""
    method, path = call
    headers: dict[str, str | bytes] = {"content-type": kind}
    for header in ("silkgate-sender", "silkgate-recipient", "silkgate-message-id", "digest"):
        headers[header] = name.encode("latin-1")
    answer = ask(
        method, path, content=body, headers=headers, params={"receiver": query, "to": query}
    )
    assert answer.status_code < 500, answer.text


def _deliver(ask: Ask, container: bytes, **headers: str) -> httpx.Response:
    sent = {
        "content-type": ASICE,
        "silkgate-message-id": "m-1",
        "silkgate-sender": "sg-gateway",
        "silkgate-recipient": "cn-gateway",
    }
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return ask("POST", "/v1/deliveries", key=None, content=container, headers=sent)


def test_a_delivery_is_answered_with_a_receipt_for_exactly_what_came(
    world: World, ask: Ask
) -> None:
    """The receipt names the SHA-256 of the container; the document is kept for its tenant."""
    container = seal(b"<Declaration/>", message_id="m-1")
    answer = _deliver(ask, container)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/jose"
    assert answer.text == f"receipt.m-1.{hashlib.sha256(container).hexdigest()}"
    with world.store.read() as tx:
        kept = exchanges.by_messages(tx, Direction.IN, ["m-1"]).get("m-1")
    assert kept is not None
    assert kept.tenant == "port"
    assert world.woken == 1


def test_a_delivery_that_comes_twice_is_kept_once(world: World, ask: Ask) -> None:
    """The answer was lost, the sender tries again: the same receipt, and one document."""
    container = seal(b"<Declaration/>", message_id="m-1")
    assert _deliver(ask, container).text == _deliver(ask, container).text
    with world.store.read() as tx:
        assert len(exchanges.listed(tx)) == 1
    other = _deliver(ask, seal(b"<Other/>", message_id="m-1"))
    is_problem(other, 409, "SG-5022", "m-1")


def test_a_tampered_container_is_refused(world: World, ask: Ask) -> None:
    """One bit changed anywhere: no receipt, nothing kept."""
    good = seal(b"<Declaration/>", message_id="m-1")
    for place in (0, 31, 40, len(good) - 1):
        bad = bytearray(good)
        bad[place] ^= 1
        is_problem(_deliver(ask, bytes(bad)), 422, "SG-3020", "META-INF/signatures.p7s")
    assert nothing_kept(world)


def test_a_stranger_is_refused_before_anything_is_read(world: World, ask: Ask) -> None:
    """Only parties of the settings may deliver."""
    answer = _deliver(ask, b"x" * 1000, silkgate_sender="mallory")
    is_problem(answer, 403, "SG-6006", "header/Silkgate-Sender")
    assert nothing_kept(world)


def test_a_message_for_another_gateway_is_refused(world: World, ask: Ask) -> None:
    """Wrong recipient in the header, or hidden in the signed envelope: neither is kept."""
    answer = _deliver(ask, seal(b"<D/>", message_id="m-1"), silkgate_recipient="gb-gateway")
    is_problem(answer, 403, "SG-6007", "header/Silkgate-Recipient")
    hidden = _deliver(ask, seal(b"<D/>", message_id="m-1", receiver="gb-gateway"))
    is_problem(hidden, 422, "SG-5023", "m-1")
    assert nothing_kept(world)


def test_the_envelope_must_be_the_speakers(world: World, ask: Ask) -> None:
    """A container signed by one party is not taken from another, nor under another message id."""
    borrowed = seal(b"<D/>", message_id="m-1", sender="gb-gateway")
    is_problem(_deliver(ask, borrowed), 422, "SG-5023", "m-1")
    renamed = _deliver(ask, seal(b"<D/>", message_id="m-2"))
    is_problem(renamed, 422, "SG-5023", "m-1")
    assert nothing_kept(world)


def test_a_body_damaged_on_the_way_is_refused_before_it_is_opened(world: World, ask: Ask) -> None:
    """The Digest header is checked when it is there."""
    answer = _deliver(ask, seal(b"<D/>", message_id="m-1"), digest="sha-256=AAAA")
    is_problem(answer, 422, "SG-1154", "header/Digest")
    assert nothing_kept(world)


def test_a_delivery_of_another_kind_is_refused(ask: Ask) -> None:
    """415 says what is taken instead."""
    answer = _deliver(ask, b"<D/>", content_type="text/xml")
    problem = is_problem(answer, 415, "SG-1151", "header/Content-Type")
    assert ASICE in problem["hint"]["en"]


def test_unsigned_statuses_are_not_mirrored(world: World, ask: Ask) -> None:
    """Statuses count only with the signature of a known partner."""
    headers = {
        "content-type": "application/jose",
        "silkgate-sender": "sg-gateway",
        "silkgate-recipient": "cn-gateway",
    }
    path = "/v1/statuses"
    good = ask("POST", path, key=None, content=b"batch.signed", headers=headers)
    assert good.json() == {"taken": 1}
    bad = ask("POST", path, key=None, content=b"batch.forged", headers=headers)
    is_problem(bad, 422, "SG-3000", "signature")
    headers["silkgate-sender"] = "mallory"
    stranger = ask("POST", path, key=None, content=b"batch.signed", headers=headers)
    is_problem(stranger, 403, "SG-6006", "header/Silkgate-Sender")
    assert world.clearances.mirrored == [("sg-gateway", b"batch.signed")]


def test_receipts_need_a_key_and_a_known_authority(world: World, ask: Ask) -> None:
    """Nobody can make up a release: the key has its own scope, the authority is in the settings."""
    path = "/v1/authorities/cn-customs/receipts"
    trader = world.key(scopes=frozenset({Scope.SUBMIT, Scope.BOARD}))
    refused = ask("POST", path, key=trader, content=b"<R/>", headers=XML)
    is_problem(refused, 403, "SG-6004", "header/Authorization")
    unknown = ask("POST", "/v1/authorities/xx/receipts", content=b"<R/>", headers=XML)
    is_problem(unknown, 403, "SG-6006", "path/authority")
    forged = ask("POST", path, content=b"<R/>", headers=XML)
    is_problem(forged, 403, "SG-6008", "path/authority")
    customs = world.key("cn-customs")
    broken = ask("POST", path, key=customs, content=b"<R>", headers=XML)
    is_problem(broken, 400, "SG-1101", "line 1")
    assert world.clearances.receipts == []
    taken = ask("POST", path, key=customs, content=b"<R/>", headers=XML)
    assert taken.json() == {"status": "RELEASED"}
