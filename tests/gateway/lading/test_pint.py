"""The receiving platform of PINT over HTTP: every signed answer, and what it leaves behind."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from certs.jose.compact import CompactSigner, open_signed
from gateway.lading.shapes import check
from gateway.store import ladings
from schemas.clock import utc_now
from tests.gateway.lading.envelopes import (
    Chain,
    Json,
    book_of,
    issued,
    new_signer,
    party,
    transaction,
)
from tests.gateway.lading.platforms import House

CARRIER, CARX = new_signer(), new_signer()
BUYER = party("Buyer", "BOLE")
SHIPPER = party("Shipper", "CARX")


class Peer:
    """The sending platform, speaking for itself: no code of ours but the signatures."""

    def __init__(self, house: House, token: str) -> None:
        """Speak to `house` with an API key."""
        self.house = house
        headers = {"authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=house.url, headers=headers, timeout=20.0)
        self.book = book_of(BOLE=house.signer)

    def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send JSON."""
        return self.http.request(method, path, json=body)

    def start(self, envelope: Json) -> tuple[int, Json]:
        """Start a transfer: the status, and the answer, opened when it is signed."""
        return self.told(self.call("POST", "/v3/envelopes", envelope))

    def finish(self, reference: str) -> tuple[int, Json]:
        """Finish a transfer."""
        return self.told(self.call("PUT", f"/v3/envelopes/{reference}/finish-transfer"))

    def document(self, reference: str, checksum: str, content: bytes) -> tuple[int, Json]:
        """Send an additional document."""
        path = f"/v3/envelopes/{reference}/additional-documents/{checksum}"
        return self.told(self.call("PUT", path, base64.b64encode(content).decode()))

    def told(self, answer: httpx.Response) -> tuple[int, Json]:
        """Return the status and what was said; a signed answer has its shape and our signature."""
        assert answer.headers["api-version"] == "3.0.0"
        if not answer.content:
            return answer.status_code, {}
        said = answer.json()
        if isinstance(said, str):
            said = json.loads(open_signed(said, self.book, utc_now()).payload)
            assert check(said, "EnvelopeTransferFinishedResponse") == []
        return answer.status_code, said


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a receiving platform that knows a sender and a carrier."""
    made = House(tmp_path_factory.mktemp("bole"), platform="BOLE", parties=["Buyer", "Bank"])
    made.knows("CARX", "http://127.0.0.1:9", CARX)
    made.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    with made.open():
        yield made


@pytest.fixture(scope="module")
def peer(house: House) -> Iterator[Peer]:
    """Give the sending platform."""
    made = Peer(house, house.token("CARX"))
    with made.http:
        yield made


_numbers = iter(range(1, 10_000))


def fresh(**more: Any) -> Chain:
    """Return a bill nobody has seen, issued to a shipper on the sending platform."""
    return issued(CARRIER, CARX, reference=f"SGX{next(_numbers):05}", **more)


def moved(
    chain: Chain, signer: CompactSigner = CARX, recipient: Json = BUYER, **more: Any
) -> Chain:
    """Return the chain with a transfer to the receiving platform."""
    return chain.copy().add("CARX", signer, transaction("TRANSFER", SHIPPER, recipient, **more))


def state_of(house: House, chain: Chain) -> list[tuple[str, str, int]]:
    """Return what the platform holds of a bill: state, tenant, length of its chain."""
    with house.ladings.desk.store.read() as tx:
        return [
            (bill.state, bill.tenant, len(ladings.entries(tx, bill.checksum)))
            for bill in ladings.of_reference(tx, chain.document["transportDocumentReference"])
        ]


def test_a_transfer_without_documents_is_accepted_at_once(house: House, peer: Peer):
    """RECE in the answer to the envelope; the bill is then the recipient's."""
    chain = moved(fresh())
    status, said = peer.start(chain.envelope(CARX))
    assert (status, said["responseCode"], said["receivedAdditionalDocumentChecksums"]) == (
        200,
        "RECE",
        [],
    )
    assert state_of(house, chain) == [("held", "buyer", 2)]


def test_the_same_transfer_again_is_a_duplicate(house: House, peer: Peer):
    """Identical or signed anew it is DUPE, with the version that was accepted."""
    chain = fresh()
    first = moved(chain)
    envelope = first.envelope(CARX)
    peer.start(envelope)
    for again in (envelope, moved(chain).envelope(CARX), first.envelope(CARX)):
        status, said = peer.start(again)
        accepted = said["duplicateOfAcceptedEnvelopeTransferChainEntrySignedContent"]
        assert (status, said["responseCode"], accepted) == (200, "DUPE", first.entries[-1])
    assert state_of(house, first) == [("held", "buyer", 2)]


def test_another_transfer_of_the_same_head_is_disputed(house: House, peer: Peer):
    """After RECE, a transfer to somebody else is DISE, and the first recipient keeps the bill."""
    chain = fresh()
    peer.start(moved(chain).envelope(CARX))
    status, said = peer.start(moved(chain, recipient=party("Bank", "BOLE")).envelope(CARX))
    assert (status, said["responseCode"]) == (409, "DISE")
    assert state_of(house, chain) == [("held", "buyer", 2)]


def test_a_second_bill_under_a_live_reference_is_disputed(house: House, peer: Peer):
    """Two documents under one reference cannot both be alive."""
    chain = moved(fresh())
    peer.start(chain.envelope(CARX))
    reference = chain.document["transportDocumentReference"]
    other = moved(issued(CARRIER, CARX, reference=reference, termsAndConditions="Other"))
    assert peer.start(other.envelope(CARX))[1]["responseCode"] == "DISE"
    assert state_of(house, chain) == [("held", "buyer", 2)]


STRANGER = new_signer()


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (lambda chain: moved(chain, STRANGER).envelope(CARX), "BSIG"),
        (lambda chain: moved(chain).envelope(STRANGER), "BSIG"),
        (lambda chain: moved(chain).envelope(CARRIER), "BSIG"),
        (lambda chain: moved(chain, CARRIER).envelope(CARRIER), "BSIG"),
        (lambda chain: moved(chain, recipient=party("Buyer", "WAVE")).envelope(CARX), "BENV"),
        (lambda chain: moved(chain, recipient=party("Nobody", "BOLE")).envelope(CARX), "BENV"),
        (lambda chain: chain.envelope(CARX), "BENV"),
    ],
)
def test_a_rejected_envelope_leaves_nothing_behind(
    house: House, peer: Peer, envelope: Any, code: str
):
    """A wrong signer is BSIG, a wrong recipient BENV, both 422; a good one is then accepted."""
    chain = fresh()
    status, said = peer.start(envelope(chain))
    assert (status, said["responseCode"], state_of(house, chain)) == (422, code, [])
    assert peer.start(moved(chain).envelope(CARX))[1]["responseCode"] == "RECE"


def _with(envelope: Json, **changed: Any) -> Json:
    return {**envelope, **changed}


@pytest.mark.parametrize(
    "broken",
    [
        lambda e: _with(e, envelopeManifestSignedContent="a.b.c"),
        lambda e: _with(e, envelopeTransferChain=[*e["envelopeTransferChain"][:1], "a.b.c"]),
        lambda e: _with(e, envelopeTransferChain=["e30.e30.AA", *e["envelopeTransferChain"]]),
        lambda e: _with(e, envelopeManifestSignedContent=_unsigned(e)),
    ],
)
def test_a_malformed_jws_is_a_bad_signature(house: House, peer: Peer, broken: Any):
    """What has the form of a JWS and is none, or has no signature, is BSIG and kept nowhere."""
    chain = moved(fresh())
    status, said = peer.start(broken(chain.envelope(CARX)))
    assert (status, said["responseCode"], state_of(house, chain)) == (422, "BSIG", [])


def _unsigned(envelope: Json) -> str:
    """Return the manifest with `none` as its algorithm."""
    _, payload, value = envelope["envelopeManifestSignedContent"].split(".")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return f"{header}.{payload}.{value}"


def test_a_sea_waybill_is_no_title_to_transfer(house: House, peer: Peer):
    """BENV: nobody controls anything by holding a waybill."""
    chain = moved(fresh(transportDocumentTypeCode="SWB"))
    assert peer.start(chain.envelope(CARX))[1]["responseCode"] == "BENV"
    assert state_of(house, chain) == []


ONE, TWO = b"invoice", b"packing list"


def sums(*contents: bytes) -> list[str]:
    """Return the checksums of documents."""
    return [hashlib.sha256(each).hexdigest() for each in contents]


def test_documents_are_collected_and_then_the_transfer_is_finished(house: House, peer: Peer):
    """201 lists what is missing; a corrupt or unannounced one is INCD, too early a finish MDOC."""
    chain = moved(fresh())
    envelope = chain.envelope(CARX, ONE, TWO)
    first, second = sums(ONE, TWO)
    status, started = peer.start(envelope)
    assert (status, started["missingAdditionalDocumentChecksums"]) == (201, [first, second])
    place = started["envelopeReference"]
    assert peer.document(place, first, ONE) == (204, {})
    early = peer.finish(place)
    assert (early[0], early[1]["responseCode"]) == (409, "MDOC")
    assert early[1]["missingAdditionalDocumentChecksums"] == [second]
    for checksum, content in ((second, b"corrupt"), (sums(b"other")[0], b"other")):
        status, said = peer.document(place, checksum, content)
        assert (status, said["responseCode"]) == (409, "INCD")
    assert state_of(house, chain) == []
    again = peer.start(envelope)[1]
    assert (again["envelopeReference"], again["missingAdditionalDocumentChecksums"]) == (
        place,
        [second],
    )
    assert peer.document(place, second, TWO) == (204, {})
    status, said = peer.finish(place)
    assert (status, said["responseCode"]) == (200, "RECE")
    assert said["receivedAdditionalDocumentChecksums"] == [first, second]
    assert peer.finish(place)[1]["responseCode"] == "DUPE"
    assert peer.start(envelope)[1]["receivedAdditionalDocumentChecksums"] == [first, second]


def test_the_second_of_two_unfinished_transfers_is_disputed(house: House, peer: Peer):
    """Two transfers of one head may both begin; only the one that finishes first is accepted."""
    chain = fresh()
    places = []
    for recipient in ("Buyer", "Bank"):
        one = moved(chain, recipient=party(recipient, "BOLE"))
        places.append(peer.start(one.envelope(CARX, ONE))[1]["envelopeReference"])
    for place in places:
        peer.document(place, sums(ONE)[0], ONE)
    codes = [peer.finish(place)[1]["responseCode"] for place in (*places, *places)]
    assert codes == ["RECE", "DISE", "DUPE", "DISE"]
    assert state_of(house, chain) == [("held", "buyer", 2)]


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/v3/envelopes", b"{}", 400),
        ("POST", "/v3/envelopes", b"not json", 400),
        ("POST", "/v3/envelopes", b'{"transportDocument": 1, "transportDocument": 2}', 400),
        ("POST", "/v3/receiver-validation", b'{"partyCode": 7}', 400),
        (
            "POST",
            "/v3/receiver-validation",
            b'{"codeListProvider": "BOLE", "partyCode": "nobody"}',
            404,
        ),
        ("PUT", "/v3/envelopes/unknown/finish-transfer", b"", 404),
        ("PUT", "/v3/envelopes/unknown/additional-documents/00", b'"AAAA"', 404),
        ("GET", "/v3/nothing", b"", 404),
        ("DELETE", "/v3/envelopes", b"", 405),
    ],
)
def test_bad_input_gets_dcsas_error(
    peer: Peer, method: str, path: str, content: bytes, status: int
):
    """ErrorResponse in DCSA's shape, with the request it is about and at least one detail."""
    answer = peer.http.request(
        method, path, content=content or None, headers={"content-type": "application/json"}
    )
    said = answer.json()
    assert (answer.status_code, check(said, "ErrorResponse")) == (status, [])
    assert (said["httpMethod"], said["requestUri"], said["statusCode"]) == (method, path, status)


def test_a_stranger_without_a_key_is_turned_away(house: House):
    """Without an API key there is an ErrorResponse 401 and nothing is read."""
    answer = httpx.post(f"{house.url}/v3/envelopes", json={})
    assert (answer.status_code, check(answer.json(), "ErrorResponse")) == (401, [])


def test_a_known_party_code_has_a_name(peer: Peer):
    """Receiver validation tells the name of the party that would receive."""
    code = {"codeListProvider": "BOLE", "partyCode": "buyer"}
    answer = peer.call("POST", "/v3/receiver-validation", code)
    assert (answer.status_code, answer.json()) == (200, {"partyName": "Buyer"})


CARRIER_HERE = {**party("Carrier", "BOLE"), "identifyingCodes": [
    {"codeListProvider": "NMFTA", "partyCode": "MAEU"}]}  # fmt: skip
NAMED = {**SHIPPER, "identifyingCodes": [{"codeListProvider": "ZZZ", "partyCode": "SHIPPER"}]}


@pytest.mark.parametrize(
    ("actor", "recipient", "code"),
    [
        (NAMED, CARRIER_HERE, "RECE"),
        (NAMED, BUYER, "BENV"),
        (SHIPPER, CARRIER_HERE, "BENV"),
    ],
)
def test_a_surrender_is_by_the_claimant_to_the_carrier(
    house: House, peer: Peer, actor: Json, recipient: Json, code: str
):
    """To another than the carrier, or by a possessor who has no claim, it is BENV."""
    chain = fresh().add("CARX", CARX, transaction("SURRENDER_FOR_DELIVERY", actor, recipient))
    assert peer.start(chain.envelope(CARX))[1]["responseCode"] == code
    assert [row[0] for row in state_of(house, chain)] == (["surrendered"] if code == "RECE" else [])


def test_numbers_beyond_a_double_are_no_message(house: House, peer: Peer):
    """A document without a canonical form cannot be checksummed, so it is refused unread."""
    chain = moved(fresh())
    envelope = chain.envelope(CARX)
    envelope["transportDocument"]["numberOfCopiesWithCharges"] = 2**60
    status, said = peer.start(envelope)
    assert (status, check(said, "ErrorResponse"), state_of(house, chain)) == (400, [], [])


def test_what_was_accepted_survives_a_new_start(tmp_path: Path):
    """After a restart from the same folder the same envelope is DUPE and another one DISE."""
    made = House(tmp_path, platform="BOLE", parties=["Buyer", "Bank"])
    made.knows("CARX", "http://127.0.0.1:9", CARX)
    made.knows("MAEU", "http://127.0.0.1:9", CARRIER, carriers=["MAEU"])
    token = made.token("CARX")
    chain = fresh()
    first, again = Peer(made, token), Peer(made, token)
    with made.open(), first.http:
        assert first.start(moved(chain).envelope(CARX))[1]["responseCode"] == "RECE"
    with made.open(), again.http:
        assert again.start(moved(chain).envelope(CARX))[1]["responseCode"] == "DUPE"
        other = moved(chain, recipient=party("Bank", "BOLE")).envelope(CARX)
        assert again.start(other)[1]["responseCode"] == "DISE"


def test_only_who_began_a_transfer_goes_on_with_it(house: House, peer: Peer):
    """Of another peer's transfer there is nothing to see: its documents and its end are refused."""
    content = b"invoice of another"
    started = peer.start(moved(fresh()).envelope(CARX, content))[1]
    reference = started["envelopeReference"]
    (checksum,) = started["missingAdditionalDocumentChecksums"]
    other = Peer(house, house.token("MAEU"))
    with other.http:
        assert other.document(reference, checksum, content)[0] == 404
        assert peer.document(reference, checksum, content)[0] == 204
        assert other.finish(reference)[0] == 404
    assert peer.finish(reference)[1]["responseCode"] == "RECE"


def test_an_entry_with_a_number_beyond_a_double_is_rejected_signed(peer: Peer):
    """What was signed has no canonical form (RFC 8785): BENV, for the envelope has its shape."""
    chain = moved(fresh(), weight=2**53 + 1)
    status, said = peer.start(chain.envelope(CARX))
    assert (status, said["responseCode"]) == (422, "BENV")
