"""exchange, clearance, anchor: a gateway's own work from the command line, nothing running."""

from __future__ import annotations

import pytest

from gateway.store.database import Store
from tests.gateway.cli.conftest import DECLARATION, INVOICE, LADING


def test_a_document_is_handed_in_once(silkgate, own):  # noqa: ARG001 - the gateway in force
    """The same content is the same exchange; a key of one's own makes another."""
    args = ("exchange", "send", INVOICE, "--to", "sg-port", "--json")
    first = silkgate(*args)
    assert (first.code, first.row["duplicate"]) == (0, False)
    again = silkgate(*args)
    assert again.row == {"id": first.row["id"], "duplicate": True}
    other = silkgate(*args, "--key", "another")
    assert other.row["id"] != first.row["id"]
    listed = silkgate("exchange", "list", "--json").rows
    assert [row["id"] for row in listed] == [other.row["id"], first.row["id"]]


def test_an_exchange_is_shown_with_its_story(silkgate, own):  # noqa: ARG001 - as above
    """State and timeline, for programs and for people."""
    sent = silkgate("exchange", "send", INVOICE, "--to", "sg-port").out.strip()
    row = silkgate("exchange", "show", sent, "--json").row
    assert (row["id"], row["source_format"], row["receiver"]) == (sent, "peppol-ubl", "sg-port")
    assert sent in silkgate("exchange", "show", sent).out
    (line,) = silkgate("exchange", "timeline", sent, "--json").rows
    assert set(line["text"]) == {"en", "zh"}
    assert "SHA-256" in silkgate("exchange", "timeline", sent).out


def test_evidence_of_what_is_not_done_is_not_there_yet(silkgate, own, tmp_path):  # noqa: ARG001 - as above
    """Exit code 4, what is missing, and no file."""
    sent = silkgate("exchange", "send", INVOICE, "--to", "sg-port").out.strip()
    ran = silkgate("exchange", "evidence", sent, "-o", "e.asice", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (4, "SG-5060")
    assert not (tmp_path / "e.asice").exists()


@pytest.mark.parametrize(
    "args",
    [
        ("exchange", "show", "none"),
        ("exchange", "timeline", "none"),
        ("exchange", "evidence", "none", "-o", "x"),
        ("exchange", "send", "none", "--to", "sg-port"),
        ("clearance", "show", "none"),
        ("clearance", "open", "none"),
    ],
)
def test_what_is_not_there_has_exit_code_4(silkgate, own, args):  # noqa: ARG001 - as above
    """Exchanges, clearances and files alike."""
    ran = silkgate(*args)
    assert ran.code == 4, ran.err


@pytest.mark.parametrize(
    "args",
    [
        ("exchange", "show", "none"),
        ("exchange", "send", INVOICE, "--to", "nobody"),
        ("clearance", "show", "none"),
        ("log", "prove", "--index", "9"),
        ("lading", "show", "none"),
    ],
)
def test_an_error_leaves_no_database_open(silkgate, own, monkeypatch, args):  # noqa: ARG001 - as above
    """What a command opened is closed before the error is told."""
    opened, closed = [], []
    make, close = Store.__init__, Store.close

    def counted_make(store, engine) -> None:
        opened.append(store)
        make(store, engine)

    def counted_close(store) -> None:
        closed.append(store)
        close(store)

    monkeypatch.setattr(Store, "__init__", counted_make)
    monkeypatch.setattr(Store, "close", counted_close)
    assert silkgate(*args).code != 0
    assert closed == opened


def test_what_is_no_document_is_not_taken(silkgate, own, tmp_path):  # noqa: ARG001 - as above
    """Exit code 3, and nothing is stored."""
    (tmp_path / "rubbish").write_text("rubbish")
    assert silkgate("exchange", "send", "rubbish", "--to", "sg-port").code == 3
    assert silkgate("exchange", "list", "--json").rows == []


@pytest.mark.parametrize("args", [("--to", "nobody"), ("--to", "sg-port", "--format", "fax")])
def test_what_can_never_arrive_is_not_taken(silkgate, own, args):  # noqa: ARG001 - as above
    """Exit code 2 for a receiver or a format that there is not, and nothing is stored."""
    assert silkgate("exchange", "send", INVOICE, *args).code == 2
    assert silkgate("exchange", "list", "--json").rows == []


def test_an_empty_list_says_so(silkgate, own):  # noqa: ARG001 - in force
    """To a person, beside the result, which stays empty."""
    for words in (("exchange", "list"), ("clearance", "board")):
        ran = silkgate(*words)
        assert (ran.code, ran.out) == (0, "")
        assert "yet" in ran.err


def test_a_clearance_is_opened_and_shown_on_the_board(silkgate, own):  # noqa: ARG001 - as above
    """From declaration, invoice and bill of lading; both sides in one row."""
    args = ("clearance", "open", DECLARATION, "--with", INVOICE, "--with", LADING, "--json")
    opened = silkgate(*args)
    assert opened.code == 0, opened.err
    assert opened.row["corridor"]["id"] == "cn-sg"
    assert silkgate(*args).row["id"] == opened.row["id"]
    (row,) = silkgate("clearance", "board", "--json").rows
    assert row["id"] == opened.row["id"]
    shown = silkgate("clearance", "show", opened.row["id"], "--json").row
    assert shown["export"]["country"] == "CN"
    assert silkgate("clearance", "board").out.startswith(opened.row["id"])


def test_an_unknown_corridor_is_refused(silkgate, own):  # noqa: ARG001 - as above
    """With the corridors that there are."""
    ran = silkgate("clearance", "open", DECLARATION, "--corridor", "xx-yy")
    assert ran.code in {1, 2, 3}
    assert "cn-sg" in ran.err


def test_without_anchors_there_is_nothing_to_list(silkgate, own):  # noqa: ARG001 - as above
    """An empty list is no error."""
    ran = silkgate("anchor", "status", "--json")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.parametrize(
    "args",
    [
        ("serve",),
        ("worker",),
        ("anchor",),
        ("anchor", "status"),
        ("exchange", "list"),
        ("clearance", "board"),
    ],
)
def test_without_a_gateway_nothing_runs(silkgate, args):
    """Exit code 4, with the command that makes one."""
    ran = silkgate(*args, "--home", "nowhere")
    assert (ran.code, "silkgate keys init" in ran.err) == (4, True)
