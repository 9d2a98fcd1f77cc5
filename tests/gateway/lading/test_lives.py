"""Bills from issuance to their end, between a carrier and two platforms over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from gateway.lading.refusals import NotNow, NotYours
from gateway.lading.shapes import check
from gateway.store import ladings, papers
from tests.gateway.lading.envelopes import Json, document, party
from tests.gateway.lading.platforms import House, acquaint

_numbers = iter(range(1, 10_000))


class Trade:
    """A carrier and two platforms that know each other."""

    def __init__(self, carrier: House, carx: House, bole: House) -> None:
        """Put the three together."""
        self.carrier, self.carx, self.bole = carrier, carx, bole
        self.houses = (carrier, carx, bole)
        self.http = httpx.Client(timeout=30.0)

    def work(self) -> None:
        """Let everybody do what is planned, as often as one waits for another."""
        for _ in range(4):
            for house in self.houses:
                house.work()

    def issued(self, *, to: str = "Shipper", to_order: bool = False) -> str:
        """Have a bill issued to a party on the first platform; return its reference."""
        made = document(f"SGL{next(_numbers):05}", to_order=to_order)
        issue_to = {
            "partyName": to,
            "sendToPlatform": "CARX",
            "identifyingCodes": [{"codeListProvider": "CARX", "partyCode": to.lower()}],
        }
        reference = self.carrier.ladings.carrier_issuing.ask(made, issue_to)
        self.work()
        return reference

    def state(self, house: House, reference: str) -> tuple[str, str]:
        """Return state and account of the latest bill under a reference."""
        with house.ladings.desk.store.read() as tx:
            bill = ladings.of_reference(tx, reference)[0]
        return bill.state, bill.tenant

    def paper(self, house: House, kind: str, reference: str) -> papers.Paper:
        """Return the latest paper of a kind about a bill."""
        with house.ladings.desk.store.read() as tx:
            return papers.listed(tx, kind, bill=reference)[0]

    def actions(self, reference: str, house: House) -> list[str]:
        """Return the actions of the endorsement chain, as the carrier is told."""
        token = house.token("MAEU")
        answer = self.http.get(
            f"{house.url}/endorsement-chains/{reference}",
            headers={"authorization": f"Bearer {token}"},
        )
        (chain,) = answer.json()
        assert check(chain, "EndorsementChain") == []
        return [each["actionCode"] for each in chain["endorsementChain"]]


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    """Give the three operators, each serving."""
    folder = tmp_path_factory.mktemp("trade")
    houses = (
        House(folder, carrier="MAEU"),
        House(folder, platform="CARX", parties=["Shipper", "Bank", "Buyer"]),
        House(folder, platform="BOLE", parties=["Buyer", "Forwarder"]),
    )
    acquaint(*houses)
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.open())
        made = Trade(*houses)
        with made.http:
            yield made


def _moved(action: str, recipient: Json | None = None) -> Json:
    return {"actionCode": action, **({"recipient": recipient} if recipient else {})}


BUYER = party("Buyer", "BOLE")
BUYER_HERE = party("Buyer", "CARX")


def test_an_issued_bill_is_with_its_first_possessor(trade: Trade):
    """ISSU reaches the carrier, and the chain begins with ISSUE."""
    reference = trade.issued()
    assert trade.state(trade.carx, reference) == ("held", "shipper")
    assert trade.paper(trade.carrier, "issuance-request", reference).state == "issued"
    assert trade.actions(reference, trade.carx) == ["ISSUE"]


def test_an_unknown_party_is_returned_to_the_carrier(trade: Trade):
    """BREQ with a reason, and no bill."""
    reference = trade.issued(to="Nobody")
    answer = trade.paper(trade.carrier, "issuance-request", reference).body["answer"]
    assert (answer["issuanceResponseCode"], check(answer, "IssuanceResponse")) == ("BREQ", [])
    with trade.carx.ladings.desk.store.read() as tx:
        assert ladings.of_reference(tx, reference) == []


def test_a_bill_crosses_to_another_platform_and_comes_back(trade: Trade):
    """Possession follows the transfers, and each platform knows where the bill is."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.state(trade.carx, reference) == ("away", "shipper")
    assert trade.state(trade.bole, reference) == ("held", "buyer")
    back = _moved("TRANSFER", party("Bank", "CARX"))
    trade.bole.ladings.sender.offer("buyer", reference, back)
    trade.work()
    assert trade.state(trade.bole, reference) == ("away", "buyer")
    assert trade.state(trade.carx, reference) == ("held", "bank")
    assert trade.actions(reference, trade.carx) == ["ISSUE", "TRANSFER", "TRANSFER"]


def test_a_refused_transfer_leaves_the_bill_with_the_sender(trade: Trade):
    """A recipient the other platform does not know: BENV, and the bill can be used again."""
    reference = trade.issued()
    nobody = _moved("TRANSFER", party("Nobody", "BOLE"))
    transfer = trade.carx.ladings.sender.offer("shipper", reference, nobody)
    with pytest.raises(NotNow):
        trade.carx.ladings.surrender("shipper", reference, "SREQ")
    trade.work()
    assert trade.carx.ladings.carriage.carry(transfer).code == "BENV"
    assert trade.state(trade.carx, reference) == ("held", "shipper")


@pytest.mark.parametrize(
    ("code", "reason", "answer", "state"),
    [
        ("SREQ", "", "SURR", "ended"),
        ("AREQ", "", "SURR", "ended"),
        ("AREQ", "SWTP", "SURR", "ended"),
        ("SREQ", "", "SREJ", "held"),
        ("AREQ", "SWTP", "SREJ", "held"),
    ],
)
def test_a_surrender_waits_for_the_carrier(
    trade: Trade, code: str, reason: str, answer: str, state: str
):
    """SURR ends the bill, SREJ gives it back; meanwhile nobody can use it."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, code, reason=reason)
    with pytest.raises(NotNow):
        trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    said = trade.paper(trade.carrier, "surrender-request", reference).body["request"]
    assert (said["surrenderRequestCode"], said.get("reasonCode", "")) == (code, reason)
    comments = "" if answer == "SURR" else "charges are open"
    trade.carrier.ladings.surrendered.decide(asked, answer, comments)
    trade.work()
    assert trade.state(trade.carx, reference)[0] == state
    with pytest.raises(NotNow):
        trade.carrier.ladings.surrendered.decide(asked, "SURR")


def test_a_surrender_from_another_platform_goes_through_the_platform_of_issue(trade: Trade):
    """The buyer elsewhere surrenders; the carrier's refusal and then its answer find the way."""
    reference = trade.issued()
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", BUYER))
    trade.work()
    trade.bole.ladings.surrender("buyer", reference, "SREQ")
    trade.work()
    assert trade.state(trade.carx, reference)[0] == "surrendered"
    first = trade.paper(trade.carrier, "surrender-request", reference).reference
    trade.carrier.ladings.surrendered.decide(first, "SREJ", "charges are open")
    trade.work()
    assert trade.state(trade.bole, reference) == ("held", "buyer")
    assert trade.state(trade.carx, reference)[0] == "away"
    trade.bole.ladings.surrender("buyer", reference, "SREQ")
    trade.work()
    second = trade.paper(trade.carrier, "surrender-request", reference).reference
    trade.carrier.ladings.surrendered.decide(second, "SURR")
    trade.work()
    assert trade.state(trade.bole, reference)[0] == "ended"
    assert trade.state(trade.carx, reference)[0] == "ended"
    assert trade.actions(reference, trade.bole)[-1] == "SACC"


def test_only_the_entitled_party_claims_the_goods(trade: Trade):
    """A bill to order is surrendered by its endorsee, not by a possessor who is none."""
    reference = trade.issued(to_order=True)
    with pytest.raises(NotYours):
        trade.carx.ladings.surrender("shipper", reference, "SREQ")
    inhouse = trade.carx.ladings.inhouse
    with pytest.raises(NotYours):
        inhouse.act("shipper", reference, _moved("ENDORSE_TO_ORDER", party("Bank", "CARX")))
    inhouse.act("shipper", reference, _moved("TRANSFER", BUYER_HERE))
    inhouse.act("buyer", reference, _moved("BLANK_ENDORSE"))
    inhouse.act("buyer", reference, _moved("TRANSFER", party("Bank", "CARX")))
    trade.carx.ladings.surrender("bank", reference, "SREQ")
    assert trade.state(trade.carx, reference) == ("surrendered", "bank")


def test_an_endorsement_to_another_platform_is_a_notice(trade: Trade):
    """The title holder endorses to a party elsewhere; possession stays, and the notice arrives."""
    reference = trade.issued(to="Buyer", to_order=True)
    notice = _moved("ENDORSE_TO_ORDER", BUYER)
    trade.carx.ladings.sender.offer("buyer", reference, notice)
    trade.work()
    assert trade.state(trade.carx, reference) == ("held", "buyer")
    assert trade.state(trade.bole, reference)[0] == "away"
    trade.carx.ladings.sender.offer("buyer", reference, _moved("TRANSFER", BUYER))
    trade.work()
    assert trade.state(trade.bole, reference) == ("held", "buyer")


def test_only_the_title_holder_endorses_to_another_platform(trade: Trade):
    """A possessor who is not endorsed cannot pass title on, wherever to."""
    reference = trade.issued(to_order=True)
    with pytest.raises(NotYours):
        trade.carx.ladings.sender.offer("shipper", reference, _moved("ENDORSE_TO_ORDER", BUYER))
    assert trade.state(trade.carx, reference) == ("held", "shipper")


def test_a_possessor_elsewhere_who_is_not_entitled_surrenders_nothing(trade: Trade):
    """Neither the platform of the possessor nor that of issue lets him claim the goods."""
    reference = trade.issued()
    forwarder = party("Forwarder", "BOLE")
    trade.carx.ladings.sender.offer("shipper", reference, _moved("TRANSFER", forwarder))
    trade.work()
    with pytest.raises(NotYours):
        trade.bole.ladings.surrender("forwarder", reference, "SREQ")
    assert trade.state(trade.bole, reference) == ("held", "forwarder")


def test_what_happened_inside_a_platform_travels_with_the_bill(trade: Trade):
    """Transfers and endorsements inside are signed with the entry that leaves the platform."""
    reference = trade.issued()
    inhouse = trade.carx.ladings.inhouse
    inhouse.act("shipper", reference, _moved("SIGN"))
    inhouse.act("shipper", reference, _moved("TRANSFER", party("Bank", "CARX")))
    with pytest.raises(NotYours):
        inhouse.act("shipper", reference, _moved("SIGN"))
    trade.carx.ladings.sender.offer("bank", reference, _moved("TRANSFER", BUYER))
    trade.work()
    wanted = ["ISSUE", "SIGN", "TRANSFER", "TRANSFER"]
    assert trade.actions(reference, trade.bole) == wanted


def test_an_amended_bill_is_issued_under_the_old_reference(trade: Trade):
    """After a surrender for amendment the same reference stands again, with another document."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, "AREQ", reason="COD")
    trade.work()
    trade.carrier.ladings.surrendered.decide(asked, "SURR")
    trade.work()
    amended = document(reference, termsAndConditions="As amended.")
    issue_to = {
        "partyName": "Shipper",
        "sendToPlatform": "CARX",
        "identifyingCodes": [{"codeListProvider": "CARX", "partyCode": "shipper"}],
    }
    with pytest.raises(NotNow):
        trade.carrier.ladings.carrier_issuing.ask(amended, issue_to)
    trade.carrier.ladings.carrier_issuing.reissue(amended, issue_to)
    trade.work()
    with trade.carx.ladings.desk.store.read() as tx:
        found = [bill.state for bill in ladings.of_reference(tx, reference)]
    assert found == ["held", "ended"]


def _call(  # noqa: PLR0917 - who, and what
    trade: Trade, house: House, tenant: str, method: str, path: str, body: object
) -> httpx.Response:
    headers = {"content-type": "application/json"}
    headers["authorization"] = f"Bearer {house.token(tenant)}"
    content = json.dumps(body).encode()
    return trade.http.request(method, f"{house.url}{path}", content=content, headers=headers)


def test_messages_out_of_place_get_dcsas_error(trade: Trade):
    """Malformed, unknown, foreign, repeated and late messages: 400, 404, 403, 409."""
    reference = trade.issued()
    asked = trade.carx.ladings.surrender("shipper", reference, "SREQ")
    trade.work()
    request = trade.paper(trade.carrier, "surrender-request", reference).body["request"]
    other = {**request, "surrenderRequestReference": "another"}
    unknown = {**other, "transportDocumentReference": "NOSUCH"}
    answer = {"surrenderRequestReference": asked, "action": "SURR"}
    surrenders, answers = "/v3/ebl-surrender-requests", "/v3/ebl-surrender-responses"
    issuance = trade.paper(trade.carrier, "issuance-request", reference).body["request"]
    forged = json.loads(json.dumps(issuance))
    forged["document"]["transportDocumentReference"] = "SGL99999"
    cases = [
        (trade.carrier, "CARX", "POST", surrenders, {}, 400),
        (trade.carrier, "CARX", "POST", surrenders, request, 409),
        (trade.carrier, "CARX", "POST", surrenders, other, 409),
        (trade.carrier, "CARX", "POST", surrenders, unknown, 404),
        (trade.carrier, "BOLE", "POST", surrenders, other, 403),
        (trade.carx, "MAEU", "POST", answers, {"action": "MAYBE"}, 400),
        (trade.carx, "BOLE", "POST", answers, answer, 403),
        (trade.carx, "MAEU", "POST", answers, {**answer, "surrenderRequestReference": "x"}, 404),
        (trade.carx, "MAEU", "PUT", "/v3/ebl-issuance-requests", {}, 400),
        (trade.carx, "MAEU", "PUT", "/v3/ebl-issuance-requests", issuance, 409),
        (trade.carx, "MAEU", "PUT", "/v3/ebl-issuance-requests", forged, 400),
        (trade.carx, "BOLE", "PUT", "/v3/ebl-issuance-requests", issuance, 403),
        (trade.carx, "BOLE", "GET", f"/endorsement-chains/{reference}", None, 404),
    ]
    for house, tenant, method, path, body, status in cases:
        got = _call(trade, house, tenant, method, path, body)
        assert (got.status_code, check(got.json(), "ErrorResponse")) == (status, []), (path, body)
    assert trade.state(trade.carx, reference) == ("surrendered", "shipper")
    assert _call(trade, trade.carx, "MAEU", "POST", answers, answer).status_code == 204
    assert _call(trade, trade.carx, "MAEU", "POST", answers, answer).status_code == 409
