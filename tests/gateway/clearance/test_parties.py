"""The operator's party master."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.clearance.join import join, shipment
from gateway.clearance.parties import PartiesWrong, PartyMaster
from schemas.document import Document, Family, Term

MASTER = """
[[party]]
id = "91370200MA9TETX134"
name = "Sample Bridge Customs Brokers Co., Ltd."

[[party]]
id = "lion-city"
name = "Sample Lion City Distribution Pte. Ltd."
ids = { "SG-UEN" = "209900001Z" }
"""


def declaration(*terms: tuple[str, str]) -> Document:
    """Return a declaration with these terms."""
    return Document("cn-dec", "4", Family.DECLARATION, [Term(*term) for term in terms])


@pytest.fixture
def master(tmp_path: Path) -> PartyMaster:
    """Return the party master of the text above."""
    path = tmp_path / "parties.toml"
    path.write_text(MASTER, encoding="utf-8")
    return PartyMaster.load(path)


def test_a_declarant_known_by_its_id_gets_its_latin_name_in_the_join(master: PartyMaster) -> None:
    """The Chinese name gives way to the one of the party master, and the origin is kept."""
    entered = declaration(("Declarant.ID", "91370200MA9TETX134"), ("Declarant.Name", "示例桥报关"))
    known = master.document(entered)
    assert known is not None
    joined = join(shipment(entered, known))
    assert joined.document.value("Declarant.Name") == "Sample Bridge Customs Brokers Co., Ltd."
    assert joined.origin["Declarant.Name"].value == "party-master"


def test_an_importer_known_by_name_gets_its_registration(master: PartyMaster) -> None:
    """Width, case and punctuation of the name do not count; the id comes with its scheme."""
    known = master.document(
        declaration(("GoodsShipment.Importer.Name", "SAMPLE LION CITY DISTRIBUTION PTE LTD"))
    )
    assert known is not None
    importer = known.get("GoodsShipment.Importer.ID")
    assert importer is not None
    assert (importer.value, importer.attrs["scheme"]) == ("209900001Z", "SG-UEN")


def test_parties_that_are_not_known_add_nothing(master: PartyMaster) -> None:
    """A declaration of strangers is joined without a party master."""
    assert master.document(declaration(("Declarant.ID", "91310115MA9TETX21Q"))) is None


def test_no_file_is_an_empty_master(tmp_path: Path) -> None:
    """An operator without a party master needs no file."""
    assert PartyMaster.load(tmp_path / "parties.toml").document(declaration()) is None


@pytest.mark.parametrize("text", ["[[party]]\nid = 1\nname = 'x'", "[[party]]\nid = 'a'", "party"])
def test_a_broken_master_is_named(tmp_path: Path, text: str) -> None:
    """What is no party master is refused with the file's name."""
    path = tmp_path / "parties.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PartiesWrong) as refused:
        PartyMaster.load(path)
    assert refused.value.where == str(path)
