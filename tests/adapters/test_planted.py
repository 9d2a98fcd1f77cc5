"""Nothing is silently dropped: whatever is planted, wherever, is reported and kept."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import adapters
from adapters.engine.check_xml import PAYS_AFTER, Checker
from schemas import xml
from tests.adapters import declarations as d

MARK = "planted-7f3a"
NAMESPACES = ("urn:example:foreign", "", "http://www.chinaport.gov.cn/dec")
TARGETS = {"cn-dec": "wco-dec", "wco-dec": "cn-dec"}


@cache
def samples() -> tuple[bytes, ...]:
    """Return the golden declarations and the import declarations made of them."""
    exports = [d.message(case) for case in d.CASES]
    return (*exports, *(adapters.convert(data, "wco-dec").data for data in exports))


@cache
def tree(number: int) -> Any:
    """Return the parsed sample."""
    return xml.parse(samples()[number])


def plant(number: int, place: int, position: int, space: str, kind: str) -> bytes:
    """Return a sample with one foreign element or attribute put in at a place."""
    root = deepcopy(tree(number))
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    host = elements[place % len(elements)]
    if kind == "attribute":
        host.set(f"{{{space}}}Planted" if space else "Planted", MARK)
    else:
        child = host.makeelement(f"{{{space}}}Planted" if space else "Planted")
        child.text = MARK
        if kind == "nested":
            child.text = None
            etree.SubElement(child, "Inner", {"code": MARK}).text = MARK
        host.insert(position % (len(host) + 1), child)
    return bytes(etree.tostring(root))


def silent(data: bytes) -> list[tuple[str, str]]:
    """Return the leaves of a document that conversion would not account for."""
    source = adapters.detect(data)
    reported: dict[tuple[str, str], int] = {}
    for target in (source, TARGETS[source]):
        reported = {}
        for entry in adapters.convert(data, target).report.entries:
            key = (entry.path, entry.value)
            reported[key] = reported.get(key, 0) + 1
        gone = []
        for leaf in d.leaves(xml.parse(data)):
            if reported.get(leaf, 0) < 1:
                gone.append(leaf)
            else:
                reported[leaf] -= 1
        if gone:
            return gone
    return []


@settings(max_examples=80, deadline=None)
@given(
    number=st.integers(0, 2 * len(d.CASES) - 1),
    place=st.integers(0, 2000),
    position=st.integers(0, 60),
    space=st.sampled_from(NAMESPACES),
    kind=st.sampled_from(["element", "attribute", "nested"]),
)
def test_a_planted_leaf_is_reported_and_comes_back(
    number: int, place: int, position: int, space: str, kind: str
) -> None:
    """A foreign element or attribute is in the loss report, is found, and survives a round trip."""
    data = plant(number, place, position, space, kind)
    assert silent(data) == []
    reading = adapters.read(data)
    assert any("Planted" in finding.path for finding in reading.findings)
    assert any(term.value == MARK for term in reading.document.terms)
    own = adapters.render(reading.document, reading.format)
    assert d.canonical(own.data) == d.canonical(data)


def test_the_quick_recheck_never_passes_what_the_walk_finds() -> None:
    """The schema that passes rendered documents by refuses whatever has something planted."""
    checker = Checker(adapters.formats()["wco-dec"])
    sound = tree(len(d.CASES))
    for _ in range(PAYS_AFTER):
        passed = checker.in_order(sound)
    assert passed
    count = sum(isinstance(element.tag, str) for element in sound.iter())
    for place in range(0, count, 7):
        for kind in ("element", "attribute"):
            data = plant(len(d.CASES), place, place, "urn:example:foreign", kind)
            assert not checker.in_order(xml.parse(data))


@pytest.mark.parametrize("number", [len(d.CASES) - 1, 2 * len(d.CASES) - 1])
@pytest.mark.parametrize("kind", ["element", "attribute"])
def test_every_position_of_a_sample_is_watched(number: int, kind: str) -> None:
    """The same without chance: every element of a sample hosts a foreign leaf once."""
    count = sum(isinstance(element.tag, str) for element in tree(number).iter())
    gone = [
        place
        for place in range(count)
        if silent(plant(number, place, place, "urn:example:foreign", kind))
    ]
    assert gone == []
