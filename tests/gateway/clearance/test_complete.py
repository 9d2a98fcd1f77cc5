"""What is missing is asked once, checked, and known the next time."""

from __future__ import annotations

import pytest

from gateway.clearance.build import inbound
from gateway.clearance.complete import (
    AnswersRefused,
    Asked,
    answers_for,
    form,
    importer_of,
    open_fields,
    take,
)
from gateway.clearance.corridor import corridor
from schemas.document import Document
from tests.gateway.clearance import documents as golden
from tests.gateway.clearance.test_build import crossing

GB = corridor("cn-gb")
ITEM = golden.ITEM
CODE = f"{ITEM}[n].Commodity.Classification[1].ID"


def received() -> Document:
    """What reaches the importer of g06, without the party master's registration."""
    document = crossing("g06").document
    document.terms = [t for t in document.terms if t.id != "GoodsShipment.Importer.ID"]
    return document


def good() -> dict[str, str]:
    """Answers of the importer that fit the form."""
    return {
        "GoodsShipment.Importer.ID": "GB999999999000",
        "Declarant.ID": "GB999999999000",
        "TypeCode": "IMD",
        "GoodsShipment.Consignment.GoodsLocation.Name": "GBFXTFXTFXT",
        f"{ITEM}[*].GovernmentProcedure[1].CurrentCode": "40",
        f"{ITEM}[*].GovernmentProcedure[1].PreviousCode": "00",
        f"{ITEM}[1].Commodity.Classification[1].ID": "8457101000",
        f"{ITEM}[2].Commodity.Classification[1].ID": "8458112000",
        f"{ITEM}[3].Commodity.Classification[1].ID": "8466930000",
    }


def asked(known: dict[str, str] | None = None) -> list[Asked]:
    """The form of g06 for an importer of whom `known` is known."""
    return form(received(), GB, known or {})


def test_the_form_lists_what_is_missing_and_nothing_else() -> None:
    """Registration, procedure, location and national digits are asked; weights are not."""
    assert {field.id for field in asked()} == set(good())


def test_a_form_field_explains_itself_in_both_languages() -> None:
    """Label, reason, type, codes and the goods it is about are in the JSON."""
    fields = {str(f["id"]): f for f in (field.as_dict() for field in asked())}
    code = fields[f"{ITEM}[2].Commodity.Classification[1].ID"]
    assert code["goods"] == {"description": "CNC horizontal lathe", "hs": "845811", "lines": ["2"]}
    kind = fields["TypeCode"]
    assert kind["codes"][0] == {  # type: ignore[index]
        "code": "IMA",
        "en": "standard declaration, goods have arrived",
        "zh": "标准申报(货物已到)",
    }
    for field in fields.values():
        for text in (field["label"], field["why"]):
            assert all(text[language] for language in ("en", "zh"))  # type: ignore[index]


def test_answers_once_given_are_not_asked_again() -> None:
    """With the profile kept from the first shipment, the second has no open field."""
    profile = take(asked(), good())
    again = asked(profile)
    assert open_fields(again) == []
    document = inbound(received(), GB, answers_for(again, profile), "c-2")
    assert document.value(f"{ITEM}[2].Commodity.Classification[1].ID") == "84581120"
    assert document.value(f"{ITEM}[2].Commodity.Classification[2].ID") == "00"
    assert document.value("TypeCode") == "IMD"


def test_the_profile_knows_goods_and_not_line_numbers() -> None:
    """The same goods in another line of the next shipment get their national code."""
    profile = take(asked(), good())
    assert profile[f"{CODE}#845811|cnc horizontal lathe"] == "8458112000"


def test_the_same_goods_on_two_lines_are_asked_once() -> None:
    """One answer serves every line of the same goods."""
    document = received()
    for leaf in ("Commodity.Description", "Commodity.Classification[1].ID"):
        term = document.get(f"{ITEM}[3].{leaf}")
        assert term is not None
        term.value = document.value(f"{ITEM}[2].{leaf}")
    codes = [f for f in form(document, GB, {}) if f.profile.term == CODE]
    assert [field.lines for field in codes] == [("1",), ("2", "3")]
    filled = answers_for(codes, {codes[1].key: "8458112000"})
    assert filled == {f"{ITEM}[{n}].Commodity.Classification[1].ID": "8458112000" for n in "23"}


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("Declarant.ID", "", "mandatory"),
        ("Declarant.ID", "SG123", "format"),
        ("TypeCode", "XXX", "code"),
        (f"{ITEM}[1].Commodity.Classification[1].ID", "8471300000", "consistency"),
        (f"{ITEM}[1].Commodity.Classification[1].ID", "845710", "format"),
        ("Exporter.Name", "somebody else", "structure"),
    ],
)
def test_a_wrong_answer_is_refused_by_name(field: str, value: str, rule: str) -> None:
    """Each wrong answer gives one finding on its field, and nothing is kept."""
    with pytest.raises(AnswersRefused) as refusal:
        take(asked(), {**good(), field: value})
    assert [(f.rule, f.term) for f in refusal.value.findings] == [(rule, field)]
    assert refusal.value.findings[0].message.zh


def test_an_importer_is_known_by_country_and_name() -> None:
    """Case, width and punctuation do not make another importer."""
    first, second = received(), received()
    name = second.get("GoodsShipment.Importer.Name")
    assert name is not None
    name.value = name.value.upper() + "."
    assert importer_of(first) == importer_of(second) == "GB:sample fenland engineering ltd"
