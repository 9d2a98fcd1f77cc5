"""kill -9 at each commit of a bill that crosses, comes back and is surrendered, with its title."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from certs.jose.compact import CompactSigner
from gateway import setup
from gateway.settings import load
from gateway.wiring.titles.titling import SealParty
from tests.gateway.lading.envelopes import Json, checksum, document, new_signer
from tests.gateway.lading.platforms import House, acquaint
from tests.gateway.lading.titled import Ledger
from tests.ledger.title.rpcserver import Node, serving

ROOT = Path(__file__).resolve().parents[2]
BILLS = 80


def on_chain(home: Path, ledger: Ledger) -> Path:
    """Make the two platforms over a contract."""
    carx, bole = (
        House(home, platform=code, parties=[name], more=ledger.settings(issues=code == "CARX"))
        for code, name in (("CARX", "Shipper"), ("BOLE", "Buyer"))
    )
    ledger.admit(carx, issues=True)
    ledger.admit(bole, issues=False)
    return _prepared(home, carx, bole)


def on_log(home: Path) -> Path:
    """Make the two platforms over the register of the first."""
    uri = "https://carx.example/v1/titles"
    own = f'[[lading.registers]]\nkind = "log"\nuri = "{uri}"\n'
    carx = House(home, platform="CARX", parties=["Shipper"], more=f'registry = "{uri}"\n{own}')
    there = f'{own}peer = "CARX"\nname = "carx/log"\n'
    bole = House(home, platform="BOLE", parties=["Buyer"], more=there)
    for house in (carx, bole):
        seal = setup.key_store(load(house.home)).load("seal")
        house.accounts.append(SealParty(seal).party)
    file = carx.home / "silkgate.toml"
    issuers = f'\n[titles]\nissuers = ["{carx.accounts[0]}"]\n'
    file.write_text(file.read_text("utf-8") + issuers, "utf-8")
    return _prepared(home, carx, bole)


@pytest.mark.faults_long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("when", ["after", "before"])
def test_a_kill_at_any_commit_leaves_one_holder_on_a_chain(tmp_path: Path, when: str) -> None:
    """However far it came, one platform has the bill, and it is the one the contract names."""
    node = Node()
    with serving(node) as url:
        assert _killed(on_chain(tmp_path, Ledger(url, node.fund)), when) >= 12


@pytest.mark.faults_long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("when", ["after", "before"])
def test_a_kill_at_any_commit_leaves_one_holder_on_a_log(tmp_path: Path, when: str) -> None:
    """The same where the register is the log of one of the two."""
    assert _killed(on_log(tmp_path), when) >= 12


def _killed(home: Path, when: str) -> int:
    """Move a bill once for each commit, killed there; return how many runs were killed."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.faults.titled_process", str(home), when],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr[-3000:]
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert [row for row in rows if row["held"] != [row["register"]]] == []
    assert {row["register"] for row in rows} == {"CARX", "BOLE"}
    returned = {row["location"]: row["carx"] for row in rows if row["location"] != "escrow"}
    assert returned == {"issuer": "surrendered"}
    return sum(row["killed"] for row in rows)


def _prepared(home: Path, *houses: House) -> Path:
    """Write what a carrier asks the first platform for: many bills, one for each run."""
    acquaint(*houses)
    carrier = new_signer()
    for house in houses:
        house.knows("MAEU", "http://127.0.0.1:9", carrier, carriers=["MAEU"])
        house.ladings.desk.store.check()
        house.close()
    code = {"codeListProvider": "CARX", "partyCode": "shipper"}
    issue_to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": [code]}
    requests = [_request(document(f"SGK{n:05}"), issue_to, carrier) for n in range(BILLS)]
    (home / "requests.json").write_text(json.dumps(requests), "utf-8")
    return home


def _request(made: Json, issue_to: Json, carrier: CompactSigner) -> Json:
    manifest = {"documentChecksum": checksum(made), "issueToChecksum": checksum(issue_to)}
    request = {
        "document": made,
        "issueTo": issue_to,
        "issuanceManifestSignedContent": carrier.sign(json.dumps(manifest).encode()),
    }
    return {"request": request, "checksum": checksum(made)}
