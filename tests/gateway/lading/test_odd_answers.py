"""What a receiving platform may answer that is no answer: the sender stays, and sends again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from gateway.lading.desk import Reply
from gateway.lading.transfer.sending import Attachment
from tests.gateway.lading.envelopes import metadata, new_signer, party
from tests.gateway.lading.wire import RECEIVER, SENDER, Call, Deliver, Wire, opened

_MADE = {"actionCode": "TRANSFER", "recipient": party("Buyer", RECEIVER)}
_MISSING = "missingAdditionalDocumentChecksums"
_LAST = "lastEnvelopeTransferChainEntrySignedContentChecksum"


def _signed(payload: Any) -> bytes:
    """Return an answer of a stranger."""
    return json.dumps(new_signer().sign(json.dumps(payload).encode())).encode()


def _started(reference: str) -> bytes:
    """Return a start that names a document nobody announced."""
    said = {
        "envelopeReference": reference,
        "transportDocumentChecksum": "0" * 64,
        _LAST: "0" * 64,
        _MISSING: ["f" * 64],
    }
    return json.dumps(said).encode()


_ODD = [
    (200, b""),
    (200, b"\xff\xfe"),
    (200, b"[" * 100_000),
    (200, json.dumps({"responseCode": "RECE", _LAST: "0" * 64}).encode()),
    (200, _signed({"responseCode": "RECE", _LAST: "0" * 64})),
    (201, b"[" * 100_000),
    (201, _started("env-1")),
    (204, b""),
    (404, b"{}"),
]


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Give a sender and a receiver."""
    with ExitStack() as stack:
        yield opened(tmp_path_factory.mktemp("odd"), stack)


@pytest.mark.parametrize(("status", "body"), _ODD)
def test_what_is_no_signed_answer_decides_nothing(wire: Wire, status: int, body: bytes):
    """The bill stays offered; the very same envelope is sent until a signed answer comes."""
    reference = wire.issued(tracked=False)
    wire.rooms[SENDER].sender.offer("shipper", reference, dict(_MADE))
    sent: list[Any] = []

    def odd(call: Call, _deliver: Deliver) -> Reply:
        sent.append((call.path, call.message))
        return Reply(status, body)

    wire.fate = odd
    wire.work()
    assert wire.state(SENDER, reference) == "offered"
    wire.fate = lambda _call, deliver: deliver()
    wire.work()
    assert (wire.state(SENDER, reference), wire.state(RECEIVER, reference)) == ("away", "held")
    assert {path for path, _ in sent} == {"/v3/envelopes"}
    assert all(message == sent[0][1] for _, message in sent)


def test_a_reference_leads_nowhere_but_below_the_envelopes(wire: Wire):
    """A receiver's reference with dots, slashes and questions is one step of a path."""
    reference = wire.issued(tracked=False)
    invoice = Attachment("invoice.pdf", b"invoice")
    wire.rooms[SENDER].sender.offer("shipper", reference, dict(_MADE), [invoice])
    checksum = metadata(invoice.content)["documentChecksum"]
    asked: list[str] = []

    def odd(call: Call, _deliver: Deliver) -> Reply:
        asked.append(call.path)
        said = {**json.loads(_started("../../v1/titles?x=#")), _MISSING: [checksum]}
        return Reply(201, json.dumps(said).encode())

    wire.fate = odd
    wire.work()
    step = "..%2F..%2Fv1%2Ftitles%3Fx%3D%23"
    assert set(asked) == {
        "/v3/envelopes",
        f"/v3/envelopes/{step}/additional-documents/{checksum}",
    }
