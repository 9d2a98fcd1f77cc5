"""adapters, schema, codes: what can be read, written and looked up."""

from __future__ import annotations

import json

import pytest

from schemas import codes
from schemas.xml import parse


def test_the_formats_are_listed(silkgate):
    """One line per format, in both forms."""
    rows = silkgate("adapters", "--json").rows
    assert {"cn-dec", "wco-dec", "peppol-ubl", "dcsa-ebl"} <= {row["format"] for row in rows}
    assert "cn-dec" in silkgate("adapters").out


def test_one_format_is_shown_with_its_placeholders(silkgate):
    """Names that are not public are said to be placeholders."""
    row = silkgate("adapters", "sg-tradenet", "--json").row
    assert row["placeholders"]


def test_schemas_are_written_in_their_own_language(silkgate):
    """XSD for XML formats, JSON Schema for JSON formats."""
    assert parse(silkgate("schema", "export", "cn-dec").out.encode()).tag.endswith("}schema")
    assert "$schema" in json.loads(silkgate("schema", "export", "dcsa-ebl").out)


def test_codes_are_looked_up_and_converted(silkgate):
    """All lists, one list, one code, its counterpart."""
    assert set(silkgate("codes", "--json").rows[0]) == set(codes.lists())
    assert len(silkgate("codes", "incoterms").out.splitlines()) > 10
    assert silkgate("codes", "iso4217", "CNY", "--json").row["zh"] == "人民币"
    args = ("codes", "cn-country-2019", "SGP", "--to", "iso3166-alpha2", "--json")
    row = silkgate(*args).row
    assert (row["value"], row["class"]) == ("SG", "convert")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("adapters", "nonsense"), 4),
        (("codes", "nonsense"), 4),
        (("codes", "iso4217", "CNY", "--to", "nonsense"), 4),
        (("codes", "iso4217", "ZZZ"), 4),
        (("schema", "export", "nonsense"), 2),
        (("schema", "import", "cn-dec"), 2),
    ],
)
def test_what_is_not_there_is_said_with_what_there_is(silkgate, args, code):
    """Never a traceback."""
    ran = silkgate(*args)
    assert ran.code == code
    assert ran.err
