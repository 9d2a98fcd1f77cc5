"""`silkgate title` as scripts drive it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.gateway.cli.conftest import Silkgate

HEADER = {
    "history": "one",
    "kind": "escrow",
    "issuer": "I",
    "shipper": "A",
    "consignee": "B",
    "issue": {"beneficiary": "A", "holder": "A"},
}
MOVES = (
    {"n": 1, "action": "transferHolder", "actor": "A", "args": ["B"]},
    {"n": 2, "action": "returnToIssuer", "actor": "B", "args": []},
)
STATE = {
    "beneficiary": "A",
    "holder": "B",
    "nominee": None,
    "prevBeneficiary": None,
    "prevHolder": "A",
    "location": "escrow",
    "active": True,
}


def history(folder: Path, *rows: object) -> Path:
    """Write a history."""
    path = folder / "history.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def test_a_history_is_replayed_line_by_line(silkgate: Silkgate, tmp_path: Path) -> None:
    """Each action gives one object of the contract; a refused one leaves the state."""
    run = silkgate("title", "replay", history(tmp_path, HEADER, *MOVES), "--json")
    assert run.code == 0
    assert run.rows[0] == {
        "n": 1,
        "action": "transferHolder",
        "result": "accepted",
        "reason": None,
        "state": STATE,
    }
    assert (run.rows[1]["result"], run.rows[1]["state"]) == ("rejected", STATE)
    assert run.rows[1]["reason"]["guard"] == "NOT_BOTH"


def test_a_replay_is_told_in_words(silkgate: Silkgate, tmp_path: Path) -> None:
    """Without --json a person reads who did what, and why it was refused."""
    run = silkgate("title", "replay", history(tmp_path, HEADER, *MOVES))
    assert "A: transferHolder B: accepted [A/B escrow]" in run.out
    assert "not both title holder and in possession" in run.out


def test_what_is_no_history_is_an_error(silkgate: Silkgate, tmp_path: Path) -> None:
    """A file that is none ends with the error and its exit code; a missing one with 4."""
    run = silkgate("title", "replay", history(tmp_path, ["other"]), "--json")
    assert (run.code, run.row["error"]["code"]) == (3, "SG-4061")
    assert silkgate("title", "replay", tmp_path / "none.jsonl", "--json").code == 4
