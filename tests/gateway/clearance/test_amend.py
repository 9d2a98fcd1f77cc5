"""Amendments travel as differences of fields, and each authority gets its own form of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import adapters
from gateway.clearance.amend import (
    Change,
    Kind,
    additional_message,
    applied,
    differences,
    window_request,
)
from gateway.clearance.corridor import corridor
from gateway.clearance.errors import ChangeConflict
from schemas.document import Document, Family, Term, plain
from schemas.finding import Flag
from tests.gateway.clearance import documents as golden
from tests.gateway.clearance.test_build import crossing

GB = corridor("cn-gb")
ITEM = golden.ITEM
NET = f"{ITEM}[2].Commodity.GoodsMeasure.NetNetWeightMeasure"


def amended(document: Document, **values: str) -> Document:
    """The document with values changed by the last step of their ids."""
    return replace(
        document,
        terms=[replace(t, value=values.get(t.id.rpartition(".")[2], t.value)) for t in document],
    )


def changes() -> list[Change]:
    """A vessel and the net weight of line 2, changed."""
    before = crossing("g06").document
    after = amended(before)
    for term in after.terms:
        if plain(term.id) == NET:
            term.value = "8750.000"
        if term.id == "BorderTransportMeans.Name":
            term.value = "SAMPLE BALTIC"
    return differences(before, after, "weighed again")


TEXTS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from(["1", "2", "3"]))


@given(TEXTS, TEXTS)
def test_applying_the_differences_gives_the_new_version(
    old: dict[str, str], new: dict[str, str]
) -> None:
    """Whatever changes, is added or removed, the differences lead from one version to the other."""
    before, after = (
        Document("x", "1", Family.DECLARATION, [Term(k, v) for k, v in values.items()])
        for values in (old, new)
    )
    found = differences(before, after, "r")
    assert {t.id: t.value for t in applied(before, found)} == new
    assert {t.id: t.value for t in applied(applied(before, found), found)} == new
    assert differences(after, after, "r") == []


def test_only_what_changed_is_a_difference() -> None:
    """Two changed fields are two differences with old, new and reason."""
    found = {change.term: (change.old, change.new, change.reason) for change in changes()}
    assert found == {
        "BorderTransportMeans.Name": ("SAMPLE NORTH SEA", "SAMPLE BALTIC", "weighed again"),
        NET: ("8700.000", "8750.000", "weighed again"),
    }


def test_another_currency_is_a_difference() -> None:
    """The same figure in another currency is a change."""
    before = Document(
        "x", "1", Family.DECLARATION, [Term("InvoiceAmount", "1", {"currency": "USD"})]
    )
    after = Document(
        "x", "1", Family.DECLARATION, [Term("InvoiceAmount", "1", {"currency": "GBP"})]
    )
    assert len(differences(before, after, "r")) == 1


def test_a_change_from_another_version_is_refused() -> None:
    """A change that begins from a value nobody has is a conflict, not an overwrite."""
    document = crossing("g06").document
    with pytest.raises(ChangeConflict) as refusal:
        applied(document, [Change(term=NET, old="1.000", new="2.000", reason="r")])
    assert NET in refusal.value.message.zh


def test_a_change_survives_the_wire() -> None:
    """A change is the same after JSON."""
    for change in changes():
        assert Change.from_dict(change.as_dict()) == change


def test_the_wco_message_points_at_each_field() -> None:
    """COR: one amendment per change, with the chain of sections down to the field's tag."""
    message = additional_message(
        changes(), GB, kind=Kind.AMENDMENT, reference="R-1", number="26GB1", note="n"
    )
    rendering = adapters.render(message, "wco-dec")
    assert not [f for f in rendering.findings if f.flag is Flag.FATAL]
    document = adapters.read(rendering.data).document
    assert [document.value(n) for n in ("FunctionCode", "TypeCode", "ID")] == ["13", "COR", "26GB1"]
    assert _chain(document, 2) == [
        ("1", "42A", ""), ("1", "67A", ""), ("2", "68A", ""), ("1", "23A", ""), ("1", "65A", "128"),
    ]  # fmt: skip
    assert document.value("Amendment[2].ChangeReasonCode") == "28"
    assert document.value("AdditionalInformation[2].StatementTypeCode") == "AES"
    assert document.value("AdditionalInformation[2].Pointer[2].DocumentSectionCode") == "06A"
    assert document.value("AdditionalInformation[2].Pointer[2].SequenceNumeric") == "2"
    assert b'<NetNetWeightMeasure unitCode="KGM">8750.000<' in rendering.data
    assert b"<Name>SAMPLE BALTIC</Name>" in rendering.data


def test_a_cancellation_is_an_invalidation_with_its_reason() -> None:
    """INV: no fields, the free text and the reason code."""
    message = additional_message(
        [], GB, kind=Kind.CANCELLATION, reference="R-1", number="26GB1", note="sold elsewhere"
    )
    document = adapters.read(adapters.render(message, "wco-dec").data).document
    assert document.value("TypeCode") == "INV"
    assert document.value("Amendment.ChangeReasonCode") == "1"
    assert document.value("AdditionalInformation.StatementDescription") == "sold elsewhere"


def test_the_chinese_request_lists_fields_by_their_own_names() -> None:
    """Old and new value under the element's name and its Chinese name."""
    before, after = golden.declaration("g06"), amended(golden.declaration("g06"), Name="X")
    found = [c for c in differences(before, after, "r") if c.term == "BorderTransportMeans.Name"]
    entry = "220020260000000001"
    request: Any = window_request(found, kind=Kind.AMENDMENT, entry=entry, note="更正船名")
    [row] = request["DecModList"]
    assert (row["FieldCode"], row["OldValue"], row["NewValue"]) == (
        "TrafName", "SAMPLE NORTH SEA", "X",
    )  # fmt: skip
    assert row["FieldName"]
    assert request["DecModHead"]["EntryId"] == entry


def _chain(document: Document, n: int) -> list[tuple[str, str, str]]:
    found = []
    k = 1
    while value := document.value(f"Amendment[{n}].Pointer[{k}].DocumentSectionCode"):
        at = f"Amendment[{n}].Pointer[{k}]"
        found.append(
            (document.value(f"{at}.SequenceNumeric"), value, document.value(f"{at}.TagID"))
        )
        k += 1
    return found
