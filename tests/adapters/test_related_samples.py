"""The samples of the formats around a declaration: each file beside its expected terms."""

from __future__ import annotations

import json
from pathlib import Path

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
