"""What crosses, what stays, and what the importing customs gets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.clearance import corridor as corridor_module
from gateway.clearance.build import LRN, Outbound, inbound, lrn, outbound
from gateway.clearance.corridor import (
    CorridorInvalid,
    NoCorridor,
    between,
    corridor,
    corridors,
)
from gateway.clearance.view import pattern
from schemas.document import Document, Family, Term, plain
from schemas.loss import LossClass
from schemas.text import Text
from tests.gateway.clearance import documents as golden
from tests.gateway.clearance.test_join import NAMES, same

ITEM = golden.ITEM


def crossing(name: str, corridor_id: str = "cn-gb", companion: str = "") -> Outbound:
    """What leaves for a golden shipment with all its documents and the release receipt."""
    related = [
        golden.invoice(name),
        golden.lading(name),
        golden.packing_list(name),
        golden.party_master(name),
        Document("cn-receipt", "1", Family.RECEIPT, [Term("ID", "420020260000000001")]),
    ]
    return outbound(golden.declaration(name), related, corridor(corridor_id), companion=companion)


@pytest.mark.parametrize("name", NAMES)
def test_every_expected_field_of_the_import_declaration_crosses(name: str) -> None:
    """All fields of the golden expectation are in what leaves, HS codes with six digits, lossy."""
    document = crossing(name).document.index()
    for row in golden.expected(name, "wco-import"):
        term = document[plain(row["id"])]
        assert same(term.value, row["value"]), row["id"]
        if row["class"] == "lossy":
            assert (term.cls.value, dict(term.attrs)["digits"]) == ("lossy", row["attrs"]["digits"])
            assert term.reason


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("corridor_id", list(corridors()))
def test_private_fields_never_leave(name: str, corridor_id: str) -> None:
    """No field of Chinese customs alone, no declaring agent and no person is in what leaves."""
    out = crossing(name, corridor_id)
    ids = [term.id for term in out.document]
    assert not [i for i in ids if "ext." in i or i.startswith(("Declarant", "Authentication"))]
    assert "Exporter.ID" not in ids
    values = {term.value for term in out.document}
    facts = golden.shipment(name)
    for private in (facts["cn_declarant"]["uscc"], facts["cn_declarant"]["name_zh"],
                    facts["lines"][0]["elements"], facts["lines"][0]["hs_cn"]):  # fmt: skip
        assert private not in values


@pytest.mark.parametrize("name", NAMES)
def test_what_stays_is_said_with_a_reason(name: str) -> None:
    """Each leaf of the declaration crosses or is held back, with a reason in both languages."""
    out = crossing(name)
    crossed = {term.path for term in out.document}
    held = {entry.path for entry in out.held}
    for term in golden.declaration(name):
        assert term.path in crossed | held, term.id
    assert {entry.cls for entry in out.held} == {LossClass.DROPPED}
    for entry in out.held:
        said = Text.of(entry.reason)
        assert "" != said.en != said.zh, entry


def test_the_export_entry_number_becomes_the_previous_document() -> None:
    """The entry number of the release receipt links the pair of declarations."""
    out = crossing("g06").document
    assert out.value("GoodsShipment.PreviousDocument.ID") == "420020260000000001"
    assert out.value("GoodsShipment.PreviousDocument.TypeCode")


def test_defaults_of_a_group_need_the_group() -> None:
    """Without a receipt there is no previous document, and no type of one."""
    out = outbound(golden.declaration("g06"), [], corridor("cn-gb")).document
    assert out.get("GoodsShipment.PreviousDocument.TypeCode") is None
    assert out.value("FunctionCode") == "9"


def test_the_companion_has_the_fifteen_elements() -> None:
    """The ACDD document carries all elements a to o and nothing else."""
    out = crossing("g01", "cn-sg", "acdd").document
    shapes = {pattern(term.id).shape for term in out}
    item = "GoodsShipment.GovernmentAgencyGoodsItem"
    assert {
        "Exporter.ID", "Exporter.Name", "GoodsShipment.Consignee.Name",
        "GoodsShipment.Consignee.Address.Line", "Declarant.ID", "Declarant.Name",
        "GoodsShipment.ExitDateTime", f"{item}.Commodity.Classification.ID",
        f"{item}.Commodity.GoodsMeasure.TariffQuantity", f"{item}.Origin.CountryCode",
        "BorderTransportMeans.ModeCode", "GoodsShipment.Consignment.UnloadingLocation.ID",
        f"{item}.SequenceNumeric", "ID",
    } <= shapes  # fmt: skip
    assert out.value("Declarant.Name") == golden.shipment("g01")["cn_declarant"]["name_en"]
    assert not [s for s in shapes if s.startswith(("ext", "InvoiceAmount"))]


def test_the_importer_s_answers_complete_the_declaration() -> None:
    """Answers for one line, for all lines and for the head stand in the declaration as given."""
    document = inbound(
        crossing("g06").document,
        corridor("cn-gb"),
        {
            "Declarant.ID": "GB999999999000",
            f"{ITEM}[*].GovernmentProcedure[1].CurrentCode": "40",
            f"{ITEM}[2].Commodity.Classification[1].ID": "8458110090",
        },
        "c-1",
    )
    assert document.value("Declarant.ID") == "GB999999999000"
    assert document.value(f"{ITEM}[3].GovernmentProcedure.CurrentCode") == "40"
    assert document.value(f"{ITEM}[1].CustomsValuation.MethodCode") == "1"
    assert document.value(LRN) == lrn("c-1")


def test_a_national_code_is_split_as_the_importing_customs_wants_it() -> None:
    """Ten digits for the United Kingdom travel as eight of the tariff and two of TARIC."""
    answers = {f"{ITEM}[1].Commodity.Classification[1].ID": "8457101000"}
    document = inbound(crossing("g06").document, corridor("cn-gb"), answers, "c-1")
    at = f"{ITEM}[1].Commodity.Classification"
    leaves = ("ID", "IdentificationTypeCode")
    found = [document.value(f"{at}[{n}].{leaf}") for n in (1, 2) for leaf in leaves]
    assert found == ["84571010", "TSP", "00", "TRC"]


def test_the_local_reference_is_stable_and_its_own() -> None:
    """One clearance has one local reference of at most 22 characters; another has another."""
    assert lrn("a") == lrn("a") != lrn("b")
    assert len(lrn("a")) <= 22


def test_a_corridor_is_found_by_its_countries() -> None:
    """China to Singapore and to the United Kingdom have profiles; a pair without has none."""
    assert between("CN", "SG").id == "cn-sg"
    assert between("CN", "GB").id == "cn-gb"
    with pytest.raises(NoCorridor) as refusal:
        between("CN", "US")
    assert "cn-gb" in refusal.value.advice.en


def test_an_operator_s_own_corridor_is_used(tmp_path: Path) -> None:
    """A profile in the operator's folder adds a corridor; a broken one is refused by name."""
    ours = Path(corridor_module.__file__).with_name("corridors") / "cn-gb.toml"
    own = ours.read_text("utf-8").replace('"cn-gb"', '"cn-ie"').replace('"GB"', '"IE"')
    (tmp_path / "cn-ie.toml").write_text(own, "utf-8")
    corridor_module.add(tmp_path)
    try:
        assert between("CN", "IE").id == "cn-ie"
        (tmp_path / "cn-xx.toml").write_text('id = "cn-xx"')
        with pytest.raises(CorridorInvalid) as refusal:
            corridor_module.add(tmp_path)
        assert "cn-xx.toml" in refusal.value.message.en
    finally:
        corridors().pop("cn-ie")


@pytest.mark.parametrize("corridor_id", list(corridors()))
def test_every_corridor_is_complete(corridor_id: str) -> None:
    """Texts in both languages, a dated edition, codes of the export side's own list."""
    profile = corridor(corridor_id)
    texts = [profile.title, profile.purpose, profile.legal_basis]
    texts += [text for field in profile.fields for text in (field.label, field.why)]
    assert all(text.en and text.zh for text in texts)
    assert date.fromisoformat(f"{profile.edition}-01") <= date(2026, 12, 1)
    assert profile.trigger.codes == {"P", "I", "F"}
    assert not profile.trigger.on_guarantee
    assert all(profile.crosses(term) for term in profile.two_side)
