"""The table engine on small formats made for one aspect each, in XML and in JSON."""

from __future__ import annotations

import csv
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters import registry
from adapters.api import documents as api
from adapters.engine.format import Format, from_package
from adapters.engine.reading import Reading
from adapters.engine.render_json import renderer
from adapters.engine.table import COLUMNS, BadTable, load, steps
from schemas.document import Document, Family, Term
from schemas.finding import Flag

Make = Callable[..., Format]

PROFILE = """
id = "{id}"
family = "declaration"
syntax = "{syntax}"
media_type = "application/x-test"
edition = "1"
ext = "t"
unknown = "warning"
[title]
en = "Test"
zh = "测试"
[namespaces]
{namespaces}
[[detect]]
root = "Doc"
"""


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Make a format of rows given as `path|term|type|card|codelist|conv|range|default|also`."""
    made: list[str] = []
    sys.path.insert(0, str(tmp_path))

    def format_of(*rows: str, syntax: str = "xml", quirks: str = "") -> Format:
        name = f"made_format_{len(made)}_{tmp_path.name}".replace("-", "_")
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text('"""Made."""\n')
        namespaces = '"" = "urn:t"\no = "urn:o"' if syntax == "xml" else ""
        profile = PROFILE.format(id=name, syntax=syntax, namespaces=namespaces)
        (folder / "profile.toml").write_text(profile, encoding="utf-8")
        with (folder / "mapping.csv").open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(COLUMNS)
            for row in rows:
                cells = row.split("|")
                table.writerow([*cells, *[""] * (len(COLUMNS) - len(cells))])
        if quirks:
            (folder / "quirks.py").write_text(quirks, encoding="utf-8")
        importlib.invalidate_caches()
        made.append(name)
        return from_package(name)

    yield format_of
    sys.path.remove(str(tmp_path))
    for name in made:
        for module in [m for m in sys.modules if m.startswith(name)]:
            del sys.modules[module]


def read(fmt: Format, text: str) -> Reading:
    """Read a document of a made format; XML content goes inside `<Doc xmlns="urn:t">`."""
    if fmt.syntax == "xml":
        text = f'<Doc xmlns="urn:t" xmlns:o="urn:o">{text}</Doc>'
    return api.walk(registry.source(text.encode()), fmt)


def terms(reading: Reading) -> dict[str, str]:
    """Return the values of a reading by term id."""
    return {term.id: term.value for term in reading.document.terms}


def kinds(reading: Reading) -> list[tuple[str, str]]:
    """Return rule and path of each finding."""
    return [(finding.rule, finding.path) for finding in reading.findings]


def write(fmt: Format, *found: Term) -> str:
    """Return a document of a made format with these terms, from its first element on."""
    document = Document("test", "1", Family.DECLARATION, list(found))
    return renderer(document, fmt, {}).run().data.decode()


def test_indices_of_repeated_groups_run_in_the_term(make: Make) -> None:
    """The n-th `[]` of a path numbers the n-th `[]` of its term."""
    fmt = make("Doc/L[]/S[]/V|A[].B[].C")
    reading = read(fmt, "<L><S><V>1</V></S></L><L><S><V>2</V></S><S><V>3</V></S></L>")
    assert terms(reading) == {"A[1].B[1].C": "1", "A[2].B[1].C": "2", "A[2].B[2].C": "3"}
    assert [term.path for term in reading.document.terms] == [
        "/Doc/L/S/V",
        "/Doc/L[2]/S/V",
        "/Doc/L[2]/S[2]/V",
    ]
    again = write(fmt, *reading.document.terms)
    assert "<L><S><V>1</V></S></L><L><S><V>2</V></S><S><V>3</V></S></L>" in again


def test_a_leaf_can_be_an_attribute_of_a_term_before_or_after_it(make: Make) -> None:
    """`ID@attr` rows join their term wherever they stand, and are written back in their place."""
    fmt = make("Doc/Curr|A@currency", "Doc/Amount|A", "Doc/Unit|Q@unit", "Doc/Q|Q")
    text = "<Curr>USD</Curr><Amount>5.00</Amount><Unit>KGM</Unit><Q>7</Q>"
    reading = read(fmt, text)
    assert dict(reading.document.terms[0].attrs) == {"currency": "USD"}
    assert text in write(fmt, *reading.document.terms)


def test_an_attribute_without_its_term_is_kept(make: Make) -> None:
    """A currency without an amount stays as a term of its own, so that a rule can see it."""
    fmt = make("Doc/Curr|A@currency", "Doc/Amount|A")
    assert terms(read(fmt, "<Curr>USD</Curr>")) == {"A@currency": "USD"}


def test_xml_attributes_are_leaves(make: Make) -> None:
    """Attributes have rows of their own; unknown ones are kept and reported."""
    fmt = make("Doc/A|A", "Doc/A/@unit|A@unit", "Doc/@v|V")
    reading = read(fmt, '<A unit="KGM" odd="x">5</A>')
    assert terms(reading) == {"A": "5", "ext.t.A.@odd": "x"}
    assert kinds(reading) == [("structure", "/Doc/A/@odd")]
    assert '<A unit="KGM">5</A>' in write(fmt, Term("A", "5", {"unit": "KGM"}))
    assert '<Doc xmlns="urn:t" xmlns:o="urn:o" v="4">' in write(fmt, Term("V", "4"))


def test_the_second_of_a_single_element_is_kept_aside(make: Make) -> None:
    """A repetition the format does not know is reported, and its value survives as extension."""
    fmt = make("Doc/A|A", "Doc/B|B")
    reading = read(fmt, "<A>1</A><A>2</A><B>3</B>")
    assert terms(reading) == {"A": "1", "ext.t.A[2]": "2", "B": "3"}
    assert kinds(reading) == [("structure", "/Doc/A[2]")]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ("ABDCE", 1),
        ("EABCD", 1),
        ("BCDEA", 1),
        ("ADBCE", 1),
        ("EDCBA", 4),
        ("ABCDE", 0),
        ("ACE", 0),
    ],
)
def test_one_element_out_of_sequence_is_one_finding(make: Make, names: str, found: int) -> None:
    """What was moved is reported, not everything that it passed on its way."""
    fmt = make(*(f"Doc/{name}|{name}" for name in "ABCDE"))
    reading = read(fmt, "".join(f"<{name}>1</{name}>" for name in names))
    assert len(reading.findings) == found
    moved = {"EABCD": "E", "BCDEA": "A", "ADBCE": "D"}.get(names)
    if moved:
        assert kinds(reading) == [("structure", f"/Doc/{moved}")]


@pytest.mark.parametrize(
    ("spec", "text", "kind"),
    [
        ("an..3", "abcd", "length"),
        ("an3", "ab", "length"),
        ("n4", "12a4", "format"),
        ("n4", "123", "length"),
        ("n..5,2", "12.345", "length"),
        ("n..5,2", "twelve", "format"),
        ("date8", "20260231", "format"),
        ("date", "2026-02-29", "format"),
        ("time14", "20260101250000", "format"),
        ("bool", "yes", "format"),
    ],
)
def test_syntax_faults_have_their_kind(make: Make, spec: str, text: str, kind: str) -> None:
    """Each kind of syntax fault is reported under its own name, at the leaf."""
    assert kinds(read(make(f"Doc/A|A|{spec}"), f"<A>{text}</A>")) == [(kind, "/Doc/A")]


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("an..3", "长城"),
        ("n..5,2", "123.40"),
        ("n..5,2", "-1.5"),
        ("n..16,3", "1850.00000"),
        ("date8", "20240229"),
        ("datetime", "2026-03-14T08:00:00Z"),
        ("time17", "20260314080000123"),
        ("a2", "SG"),
    ],
)
def test_sound_values_raise_no_finding(make: Make, spec: str, text: str) -> None:
    """Trailing zeros, signs, Chinese characters and leap days are no faults."""
    assert kinds(read(make(f"Doc/A|A|{spec}"), f"<A>{text}</A>")) == []


def test_range_and_enumeration(make: Make) -> None:
    """Bounds give kind range, enumerations kind code."""
    fmt = make("Doc/A|A|n..9,2||||>0 <=50")
    assert kinds(read(fmt, "<A>0.00</A>")) == [("range", "/Doc/A")]
    assert kinds(read(fmt, "<A>50.5</A>")) == [("range", "/Doc/A")]
    assert kinds(read(make("Doc/B|B|||=E"), "<B>X</B>")) == [("code", "/Doc/B")]


def test_mandatory_leaves_and_groups_are_missed_where_they_belong(make: Make) -> None:
    """A missing or empty mandatory element is reported at the path it should have."""
    fmt = make("Doc/L[]|||1..3", "Doc/L[]/A|X[].A||1..1", "Doc/L[]/B|X[].B")
    assert kinds(read(fmt, "")) == [("mandatory", "/Doc/L")]
    assert kinds(read(fmt, "<L><A>1</A></L><L><A/></L>")) == [("mandatory", "/Doc/L[2]/A")]
    assert kinds(read(fmt, "<L><B>1</B></L>")) == [("mandatory", "/Doc/L/A")]


def test_too_many_instances_are_reported(make: Make) -> None:
    """The fourth of at most three is one too many, and still read."""
    fmt = make("Doc/L[]|||0..3", "Doc/L[]/A|X[].A")
    reading = read(fmt, "<L><A>1</A></L>" * 4)
    assert kinds(reading) == [("structure", "/Doc/L[4]")]
    assert terms(reading)["X[4].A"] == "1"


def test_a_stranger_of_the_same_name_does_not_stand_for_a_duty(make: Make) -> None:
    """An element of another namespace is unknown and leaves the mandatory one missing."""
    reading = read(make("Doc/A|A||1..1"), "<o:A>1</o:A>")
    assert kinds(reading) == [("structure", "/Doc/A"), ("mandatory", "/Doc/A")]


def test_text_between_elements_is_kept_and_reported(make: Make) -> None:
    """Mixed content is no place for data, but it is not lost either."""
    reading = read(make("Doc/L/A|A"), "<L>stray<A>1</A>tail</L>")
    assert [path for _, path in kinds(reading)] == ["/Doc/L", "/Doc/L"]
    assert sorted(t.value for t in reading.document.terms) == ["1", "stray", "tail"]


def test_a_comment_inside_a_value_does_not_split_it(make: Make) -> None:
    """The value of a leaf is its whole text."""
    assert terms(read(make("Doc/A|A"), "<A>12<!-- half -->34</A>")) == {"A": "1234"}


ROOT_VARIANT = (
    "Doc/H/Flag|F",
    "Doc/H/Name|ext.t.Name",
    "Doc[H/Flag=I]/H/Name|Importer||1..1",
    "Doc[H/Flag=E]/H/Name|Exporter",
)


def test_a_condition_on_the_root_chooses_rows(make: Make) -> None:
    """The same element is another term, with other duties, by the value of a flag."""
    fmt = make(*ROOT_VARIANT)
    assert terms(read(fmt, "<H><Flag>I</Flag><Name>n</Name></H>"))["Importer"] == "n"
    assert terms(read(fmt, "<H><Flag>E</Flag><Name>n</Name></H>"))["Exporter"] == "n"
    assert terms(read(fmt, "<H><Flag>?</Flag><Name>n</Name></H>"))["ext.t.Name"] == "n"
    assert kinds(read(fmt, "<H><Flag>I</Flag></H>")) == [("mandatory", "/Doc/H/Name")]
    assert "<Flag>I</Flag><Name>n</Name>" in write(fmt, Term("F", "I"), Term("Importer", "n"))


GROUP_VARIANT = (
    "Doc/Charge[][Kind=true]/Kind|C[].k",
    "Doc/Charge[][Kind=true]/Amount|C[].Amount",
    "Doc/Charge[][Kind=false]/Kind|A[].k",
    "Doc/Charge[][Kind=false]/Amount|A[].Amount",
)


def test_conditions_split_a_repeating_group(make: Make) -> None:
    """Charges and allowances of one element are numbered apart, read and written."""
    fmt = make(*GROUP_VARIANT)
    text = "".join(
        f"<Charge><Kind>{kind}</Kind><Amount>{amount}</Amount></Charge>"
        for kind, amount in (("false", 1), ("true", 2), ("false", 3))
    )
    reading = read(fmt, text)
    amounts = {k: v for k, v in terms(reading).items() if k.endswith("Amount")}
    assert amounts == {"A[1].Amount": "1", "C[1].Amount": "2", "A[2].Amount": "3"}
    assert [t.path for t in reading.document.terms if t.id == "A[2].Amount"] == [
        "/Doc/Charge[3]/Amount"
    ]
    written = write(fmt, Term("C[1].Amount", "2"), Term("A[2].Amount", "3"))
    assert "<Charge><Kind>true</Kind><Amount>2</Amount></Charge>" in written
    assert "<Charge><Kind>false</Kind><Amount>3</Amount></Charge>" in written


def test_a_group_without_values_is_not_written(make: Make) -> None:
    """Defaults alone do not make a group; with one value they do."""
    fmt = make("Doc/L[]/N|X[].N||||||#", "Doc/L[]/A|X[].A")
    assert "<L>" not in write(fmt, Term("other", "1"))
    assert "<L><N>1</N><A>a</A></L><L><N>2</N><A>b</A></L>" in write(
        fmt, Term("X[1].A", "a"), Term("X[2].A", "b")
    )


def test_also_names_a_second_source(make: Make) -> None:
    """A leaf takes another term where its own is absent."""
    fmt = make("Doc/A|A|||||||B", "Doc/B|B")
    assert "<A>b</A><B>b</B>" in write(fmt, Term("B", "b"))
    assert "<A>a</A><B>b</B>" in write(fmt, Term("A", "a"), Term("B", "b"))


def test_a_value_that_does_not_fit_is_not_written(make: Make) -> None:
    """Rendering never writes what its own table would refuse."""
    assert "<A>" not in write(make("Doc/A|A|an..3"), Term("A", "abcd"))
    assert "<A>abc</A>" in write(make("Doc/A|A|an..3|||cut"), Term("A", "abcd"))


def test_a_group_around_a_value_that_does_not_fit_is_not_written(make: Make) -> None:
    """A single value in groups of its own takes them along, or leaves them out."""
    fmt = make("Doc/G/H/A|A|an..3", "Doc/G/H/B|B", "Doc/I/C|C|n..2|||||7")
    assert "<G><H><A>abc</A></H></G>" in write(fmt, Term("A", "abc"))
    assert "<G>" not in write(fmt, Term("A", "abcd"))
    assert "<I>" not in write(fmt, Term("C", "777"))
    assert "<I><C>77</C></I>" in write(fmt, Term("C", "77"))


def test_markup_in_values_is_escaped(make: Make) -> None:
    """Values with markup, quotes and line breaks come back as they were."""
    fmt = make("Doc/A|A", "Doc/A/@unit|A@unit")
    value, unit = 'a<b>&"c"\r', 'x"y\n<z'
    data = write(fmt, Term("A", value, {"unit": unit}))
    term = api.walk(registry.source(data.encode()), fmt).document.terms[0]
    assert (term.source, term.attrs["unit"]) == (value.strip(), unit)


def test_quirks_add_terms_and_conversions(make: Make) -> None:
    """A format's own code completes what was read, and converts what no table can."""
    quirks = """
from adapters.engine.conversion import Keep
from schemas.codes import Converted
from schemas.loss import LossClass
class Shout(Keep):
    def read(self, text):
        return Converted(text.lower(), LossClass.CONVERT)
    def write(self, value):
        return Converted(value.upper(), LossClass.CONVERT)
CONVERSIONS = {"shout": Shout()}
def after_read(draft):
    draft.add("Length", str(len(draft.value("A"))), source=draft.term("A"))
"""
    fmt = make("Doc/A|A||||quirk:shout", quirks=quirks)
    assert terms(read(fmt, "<A>HEY</A>")) == {"A": "hey", "Length": "3"}
    assert "<A>HEY</A>" in write(fmt, Term("A", "hey"))


def test_json_runs_on_the_same_table(make: Make) -> None:
    """Keys, arrays, native types and conditions work in JSON as they do in XML."""
    fmt = make(
        "head/no|No||1..1",
        "head/count|Count|integer",
        "items[]/hs|I[].HS|n6",
        "items[]/notes[]|I[].Note[]",
        syntax="json",
    )
    text = json.dumps(
        {
            "head": {"no": "A1", "count": 2},
            "items": [{"hs": "010121", "notes": ["x", "y"]}, {"hs": "01"}],
            "more": {"deep": [1, {"a": None, "b": True}]},
        }
    )
    reading = read(fmt, text)
    assert terms(reading) == {
        "No": "A1",
        "Count": "2",
        "I[1].HS": "010121",
        "I[1].Note[1]": "x",
        "I[1].Note[2]": "y",
        "I[2].HS": "01",
        "ext.t.more.deep": "1",
        "ext.t.more.deep[2].b": "true",
    }
    assert kinds(reading) == [("length", "/items[2]/hs"), ("structure", "/more")]
    written = json.loads(write(fmt, *reading.document.terms))
    assert written["head"] == {"no": "A1", "count": 2}
    assert written["items"][0] == {"hs": "010121", "notes": ["x", "y"]}


def test_json_of_the_wrong_shape_is_reported_and_kept(make: Make) -> None:
    """An array for an object, a number for text, an object for a value: each is a finding."""
    fmt = make("a|A", "g/b|B", "l[]/c|L[].C", syntax="json")
    reading = read(fmt, '{"a": 5, "g": ["x"], "l": {"c": "1"}}')
    assert kinds(reading) == [("format", "/a"), ("structure", "/g"), ("structure", "/l")]
    assert sorted(t.value for t in reading.document.terms) == ["1", "5", "x"]


@pytest.mark.parametrize("path", ["a/", "a[b=]c", "/a", "a[", "a[]/b[x=y][z=w]", "a/@", "a b[=1]"])
def test_a_path_outside_the_grammar_is_refused(path: str) -> None:
    """A mapping table with a bad path fails when it is loaded, not when a document comes."""
    with pytest.raises(BadTable):
        steps(path)


def test_a_table_with_other_columns_is_refused() -> None:
    """The header is part of the contract."""
    with pytest.raises(BadTable):
        load(["path,term", "Doc/A,A"], ext="t")


@pytest.mark.parametrize("row", ["Doc/A|A|an...3", "Doc/A|A||2", "Doc/A|A||||magic", "Doc/A|X[].A"])
def test_a_row_that_cannot_be_compiled_is_refused(make: Make, row: str) -> None:
    """Unknown types, cardinalities, conversions and surplus indices are the table's fault."""
    with pytest.raises(BadTable):
        read(make(row), "")


def test_row_flags_soften_findings(make: Make) -> None:
    """Facts that are not certain warn instead of refusing."""
    reading = read(make("Doc/A|A|an..1|||||||warning"), "<A>ab</A>")
    assert [finding.flag for finding in reading.findings] == [Flag.WARNING]
    assert reading.findings == [replace(reading.findings[0], flag=Flag.WARNING)]
