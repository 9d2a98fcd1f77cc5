"""Shipping instructions and transport documents at a carrier, over HTTP, with notifications."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from gateway.lading.shapes import check
from gateway.store import papers
from tests.gateway.lading.envelopes import Json, document
from tests.gateway.lading.platforms import House, acquaint

_KEPT = (
    "transportDocumentTypeCode",
    "isShippedOnBoardType",
    "isElectronic",
    "isToOrder",
    "invoicePayableAt",
    "partyContactDetails",
    "documentParties",
    "consignmentItems",
)
_numbers = iter(range(1, 1000))


def instructions(**changed: Any) -> Json:
    """Return shipping instructions that DCSA's shape accepts."""
    made = document()
    box = {"equipmentReference": "NARU3472484", "seals": [{"number": "S1"}]}
    return {
        **{name: made[name] for name in _KEPT},
        "utilizedTransportEquipments": [{"isShipperOwned": False, **box}],
        "isCargoDeliveredInICS2Zone": False,
        "freightPaymentTermCode": "PRE",
        **changed,
    }


def _updated(reference: str) -> Json:
    """Return an update: freight is to be collected."""
    return instructions(freightPaymentTermCode="COL", shippingInstructionsReference=reference)


class Desk:
    """A shipper at the carrier's API."""

    def __init__(self, carrier: House, shipper: House) -> None:
        """Put both together."""
        self.carrier, self.shipper = carrier, shipper
        token = carrier.token(shipper.code)
        self.http = httpx.Client(
            base_url=carrier.url, headers={"authorization": f"Bearer {token}"}, timeout=30.0
        )

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call the carrier; an error has DCSA's shape."""
        answer = self.http.request(method, path, json=body)
        assert answer.headers["api-version"] == "3.0.4"
        said = answer.json() if answer.content else None
        if answer.status_code >= 400:
            assert check(said, "ErrorResponse") == []
        return answer.status_code, said

    def submitted(self) -> str:
        """Send instructions and return their reference."""
        status, said = self.call("POST", "/v3/shipping-instructions", instructions())
        assert (status, check(said, "CreateShippingInstructionsResponse")) == (202, [])
        return str(said["shippingInstructionsReference"])

    def drafted(self) -> tuple[str, str]:
        """Have the carrier draft the document of new instructions; return both references."""
        told = self.submitted()
        added = document(f"EBL{next(_numbers):05}")
        names = added.keys() - set(_KEPT)
        more = {name: added[name] for name in names}
        return told, self.carrier.ladings.carried.draft(told, more)

    def status(self, path: str, name: str) -> str:
        """Return one status of what is at a path."""
        return str(self.call("GET", path)[1].get(name))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Give a carrier and a shipper with an address of its own."""
    folder = tmp_path_factory.mktemp("carrier")
    houses = House(folder, carrier="MAEU"), House(folder, platform="CARX")
    acquaint(*houses)
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.open())
        made = Desk(*houses)
        with made.http:
            yield made


def test_instructions_are_taken_updated_and_shown(desk: Desk):
    """What was sent comes back with its status; an update waits beside it."""
    told = desk.submitted()
    path = f"/v3/shipping-instructions/{told}"
    status, found = desk.call("GET", path)
    assert (status, found["shippingInstructionsStatus"]) == (200, "RECEIVED")
    assert check(found, "ShippingInstructions") == []
    assert desk.call("GET", path + "?updatedContent=true")[0] == 404
    assert desk.call("PUT", path, _updated(told))[0] == 202
    updated = desk.call("GET", path + "?updatedContent=true")[1]
    assert updated["freightPaymentTermCode"] == "COL"
    assert updated["updatedShippingInstructionsStatus"] == "UPDATE_RECEIVED"
    cancel = {"updatedShippingInstructionsStatus": "UPDATE_CANCELLED"}
    assert desk.call("PATCH", path, cancel) == (202, None)
    assert desk.call("PATCH", path, cancel)[0] == 404
    assert desk.call("GET", path)[1]["freightPaymentTermCode"] == "PRE"


def test_the_carrier_confirms_an_update(desk: Desk):
    """After confirmation the update is what the instructions say; asked for anew, it is gone."""
    told = desk.submitted()
    path = f"/v3/shipping-instructions/{told}"
    desk.call("PUT", path, _updated(told))
    assert desk.call("GET", f"{path}?updatedContent=true")[0] == 200
    desk.carrier.ladings.instructions.decide(told, "PENDING_UPDATE", "the weight is missing")
    assert desk.status(path, "shippingInstructionsStatus") == "PENDING_UPDATE"
    assert desk.call("GET", f"{path}?updatedContent=true")[0] == 404
    desk.call("PUT", path, _updated(told))
    desk.carrier.ladings.instructions.decide(told, "UPDATE_CONFIRMED")
    found = desk.call("GET", path)[1]
    assert (found["freightPaymentTermCode"], found["shippingInstructionsStatus"]) == (
        "COL",
        "RECEIVED",
    )


def test_a_draft_is_approved_issued_and_its_status_follows_the_bill(desk: Desk):
    """DRAFT, APPROVED, ISSUED, then the surrender's own states: each from what happened."""
    told, reference = desk.drafted()
    path = f"/v3/transport-documents/{reference}"
    found = desk.call("GET", path)[1]
    assert (found["transportDocumentStatus"], check(found, "EBL:TransportDocument")) == (
        "DRAFT",
        [],
    )
    said = desk.call("GET", f"/v3/shipping-instructions/{told}")[1]
    assert (said["shippingInstructionsStatus"], said["transportDocumentReference"]) == (
        "COMPLETED",
        reference,
    )
    assert desk.call("PATCH", path, {"transportDocumentStatus": "VOIDED"})[0] == 400
    assert desk.call("PATCH", path, {"transportDocumentStatus": "APPROVED"})[0] == 202
    assert desk.call("PATCH", path, {"transportDocumentStatus": "APPROVED"})[0] == 409
    assert desk.status(path, "transportDocumentStatus") == "APPROVED"
    _issued(desk, reference)
    assert desk.status(path, "transportDocumentStatus") == "ISSUED"
    surrendered = desk.carrier.ladings.surrendered
    request = {
        "surrenderRequestReference": f"S-{reference}",
        "transportDocumentReference": reference,
        "surrenderRequestCode": "SREQ",
    }
    surrendered.request(request, "CARX")
    assert desk.status(path, "transportDocumentStatus") == "PENDING_SURRENDER_FOR_DELIVERY"
    surrendered.decide(f"S-{reference}", "SURR")
    assert desk.status(path, "transportDocumentStatus") == "SURRENDERED_FOR_DELIVERY"


def _issued(desk: Desk, reference: str) -> None:
    """Have the document issued, and the platform say so."""
    code = {"codeListProvider": "CARX", "partyCode": "shipper"}
    issue_to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": [code]}
    carrier = desk.carrier.ladings.carrier_issuing
    carrier.ask(document(reference), issue_to)
    answer = {"transportDocumentReference": reference, "issuanceResponseCode": "ISSU"}
    carrier.answered(answer, "CARX")


def test_an_amendment_is_asked_for_shown_and_taken_back(desk: Desk):
    """A draft or an issued document is amended, not an approved one; withdrawn once, else 400."""
    _, reference = desk.drafted()
    path = f"/v3/transport-documents/{reference}/amendment"
    amended = document(reference, termsAndConditions="As amended.")
    assert desk.call("GET", path)[0] == 404
    assert desk.call("DELETE", path)[0] == 404
    assert desk.call("PUT", path, amended)[0] == 202
    approval = {"transportDocumentStatus": "APPROVED", "remark": "of ours"}
    assert desk.call("PATCH", f"/v3/transport-documents/{reference}", approval)[0] == 202
    assert desk.call("PUT", path, amended)[0] == 409
    _issued(desk, reference)
    assert desk.call("PUT", path, {})[0] == 400
    assert desk.call("PUT", path, document("ANOTHER"))[0] == 400
    assert desk.call("PUT", path, amended)[0] == 202
    found = desk.call("GET", path)[1]
    assert check(found, "TransportDocumentAmend") == []
    assert found["amendedTransportDocument"]["termsAndConditions"] == "As amended."
    assert found["amendedTransportDocumentStatus"] == "AMENDMENT_RECEIVED"
    assert desk.call("DELETE", path) == (202, None)
    assert desk.call("DELETE", path)[0] == 400


def test_the_shipper_is_notified(desk: Desk):
    """Each step reaches the shipper's own address as a notification in DCSA's shape."""
    told, reference = desk.drafted()
    while desk.carrier.ladings.runner.step():
        pass
    with desk.shipper.ladings.desk.store.read() as tx:
        notices = papers.listed(tx, "notice")
    said = [each.body["data"] for each in notices]
    mine = [each for each in said if told in each.values()]
    states = {
        each.get("shippingInstructionsStatus") or each["transportDocumentStatus"] for each in mine
    }
    assert states == {"RECEIVED", "COMPLETED", "DRAFT"}
    assert any(each.get("transportDocumentReference") == reference for each in mine)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v3/shipping-instructions", {}, 400),
        ("GET", "/v3/shipping-instructions/none", None, 404),
        ("PUT", "/v3/shipping-instructions/none", "valid", 404),
        ("GET", "/v3/transport-documents/none", None, 404),
        ("POST", "/v3/transport-document-notifications", {}, 400),
        ("POST", "/v3/shipping-instructions-notifications", {"id": "1"}, 400),
    ],
)
def test_bad_input_to_the_carrier_gets_dcsas_error(
    desk: Desk, method: str, path: str, body: Any, status: int
):
    """Malformed is 400 with the place, unknown 404."""
    assert desk.call(method, path, _updated("none") if body == "valid" else body)[0] == status
