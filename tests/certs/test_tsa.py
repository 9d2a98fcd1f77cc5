from __future__ import annotations

import ctypes
import hashlib
import itertools
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc3161_client
from asn1crypto import tsp

from certs import timestamp
from certs.asn1 import der
from certs.authority import hostclock
from certs.authority.ca import SEAL, TSA
from certs.authority.hostclock import Discipline
from certs.authority.tsa import POLICY, Authority
from certs.errors import ClockNotTrusted, StampRefused
from certs.verdict import BlockIndication, SubIndication
from tests.certs.pki import NOW, World

DATA = b"bill of lading 4711"
DIGEST = hashlib.sha256(DATA).digest()


def request(digest: bytes = DIGEST, *, name: str = "sha256", policy: str | None = None) -> bytes:
    """Return a TimeStampReq as another implementation writes it."""
    fields = {
        "version": 1,
        "message_imprint": {"hash_algorithm": {"algorithm": name}, "hashed_message": digest},
        "nonce": 4711,
        "cert_req": True,
        "req_policy": policy,
    }
    return bytes(tsp.TimeStampReq(fields).dump())


def failure(answer: bytes) -> set[str]:
    """Return the failure information of a rejection."""
    (encoded,) = der.parse(answer).children()
    status = tsp.PKIStatusInfo.load(encoded.encoded)
    assert status["status"].native == "rejection"
    return set(status["fail_info"].native)


def test_openssl_accepts_answer_to_its_own_request(world: World, tmp_path: Path) -> None:
    """`openssl ts -query`, answered by us, passes `openssl ts -verify` against query and data."""
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    ask = "openssl ts -query -data data -sha384 -cert -out q.tsq"
    subprocess.run(ask.split(), cwd=tmp_path, check=True, capture_output=True)
    answer = world.stamper.respond((tmp_path / "q.tsq").read_bytes())
    (tmp_path / "r.tsr").write_bytes(answer)
    moment = int(NOW.timestamp())
    for source in ("-queryfile q.tsq", "-data data"):
        judge = f"openssl ts -verify {source} -in r.tsr -CAfile root.pem -attime {moment}"
        done = subprocess.run(judge.split(), cwd=tmp_path, check=False, capture_output=True)
        assert b"Verification: OK" in done.stdout, done.stderr


@pytest.mark.parametrize("ordering", [False, True])
def test_rfc3161_client_accepts_the_token(world: World, *, ordering: bool) -> None:
    """A strict independent client accepts the answer, its nonce and its certificates."""
    key = world.domain.keys.load("tsa")
    query = rfc3161_client.TimestampRequestBuilder().data(DATA).nonce(nonce=True).build()
    answer = rfc3161_client.decode_timestamp_response(
        Authority(key, lambda: NOW, ordering=ordering).respond(query.as_bytes())
    )
    assert query.nonce is not None
    judge = (
        rfc3161_client.VerifierBuilder()
        .add_root_certificate(world.domain.root.x509)
        .tsa_certificate(key.certificate.x509)
        .nonce(query.nonce)
        .build()
    )
    assert judge.verify_message(answer, DATA)
    assert answer.tst_info.message_imprint.message == hashlib.sha512(DATA).digest()


def test_the_answer_echoes_and_says_what_it_must(world: World) -> None:
    """Imprint and nonce come back; policy, accuracy and time are the authority's own."""
    answer = tsp.TimeStampResp.load(world.stamper.respond(request(policy=POLICY)))
    content = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert content["message_imprint"]["hashed_message"].native == DIGEST
    assert content["nonce"].native == 4711
    assert content["policy"].dotted == POLICY
    assert content["accuracy"]["seconds"].native == 1
    assert content["gen_time"].native == NOW


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (request(hashlib.sha1(DATA).digest(), name="sha1"), {"bad_alg"}),  # noqa: S324
        (request(DIGEST[:-1]), {"bad_alg"}),
        (request(policy="1.2.3.4"), {"unaccepted_policy"}),
        (b"", {"bad_data_format"}),
        (b"\x30\x80\x00\x00", {"bad_data_format"}),
        (request()[:-2], {"bad_data_format"}),
        (request() + b"\x00", {"bad_data_format"}),
        (der.sequence(der.integer(2)), {"bad_data_format"}),
    ],
)
def test_a_bad_request_is_rejected_with_its_reason(
    world: World, asked: bytes, why: set[str]
) -> None:
    """Unknown hash, wrong length, other policy, broken DER: rejected, never an exception."""
    assert failure(world.stamper.respond(asked)) == why


def test_extensions_are_not_understood(world: World) -> None:
    """A request with extensions is rejected, as RFC 3161 wants of who does not know them."""
    plain = der.parse(request()).content
    extension = der.sequence(der.oid("1.2.3"), der.octets(b""))
    asked = der.sequence(plain, der.context(0, extension))
    assert failure(world.stamper.respond(asked)) == {"unaccepted_extensions"}


def test_serial_numbers_are_unique_over_restarts(world: World) -> None:
    """Two authorities with the same key, as before and after a restart, share no serial."""
    key = world.domain.keys.load("tsa")
    serials = [
        timestamp.read(authority.stamp(DIGEST)).info.serial
        for authority in (Authority(key, lambda: NOW), Authority(key, lambda: NOW))
        for _ in range(50)
    ]
    assert len(set(serials)) == 100


def clock(*times: datetime) -> Callable[[], datetime]:
    """Return a clock that tells these times in turn."""
    waiting = iter(times)
    return lambda: next(waiting)


def test_no_stamp_when_the_clock_goes_back(world: World) -> None:
    """A clock set back by more than a second stops the authority."""
    authority = Authority(
        world.domain.keys.load("tsa"), clock(NOW, NOW - timedelta(minutes=5), NOW)
    )
    authority.stamp(DIGEST)
    with pytest.raises(ClockNotTrusted):
        authority.stamp(DIGEST)
    authority.stamp(DIGEST)


def test_a_small_step_back_does_not_show(world: World) -> None:
    """Within a second the last time is held: issued times never go back."""
    steps = clock(NOW, NOW - timedelta(milliseconds=300))
    authority = Authority(world.domain.keys.load("tsa"), steps)
    first, second = (timestamp.read(authority.stamp(DIGEST)).info.time for _ in range(2))
    assert second >= first


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("found", "good"),
    [
        (Discipline(synchronised=True, error=SECOND / 50), True),
        (Discipline(synchronised=True, error=3 * SECOND), False),
        (Discipline(synchronised=False), False),
        (Discipline(synchronised=None), False),
    ],
)
def test_no_stamp_while_no_time_server_is_followed(
    world: World, found: Discipline, *, good: bool
) -> None:
    """Where a time server is asked for, a clock that follows none closely stamps nothing."""
    authority = Authority(world.domain.keys.load("tsa"), lambda: NOW, host=lambda: found)
    if good:
        assert timestamp.read(authority.stamp(DIGEST)).info.time == NOW
    else:
        assert failure(authority.respond(request())) == {"time_not_available"}


@pytest.mark.parametrize(
    ("state", "status", "found"),
    [
        (0, 0x2001, Discipline(synchronised=True, error=SECOND / 4)),
        (0, 0x0040, Discipline(synchronised=False)),
        (5, 0x0001, Discipline(synchronised=False)),
        (-1, 0, Discipline(synchronised=None)),
    ],
)
def test_the_kernel_says_whether_a_time_server_is_followed(
    monkeypatch: pytest.MonkeyPatch, state: int, status: int, found: Discipline
) -> None:
    """TIME_ERROR and STA_UNSYNC are no; a kernel that does not answer is not known."""

    def adjtimex(to: Any) -> int:
        to._obj.maxerror, to._obj.status = 250_000, status
        return state

    monkeypatch.setattr(hostclock, "_asker", lambda: adjtimex)
    assert hostclock.discipline() == found


class NtpTime(ctypes.Structure):
    """The struct ntptimeval of the C library, as long as it needs to be."""

    _fields_ = (
        ("time", ctypes.c_long * 2),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_long * 16),
    )


def test_another_call_of_the_c_library_says_the_same() -> None:
    """`ntp_gettime` reads the same state in a struct of its own."""
    ask = getattr(ctypes.CDLL(None), "ntp_gettime", None)
    if sys.platform != "linux" or ask is None:
        pytest.skip("this system keeps no such state, or has no second way to ask for it")
    beside = NtpTime()
    state = ask(ctypes.byref(beside))
    found = hostclock.discipline()
    assert found.synchronised is (None if state < 0 else state != 5)
    if found.error is not None:
        assert abs(found.error - timedelta(microseconds=beside.maxerror)) < SECOND


@pytest.mark.parametrize("offset", [timedelta(days=-400), timedelta(days=365 * 30)])
def test_no_stamp_at_an_implausible_time(world: World, offset: timedelta) -> None:
    """Outside its certificate's validity the authority answers timeNotAvailable."""
    authority = Authority(world.domain.keys.load("tsa"), lambda: NOW + offset)
    assert failure(authority.respond(request())) == {"time_not_available"}


def test_ordering_means_that_later_is_later(world: World) -> None:
    """With ordering promised, no two tokens have the same time, even on a clock that stands."""
    authority = Authority(world.domain.keys.load("tsa"), lambda: NOW, ordering=True)
    times = [timestamp.read(authority.stamp(DIGEST)).info.time for _ in range(20)]
    assert times == sorted(set(times))


def test_a_key_for_something_else_is_no_authority(world: World) -> None:
    """Only a certificate for time-stamping alone makes an authority."""
    with pytest.raises(StampRefused):
        Authority(world.key(SEAL))


def test_a_digest_of_odd_length_gets_no_stamp(world: World) -> None:
    """In process as over DER: only SHA-256, SHA-384 and SHA-512."""
    with pytest.raises(StampRefused):
        world.stamper.stamp(b"short")


def test_a_token_is_verified_with_time_and_authority(world: World) -> None:
    """The report says passed, when, and by whom."""
    report = timestamp.verify(world.stamper.stamp(DIGEST), DATA, world.trust)
    assert report.indication is BlockIndication.PASSED
    assert (report.time, report.authority) == (NOW, "Port A Time-Stamping")


def test_a_token_over_something_else_fails(world: World) -> None:
    """The imprint decides first."""
    report = timestamp.verify(world.stamper.stamp(DIGEST), b"other", world.trust)
    assert report.indication is BlockIndication.FAILED
    assert report.subindication is SubIndication.HASH_FAILURE


def test_a_token_of_a_strange_authority_proves_nothing(world: World, stranger: World) -> None:
    """It is in order and yet nobody here trusts it: indeterminate."""
    report = timestamp.verify(stranger.stamper.stamp(DIGEST), DATA, world.trust)
    assert report.indication is BlockIndication.INDETERMINATE
    assert report.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND


def test_every_flip_of_a_token_is_noticed(world: World) -> None:
    """A single bit changed anywhere in a token, and it passes no more."""
    token = world.stamper.stamp(DIGEST)
    for place, bit in itertools.product(range(len(token)), (0, 3, 6)):
        broken = bytearray(token)
        broken[place] ^= 1 << bit
        report = timestamp.verify(bytes(broken), DATA, world.trust)
        assert report.indication is not BlockIndication.PASSED, (place, bit)


def test_a_key_with_a_second_purpose_stamps_nothing_valid(world: World) -> None:
    """A token by a document key, however well made, is refused for its purpose."""
    authority = Authority(world.key(TSA), lambda: NOW)
    authority._key = world.key(SEAL)
    authority._bound = Authority(world.key(TSA), lambda: NOW)._bound
    report = timestamp.verify(authority.stamp(DIGEST), DATA, world.trust)
    assert report.indication is not BlockIndication.PASSED
