"""The parts of the API that have rules of their own: forms, rates, keys, group commits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api import keys, multipart
from gateway.api.errors import KeyUnknown, MultipartMalformed, TooManyRequests
from gateway.api.gather import Gatherer
from gateway.api.language import choose
from gateway.api.limits import RateLimit
from gateway.settings import Limits
from tests.gateway.api.conftest import asker
from tests.gateway.api.world import World

TYPE = "multipart/form-data; boundary=xyz"


def _form(*parts: bytes) -> bytes:
    return b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + b"--xyz--\r\n"


@given(data=st.binary(max_size=300), before=st.binary(max_size=50))
def test_a_part_keeps_every_byte(data: bytes, before: bytes) -> None:
    """Signed bytes come out of a form as they went in, line ends and zeros included."""
    mark = b"\r\n--xyz"
    if mark in b"\r\n" + data or mark in b"\r\n" + before:
        return
    body = _form(
        b'Content-Disposition: form-data; name="a"\r\n\r\n' + before,
        b'Content-Disposition: form-data; name="b"; filename="\xe5\x8d\x95 \\"1\\".xml"\r\n'
        b"content-type: application/xml; charset=utf-8\r\n\r\n" + data,
    )
    first, second = multipart.split(TYPE, body)
    assert (first.name, first.data) == ("a", before)
    assert (second.name, second.data) == ("b", data)
    assert (second.filename, second.media_type) == ('\u5355 "1".xml', "application/xml")


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([TYPE, "multipart/form-data", TYPE + "\x00", ""]))
def test_any_body_is_parts_or_a_refusal(body: bytes, content_type: str) -> None:
    """No bytes make the reader fail in another way than MultipartMalformed."""
    for candidate in (body, b"--xyz\r\n" + body + b"\r\n--xyz--"):
        with suppress(MultipartMalformed):
            multipart.split(content_type, candidate)


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"no headers",
        b"Content-Type: text/plain\r\n\r\nno name",
        b"Content-Disposition: attachment; name=a\r\n\r\nx",
        b"Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\neA==",
        b'Content-Disposition: form-data; name="a"\r\nX: ' + b"y" * 9000 + b"\r\n\r\n",
    ],
)
def test_a_part_that_is_no_form_field_is_refused(part: bytes) -> None:
    """Each part needs form-data with a name, short headers, and its bytes as they are."""
    with pytest.raises(MultipartMalformed) as caught:
        multipart.split(TYPE, _form(part))
    assert caught.value.where == "part[1]"


def test_a_form_has_a_bounded_number_of_parts() -> None:
    """Thousands of tiny parts are refused instead of worked through."""
    part = b'Content-Disposition: form-data; name="a"\r\n\r\n'
    with pytest.raises(MultipartMalformed, match="64"):
        multipart.split(TYPE, _form(*[part] * 65))


def test_a_cut_form_is_refused() -> None:
    """A form whose end did not arrive is not taken for a whole one."""
    with pytest.raises(MultipartMalformed, match="end"):
        multipart.split(TYPE, _form(b'Content-Disposition: form-data; name="a"\r\n\r\nx')[:-6])


def test_a_caller_gets_its_burst_and_then_its_rate() -> None:
    """Five at once, then one every half second; another caller is not touched by it."""
    now = 0.0
    limit = RateLimit(2.0, 5, monotonic=lambda: now)
    assert [limit.take("a").remaining for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(TooManyRequests) as caught:
        limit.take("a")
    assert caught.value.details["wait"] == 1
    assert limit.take("b").remaining == 4
    now = 0.5
    assert limit.take("a").remaining == 0
    with pytest.raises(TooManyRequests):
        limit.take("a")
    now = 100.0
    assert limit.take("a").remaining == 4


def test_buckets_of_passers_by_do_not_pile_up() -> None:
    """The memory of the limit is bounded whatever addresses call."""
    limit = RateLimit(1.0, 1)
    for number in range(10_100):
        limit.take(str(number))
    assert len(limit._buckets) == 10_000


def test_too_many_requests_say_when_to_come_back(world: World) -> None:
    """429 with Retry-After and RateLimit headers; a wrong key uses up no one else's rate."""
    world.settings = world.settings.model_copy(
        update={"limits": Limits(requests_per_second=0.001, burst=2)}
    )
    ask = asker(world)
    answers = [ask("GET", "/v1/exchanges") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith('"default";r=1;t=')
    assert answers[0].headers["ratelimit-policy"] == '"default";q=2;w=2000'
    assert int(answers[2].headers["retry-after"]) > 900
    assert answers[2].json()["code"] == "SG-6005"
    assert ask("GET", "/v1/exchanges", key=world.key("other")).status_code == 200
    guesses = [ask("GET", "/v1/exchanges", key="sgk_x").status_code for _ in range(3)]
    assert guesses == [401, 401, 429]
    assert ask("GET", "/healthz", key=None).status_code == 200


def test_a_key_is_stored_only_as_a_digest(world: World) -> None:
    """Neither token nor secret is anywhere in the database."""
    token = world.key()
    secret = token.split("_", 2)[2]
    files = list(world.settings.home.glob("test.db*"))
    assert files
    assert not any(secret.encode() in file.read_bytes() for file in files)
    assert len({keys.mint().token for _ in range(100)}) == 100


def test_a_digest_belongs_to_its_id() -> None:
    """The same secret under another id has another digest, and opens nothing."""
    assert keys.digest("abcd", "s") != keys.digest("abce", "s")
    new = keys.mint()
    with pytest.raises(KeyUnknown):
        keys.check(new.token, lambda _: None, lambda: None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-Hans-CN", "zh"),
        ("en;q=0.5, zh;q=0.6", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nan", "en"),
        ("*", "en"),
    ],
)
def test_accept_language(header: str | None, language: str) -> None:
    """The best of our two languages, English when neither is asked for."""
    assert choose(header) == language
    assert choose(header, "zh") == "zh"


def test_calls_that_come_together_share_the_work() -> None:
    """While one batch is worked on the others gather; each gets its own answer or error."""
    batches: list[int] = []

    def work(items: Sequence[int]) -> Sequence[int | Exception]:
        batches.append(len(items))
        time.sleep(0.02)
        return [ValueError(item) if item == 13 else item * 2 for item in items]

    async def together() -> list[int | BaseException]:
        gatherer = Gatherer("test", work, most=32)
        asked = [gatherer.ask(n) for n in range(100)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        gatherer.close()
        return answers

    answers = asyncio.run(together())
    assert [a for a in answers if isinstance(a, int)] == [n * 2 for n in range(100) if n != 13]
    assert isinstance(answers[13], ValueError)
    assert sum(batches) == 100
    assert len(batches) <= 6
    assert max(batches) <= 32


def test_work_that_fails_fails_every_caller_and_then_goes_on() -> None:
    """A broken store is told to everyone who waited, and the next call is tried again."""
    fail = True

    def work(items: Sequence[int]) -> Sequence[int | Exception]:
        if fail:
            raise OSError
        return list(items)

    async def twice() -> None:
        nonlocal fail
        gatherer = Gatherer("test", work)
        answers = await asyncio.gather(gatherer.ask(1), gatherer.ask(2), return_exceptions=True)
        assert [type(answer) for answer in answers] == [OSError, OSError]
        fail = False
        assert await gatherer.ask(3) == 3
        gatherer.close()

    asyncio.run(twice())


def test_a_caller_that_leaves_harms_nobody() -> None:
    """A cancelled request is done all the same; the others get their answers."""

    def work(items: Sequence[int]) -> Sequence[int | Exception]:
        time.sleep(0.02)
        return list(items)

    async def leave() -> None:
        gatherer = Gatherer("test", work)
        leaving = asyncio.create_task(gatherer.ask(1))
        staying = asyncio.create_task(gatherer.ask(2))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying == 2
        gatherer.close()

    asyncio.run(leave())
