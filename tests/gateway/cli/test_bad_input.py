"""What a user may give by mistake: the contract's exit codes, what is wrong and what to do."""

from __future__ import annotations

import json

import pytest

from tests.gateway.cli.conftest import DECLARATION, INVOICE, LADING

BAD = {
    "empty": b"",
    "binary": bytes(range(256)) * 16,
    "rubbish": b"rubbish\n",
    "broken.xml": b"<a>",
    "other.xml": b"<a/>",
    "broken.json": b"{",
    "list.json": b"[]",
    "text.json": b'"x"',
    "deep.json": b"[" * 100_000,
    "broken.zip": b"PK\x03\x04" + bytes(40),
}
PLACES = [
    ("inspect", "@"),
    ("validate", "@"),
    ("validate", DECLARATION, "@", "--together"),
    ("convert", "@", "--to", "wco-dec"),
    ("convert", DECLARATION, "--to", "wco-dec", "--with", "@"),
    ("convert", DECLARATION, "--to", "wco-dec", "--profile", "@"),
    ("convert", INVOICE, "--to", "facturx", "--pdf", "@"),
    ("diff", "@", INVOICE),
    ("view", "@"),
    ("verify", "@"),
    ("verify", LADING, "--identity", "@"),
    ("verify", INVOICE, "--mandate", "@"),
    ("archive", "renew", "@", "-o", "out"),
    ("decide", "@"),
    ("decide", INVOICE, "--policy", "@"),
    ("log", "verify", "@", "--document", INVOICE, "--key", "key"),
    ("log", "verify", "proof", "--document", INVOICE, "--key", "@"),
    ("title", "replay", "@"),
    ("title", "verify", LADING, "--key", "@"),
    ("keys", "trust", "@"),
    ("exchange", "send", "@", "--to", "sg-port"),
    ("clearance", "open", "@"),
    ("encrypt", INVOICE, "--to", "@", "-o", "out"),
    ("decrypt", "@", "--key", "accesspoint", "-o", "out"),
    ("trust", "import", "@"),
    ("lading", "draft", "@", "-o", "out"),
    ("lading", "view", "@"),
]
MISSING = [
    *PLACES,
    ("sign", "@", "--key", "seal", "-o", "out"),
    ("verify", INVOICE, "--trust", "@"),
    ("verify", INVOICE, "--keys", "@"),
    ("verify", INVOICE, "--detached", "@"),
    ("compare-rules", "auto", "auto", "@"),
    ("log", "append", "--digests", "@"),
    ("title", "key", "--of", "@"),
    ("keys", "list", "--home", "@"),
    ("trust", "sign", "@", "--key", "seal", "-o", "out"),
]
WRITES = [
    ("convert", INVOICE, "--to", "cefact-cii", "-o"),
    ("convert", INVOICE, "--to", "cefact-cii", "-o", "out", "--report"),
    ("view", INVOICE, "-o"),
    ("sign", INVOICE, "--key", "seal", "-o"),
    ("keys", "card", "-o"),
]


def ids(args: tuple[object, ...]) -> str:
    """Name a case by its command."""
    return " ".join(str(arg).rpartition("/")[2] for arg in args)


@pytest.fixture
def workplace(own, tmp_path):
    """Give the folder of the command, with a gateway in force and files that help nobody."""
    for name, data in BAD.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder").mkdir()
    (tmp_path / "key").write_text("log.example+00000000+AAAA\n")
    (tmp_path / "proof").write_text("proof\n")
    return own


@pytest.mark.parametrize("args", PLACES, ids=ids)
def test_what_is_no_such_file_is_told(silkgate, workplace, args):  # noqa: ARG001 - in force
    """Whatever the bytes are: an exit code of the contract, one JSON object, words for people."""
    for name in BAD:
        ran = silkgate(*(name if arg == "@" else arg for arg in args), "--json")
        assert ran.code in (2, 3), (name, ran.err)
        assert ran.rows, name
        assert "Traceback" not in ran.err, name


@pytest.mark.parametrize("args", MISSING, ids=ids)
def test_what_is_not_there_is_told(silkgate, workplace, args):  # noqa: ARG001 - in force
    """Exit code 4, the name in the answer, and what to do."""
    ran = silkgate(*("nowhere" if arg == "@" else arg for arg in args), "--json")
    assert ran.code == 4, ran.err
    (error,) = [row["error"] for row in ran.rows if "error" in row] or [finding(ran.rows[-1])]
    assert "nowhere" in json.dumps(error)
    assert error["hint"]["en"]
    assert error["hint"]["zh"]


@pytest.mark.parametrize("args", PLACES, ids=ids)
def test_a_folder_is_no_file(silkgate, workplace, args):  # noqa: ARG001 - in force
    """Exit code 4 and the reason."""
    ran = silkgate(*("folder" if arg == "@" else arg for arg in args), "--json")
    assert ran.code == 4, ran.err
    assert "directory" in json.dumps(ran.rows[-1])


@pytest.mark.parametrize("place", ["folder", "nowhere/out"])
@pytest.mark.parametrize("args", WRITES, ids=ids)
def test_what_cannot_be_written_is_told(silkgate, workplace, args, place):  # noqa: ARG001 - in force
    """Exit code 1 with the place and what to do, in words and as JSON."""
    ran = silkgate(*args, place, "--json")
    assert (ran.code, ran.row["error"]["code"]) == (1, "SG-1137")
    assert ran.row["error"]["where"] == place
    assert place in ran.err


def test_an_error_names_the_file_it_is_about(silkgate, workplace):  # noqa: ARG001 - in force
    """Of several files the one that is wrong, and the line."""
    ran = silkgate("convert", DECLARATION, "--to", "wco-dec", "--with", "broken.xml")
    assert ran.code == 3
    assert "broken.xml, line 1" in ran.err
    assert "empty" in silkgate("diff", INVOICE, "empty").err


def test_a_rule_set_that_is_not_there_ends_a_comparison(silkgate):
    """Exit code 2 before any file is looked at."""
    for rules in (("none", "auto"), ("auto", "none")):
        ran = silkgate("compare-rules", *rules, INVOICE, "--json")
        assert (ran.code, ran.row["error"]["code"]) == (2, "SG-9108")


def finding(row: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    """Return the first finding of a verdict."""
    return row["findings"][0]
