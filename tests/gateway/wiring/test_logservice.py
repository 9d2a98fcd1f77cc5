"""From a digest accepted over HTTP to a proof that an auditor checks alone."""

from __future__ import annotations

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway import setup
from gateway.api.app import create_app
from gateway.settings import load
from gateway.wiring.api_keys import issue
from gateway.wiring.assembly import Gateway
from gateway.wiring.log.opening import open_log
from ledger.errors import ProofRefused
from ledger.fsck import fsck
from ledger.proof import verify_document
from ledger.signature import verifier_for


def test_a_digest_becomes_a_proof(tmp_path: Path) -> None:
    """Logged by two requests, sealed, proven: the proof holds for its document and no other."""
    setup.create(tmp_path, party="log", name="log", country="SG", port=8443)
    settings = load(tmp_path)
    gateway = Gateway(settings)
    documents = [b"document %d" % number for number in range(300)]
    digests = [sha256(document).digest() for document in documents]
    token = issue(settings, tenant="port", scopes=["log:write"], days=1)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/octet-stream"}
    with TestClient(create_app(gateway)) as client:
        for some in (digests[:200], digests[200:]):
            answer = client.post("/v1/log/entries", content=b"".join(some), headers=headers)
            assert answer.status_code == 201
        assert (answer.json()["first"], answer.json()["count"]) == (200, 100)
        early = client.get(f"/log/proof/{digests[250].hex()}")
        assert early.json()["code"] == "SG-5403"
        gateway.sealer.round()
        proof = client.get(f"/log/proof/{digests[250].hex()}").content
        assert client.get(f"/log/proof/{'00' * 32}").status_code == 404
    log = verifier_for(gateway.logbook.signer.key)
    assert verify_document(proof, documents[250], log).checkpoint.size == 300
    with pytest.raises(ProofRefused):
        verify_document(proof, documents[251], log)
    gateway.close()
    assert whole(tmp_path)
    _damaged(tmp_path)


def whole(home: Path) -> bool:
    """Derive the gateway's log anew from its entries."""
    with open_log(home) as log, log.reading() as now:
        return fsck(now.tiles, verifier_for(log.key)).sound


def _damaged(home: Path) -> None:
    """A changed octet is found, in the tiles and in the checkpoint."""
    db = sqlite3.connect(home / "silkgate.db")
    for table, column in (("tile", "data"), ("checkpoint", "note")):
        rowid, kept = db.execute(f"SELECT rowid, {column} FROM {table} LIMIT 1").fetchone()  # noqa: S608 - tables of the log
        change = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608 - as above
        db.execute(change, (bytes(len(kept)), rowid))
        db.commit()
        assert not whole(home), table
        db.execute(change, (kept, rowid))
        db.commit()
    assert whole(home)
    db.close()
