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


def party(silkgate: Silkgate, folder: Path, name: str) -> str:
    """Make a party's key in the folder; return its id."""
    return str(silkgate("title", "key", "-o", folder / f"{name}.pem", "--json").row["party"])


def test_a_title_is_issued_moved_exported_and_verified(silkgate: Silkgate, tmp_path: Path) -> None:
    """From keys to the offline check: the parties sign, and the file proves itself."""
    carrier, a, b = (party(silkgate, tmp_path, name) for name in ("carrier", "a", "b"))
    bill, log, out = tmp_path / "bill.json", tmp_path / "log.vkey", tmp_path / "bl.json"
    bill.write_text("{}")
    log.write_text(silkgate("title", "init", "--origin", "port.example/titles").out)
    run = silkgate(
        *("title", "issue", "BL-1", "--document", bill, "--beneficiary", a, "--place", "CNSHA"),
        *("--key", "carrier.pem", "--json"),
    )
    assert (run.code, run.row["n"], run.row["state"]["holder"]) == (0, 0, a)
    moved = ("title", "act", "BL-1", "transferOwners", b, b)
    assert silkgate(*moved, "--key", "b.pem", "--json").row["error"]["code"] == "SG-4060"
    assert silkgate(*moved, "--key", "a.pem", "--remark", "sold").code == 0
    shown = silkgate("title", "show", "BL-1", "--json").row
    assert [link["actor"] for link in shown["history"]] == [carrier, a]
    assert silkgate("title", "fsck", "--json").row == {"sound": True, "findings": []}
    assert silkgate("title", "export", "BL-1", "-o", out).code == 0
    run = silkgate("title", "verify", out, "--key", log, "--json")
    assert (run.code, run.row["verified"], run.row["state"]["holder"]) == (0, True, b)
    out.write_bytes(out.read_bytes().replace(b'"head"', b'"Head"'))
    run = silkgate("title", "verify", out, "--key", log, "--json")
    assert (run.code, run.row["verified"]) == (3, False)
    assert silkgate("title", "act", "BL-2", "burn", "--key", bill).code == 2
    assert silkgate("title", "show", "BL-2").code == 4


def test_an_auditor_is_told_who_and_as_of_when(silkgate: Silkgate, tmp_path: Path) -> None:
    """`verify` never calls a copy live; names come from the keys that are known."""
    _, a, b = (party(silkgate, tmp_path, name) for name in ("carrier", "a", "b"))
    (tmp_path / "trust").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "bill.json").write_text("{}")
    key = silkgate("title", "init", "--origin", "port.example/titles").out
    (tmp_path / "trust" / "log.vkey").write_text(key)
    jwk = silkgate("title", "key", "--of", "carrier.pem", "--json").row["jwk"]
    (tmp_path / "keys" / "carrier.jwk").write_text(json.dumps(jwk))
    issue = ("title", "issue", "BL-1", "--document", "bill.json", "--beneficiary", a)
    assert silkgate(*issue, "--key", "carrier.pem").code == 0
    silkgate("title", "act", "BL-1", "transferHolder", b, "--key", "a.pem")
    silkgate("title", "export", "BL-1", "-o", "bl.json")
    run = silkgate("verify", "bl.json", "--trust", "trust", "--keys", "keys", "--offline", "--json")
    assert (run.code, run.row["integrity"], run.row["title"]) == (0, "VALID", "unknown")
    assert run.row["copy"]["state"]["holder"] == b
    assert [each["name"] for each in run.row["parties"]] == ["carrier", None, None]
    run = silkgate("verify", "bl.json", "--trust", "trust", "--json")
    assert (run.code, run.row["issuer_identity"]) == (3, "UNKNOWN")
    run = silkgate("verify", "bl.json", "--trust", "keys", "--json")
    assert (run.code, run.row["integrity"]) == (3, "UNKNOWN")


def test_a_node_that_is_away_gives_an_unknown_title(silkgate: Silkgate) -> None:
    """`title status` says unknown with the reason, and exits with 3."""
    registry = "0x" + "11" * 20
    run = silkgate(
        *("title", "status", "0x" + "00" * 32, "--rpc", "http://127.0.0.1:9"),
        *("--registry", registry, "--chain-id", "1", "--json"),
    )
    assert (run.code, run.row["title"]) == (3, "unknown")


def test_what_is_no_history_is_an_error(silkgate: Silkgate, tmp_path: Path) -> None:
    """A file that is none ends with the error and its exit code; a missing one with 4."""
    run = silkgate("title", "replay", history(tmp_path, ["other"]), "--json")
    assert (run.code, run.row["error"]["code"]) == (3, "SG-4061")
    assert silkgate("title", "replay", tmp_path / "none.jsonl", "--json").code == 4


def test_one_broken_history_does_not_hide_the_next(silkgate: Silkgate, tmp_path: Path) -> None:
    """Of several files each is replayed; the broken one is named, in both languages."""
    good, bad = history(tmp_path, HEADER, *MOVES), tmp_path / "bad.jsonl"
    bad.write_text('{"kind":"escrow"}\n')
    run = silkgate("title", "replay", bad, good, "--json")
    assert (run.code, run.rows[0]["file"]) == (3, str(bad))
    assert "缺少签发信息" in run.rows[0]["error"]["message"]["zh"]
    assert [row["result"] for row in run.rows[1:]] == ["accepted", "rejected"]


def test_the_zero_address_is_nobody(silkgate: Silkgate, tmp_path: Path) -> None:
    """Nothing passes to it."""
    asked = {"n": 1, "action": "transferHolder", "actor": "A", "args": ["0x" + 40 * "0"]}
    run = silkgate("title", "replay", history(tmp_path, HEADER, asked), "--json")
    assert run.row["reason"]["guard"] == "NOBODY"


def test_odd_letters_break_no_line(silkgate: Silkgate, tmp_path: Path) -> None:
    """Half a surrogate pair and a line separator as parties: a JSON line each, no traceback."""
    asked = {"n": 1, "action": "transferHolder", "actor": "A", "args": ["\ud800"]}
    odd = {**asked, "n": 2, "actor": "\ud800", "args": ["\u2028"]}
    run = silkgate("title", "replay", history(tmp_path, HEADER, asked, odd), "--json")
    assert [row["state"]["holder"] for row in run.rows] == ["\ud800", "\u2028"]
    assert "A: transferHolder \\ud800: accepted" in silkgate("title", "replay", "history.jsonl").out


def test_what_is_printed_does_not_speak_to_the_terminal(silkgate: Silkgate, tmp_path: Path) -> None:
    """Control characters of a stranger are printed escaped: to people, in JSON, in errors."""
    evil = "\x1b[2J\x1b]0;x\x07\x9b2J\u202e"
    asked = {"n": 1, "action": evil, "actor": f"{evil}\r", "args": []}
    path = history(tmp_path, HEADER, asked)
    for more in ((), ("--json",)):
        run = silkgate("title", "replay", path, *more)
        assert (run.code, set(run.out + run.err) & set(f"{evil}\r") - set("[2J]0;x")) == (0, set())
    missing = silkgate("title", "verify", "--key", path, evil).err
    assert missing.startswith("SG-1120 \\u001b[2J\\u001b]0;x\\u0007\\u009b2J\\u202e cannot be read")


def test_an_argument_that_is_no_text_is_told(silkgate: Silkgate) -> None:
    """Bytes that are not UTF-8 where a remark or a name is asked for: no traceback."""
    made = silkgate("title", "key", "-o", "a.pem")
    silkgate("title", "init", "--origin", "port.example/titles")
    Path("bill").write_text("x")
    keyed = ("--key", "a.pem", "--json")
    silkgate("title", "issue", "BL-1", "--document", "bill", "--beneficiary", made.out[:43], *keyed)
    run = silkgate("title", "act", "BL-1", "pause", "--remark", "\udcff", *keyed)
    assert (run.code, run.row["error"]["code"]) == (2, "SG-1171")


def test_a_key_is_made_to_be_kept(silkgate: Silkgate, tmp_path: Path) -> None:
    """Without a file for it no key is made; its public half is written for who knows its party."""
    assert silkgate("title", "key").code == 2
    made = silkgate("title", "key", "-o", tmp_path / "a.pem", "--jwk", tmp_path / "a.jwk", "--json")
    assert json.loads((tmp_path / "a.jwk").read_text()) == made.row["jwk"]
