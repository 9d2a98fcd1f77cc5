"""A transport document gives its arrival notice; a carrier hands it out, platforms show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import httpx
import pytest

from gateway.lading.carrier.arrivalnotice import derive
from gateway.lading.refusals import MessageInvalid, UnknownThing
from gateway.lading.shapes import check
from gateway.store import papers
from tests.gateway.lading.envelopes import CONTACT, Json, document, party
from tests.gateway.lading.platforms import House, acquaint

BOX = "NARU3472484"
TODAY = date(2026, 12, 28)
NOTIFIED = {"partyName": "Forwarder", "partyContactDetails": CONTACT}
KNOWN: Json = {
    "vesselVoyageAtPOD": {"carrierImportVoyageNumber": "402W"},
    "utilizedTransportEquipments": [{"equipmentReference": BOX, "ISOEquipmentCode": "22G1"}],
    "documentParties": {"firstNotifyParty": NOTIFIED},
    "transports": {"etaAtPortOfDischargeDate": "2026-12-31"},
}


def test_a_notice_says_what_the_document_says() -> None:
    """By the names of the notice, with what the carrier knows over it, and nothing besides."""
    made = derive(document("AN1"), KNOWN, TODAY)
    assert check(made, "ArrivalNotice") == []
    assert made["issueDate"] == "2026-12-28"
    assert made["vesselVoyageAtPOD"] == {"name": "Test", "carrierImportVoyageNumber": "402W"}
    assert made["transports"] == {
        "departureDate": "2026-12-01",
        "plannedDepartureDate": "2026-12-01",
        "plannedArrivalDate": "2026-12-30",
        "etaAtPortOfDischargeDate": "2026-12-31",
        "portOfLoading": {"locationType": "UNLO", "UNLocationCode": "CNSHA"},
        "portOfDischarge": {"locationType": "UNLO", "UNLocationCode": "SGSIN"},
    }
    (box,) = made["utilizedTransportEquipments"]
    assert box == {
        "equipmentReference": BOX,
        "ISOEquipmentCode": "22G1",
        "seals": [{"number": "S1"}],
    }
    (item,) = made["consignmentItems"]
    assert item["descriptionOfGoods"] == "Shoes"
    assert item["cargoItems"] == [
        {
            "equipmentReference": BOX,
            "weight": 12000.5,
            "weightUnit": "KGM",
            "outerPackaging": {"numberOfPackages": 400, "description": "boxes"},
        }
    ]
    assert "charges" not in made
    assert set(made["documentParties"]) == {"shipper", "consignee", "firstNotifyParty"}


def test_who_is_to_be_notified_comes_in_order() -> None:
    """Notify parties as the document lists them, then a consignee that is to be notified."""
    base = document("AN2")
    parties = base["documentParties"]
    consignee = {**parties["consignee"], "isNotifyParty": True}
    parties = {**parties, "consignee": consignee, "notifyParties": [NOTIFIED]}
    made = derive({**base, "documentParties": parties}, {}, TODAY)["documentParties"]
    assert made["firstNotifyParty"]["partyName"] == "Forwarder"
    assert made["secondNotifyParty"]["partyName"] == "Buyer Ltd"
    assert "isNotifyParty" not in made["consignee"]
    assert "otherNotifyParty" not in made


def test_charges_are_those_collected_at_destination() -> None:
    """What the shipper has prepaid is not the consignee's to see."""
    charge = {
        "chargeName": "Handling",
        "currencyAmount": 10,
        "currencyCode": "SGD",
        "calculationBasis": "Per container",
        "unitPrice": 10,
        "quantity": 1,
    }
    both = [{**charge, "paymentTermCode": code} for code in ("PRE", "COL")]
    made = derive(document("AN3", charges=both), KNOWN, TODAY)
    assert [each["paymentTermCode"] for each in made["charges"]] == ["COL"]
    assert check(made, "ArrivalNotice") == []


def test_places_say_of_which_kind_they_are() -> None:
    """A facility, a city, an address: each as the notice has it."""
    transports = {
        **document("AN4")["transports"],
        "portOfDischarge": {"city": {"city": "Singapore", "countryCode": "SG"}},
        "placeOfReceipt": {
            "UNLocationCode": "CNSHA",
            "facility": {"facilityCode": "YSPT", "facilityCodeListProvider": "SMDG"},
        },
        "placeOfDelivery": {
            "address": {"street": "Keppel Road", "city": "Singapore", "countryCode": "SG"}
        },
    }
    made = derive(document("AN4", transports=transports), KNOWN, TODAY)
    assert check(made, "ArrivalNotice") == []
    kinds = {
        name: place["locationType"]
        for name, place in made["transports"].items()
        if isinstance(place, dict)
    }
    assert kinds == {
        "placeOfReceipt": "FACI",
        "portOfLoading": "UNLO",
        "portOfDischarge": "CITY",
        "placeOfDelivery": "ADDR",
    }


def test_every_document_of_the_examples_gives_a_notice(shared: Any) -> None:
    """DCSA's own transport documents: what is missing then is what only the carrier knows."""
    found = 0
    for path in sorted((shared / "data" / "ebl" / "dcsa" / "examples").glob("EBL_*/*.json")):
        said = json.loads(path.read_bytes())
        if isinstance(said, dict):
            said = said.get("document", said.get("transportDocument", said))
        if check(said, "EBL:TransportDocument"):
            continue
        found += 1
        boxes = [
            {
                "equipmentReference": each["equipment"]["equipmentReference"],
                "ISOEquipmentCode": "22G1",
            }
            for each in said["utilizedTransportEquipments"]
        ]
        known = {**KNOWN, "utilizedTransportEquipments": boxes}
        faults = check(derive(said, known, TODAY), "ArrivalNotice")
        assert [fault for fault in faults if fault.property != "partyContactDetails"] == [], path
    assert found


class Line:
    """A carrier and a platform, each serving."""

    def __init__(self, carrier: House, platform: House) -> None:
        """Put both together."""
        self.carrier, self.platform = carrier, platform

    def call(self, house: House, who: str, path: str, body: Any, scope: str = "all") -> Any:
        """Post as an account of a house; return status and JSON."""
        headers = {"authorization": f"Bearer {house.token(who, scope)}"}
        answer = httpx.post(house.url + path, json=body, headers=headers, timeout=30.0)
        return answer.status_code, answer.json()

    def issued(self, reference: str) -> str:
        """Have a bill issued to the buyer."""
        codes = party("Buyer", "CARX")["identifyingCodes"]
        to = {"partyName": "Buyer", "sendToPlatform": "CARX", "identifyingCodes": codes}
        self.carrier.ladings.carrier_issuing.ask(document(reference), to)
        for _ in range(3):
            self.carrier.work()
            self.platform.work()
        return reference


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Give the two."""
    folder = tmp_path_factory.mktemp("arrival")
    houses = (
        House(folder, carrier="MAEU"),
        House(folder, platform="CARX", parties=["Buyer", "Other"]),
    )
    acquaint(*houses)
    with ExitStack() as stack:
        for house in houses:
            stack.enter_context(house.open())
        yield Line(*houses)


def test_the_carrier_hands_out_and_the_platform_shows_it(line: Line) -> None:
    """Derived at the carrier, fetched by the holder's platform, shown with the bill."""
    reference = line.issued("ARR00001")
    fetch = f"/v1/ladings/{reference}/arrival-notice"
    assert line.call(line.platform, "buyer", fetch, {})[0] == 404
    status, made = line.call(line.carrier, "maeu", f"/v1/arrival-notices/{reference}", KNOWN)
    assert (status, check(made, "ArrivalNotice")) == (201, [])
    assert line.call(line.carrier, "buyer", f"/v1/arrival-notices/{reference}", KNOWN)[0] == 403
    assert line.call(line.platform, "other", fetch, {})[0] == 404
    assert line.call(line.platform, "buyer", fetch, {}) == (200, made)
    assert line.platform.ladings.shown(reference, "buyer")["arrival"] == made
    later = {**KNOWN, "transports": {"etaAtPortOfDischargeDate": "2027-01-02"}}
    line.carrier.ladings.arrivals.derive(reference, later)
    assert line.call(line.platform, "buyer", fetch, {})[1] != made


def test_the_platform_is_notified_and_asks_for_the_notice_by_itself(line: Line) -> None:
    """One notification in DCSA's shape for each notice; the bill shows it with nobody's doing."""
    reference = line.issued("ARR00004")
    line.carrier.ladings.arrivals.derive(reference, KNOWN)
    line.carrier.work()
    line.platform.work()
    with line.platform.ladings.desk.store.read() as tx:
        told = [each for each in papers.listed(tx, "notice") if each.bill == reference]
    (notice,) = told
    assert (notice.state, check(notice.body, "ArrivalNoticeNotification")) == ("arrival-notice", [])
    shown = line.platform.ladings.shown(reference, "buyer")["arrival"]
    eta = shown["transports"]["etaAtPortOfDischargeDate"]
    assert notice.body["data"]["etaAtPortOfDischargeDate"] == eta
    assert notice.body["data"]["transportDocumentReference"] == reference


def test_a_notification_of_a_stranger_fetches_nothing(line: Line) -> None:
    """Kept once, as any is; but only the bill's own carrier makes us ask for a notice."""
    reference = line.issued("ARR00005")
    line.carrier.ladings.arrivals.derive(reference, KNOWN)
    room = line.platform.ladings
    said = {
        "specversion": "1.0",
        "id": "n-1",
        "source": "urn:example",
        "type": "org.dcsa.arrival-notice-notification.v1",
        "time": "2026-11-28T08:00:00Z",
        "datacontenttype": "application/json",
        "subscriptionReference": "s",
        "data": {
            "transportDocumentReference": reference,
            "portOfDischarge": {"locationType": "UNLO", "UNLocationCode": "SGSIN"},
            "etaAtPortOfDischargeDate": "2026-12-30",
        },
    }
    room.take_notice("arrival-notice", said, "SGTD")
    room.take_notice("arrival-notice", said, "SGTD")
    line.platform.work()
    assert room.shown(reference, "buyer")["arrival"] is None
    with room.desk.store.read() as tx:
        kept = [each for each in papers.listed(tx, "notice") if each.tenant == "SGTD"]
    assert len(kept) == 1
    with pytest.raises(MessageInvalid):
        room.take_notice("arrival-notice", {**said, "data": {}}, "MAEU")


def test_what_is_missing_is_named_and_nothing_is_announced(line: Line) -> None:
    """The container's type and who is to be notified are not in the document: refused."""
    reference = line.issued("ARR00002")
    with pytest.raises(MessageInvalid) as refused:
        line.carrier.ladings.arrivals.derive(reference, {})
    missing = {fault.property for fault in refused.value.faults}
    assert missing == {"ISOEquipmentCode", "firstNotifyParty"}
    with pytest.raises(UnknownThing):
        line.carrier.ladings.arrivals.handed_out(reference, "CARX")
    wrongs: list[Any] = [[], {"transports": {"etaAtPortOfDischargeDate": "soon"}}]
    for wrong in wrongs:
        with pytest.raises(MessageInvalid):
            line.carrier.ladings.arrivals.derive(reference, wrong)


def test_a_notice_is_of_a_bill_issued_here_and_in_dcsas_shape(line: Line) -> None:
    """No bill, no notice; what is no notice is refused; of another's bill nobody is told."""
    arrivals = line.carrier.ladings.arrivals
    with pytest.raises(UnknownThing):
        arrivals.derive("NONE", KNOWN)
    with pytest.raises(MessageInvalid):
        arrivals.announce({"transportDocumentReference": "X"})
    arrivals.derive(line.issued("ARR00003"), KNOWN)
    with pytest.raises(UnknownThing):
        arrivals.handed_out("ARR00003", "BOLE")
