"""The samples of the formats around a declaration: each file beside its expected terms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import adapters
from schemas import xml

ROOM = Path(adapters.__file__).parent
FORMATS = {
    "acdd": "acdd",
    "sg_tradenet": "sg-tradenet",
    "peppol_ubl": "peppol-ubl",
    "dcsa_ebl": "dcsa-ebl",
    "trustvc_bl": "trustvc-bl",
    "cn_receipt": "cn-receipt",
    "cn_import_response": "cn-import-response",
    "wco_res": "wco-res",
}
SAMPLES = [
    path
    for folder in FORMATS
    for path in sorted((ROOM / folder / "samples").iterdir())
    if not path.name.endswith(".terms.json")
]


def label(path: Path) -> str:
    """Return the name under which a sample is reported."""
    return f"{path.parent.parent.name}/{path.name}"


def same(one: bytes, other: bytes) -> bool:
    """Tell whether two documents say the same: equal JSON, or equal XML after C14N."""
    if one.lstrip()[:1] == b"{":
        return bool(json.loads(one) == json.loads(other))
    return canonical(one) == canonical(other)


def canonical(data: bytes) -> bytes:
    """Return the inclusive C14N of a document without its blank text."""
    root = xml.parse(data)
    for element in root.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        if not (element.tail or "").strip():
            element.tail = None
    return etree.tostring(root, method="c14n")


def test_every_format_has_a_sample() -> None:
    """No format folder of this group is without a sample."""
    assert {path.parent.parent.name for path in SAMPLES} == set(FORMATS)


@pytest.mark.parametrize("path", SAMPLES, ids=label)
def test_a_sample_gives_its_expected_terms(path: Path) -> None:
    """Reading a sample recognises its format and gives exactly the terms written beside it."""
    reading = adapters.read(path.read_bytes())
    expected = json.loads(path.with_suffix("").with_suffix(".terms.json").read_text("utf-8"))
    assert reading.format == FORMATS[path.parent.parent.name]
    found = [[term.id, term.value, dict(term.attrs)] for term in reading.document]
    assert found == expected


@pytest.mark.parametrize("path", SAMPLES, ids=label)
def test_a_sample_is_valid(path: Path) -> None:
    """No sample has a fatal finding."""
    found = adapters.validate(adapters.read(path.read_bytes()))
    assert [each for each in found if each.flag == "fatal"] == []


@pytest.mark.parametrize("path", SAMPLES, ids=label)
def test_a_sample_survives_its_own_format(path: Path) -> None:
    """Read and written in the same format, a sample says the same, and nothing is lost."""
    data = path.read_bytes()
    rendering = adapters.convert(data, FORMATS[path.parent.parent.name])
    assert same(rendering.data, data)
    assert list(rendering.report.lost()) == []
    assert rendering.report.coverage()["source"] == 1.0


@pytest.mark.parametrize("path", SAMPLES, ids=label)
def test_a_sample_can_be_written_from_its_terms(path: Path) -> None:
    """Written from the terms alone, without the source at hand, a sample keeps every term."""
    reading = adapters.read(path.read_bytes())
    document = reading.document
    fresh = type(document)(document.format, document.edition, document.family, document.terms)
    again = adapters.read(adapters.render(fresh, reading.format).data, reading.format)
    kept = {(term.id, term.value) for term in again.document}
    assert {(term.id, term.value) for term in document if term.value} <= kept


def planted(data: bytes) -> list[tuple[str, bytes]]:
    """Return copies of a document with one foreign leaf in each, and the path it has."""
    if data.lstrip()[:1] == b"{":
        return [
            (f"{place}/foreign", json.dumps(copy).encode())
            for place, copy in _with_member(json.loads(data))
        ]
    total = sum(1 for _ in xml.parse(data).iter("{*}*"))
    return [_with_element(data, number) for number in range(total)]


def _with_element(data: bytes, number: int) -> tuple[str, bytes]:
    root = xml.parse(data)
    chosen = list(root.iter("{*}*"))[number]
    parent = chosen if len(chosen) else chosen.getparent()
    assert parent is not None
    foreign = etree.SubElement(parent, f"{{{etree.QName(parent).namespace or ''}}}Foreign")
    foreign.text = "planted"
    return _path(foreign), etree.tostring(root, encoding="utf-8")


def _path(element: xml.Element) -> str:
    """Return the local names from the root, with `[n]` on later siblings of a name."""
    steps: list[str] = []
    here: xml.Element | None = element
    while here is not None:
        name = etree.QName(here).localname
        before = sum(1 for _ in here.itersiblings(here.tag, preceding=True))
        steps.insert(0, f"{name}[{before + 1}]" if before else name)
        here = here.getparent()
    return "/" + "/".join(steps)


def _with_member(value: Any, top: Any = None, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each object's place and the whole document while that object has one more member."""
    top = value if top is None else top
    if isinstance(value, dict):
        value["foreign"] = "planted"
        yield place, deepcopy(top)
        del value["foreign"]
        for name, inner in value.items():
            yield from _with_member(inner, top, f"{place}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _with_member(inner, top, f"{place}[{number}]" if number > 1 else place)


@pytest.mark.parametrize("path", SAMPLES, ids=label)
def test_a_foreign_leaf_is_reported_wherever_it_stands(path: Path) -> None:
    """Planted at every position, a foreign leaf survives its own format and is in every report."""
    own = FORMATS[path.parent.parent.name]
    other = "wco-dec" if own != "wco-dec" else "acdd"
    copies = planted(path.read_bytes())
    assert copies
    for place, data in copies:
        kept = adapters.convert(data, own)
        assert same(kept.data, data), place
        lost = adapters.convert(data, other)
        for report in (kept.report, lost.report):
            entries = [each for each in report.entries if each.path == place]
            assert [each.value for each in entries] == ["planted"], place
        assert entries[0].cls.value in ("ext", "dropped")
