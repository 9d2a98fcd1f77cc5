from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import adapters
from schemas import rules
from schemas.rules.rule import RULES

Bill = dict[str, Any]
SAMPLE = Path(adapters.__file__).parent / "dcsa_ebl" / "samples" / "straight.json"


def _found(bill: Bill, ruleset: str = "lading-title") -> list[str]:
    document = adapters.read(json.dumps(bill).encode()).document
    return [each.rule for each in rules.check(document, [ruleset])]


@pytest.fixture
def bill() -> Bill:
    """A straight bill without findings."""
    found: Bill = json.loads(SAMPLE.read_bytes())
    return found


ORDER: dict[str, Any] = {
    "isToOrder": True,
    "documentParties.consignee": None,
    "documentParties.endorsee": {"partyName": "Sample Bank"},
}
CASES: dict[str, dict[str, Any]] = {
    "mandatory-consignee": {"documentParties.consignee": None},
    "consistency-straight-endorsee": {"documentParties.endorsee": {"partyName": "Bank"}},
    "consistency-order-consignee": {"isToOrder": True},
    "consistency-waybill": {**ORDER, "transportDocumentTypeCode": "SWB"},
    "consistency-originals": {
        "numberOfOriginalsWithCharges": 1,
        "numberOfOriginalsWithoutCharges": 1,
    },
    "consistency-on-board": {"isShippedOnBoardType": False},
    "consistency-issue-date": {"issueDate": "2026-03-01"},
    "consistency-ports": {"transports.portOfDischarge": {"UNLocationCode": "CNQDG"}},
    "mandatory-port": {"transports.portOfDischarge": {}},
    "consistency-declared-value": {"declaredValue": 100},
    "weight-cargo-net-above-gross": {
        "consignmentItems.0.cargoItems.0.cargoNetWeight": {"value": 9999, "unit": "KGM"}
    },
}
"""For each rule what breaks it, by path; None takes a field away."""


def _edited(bill: Bill, changes: dict[str, Any]) -> Bill:
    made = copy.deepcopy(bill)
    for path, value in changes.items():
        *steps, last = path.split(".")
        place: Any = made
        for step in steps:
            place = place[int(step) if isinstance(place, list) else step]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return made


@pytest.mark.parametrize(("rule", "changes"), CASES.items())
def test_each_rule_finds_its_own_breach_and_no_other(bill, rule, changes):
    """One thing broken in a sound bill gives exactly the finding of that rule."""
    assert _found(bill) == []
    assert _found(_edited(bill, changes)) == [rule]


def test_every_rule_of_the_pack_has_a_case():
    """No rule of the set stands untested."""
    assert {rule.id for rule in rules.rulesets()["lading-title"].rules} == set(CASES)


def test_all_four_kinds_can_be_sound(bill):
    """Straight, to order, blank endorsed, and a straight sea waybill have no finding."""
    order = _edited(bill, ORDER)
    blank = _edited(order, {"documentParties.endorsee": None})
    waybill = {**bill, "transportDocumentTypeCode": "SWB"}
    for each in (bill, order, blank, waybill):
        assert _found(each) == []


def test_a_waybill_has_no_original(bill):
    """Originals are of bills of lading; a paper bill may have three."""
    waybill = {**bill, "transportDocumentTypeCode": "SWB", "numberOfOriginalsWithCharges": 1}
    assert _found(waybill) == ["consistency-originals"]
    assert _found({**bill, "isElectronic": False, "numberOfOriginalsWithCharges": 3}) == []


def test_an_incomplete_bill_is_not_ready_to_issue(bill):
    """Each thing an issued bill must say is named when it is missing."""
    missing = adapters.read(json.dumps(bill).encode()).document
    found = [each.term for each in rules.check(missing, ["lading-issue"])]
    assert "TD.issueDate" in found
    assert "TD.partyContactDetails.name" in found
    assert "TD.consignmentItems.carrierBookingReference" in found


def test_what_platforms_ask_for_besides_is_a_warning(bill):
    """A bill that DCSA's schema would refuse is told so, and can be issued as a record."""
    document = adapters.read(json.dumps(bill).encode()).document
    found = [each for each in rules.check(document, ["lading-issue"]) if each.flag == "warning"]
    assert {each.term for each in found} == {
        "TD.documentParties.issuingParty.address",
        "TD.documentParties.consignee.identifyingCodes",
        "TD.consignmentItems.cargoItems.outerPackaging.description",
    }


@pytest.mark.parametrize(
    "rule", [*CASES, "mandatory-issue", "mandatory-issue-item", "mandatory-platform"]
)
def test_the_rules_speak_both_languages(rule):
    """Each rule says what is wrong and what to do in English and Chinese."""
    rules.rulesets()
    for text in (RULES[rule].says, RULES[rule].hint):
        assert text.en.strip()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
