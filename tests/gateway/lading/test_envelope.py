"""An envelope is what its signers signed, or it is refused with the code the standard wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from certs.jose.compact import CompactSigner
from gateway.lading.envelope import Envelope, open_envelope
from gateway.lading.refusals import EnvelopeRefused, LadingError, SignatureRefused
from tests.gateway.lading.envelopes import (
    Chain,
    Json,
    book_of,
    document,
    issued,
    metadata,
    new_signer,
    party,
    transaction,
)

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CARRIER, CARX, BOLE = new_signer(), new_signer(), new_signer()
BOOK = book_of(CARR=CARRIER, CARX=CARX, BOLE=BOLE)
SHIPPER, BUYER = party("Shipper", "CARX"), party("Buyer", "BOLE")
MOVE = transaction("TRANSFER", SHIPPER, BUYER)


def _opened(value: Json) -> Envelope:
    envelope = open_envelope(value, BOOK, NOW)
    envelope.control()
    return envelope


def _chain(**more: Any) -> Chain:
    return issued(CARRIER, CARX, **more)


def test_a_transfer_says_who_is_next():
    """The verified chain leaves possession with the platform the bill was transferred to."""
    envelope = _opened(_chain().add("CARX", CARX, MOVE).envelope(CARX))
    assert (envelope.control().platform, envelope.reference) == ("BOLE", "SGX0001")
    assert envelope.crossed() == ""


def test_a_transfer_signed_anew_has_the_same_content():
    """Other signatures over the same words make another checksum and the same content."""
    one, two = (
        _opened(_chain().add("CARX", signer, MOVE).envelope(signer)).last for signer in (CARX, BOLE)
    )
    changed = transaction("TRANSFER", SHIPPER, party("Other", "BOLE"))
    three = _opened(_chain().add("CARX", CARX, changed).envelope(CARX)).last
    assert (one.checksum == two.checksum, one.content == two.content) == (False, True)
    assert one.content != three.content


def test_additional_documents_are_listed_in_order():
    """The visualisation by the carrier comes first, then what supports it."""
    shown = metadata(b"picture")
    made = _chain().add("CARX", CARX, MOVE)
    envelope = _opened(made.envelope(CARX, b"one", b"two", eBLVisualisationByCarrier=shown))
    wanted = [metadata(each)["documentChecksum"] for each in (b"picture", b"one", b"two")]
    assert list(envelope.documents) == wanted


def _other_document(value: Json) -> None:
    value["transportDocument"]["carrierCode"] = "XXXX"


def _stranger_signs(value: Json) -> None:
    value["envelopeTransferChain"] = (
        _chain().add("CARX", new_signer(), MOVE).envelope(CARX)["envelopeTransferChain"]
    )


def _broken_signature(value: Json) -> None:
    text = value["envelopeManifestSignedContent"]
    value["envelopeManifestSignedContent"] = text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB")


def _no_json_inside(value: Json) -> None:
    value["envelopeManifestSignedContent"] = CARX.sign(b"not json")


def _other_last_entry(value: Json) -> None:
    value["envelopeManifestSignedContent"] = _chain().envelope(CARX)[
        "envelopeManifestSignedContent"
    ]


def _entry_missing(value: Json) -> None:
    made = _chain().add("CARX", CARX, MOVE)
    again = transaction("TRANSFER", BUYER, party("Bank", "BOLE"))
    made.add("BOLE", BOLE, again)
    del made.entries[1]
    value.update(made.envelope(BOLE))


def _entries_swapped(value: Json) -> None:
    made = _chain().add("CARX", CARX, MOVE)
    made.entries.reverse()
    value.update(made.envelope(CARX))


def _empty_payload(value: Json) -> None:
    made = _chain()
    made.entries.append(CARX.sign(b"{}"))
    value.update(made.envelope(CARX))


def _chain_of(*more: tuple[str, CompactSigner, Json], **doc: Any) -> Callable[[Json], None]:
    def change(value: Json) -> None:
        made = _chain(**doc)
        for platform, signer, made_of in more:
            made.add(platform, signer, made_of)
        value.clear()
        value.update(made.envelope(more[-1][1]))

    return change


def _issued_by_another(value: Json) -> None:
    made = Chain(document("SGX0002"), CARRIER)
    forged = Chain(document(), CARRIER).issuance()
    ship = transaction("ISSUE", party("Carrier", "CARX"), SHIPPER)
    made.add("CARX", CARX, ship, issuanceManifestSignedContent=forged)
    value.clear()
    value.update(made.envelope(CARX))


SURRENDER = transaction("SURRENDER_FOR_DELIVERY", SHIPPER, party("Carrier", "BOLE"))
ACCEPTED = transaction("SACC", party("Carrier", "BOLE"), SHIPPER)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_other_document, EnvelopeRefused),
        (_stranger_signs, SignatureRefused),
        (_broken_signature, SignatureRefused),
        (_no_json_inside, SignatureRefused),
        (_other_last_entry, SignatureRefused),
        (_entry_missing, EnvelopeRefused),
        (_entries_swapped, EnvelopeRefused),
        (_empty_payload, EnvelopeRefused),
        (_issued_by_another, EnvelopeRefused),
        (_chain_of(("CARX", CARX, {**MOVE, "actionCode": "GIVE"})), EnvelopeRefused),
        (_chain_of(("CARX", CARX, transaction("ISSUE", SHIPPER, BUYER))), EnvelopeRefused),
        (_chain_of(("CARX", CARX, transaction("TRANSFER", SHIPPER))), EnvelopeRefused),
        (_chain_of(("BOLE", BOLE, transaction("TRANSFER", BUYER, SHIPPER))), EnvelopeRefused),
        (_chain_of(("CARX", CARX, transaction("TRANSFER", BUYER, SHIPPER))), EnvelopeRefused),
        (_chain_of(("CARX", CARX, ACCEPTED)), EnvelopeRefused),
        (_chain_of(("CARX", CARX, transaction("ENDORSE", SHIPPER, BUYER))), EnvelopeRefused),
        (
            _chain_of(("CARX", CARX, SURRENDER), ("BOLE", BOLE, ACCEPTED), ("BOLE", BOLE, MOVE)),
            EnvelopeRefused,
        ),
        (
            _chain_of(
                ("CARX", CARX, transaction("ENDORSE", SHIPPER, BUYER)),
                ("CARX", CARX, transaction("ENDORSE", SHIPPER, BUYER)),
                to_order=True,
            ),
            EnvelopeRefused,
        ),
    ],
)
def test_an_envelope_with_one_broken_aspect_is_refused(
    change: Callable[[Json], None], refusal: type[LadingError]
):
    """A wrong signature or signer is BSIG, anything else that contradicts itself BENV."""
    value = json.loads(json.dumps(_chain().add("CARX", CARX, MOVE).envelope(CARX)))
    _opened(value)
    change(value)
    with pytest.raises(refusal):
        _opened(value)


def test_a_surrender_ends_the_bill_or_gives_it_back():
    """SACC ends the chain, SREJ returns possession to who surrendered."""
    waiting = _chain().add("CARX", CARX, SURRENDER)
    accepted = _opened(waiting.copy().add("BOLE", BOLE, ACCEPTED).envelope(BOLE)).control()
    refused = transaction("SREJ", party("Carrier", "BOLE"), SHIPPER)
    back = _opened(waiting.add("BOLE", BOLE, refused).envelope(BOLE)).control()
    assert (accepted.ended, back.ended, back.platform) == (True, False, "CARX")


def test_nobody_speaks_for_another_platform():
    """A manifest by another platform than that of the last entry is noticed."""
    envelope = _opened(_chain().add("CARX", CARX, MOVE).envelope(BOLE))
    assert envelope.crossed() == "CARX"
