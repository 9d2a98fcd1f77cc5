from __future__ import annotations

from decimal import Decimal

import pytest

from schemas import codes
from schemas.codes.lookup import _sources
from schemas.loss import LossClass


@pytest.mark.parametrize("list_id", codes.lists())
def test_every_list_is_whole(list_id: str) -> None:
    """Every row has a code of the list's own form and a name in at least one language."""
    known = codes.table(list_id)
    assert known.rows
    for code in known.rows:
        assert known.form.fullmatch(code), code
        assert known.name(code), code
    assert known.title.en
    assert known.title.zh
    assert known.source


@pytest.mark.parametrize("pair", sorted(_sources()["conversions"]))
def test_every_conversion_lands_in_its_target_list(pair: str) -> None:
    """Each row leads from a listed code to a listed code, or says why there is none."""
    source, target = pair.split("--")
    found = codes.mapping(source, target)
    assert set(codes.table(source).rows) <= set(found)
    for code, converted in found.items():
        assert codes.table(source).has(code), code
        if converted.value:
            assert codes.table(target).has(converted.value), code
        else:
            assert converted.cls is LossClass.EXT
        if converted.cls in (LossClass.LOSSY, LossClass.EXT):
            assert converted.reason, code


@pytest.mark.parametrize("pair", sorted(_sources()["conversions"]))
def test_a_reversible_conversion_comes_back(pair: str) -> None:
    """A code whose class is exact or convert both ways returns to itself, factor included."""
    source, target = pair.split("--")
    if target == "canonical-status":
        return
    back = codes.mapping(target, source)
    for code, there in codes.mapping(source, target).items():
        again = back.get(there.value)
        if there.cls in (LossClass.EXACT, LossClass.CONVERT) and there.factor == 1:
            assert again is not None, code
            if again.cls in (LossClass.EXACT, LossClass.CONVERT) and again.value != code:
                assert back[there.value].value in codes.table(source).rows


@pytest.mark.parametrize(
    ("list_id", "code", "fault"),
    [
        ("cn-country-2019", "SGP", ""),
        ("cn-country-2019", "ZZZ", ""),
        ("cn-country-2019", "132", "table"),
        ("cn-country-2019", "999", "table"),
        ("cn-country-2019", "SG", "table"),
        ("cn-country-2019", "QQQ", "code"),
        ("cn-country-legacy", "132", ""),
        ("cn-country-legacy", "SGP", "table"),
        ("cn-currency-2019", "502", "table"),
        ("cn-currency-2019", "QQQ", "code"),
        ("cn-currency-legacy", "USD", "table"),
        ("cn-unit", "035", ""),
        ("cn-unit", "KGM", "code"),
        ("cn-channel", "a", ""),
        ("cn-channel", "q", "code"),
        ("unlocode", "FRLEH", ""),
        ("unlocode", "Shanghai", "code"),
    ],
)
def test_generations_are_told_apart(list_id: str, code: str, fault: str) -> None:
    """A value of the other generation is a table fault, a value of none a code fault."""
    assert codes.fault(list_id, code) == fault


def test_mixing_generations_is_an_error_that_names_both() -> None:
    """A numeric country where letters are in force raises SG-2105 in both languages."""
    with pytest.raises(codes.MixedGenerations) as caught:
        codes.convert("cn-country-2019", "iso3166-alpha2", "142", where="/DecMessage/DecHead")
    assert caught.value.code == "SG-2105"
    assert "142" in caught.value.message.en
    assert "旧版" in caught.value.message.zh


def test_an_unknown_code_is_an_error_with_a_hint() -> None:
    """A code of no list raises SG-2104 and says what to do."""
    with pytest.raises(codes.CodeNotInList) as caught:
        codes.convert("cn-country-2019", "iso3166-alpha2", "QQQ")
    assert caught.value.code == "SG-2104"
    assert "QQQ" in caught.value.advice.zh


def test_a_listed_code_without_counterpart_is_not_converted() -> None:
    """Counting in reams has no unit of Recommendation 20: convert refuses, mapping says ext."""
    with pytest.raises(codes.CodeNotInList):
        codes.convert("cn-unit", "rec20", "045")
    assert codes.mapping("cn-unit", "rec20")["045"].cls is LossClass.EXT


def test_units_scale() -> None:
    """A jin is half a kilogram, and ten thousand sets are a set ten thousand times."""
    assert codes.convert("cn-unit", "rec20", "075").factor == Decimal("0.5")
    assert codes.convert("cn-unit", "rec20", "057").factor == Decimal(10000)


def test_a_sea_mode_of_china_is_not_the_sea_mode_of_the_world() -> None:
    """Chinese 2 is maritime, which is 1 in Recommendation 19, and comes back."""
    assert codes.convert("cn-trafmode", "rec19", "2").value == "1"
    assert codes.convert("rec19", "cn-trafmode", "1").value == "2"


def test_free_carrier_collapses_into_fob_and_says_so() -> None:
    """FCA has no Chinese code of its own: FOB with the reason."""
    narrowed = codes.convert("incoterms", "cn-transmode", "FCA")
    assert (narrowed.value, narrowed.cls) == ("3", LossClass.LOSSY)
    assert "FCA" in narrowed.reason


def test_statuses_have_rank_and_end() -> None:
    """Every customs status leads to a canonical one that has a rank or is a side event."""
    for source in ("cn-channel", "cds-notification", "sg-response-status"):
        for status in codes.mapping(source, "canonical-status").values():
            row = codes.table("canonical-status").row(status.value)
            assert row["rank"].isdigit() or row["kind"] == "side-event"
    assert codes.convert("cn-channel", "canonical-status", "P").value == "RELEASED"


def test_familiar_port_codes_carry_the_code_that_is_often_meant() -> None:
    """CNSHA stays what it is, an airport, and points at the port."""
    assert codes.table("unlocode").row("CNSHA")["instead"] == "CNSHG"
    assert codes.table("unlocode").has("CNSHA")
