"""Courier, mirror, witness and authority: each says its one message as agreed."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator

import pytest

from gateway.transport import bundle
from gateway.transport.authority import AuthorityClient
from gateway.transport.courier import Courier, Delivery
from gateway.transport.errors import AnswerNotUsable, Busy, Refused, TransportError, Unreachable
from gateway.transport.headers import BUNDLE
from gateway.transport.line import Address
from gateway.transport.lines import Lines
from gateway.transport.mirror import StatusMirror
from gateway.transport.witness import WitnessClient, WitnessElsewhere
from tests.gateway.transport.partner import Partner, Reply, listening


@pytest.fixture
def partner() -> Partner:
    """The gateway on the other side."""
    return Partner()


@pytest.fixture
def lines(partner: Partner) -> Iterator[Lines]:
    """A line to it, and one to a party that does not answer."""
    with (
        listening(partner) as url,
        Lines(
            [
                Address(party="sg-gateway", url=url, timeout=2),
                Address(party="down", url="http://127.0.0.1:9", timeout=2),
            ]
        ) as opened,
    ):
        yield opened


def _delivery(number: int = 1, recipient: str = "sg-gateway") -> Delivery:
    return Delivery(
        message_id=f"m-{number}",
        sender="cn-gateway",
        recipient=recipient,
        container=b"container %d" % number,
    )


def test_a_delivery_names_message_sender_recipient_and_digest(
    partner: Partner, lines: Lines
) -> None:
    """The other side can refuse a stranger or a damaged body before it opens anything."""
    courier = Courier(lines)
    assert courier.deliver(_delivery()) == b"receipt"
    courier.close()
    asked = partner.asked[0]
    digest = base64.b64encode(hashlib.sha256(b"container 1").digest()).decode()
    assert asked.path == "/v1/deliveries"
    assert asked.headers["content-type"] == "application/vnd.etsi.asic-e+zip"
    assert asked.headers["silkgate-message-id"] == "m-1"
    assert asked.headers["silkgate-sender"] == "cn-gateway"
    assert asked.headers["silkgate-recipient"] == "sg-gateway"
    assert asked.headers["digest"] == f"sha-256={digest}"


@pytest.mark.parametrize("reply", [Reply(media_type="text/html"), Reply(body=b""), Reply(204)])
def test_a_yes_without_a_receipt_is_no_delivery(
    partner: Partner, lines: Lines, reply: Reply
) -> None:
    """Only a signed receipt proves delivery; any other 2xx is AnswerNotUsable."""
    partner.replies = [
        Reply(reply.status, reply.media_type, b"" if reply.status == 204 else reply.body)
    ]
    courier = Courier(lines)
    with pytest.raises(AnswerNotUsable):
        courier.deliver(_delivery())
    courier.close()


def test_a_batch_comes_back_in_order_and_one_failure_harms_no_other(
    partner: Partner, lines: Lines
) -> None:
    """Each delivery has its own outcome, at its own place."""
    partner.replies = [Reply(body=b"r1"), Reply(503, "text/plain", b""), Reply(body=b"r3")]
    courier = Courier(lines, threads=1)
    outcomes = courier.deliver_all([_delivery(n) for n in (1, 2, 3)])
    courier.close()
    assert outcomes[0] == b"r1"
    assert isinstance(outcomes[1], Busy)
    assert outcomes[2] == b"r3"
    assert [asked.path for asked in partner.asked] == ["/v1/deliveries/bundle"]
    assert bundle.unpack(partner.asked[0].body) == [
        (f"m-{n}", f"container {n}".encode()) for n in (1, 2, 3)
    ]


@pytest.mark.usefixtures("partner")
def test_a_bundle_that_is_not_answered_one_by_one_is_no_delivery(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer with fewer frames than containers tells nothing about any of them."""
    monkeypatch.setattr(
        Partner, "_reply", lambda *_: Reply(200, BUNDLE, bundle.pack([("200", b"r1")]))
    )
    courier = Courier(lines)
    outcomes = courier.deliver_all([_delivery(n) for n in (1, 2)])
    courier.close()
    assert all(isinstance(one, AnswerNotUsable) for one in outcomes)


def test_a_silent_party_does_not_hold_up_the_others(partner: Partner, lines: Lines) -> None:
    """Once a party is found not to answer, the rest of a batch for it is put off at once."""
    courier = Courier(lines, threads=1)
    begun = time.monotonic()
    outcomes = courier.deliver_all(
        [_delivery(n, "down" if n % 2 else "sg-gateway") for n in range(40)]
    )
    courier.close()
    assert time.monotonic() - begun < 5
    assert [isinstance(one, Unreachable) for one in outcomes] == [n % 2 == 1 for n in range(40)]
    assert all(one.retryable for one in outcomes if isinstance(one, TransportError))
    assert sum(len(bundle.unpack(asked.body)) for asked in partner.asked) == 20


def test_nothing_is_started_after_the_patience_of_a_batch(partner: Partner, lines: Lines) -> None:
    """A batch ends before the claim on it runs out; what was not attempted comes back as such."""
    courier = Courier(lines, threads=1, patience=-1.0)
    outcomes = courier.deliver_all([_delivery(1), _delivery(2)])
    courier.close()
    assert all(isinstance(one, Unreachable) for one in outcomes)
    assert partner.asked == []


def test_statuses_travel_signed_and_addressed(partner: Partner, lines: Lines) -> None:
    """The batch arrives byte for byte, with who sends it and for whom."""
    StatusMirror(lines, "cn-gateway").send("sg-gateway", b"header.payload.signature")
    asked = partner.asked[0]
    assert (asked.path, asked.body) == ("/v1/statuses", b"header.payload.signature")
    assert asked.headers["content-type"] == "application/jose"
    assert asked.headers["silkgate-recipient"] == "sg-gateway"


def test_a_witness_gives_cosignature_lines(partner: Partner, lines: Lines) -> None:
    """200 returns the lines to join to the checkpoint."""
    line = "\u2014 witness AAAA\n".encode()
    partner.replies = [Reply(200, "text/plain", line)]
    assert WitnessClient(lines).add_checkpoint("sg-gateway", b"old 0\n\nnote") == line
    assert partner.asked[0].path == "/v1/witness/add-checkpoint"


def test_a_witness_that_saw_another_size_says_which(partner: Partner, lines: Lines) -> None:
    """409 carries the size to prove from (C2SP tlog-witness); anything else in it is unusable."""
    partner.replies = [Reply(409, "text/x.tlog.size", b"4096\n"), Reply(409, "text/plain", b"no")]
    witness = WitnessClient(lines)
    with pytest.raises(WitnessElsewhere) as caught:
        witness.add_checkpoint("sg-gateway", b"request")
    assert caught.value.size == 4096
    with pytest.raises(AnswerNotUsable):
        witness.add_checkpoint("sg-gateway", b"request")


def test_a_witness_that_refuses_is_not_asked_again(partner: Partner, lines: Lines) -> None:
    """422 (the proof is wrong) is for good."""
    partner.replies = [Reply(422, "text/plain", b"bad proof")]
    with pytest.raises(Refused, match="bad proof"):
        WitnessClient(lines).add_checkpoint("sg-gateway", b"request")


def test_an_authority_gets_the_raw_message(partner: Partner, lines: Lines) -> None:
    """Customs get their own format as it is, under a message id that stays over attempts."""
    partner.replies = [Reply(202, "text/xml", b"<ok/>")]
    answer = AuthorityClient(lines, "cn-gateway").send(
        "sg-gateway", b"<DecMessage/>", message_id="c-1", media_type="application/xml"
    )
    assert answer.body == b"<ok/>"
    assert partner.asked[0].body == b"<DecMessage/>"
    assert partner.asked[0].headers["silkgate-message-id"] == "c-1"
