"""The table of shapes accepts DCSA's own messages and finds what is wrong in others."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.lading.shapes import check
from gateway.lading.shapes.table import shapes
from tests.gateway.lading.envelopes import document

KINDS = {"text", "integer", "number", "boolean", "object"}
READ_AS = {"date", "date-time", "uri", "uuid", "base64"}


def test_every_example_of_dcsa_is_accepted(shared: Path):
    """All 148 examples of requests and answers have the shape we give their message."""
    folder = shared / "data" / "ebl"
    listed = (folder / "dcsa" / "examples.csv").read_text("utf-8")
    rows = list(csv.DictReader(listed.splitlines()))
    refused = [
        (row["file"], fault)
        for row in rows
        for message in _messages(json.loads((folder / row["file"]).read_text("utf-8")))
        for fault in check(message, _shape(row["schema"], row["api"]))
    ]
    assert (len(rows), refused) == (148, [])


def _messages(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _shape(schema: str, api: str) -> str:
    if schema == "array":
        return "EndorsementChain"
    carriers = schema == "TransportDocument" and api.startswith("EBL_v3")
    return f"EBL:{schema}" if carriers else schema


def test_every_row_of_the_table_is_understood():
    """Each type in the table is a scalar or a shape that is there."""
    known = KINDS | READ_AS | shapes().keys()
    strange = [
        (shape.name, each.name, each.type)
        for shape in shapes().values()
        for each in shape.properties.values()
        if each.type not in known
    ]
    chosen = [name for shape in shapes().values() for name in shape.choices.values()]
    assert (strange, set(chosen) - shapes().keys()) == ([], set())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"transportDocumentReference": "X" * 21}, "$.transportDocumentReference"),
        ({"transportDocumentReference": " X"}, "$.transportDocumentReference"),
        ({"transportDocumentTypeCode": "BIL"}, "$.transportDocumentTypeCode"),
        ({"isToOrder": "true"}, "$.isToOrder"),
        ({"shippedOnBoardDate": "2026-02-30"}, "$.shippedOnBoardDate"),
        ({"numberOfCopiesWithCharges": -1}, "$.numberOfCopiesWithCharges"),
        ({"invoicePayableAt": {}}, "$.invoicePayableAt"),
        (
            {"invoicePayableAt": {"UNLocationCode": "CNSHA", "freeText": "Shanghai"}},
            "$.invoicePayableAt",
        ),
        ({"partyContactDetails": [{"name": "Nobody"}]}, "$.partyContactDetails[0]"),
        ({"consignmentItems": []}, "$.consignmentItems"),
        ({"documentParties": []}, "$.documentParties"),
    ],
)
def test_one_wrong_property_is_found_where_it_is(change: dict[str, Any], path: str):
    """A transport document with one aspect broken has that one fault, at its JSONPath."""
    assert [each.path for each in check(document(**change), "TransportDocument")] == [path]


def test_a_sound_document_has_no_fault():
    """The document that the other tests break is in order before."""
    assert check(document(), "TransportDocument") == []


def test_a_hostile_message_is_not_followed_down():
    """A message nested beyond reason is a fault, not a crash."""
    nested: dict[str, Any] = {}
    for _ in range(300):
        nested = {"shipper": nested}
    assert check({"documentParties": nested}, "TransportDocument")
