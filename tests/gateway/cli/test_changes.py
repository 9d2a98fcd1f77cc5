"""clearance amend, cancel, confirm, form, answer: changes from the command line."""

from __future__ import annotations

import json

import pytest

from tests.gateway.cli.conftest import DECLARATION, INVOICE, LADING

NAME = "BorderTransportMeans.Name"


@pytest.fixture
def opened(silkgate, own):  # noqa: ARG001 - the gateway in force
    """Give the id of an open clearance."""
    args = ("clearance", "open", DECLARATION, "--with", INVOICE, "--with", LADING)
    return silkgate(*args).out.strip()


def test_a_field_is_amended_and_the_list_says_so(silkgate, opened):
    """Old and new value, who and why; for programs and for people."""
    args = ("clearance", "amend", opened, "--set", f"{NAME}=OTHER", "--reason", "another vessel")
    ran = silkgate(*args, "--json")
    assert ran.code == 0, ran.err
    [change] = ran.row["changes"]
    assert (change["by"], change["reason"]) == ("exporter", "another vessel")
    [row] = change["request"]["DecModList"]
    assert (row["FieldCode"], row["NewValue"]) == ("TrafName", "OTHER")
    assert len(change["sha256"]) == 64
    assert "another vessel" in silkgate("clearance", "show", opened).out


def test_a_corrected_declaration_amends(silkgate, opened, tmp_path):
    """The whole new version in a file; the same again is no amendment."""
    text = DECLARATION.read_text("utf-8")
    name = text.split("<TrafName>")[1].split("<")[0]
    (tmp_path / "new.xml").write_text(text.replace(name, "OTHER"), "utf-8")
    args = ("clearance", "amend", opened, "new.xml", "--reason", "r", "--json")
    assert [c["new"] for c in silkgate(*args).row["changes"][0]["changes"]] == ["OTHER"]
    again = silkgate(*args)
    assert again.row["error"]["code"] == "SG-5309"


def test_a_clearance_is_cancelled_once(silkgate, opened):
    """The same again changes nothing, and what is cancelled is not amended."""
    args = ("clearance", "cancel", opened, "--reason", "sold elsewhere", "--json")
    for _ in range(2):
        [change] = silkgate(*args).row["changes"]
        assert change["kind"] == "cancellation"
    ran = silkgate("clearance", "amend", opened, "--set", f"{NAME}=X", "--reason", "r", "--json")
    assert ran.row["error"]["code"] == "SG-5316"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("amend", "--reason", "r"), 2),
        (("amend", "x.xml", "--set", "a=b", "--reason", "r"), 2),
        (("amend", "--set", "a=b"), 2),
        (("amend", "--set", "nonsense", "--reason", "r"), 2),
        (("amend", "--set", "NoSuchField=1", "--reason", "r"), 3),
        (("amend", "none.xml", "--reason", "r"), 4),
        (("cancel",), 2),
        (("confirm", "1"), 4),
        (("confirm", "one"), 2),
        (("answer", "list.json"), 2),
        (("form",), 4),
    ],
)
def test_what_cannot_be_done_changes_nothing(silkgate, opened, tmp_path, args, code):
    """The exit codes of the contract, and the clearance as it was."""
    (tmp_path / "list.json").write_text(json.dumps(["a"]))
    command, *rest = args
    ran = silkgate("clearance", command, opened, *rest)
    assert ran.code == code, ran.err
    assert silkgate("clearance", "show", opened, "--json").row["changes"] == []
