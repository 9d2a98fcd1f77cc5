"""Independent implementations accept what we write, and refuse what we refuse.

They need Python 3.12 or newer and are no dependencies of ours: install `aics-tlog` and
`scitt-cose` in an environment of their own and name its interpreter in SILKGATE_JUDGE_PYTHON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from ledger.receipt import write_receipt
from ledger.store import TileKey
from ledger.tilepath import static_resource, tile_path
from ledger.tiles import WIDTH, widths
from tests.ledger.mutations import MUTATIONS
from tests.ledger.trees import cosigner, digests, log_of, signer

JUDGE = """
import base64, json, pathlib, sys
import aics_tlog as tlog, scitt_cose

folder = pathlib.Path(sys.argv[1])
case = json.loads((folder / "case.json").read_text())
entry = bytes.fromhex(case["entry"])
log, witness = tlog.parse_vkey(case["log"]), tlog.parse_vkey(case["witness"])

def judge(text):
    try:
        proof = tlog.parse_tlog_proof(text) if hasattr(tlog, "parse_tlog_proof") else split(text)
        index, path, note = proof
        checkpoint = tlog.verify_checkpoint(tlog.parse_note(note), log, [witness], 1)
        return bool(checkpoint.ok) and bool(
            tlog.verify_leaf_inclusion(entry, index, checkpoint.size, path, checkpoint.root)
        )
    except Exception:
        return False

def split(text):
    head, note = text.split("\\n\\n", 1)
    lines = head.split("\\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    word, number = lines[1].split(" ")
    assert word == "index" and str(int(number)) == number
    path = [base64.b64decode(line, validate=True) for line in lines[2:]]
    assert [base64.b64encode(node).decode() for node in path] == lines[2:]
    return int(number), path, note

receipt = (folder / "receipt").read_bytes()
pem = (folder / "log.pem").read_bytes()
def receipt_ok(data, entry_hex):
    try:
        return bool(scitt_cose.verify_receipt(
            data, leaf_entry_hex=entry_hex, log_public_key_pem=pem).ok)
    except Exception:
        return False
tiles = tlog.FileSystemTileReader(str(folder / "tiles"))
audited = tlog.audit_tiles(tiles, case["size"], bytes.fromhex(case["root"]))
print(json.dumps({
    "proofs": {name: judge(text) for name, text in case["proofs"].items()},
    "receipt": [receipt_ok(receipt, case["entry"]), receipt_ok(receipt, "00" * 32),
                receipt_ok(receipt[:-1] + bytes([receipt[-1] ^ 1]), case["entry"])],
    "audited": audited.size,
}))
"""


def test_two_independent_verifiers_agree(tmp_path: Path) -> None:
    """aics-tlog accepts proof, checkpoint and tiles, scitt-cose the receipt; mutations fall."""
    python = os.environ.get("SILKGATE_JUDGE_PYTHON")
    if python is None or shutil.which(python) is None:
        pytest.skip("SILKGATE_JUDGE_PYTHON names no Python with aics-tlog and scitt-cose")
    _write_case(tmp_path)
    found = subprocess.run(
        [python, "-c", JUDGE, str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    verdict = json.loads(found.stdout)
    assert verdict["audited"] == 300
    assert verdict["receipt"] == [True, False, False]
    accepted = [name for name, ok in verdict["proofs"].items() if ok]
    # aics-tlog 0.2.1 reads a note without its final newline; everything else it refuses too.
    assert set(accepted) - {"no final newline"} == {"ours"}
    assert len(verdict["proofs"]) > 12


def _write_case(folder: Path) -> None:
    log, witness, key = log_of(300), cosigner(), signer()
    text = log.checkpoint().partition(b"\n\n")[0] + b"\n"
    log.add_cosignatures(300, [witness.cosign(text, 1_800_000_000)])
    proof = bytes(log.proof(77))
    proofs = {"ours": proof} | {name: change(proof) for name, change in MUTATIONS.items()}
    case = {
        "entry": digests(77, 78)[0].hex(),
        "log": str(key.key),
        "witness": str(witness.key),
        "size": 300,
        "root": log.root().hex(),
        "proofs": {name: data.decode() for name, data in proofs.items()},
    }
    (folder / "case.json").write_text(json.dumps(case))
    (folder / "receipt").write_bytes(write_receipt(log.prove(77), key))
    (folder / "log.pem").write_bytes(
        key.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    for level, (full, width) in enumerate(widths(300)):
        for number, held in [*((n, WIDTH) for n in range(full)), (full, width)]:
            for kind in (level, -1) if level == 0 else (level,):
                path = tile_path(TileKey(kind, number), held)
                (folder / "tiles" / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / "tiles" / path).write_bytes(static_resource(log.tiles, path).body)
