"""Bills whose title lies on a register: what the register did has happened, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.lading.desk import Reply
from gateway.lading.envelope import open_envelope
from gateway.lading.refusals import NotNow
from gateway.lading.transfer.sending import Attachment
from gateway.store import ladings
from gateway.transport.errors import Unreachable
from gateway.wiring.lading import Peers
from schemas.clock import utc_now
from tests.gateway.lading.envelopes import Json, checksum, document, party
from tests.gateway.lading.test_lives import BUYER, BUYER_HERE, _moved
from tests.gateway.lading.titled import Ledger, Titled, on_chain, on_log
from tests.interop.node import anvil


@pytest.fixture(scope="module", params=["log", pytest.param("chain", marks=pytest.mark.interop)])
def trade(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Titled]:
    """Give three operators over a register of each kind; the chain is anvil."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "log":
        with on_log(folder) as made:
            yield made
        return
    with anvil() as node, on_chain(folder, Ledger(node.url, node.fund)) as made:
        yield made


def test_a_bill_is_issued_with_its_title(trade: Titled):
    """ISSU comes after the register has the title, with the platform's account."""
    reference = trade.issued()
    assert trade.state(trade.carx, reference) == ("held", "shipper")
    assert trade.holder(reference) == ("CARX", "CARX")
    assert trade.title(reference).state.content == trade.shown(trade.carx, reference)["checksum"]


def test_a_transfer_moves_the_title_and_back(trade: Titled):
    """Possession on the register follows the bill, in both directions."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.state(trade.bole, reference) == ("held", "buyer")
    assert trade.state(trade.carx, reference)[0] == "away"
    assert trade.holder(reference) == ("BOLE", "BOLE")
    trade.bole.ladings.sender.offer("buyer", reference, _moved("TRANSFER", party("Bank", "CARX")))
    trade.work()
    assert trade.state(trade.carx, reference) == ("held", "bank")
    assert trade.holder(reference) == ("CARX", "CARX")


@pytest.mark.parametrize(
    ("code", "reason", "answer", "state", "moves"),
    [
        ("SREQ", "", "SURR", "ended", ["returnToIssuer", "burn"]),
        ("AREQ", "SWTP", "SURR", "ended", ["returnToIssuer", "switchToPaper"]),
        ("SREQ", "", "SREJ", "held", ["returnToIssuer", "restore"]),
    ],
)
def test_a_surrender_is_a_return_to_the_issuer(  # noqa: PLR0917 - the cases
    trade: Titled, code: str, reason: str, answer: str, state: str, moves: list[str]
):
    """SURR burns the title or puts it on paper, SREJ restores it."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, code, reason=reason)
    trade.work()
    comments = "" if answer == "SURR" else "charges are open"
    trade.carrier.ladings.surrendered.decide(asked, answer, comments)
    trade.work()
    assert trade.state(trade.carx, reference)[0] == state
    assert trade.moved(reference) == ["issue", *moves]


def test_a_surrender_from_elsewhere_moves_the_title_with_it(trade: Titled):
    """The buyer's platform returns it, the platform of issue restores it, and then it ends."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    for answer, comments in (("SREJ", "charges are open"), ("SURR", "")):
        trade.bole.ladings.surrender("buyer", reference, "SREQ")
        trade.work()
        asked = trade.paper(trade.carrier, "surrender-request", reference).reference
        trade.carrier.ladings.surrendered.decide(asked, answer, comments)
        trade.work()
    assert trade.state(trade.bole, reference)[0] == "ended"
    assert trade.state(trade.carx, reference)[0] == "ended"
    moves = ["transferOwners", "returnToIssuer", "restore", "returnToIssuer", "burn"]
    assert trade.moved(reference) == ["issue", *moves]


def test_an_endorsement_moves_title_and_possession_apart(trade: Titled):
    """Endorsed to a party elsewhere, the title is there and the possession here until it moves."""
    reference = trade.issued(to="Buyer", to_order=True)
    notice = _moved("ENDORSE_TO_ORDER", BUYER)
    trade.carx.ladings.sender.offer("buyer", reference, notice)
    trade.work()
    assert trade.state(trade.carx, reference) == ("held", "buyer")
    assert trade.holder(reference) == ("BOLE", "CARX")
    trade.carx.ladings.sender.offer("buyer", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.holder(reference) == ("BOLE", "BOLE")
    assert trade.moved(reference) == ["issue", "transferBeneficiary", "transferHolder"]


def test_a_blank_endorsement_changes_the_kind(trade: Titled):
    """On a bill endorsed in blank title and possession go together; to order it is again."""
    reference = trade.issued(to="Buyer", to_order=True)
    for made in (_moved("BLANK_ENDORSE"), _moved("TRANSFER", party("Bank", "CARX"))):
        trade.carx.ladings.inhouse.act("buyer", reference, made)
        trade.work()
    assert trade.title(reference).state.kind.value == "blank"
    trade.carx.ladings.sender.offer("bank", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.holder(reference) == ("BOLE", "BOLE")
    trade.bole.ladings.inhouse.act(
        "buyer", reference, _moved("ENDORSE_TO_ORDER", party("Forwarder", "BOLE"))
    )
    trade.work()
    assert trade.title(reference).state.kind.value == "to-order"


def test_a_transfer_that_is_refused_comes_back_on_the_register(trade: Titled):
    """BENV: the receiver's platform rejects the transfer there, and the sender has it again."""
    reference = trade.issued()
    nobody = _moved("TRANSFER", party("Nobody", "BOLE"))
    transfer = trade.carx.ladings.sender.offer("shipper", reference, nobody)
    trade.work()
    assert trade.carx.ladings.carriage.carry(transfer).code == "BENV"
    assert trade.state(trade.carx, reference) == ("held", "shipper")
    assert trade.holder(reference) == ("CARX", "CARX")
    assert trade.moved(reference) == ["issue", "transferOwners", "rejectTransferOwners"]


def test_a_transfer_is_called_off_while_the_register_has_the_title_here(
    trade: Titled, monkeypatch: pytest.MonkeyPatch
):
    """Before the title moved it is safe; with the receiver only the receiver can give it back."""
    reference = trade.issued()
    carx, asked = trade.carx.ladings, Peers.call

    def silent(peers: Peers, peer: str, method: str, path: str, message: object) -> Reply:
        if path == "/v3/envelopes":
            raise Unreachable(where="", party=peer, reason="timed out")
        return asked(peers, peer, method, path, message)

    carx.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    carx.calling_off.call_off("shipper", reference)
    assert (trade.state(trade.carx, reference)[0], trade.holder(reference)[1]) == ("held", "CARX")
    transfer = carx.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    monkeypatch.setattr(Peers, "call", silent)
    trade.carx.work()
    assert trade.holder(reference)[1] == "BOLE"
    with pytest.raises(NotNow, match="only it can give it back"):
        carx.calling_off.call_off("shipper", reference)
    assert trade.state(trade.carx, reference)[0] == "offered"
    with carx.desk.store.read() as tx:
        value = ladings.transfer(tx, transfer).body["envelope"]
    received = trade.bole.ladings.registry(trade.uri)
    assert received is not None
    received.decline(open_envelope(value, trade.bole.ladings.desk.book, utc_now()))
    carx.calling_off.call_off("shipper", reference)
    assert (trade.state(trade.carx, reference)[0], trade.holder(reference)[1]) == ("held", "CARX")


def test_a_title_that_was_taken_and_not_accepted_comes_back_in_time(trade: Titled):
    """A document never comes: after the time the receiver gives the title back, for good."""
    reference, room = trade.issued(), trade.bole.ladings
    attached = [Attachment("invoice.pdf", b"invoice")]
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER), attached)
    with pytest.MonkeyPatch.context() as cut:
        cut.setattr(Peers, "call", _without_documents(Peers.call))
        trade.carx.work()
    assert trade.holder(reference)[1] == "BOLE"
    assert room.retention.purge(timedelta(days=30)) == []
    (gone,) = room.retention.purge(timedelta())
    assert gone.titled
    assert room.receiver.finish(gone.transfer.id, "CARX").code == "DISE"
    trade.bole.work()
    assert trade.holder(reference)[1] == "CARX"
    (transfer,) = trade.shown(trade.carx, reference)["transfers"]
    assert trade.carx.ladings.carriage.carry(transfer["id"]).code == "DISE"
    assert trade.state(trade.carx, reference)[0] == "held"
    assert trade.shown(trade.carx, reference)["transfers"][0]["state"] == "rejected"


def _without_documents(call: Any) -> Any:
    """Return a line on which no additional document arrives."""

    def cut(peers: Peers, peer: str, method: str, path: str, message: object) -> Reply:
        if "additional-documents" in path:
            raise Unreachable(where="", party=peer, reason="timed out")
        reply: Reply = call(peers, peer, method, path, message)
        return reply

    return cut


def test_an_amended_bill_has_a_title_of_its_own(trade: Titled):
    """After the surrender for amendment the new document's title is issued, the old one ended."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, "AREQ", reason="COD")
    trade.work()
    old = str(trade.shown(trade.carx, reference)["checksum"])
    trade.carrier.ladings.surrendered.decide(asked, "SURR")
    trade.work()
    issue_to = {
        "partyName": "Shipper",
        "sendToPlatform": "CARX",
        "identifyingCodes": [{"codeListProvider": "CARX", "partyCode": "shipper"}],
    }
    amended = document(reference, termsAndConditions="As amended.")
    trade.carrier.ladings.carrier_issuing.reissue(amended, issue_to)
    trade.work()
    assert trade.holder(reference) == ("CARX", "CARX")
    before = trade.carx.ladings.desk.books[trade.uri].read(old)
    assert before is not None
    assert not before.state.active


def test_the_bill_and_its_title_are_shown_together(trade: Titled):
    """State and moves of the register, at the step they belong to; the two agree."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    found = trade.bole.ladings.shown(reference, "buyer")
    assert found["title"]["agrees"] is True
    assert (found["title"]["beneficiary"], found["title"]["holder"]) == ("BOLE", "BOLE")
    moved = [(step["actionCode"], step["moved"]["action"]) for step in found["chain"]]
    assert moved == [("ISSUE", "issue"), ("TRANSFER", "transferOwners")]
    assert [each["action"] for each in found["title"]["history"]] == ["issue", "transferOwners"]
    assert trade.carx.ladings.shown(reference, None)["title"]["agrees"] is None


def test_what_stays_between_two_parties_of_a_platform_moves_nothing(trade: Titled):
    """Both have their title with the platform: the register is asked, and is as it was."""
    reference = trade.issued()
    trade.carx.ladings.inhouse.act("shipper", reference, _moved("TRANSFER", BUYER_HERE))
    assert trade.state(trade.carx, reference) == ("moving", "shipper")
    trade.work()
    assert trade.state(trade.carx, reference) == ("held", "buyer")
    assert trade.moved(reference) == ["issue"]


def test_a_switched_bill_waits_for_the_end_of_the_old_title(trade: Titled):
    """SWI: a bill that replaces another is issued once the old title has ended, not before."""
    old = trade.issued()
    new = document(f"{old[:-1]}X")
    _ask_to_switch(trade, old, new)
    answer = trade.carx.ladings.papers("issuance")
    states = {each["reference"]: each["state"] for each in answer}
    assert states[new["transportDocumentReference"]] == "returned"
    asked = trade.carx.ladings.surrender("shipper", old, "AREQ", reason="SWI")
    trade.work()
    trade.carrier.ladings.surrendered.decide(asked, "SURR")
    trade.work()
    _ask_to_switch(trade, old, new)
    assert trade.holder(new["transportDocumentReference"]) == ("CARX", "CARX")
    assert trade.moved(old) == ["issue", "returnToIssuer", "burn"]


def _ask_to_switch(trade: Titled, old: str, new: Json) -> None:
    """Ask the platform, as the carrier, for a bill in place of another."""
    code = {"codeListProvider": "CARX", "partyCode": "shipper"}
    issue_to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": [code]}
    said = {"documentChecksum": checksum(new), "issueToChecksum": checksum(issue_to)}
    request = {
        "document": new,
        "issueTo": issue_to,
        "issuanceManifestSignedContent": trade.carrier.signer.sign(json.dumps(said).encode()),
        "transportDocumentReplacements": {
            "oldTransportDocumentReferences": [{"transportDocumentReference": old}],
            "newTransportDocumentReferences": [
                {"transportDocumentReference": new["transportDocumentReference"]}
            ],
        },
    }
    trade.carx.ladings.issuing.request(request, "MAEU")
    trade.carx.work()
