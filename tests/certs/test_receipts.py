from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest

from certs import jws, receipts
from certs.errors import ReceiptRefused
from certs.receipts import Receipt, Result
from certs.verdict import Indication
from tests.certs.pki import NOW, World

DELIVERED = b"a container"
RECEIPT = Receipt(
    message_id="m-1",
    sha256=hashlib.sha256(DELIVERED).hexdigest(),
    recipient="sg-port",
    received_at=NOW,
    result=Result.ACCEPTED,
)


@pytest.mark.parametrize("stamped", [False, True])
def test_a_receipt_comes_back_as_it_was_issued(world: World, *, stamped: bool) -> None:
    """Message, digest, recipient, time and result survive, with or without time-stamp."""
    stamper = world.stamper if stamped else None
    data = receipts.issue(RECEIPT, world.seal, stamper=stamper)
    found = receipts.verify(data, world.trust, message_id="m-1", sha256=RECEIPT.sha256, at=NOW)
    assert found == RECEIPT


@pytest.mark.parametrize(
    ("message_id", "sha256"), [("m-2", RECEIPT.sha256), ("m-1", hashlib.sha256(b"").hexdigest())]
)
def test_a_receipt_for_something_else_is_refused(
    world: World, message_id: str, sha256: str
) -> None:
    """Another message or another digest: this delivery was not acknowledged."""
    data = receipts.issue(RECEIPT, world.seal)
    with pytest.raises(ReceiptRefused):
        receipts.verify(data, world.trust, message_id=message_id, sha256=sha256, at=NOW)


def test_a_receipt_by_a_stranger_is_refused(world: World, stranger: World) -> None:
    """Only a recipient whose root is trusted acknowledges anything."""
    data = receipts.issue(RECEIPT, stranger.seal)
    with pytest.raises(ReceiptRefused):
        receipts.verify(data, world.trust, message_id="m-1", sha256=RECEIPT.sha256, at=NOW)
    verdict, receipt = receipts.check(data, world.trust, at=NOW)
    assert verdict.indication is Indication.INDETERMINATE
    assert receipt is None


def test_a_document_is_no_receipt(world: World) -> None:
    """A JWS of the same key and content, but of another kind, acknowledges nothing."""
    genuine = receipts.issue(RECEIPT, world.seal)
    body = jws.verify(genuine, world.trust, at=NOW, typ=receipts.TYPE).signed
    verdict, receipt = receipts.check(
        jws.sign(body, world.seal, signed_at=NOW), world.trust, at=NOW
    )
    assert (verdict.passed, receipt) == (False, None)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"1", b'{"message_id":"m-1"}'])
def test_a_signed_nothing_is_no_receipt(world: World, body: bytes) -> None:
    """Of the right kind and signed, and yet without what a receipt says."""
    data = jws.sign(body, world.seal, typ=receipts.TYPE, signed_at=NOW)
    with pytest.raises(ReceiptRefused):
        receipts.check(data, world.trust, at=NOW)


def test_a_receipt_outlives_the_certificate_when_stamped(world: World) -> None:
    """After the seal expired a stamped receipt still stands."""
    late = NOW + timedelta(days=365 * 7)
    data = receipts.issue(replace(RECEIPT), world.seal, stamper=world.stamper)
    assert receipts.check(data, world.trust, at=late)[1] == RECEIPT
