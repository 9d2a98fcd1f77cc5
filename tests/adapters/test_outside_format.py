"""A format of somebody else is installed beside the house and works; no line changes here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import adapters
from adapters import registry
from tests.adapters import declarations as d

PROFILE = """
id = "harbour-note"
family = "declaration"
syntax = "json"
media_type = "application/json"
edition = "2026"
ext = "harbour"
[title]
en = "Harbour note"
zh = "港口通知"
[[detect]]
has = ["harbourNote/vessel"]
"""
MAPPING = """path,term,type,card,codelist,conv,range,default,also,flag,note
harbourNote/vessel,BorderTransportMeans.Name,an..35,1..1,,,,,,,
harbourNote/voyage,BorderTransportMeans.JourneyID,an..17,,,,,,,,
harbourNote/kilos,TotalGrossMassMeasure,"n..16,5",1..1,,,,,,,
harbourNote/boxes[]/number,GoodsShipment.Consignment.TransportEquipment[].ID,an..17,,,,,,,,
harbourNote/berth,,an..10,1..1,,,,,,,the harbour master assigns it
"""
METADATA = "Metadata-Version: 2.1\nName: harbour-note\nVersion: 1.0\n"


@pytest.fixture
def _installed(tmp_path: Path) -> Iterator[None]:
    """Put a distribution with one entry point on the path, as an installer would."""
    folder = tmp_path / "harbour_note"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""Harbour note."""\n')
    (folder / "profile.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "mapping.csv").write_text(MAPPING, encoding="utf-8")
    info = tmp_path / "harbour_note-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA)
    (info / "entry_points.txt").write_text("[silkgate.adapters]\nharbour-note = harbour_note\n")
    sys.path.insert(0, str(tmp_path))
    importlib.invalidate_caches()
    _forget()
    yield
    sys.path.remove(str(tmp_path))
    sys.modules.pop("harbour_note", None)
    importlib.invalidate_caches()
    _forget()


def _forget() -> None:
    registry.formats.cache_clear()
    registry._by_root.cache_clear()
    registry._by_members.cache_clear()


@pytest.mark.usefixtures("_installed")
def test_an_installed_format_is_listed_detected_read_and_written() -> None:
    """From a Chinese declaration to a foreign JSON and back, by an entry point alone."""
    assert adapters.formats()["harbour-note"].title.zh == "港口通知"
    rendering = adapters.convert(d.message("g01"), "harbour-note")
    assert adapters.detect(rendering.data) == "harbour-note"
    document = adapters.read(rendering.data).document
    assert document.value("BorderTransportMeans.Name") == "SAMPLE PIONEER"
    assert document.value("GoodsShipment.Consignment.TransportEquipment.ID") == "TSTU2603017"


@pytest.mark.usefixtures("_installed")
def test_what_a_foreign_format_demands_is_named_as_missing() -> None:
    """A mandatory leaf without a source is listed with who has to supply it."""
    rendering = adapters.convert(d.message("g01"), "harbour-note")
    assert [(gap.target, gap.reason) for gap in rendering.report.missing] == [
        ("/harbourNote/berth", "the harbour master assigns it")
    ]
    assert [(f.rule, f.path) for f in rendering.findings] == [("mandatory", "/harbourNote/berth")]


def test_without_the_installation_there_is_no_such_format() -> None:
    """An unknown format id is refused with the known ones."""
    with pytest.raises(registry.NoSuchFormat) as refused:
        adapters.convert(d.message("g01"), "harbour-note")
    assert "wco-dec" in refused.value.advice.en
