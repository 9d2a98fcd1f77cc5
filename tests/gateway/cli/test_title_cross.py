"""`silkgate title deploy|grant|cross` against a chain behind JSON-RPC."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gateway.cli.title.group import group
from ledger.anchors.account import Account
from ledger.title.evm import connect
from ledger.title.machine import Move
from ledger.title.slot import SlotRegister
from tests.ledger.title.rpcserver import Node, serving


def run(*args: str, status: int = 0) -> Any:
    """Run a command of the title register; return its JSON."""
    found = CliRunner().invoke(group, [*args, "--json"])
    assert found.exit_code == status, found.output
    return json.loads(found.stdout) if status == 0 else None


def test_a_title_crosses_to_a_chain_and_back(tmp_path: Path) -> None:
    """Deployed, granted, returned, crossed; the office needs its role before anything ends."""
    node, office, holder, owner = Node(), *(Account.generate() for _ in range(3))
    for account, name in ((office, "office"), (holder, "holder"), (owner, "owner")):
        node.fund(account.address)
        account.save(tmp_path / f"{name}.pem")
    home = str(tmp_path / "titles")
    keys = {name: str(tmp_path / f"{name}-key.pem") for name in ("carrier", "shipper")}
    parties = {name: run("key", "-o", file)["party"] for name, file in keys.items()}
    run("init", "--origin", "port.example/titles", "--home", home)
    (tmp_path / "bill.json").write_text("{}", "utf-8")
    bill = ("--document", str(tmp_path / "bill.json"), "--beneficiary", parties["shipper"])
    run("issue", "BL-1", *bill, "--key", keys["carrier"], "--home", home)
    with serving(node) as url:
        chain = connect(url)
        on = ("--rpc", url, "--chain-id", str(chain.chain_id()))
        contract = run("deploy", *on, "--key", str(tmp_path / "owner.pem"))["contract"]
        there = (*on, "--contract", contract)
        wish = f"did:pkh:eip155:{chain.chain_id()}:{holder.address}"
        returned = ("act", "BL-1", "returnToIssuer", "--remark", wish)
        run(*returned, "--key", keys["shipper"], "--home", home)
        keyed = ("--key", keys["carrier"], "--account", str(tmp_path / "office.pem"))
        crossing = ("cross", "BL-1", "--to", "chain", *there, *keyed, "--home", home)
        run(*crossing, status=1)
        assert run("show", "BL-1", "--home", home)["state"]["location"] == "issuer"
        roles = ("--role", "issue", "--role", "accept")
        granted = ("grant", office.address, *roles, *there, "--key", str(tmp_path / "owner.pem"))
        assert run(*granted)["roles"] == ["accept", "issue"]
        made = run(*crossing)
        assert run(*crossing) == made
        id_ = made["after"].rpartition("/")[2]
        assert run("show", "BL-1", "--home", home)["state"]["active"] is False
        urn = f"urn:ietf:params:oauth:jwk-thumbprint:sha-256:{parties['shipper']}"
        register = SlotRegister(chain, contract)
        title = bytes.fromhex(id_[2:])
        move = Move("returnToIssuer", holder.address)
        register.perform(holder, title, move, urn.encode())
        back = ("cross", id_, "--to", "log", "--party", parties["shipper"], *there, *keyed)
        again = run(*back, "--home", home)["after"].rpartition("/")[2]
    assert run("show", again, "--home", home)["state"]["holder"] == parties["shipper"]
