"""kill -9 at each commit of a transfer between two platforms: one of them holds the bill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.store import ladings
from tests.gateway.lading.envelopes import Json, checksum, document, new_signer
from tests.gateway.lading.platforms import House, acquaint

ROOT = Path(__file__).resolve().parents[2]


def prepared(home: Path) -> Path:
    """Make the two platforms and the registry, and a bill with the first; return the folder."""
    uri = "http://127.0.0.1:7/ctr/v1"
    sender = House(home, platform="CARX", parties=["Shipper"], more=f'registry = "{uri}"\n')
    receiver = House(home, platform="BOLE", parties=["Buyer"])
    own = f'is_registry = true\nregistry = "{uri}"\n'
    registry = House(home, platform="SGTD", more=own, port=7)
    acquaint(sender, receiver, registry)
    carrier = new_signer()
    for house in (sender, receiver):
        house.knows("MAEU", "http://127.0.0.1:9", carrier, carriers=["MAEU"])
    made = document("SGK00001")
    code = {"codeListProvider": "CARX", "partyCode": "shipper"}
    issue_to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": [code]}
    manifest = {"documentChecksum": checksum(made), "issueToChecksum": checksum(issue_to)}
    request = {
        "document": made,
        "issueTo": issue_to,
        "issuanceManifestSignedContent": carrier.sign(json.dumps(manifest).encode()),
    }
    issuing = sender.ladings.issuing
    issuing.request(request, "MAEU")
    issuing.decide("SGK00001", "ISSU")
    with sender.ladings.desk.store.read() as tx:
        bill = ladings.live(tx, "SGK00001")
    assert bill is not None
    for house in (sender, receiver, registry):
        house.ladings.desk.store.check()
        house.close()
    said = {"reference": "SGK00001", "checksum": bill.checksum}
    (home / "bill.json").write_text(json.dumps(said), "utf-8")
    return home


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_kill_after_any_commit_leaves_one_holder(tmp_path: Path):
    """However far the transfer came, one platform holds the bill, and the registry says which."""
    assert len(_killed(tmp_path, "after")) >= 6


@pytest.mark.faults_long
@pytest.mark.timeout(600)
def test_a_kill_just_before_any_commit_leaves_one_holder(tmp_path: Path):
    """The same when the process dies with the transaction still open."""
    assert len(_killed(tmp_path, "before")) >= 6


def _killed(home: Path, when: str) -> list[Json]:
    """Run the transfer once for each commit, killed there; return the runs that were killed."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.lading_process", str(prepared(home)), when],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert [row for row in rows if row["held"] != [row["controller"]]] == []
    assert {row["controller"] for row in rows} == {"CARX", "BOLE"}
    return [row for row in rows if row["killed"]]
