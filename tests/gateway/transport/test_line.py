"""A line reaches its party, and nothing else."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.transport.errors import (
    AnswerNotUsable,
    Busy,
    NotAllowed,
    Refused,
    TransportError,
    Unreachable,
)
from gateway.transport.line import Address, Line
from gateway.transport.lines import Lines
from gateway.transport.tls import TlsNotSetUp, server_context
from tests.gateway.transport.partner import Partner, Reply, listening, make_certificate


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for the loopback address."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def partner() -> Partner:
    """A partner that says yes."""
    return Partner()


@pytest.fixture
def url(partner: Partner) -> Iterator[str]:
    """Where it listens, without TLS."""
    with listening(partner) as base:
        yield base


def _line(url: str, **more: object) -> Line:
    return Line(Address(party="sg-gateway", url=url, **more))  # type: ignore[arg-type]


def test_a_message_goes_over_tls_to_the_pinned_authority(partner: Partner, tls: Path) -> None:
    """The body and headers arrive as sent, as far as the pinned authority vouches."""
    with listening(partner, tls) as url, _line(url, authority=tls / "tls.pem") as line:
        answer = line.post("/v1/x", b"\x00body\r\n", {"Silkgate-Sender": "cn-gateway"})
    assert answer.body == b"receipt"
    assert partner.asked[0].body == b"\x00body\r\n"
    assert partner.asked[0].headers["silkgate-sender"] == "cn-gateway"


def test_a_certificate_of_another_authority_is_not_trusted(
    partner: Partner, tls: Path, tmp_path: Path
) -> None:
    """A party that cannot show a certificate of its pinned authority gets nothing."""
    other = make_certificate(tmp_path)
    with (
        listening(partner, tls) as url,
        _line(url, authority=other / "tls.pem") as line,
        pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        line.post("/v1/x", b"secret", {})
    assert partner.asked == []


def test_a_certificate_for_another_host_is_not_trusted(partner: Partner, tmp_path: Path) -> None:
    """The certificate has to be for the address called, whoever issued it."""
    other = make_certificate(tmp_path, "127.0.0.2")
    with (
        listening(partner, other) as url,
        _line(url, authority=other / "tls.pem") as line,
        pytest.raises(Unreachable),
    ):
        line.post("/v1/x", b"secret", {})
    assert partner.asked == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (503, Busy),
        (500, Busy),
        (429, Busy),
        (408, Busy),
        *((code, Refused) for code in (400, 404, 413, 302, 307)),
    ],
)
def test_what_can_be_tried_again_is_told_apart_from_what_cannot(
    partner: Partner, url: str, status: int, kind: type[TransportError]
) -> None:
    """5xx, 408 and 429 are worth another attempt; other 4xx and redirects are not."""
    partner.replies = [Reply(status, "text/plain", b"no", {"location": "http://127.0.0.1:1/"})]
    with _line(url) as line, pytest.raises(kind) as caught:
        line.post("/v1/x", b"body", {})
    assert caught.value.retryable is (kind is Busy)
    assert len(partner.asked) == 1


def test_the_wait_asked_for_is_passed_on(partner: Partner, url: str) -> None:
    """Retry-After comes back in seconds, so that the next attempt is not made before."""
    partner.replies = [Reply(429, "text/plain", b"", {"retry-after": "7"})]
    with _line(url) as line, pytest.raises(Busy) as caught:
        line.post("/v1/x", b"body", {})
    assert caught.value.retry_after == 7.0


def test_the_reason_of_a_problem_document_is_told(partner: Partner, url: str) -> None:
    """The timeline shows the other side's code and detail, not only a number."""
    problem = b'{"code":"SG-6007","detail":"This is gb-gateway."}'
    partner.replies = [Reply(403, "application/problem+json", problem)]
    with _line(url) as line, pytest.raises(Refused, match=r"SG-6007 This is gb-gateway\."):
        line.post("/v1/x", b"body", {})


@pytest.mark.parametrize("nonsense", [b"[1]", b"{", b"\xff\xfe", b'"text"'])
def test_a_broken_problem_document_is_still_a_refusal(
    partner: Partner, url: str, nonsense: bytes
) -> None:
    """Whatever stands in the answer, it is a refusal and never a crash."""
    partner.replies = [Reply(400, "application/problem+json", nonsense)]
    with _line(url) as line, pytest.raises(Refused):
        line.post("/v1/x", b"body", {})


def test_a_silent_party_is_unreachable_and_worth_another_attempt() -> None:
    """A closed port or a party that never answers raises Unreachable within the timeout."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with _line(closed) as line, pytest.raises(Unreachable) as caught:
            line.post("/v1/x", b"", {})
        assert caught.value.retryable
        listener.listen()
        with _line(closed, timeout=0.2) as line, pytest.raises(Unreachable, match="Timeout"):
            line.post("/v1/x", b"", {})


def test_an_endless_answer_is_cut_off(partner: Partner, url: str) -> None:
    """An answer longer than a receipt can be is not read to its end."""
    partner.replies = [Reply(body=b"x" * (1024 * 1024 + 1))]
    with _line(url) as line, pytest.raises(AnswerNotUsable):
        line.post("/v1/x", b"body", {})


@pytest.mark.parametrize(
    "address",
    [
        "http://gateway.example",
        "ftp://127.0.0.1",
        "https://user:secret@gateway.example",
        "https://gateway.example/?next=x",
        "file:///etc/passwd",
        "gateway.example",
    ],
)
def test_an_address_that_could_lead_elsewhere_is_refused(address: str) -> None:
    """Only https (or http on this machine) without user, query or fragment is an address."""
    with pytest.raises(NotAllowed):
        _line(address)


def test_only_parties_of_the_settings_are_called() -> None:
    """There is no line to anybody else, whatever a document says."""
    with Lines([Address(party="sg-gateway", url="http://127.0.0.1:9")]) as lines:
        assert list(lines) == ["sg-gateway"]
        with pytest.raises(NotAllowed, match="mallory"):
            lines["mallory"]


def test_proxies_of_the_environment_are_not_used(
    partner: Partner, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable does not lead documents to somebody else."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with _line(url) as line:
        assert line.post("/v1/x", b"body", {}).status == 200
    assert len(partner.asked) == 1


@pytest.mark.parametrize("counted", [True, False])
def test_a_connection_is_kept_for_the_next_message(
    partner: Partner, url: str, *, counted: bool
) -> None:
    """Messages to one party share a connection instead of making one each."""
    partner.counted = counted
    with _line(url) as line:
        line.post("/v1/x", b"1", {})
        ((_, first),) = line._idle
        line.post("/v1/x", b"2", {})
        ((_, second),) = line._idle
    assert first is second
    assert [asked.body for asked in partner.asked] == [b"1", b"2"]


def test_a_kept_connection_that_was_closed_is_made_anew(partner: Partner) -> None:
    """A partner that was restarted meanwhile is reached without a failed attempt."""
    with listening(partner) as url, _line(url) as line:
        line.post("/v1/x", b"1", {})
        port = urlsplit(url).port
    with listening(partner, port=port) as url, _line(url) as fresh:
        fresh._idle = line._idle
        fresh.post("/v1/x", b"2", {})
    assert [asked.body for asked in partner.asked] == [b"1", b"2"]


def test_connections_that_were_idle_for_long_are_not_used(partner: Partner, url: str) -> None:
    """A connection that a firewall may have forgotten is closed, not tried."""
    with _line(url) as line:
        line.post("/v1/x", b"1", {})
        ((_, old),) = line._idle
        line._idle = [(time.monotonic() - 61.0, old)]
        line.post("/v1/x", b"2", {})
        ((_, new),) = line._idle
    assert new is not old
    assert old.sock is None
    assert len(partner.asked) == 2


def test_an_answer_that_drips_is_given_up() -> None:
    """A party that sends a byte now and then cannot hold a thread longer than the timeout."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        begun = time.monotonic()
        with _line(url, timeout=0.5) as line, pytest.raises(Unreachable, match="Timeout"):
            line.post("/v1/x", b"", {})
        assert time.monotonic() - begun < 3


def _drip(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"x")
            time.sleep(0.05)


def test_files_that_cannot_serve_tls_are_named(tmp_path: Path, tls: Path) -> None:
    """A missing or foreign key names the files, in both languages, instead of failing later."""
    other = make_certificate(tmp_path)
    with pytest.raises(TlsNotSetUp, match=r"tls\.key"):
        server_context(tls / "tls.pem", other / "tls.key")
    with pytest.raises(TlsNotSetUp):
        server_context(tls / "tls.pem", tmp_path / "none.key")
