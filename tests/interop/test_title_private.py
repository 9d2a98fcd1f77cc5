"""Private remarks on TradeTrust's own escrow, by command: it carries what we seal, unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.title.group import group
from ledger.anchors.account import Account
from ledger.title.evm import connect
from ledger.title.machine import Move
from ledger.title.tradetrust import TradeTrustRegistry
from ledger.title.tradetrust_events import endorsement_chain
from tests.interop.node import anvil
from tests.interop.tradetrust import deployed, installed

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

TOKEN = "0x" + "7c" * 32
NAMES = ("shipper", "bank")


def run(*args: str) -> Any:
    """Run a command of the title register; return its JSON."""
    found = CliRunner().invoke(group, [*args, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_escrow_carries_a_sealed_remark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """90 bytes of text are 120 in `bytes remark`; readers open them, a removed one no later one."""
    installed()
    monkeypatch.chdir(tmp_path)
    accounts = {name: Account.generate() for name in ("issuer", *NAMES)}
    with anvil() as node:
        for name, account in accounts.items():
            node.fund(account.address)
            account.save(tmp_path / f"{name}-chain.pem")
        chain = connect(node.url)
        registry = deployed(chain, accounts["issuer"])
        shipper, bank = (accounts[name].address for name in NAMES)
        issued = Move("issue", accounts["issuer"].address, (shipper, shipper))
        registry.perform(accounts["issuer"], bytes.fromhex(TOKEN[2:]), issued, b"")
        number = str(chain.chain_id())
        where = ("--rpc", node.url, "--registry", registry.address, "--chain-id", number)
        at = (*where, "--epochs", "bl.epochs")
        ids = {name: run("key", "-o", f"{name}.pem")["party"] for name in NAMES}
        for name in NAMES:
            keys = ("--key", f"{name}.pem", "-o", f"{name}-reader.pem")
            bound = ("--account", f"{name}-chain.pem", "--chain-id", number)
            Path(f"{name}.card").write_text(run("reader", *keys, *bound)["card"])
        share = ("share", TOKEN, "--key", "shipper.pem", "--card", "shipper.card", *at)
        reads = {name: ("--reader-key", f"{name}-reader.pem") for name in NAMES}
        run(*share, *reads["shipper"], "--with", "bank.card")
        sealed = ("--private", "--key", "shipper-chain.pem", *reads["shipper"], *at)
        run("move", TOKEN, "nominate", bank, "--remark", "x" * 90, *sealed)
        run(*share, *reads["shipper"], "--without", ids["bank"])
        run("move", TOKEN, "transferHolder", bank, "--remark", "后来", *sealed)
        links = registry_remarks(registry, TOKEN)
        seen = {name: run("moves", TOKEN, *reads[name], *at)["history"] for name in NAMES}
    assert [len(each) for each in links] == [0, 120, 36]
    texts = {
        name: [link["sealed"]["text"] for link in told if "sealed" in link]
        for name, told in seen.items()
    }
    assert texts == {"shipper": ["x" * 90, "后来"], "bank": ["x" * 90, None]}
    assert [bytes.fromhex(link["remark"]) for link in seen["bank"]] == links


def registry_remarks(registry: TradeTrustRegistry, token: str) -> list[bytes]:
    """Return the remarks as the escrow's events have them."""
    return [link.remark for link in endorsement_chain(registry, bytes.fromhex(token[2:]))]


def test_a_remark_by_role_is_the_registrys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a restore the escrow's events do not tell the account: the remark opens all the same."""
    installed()
    monkeypatch.chdir(tmp_path)
    issuer = Account.generate()
    with anvil() as node:
        node.fund(issuer.address)
        issuer.save(tmp_path / "chain.pem")
        registry = deployed(connect(node.url), issuer)
        issued = Move("issue", issuer.address, (issuer.address, issuer.address))
        registry.perform(issuer, bytes.fromhex(TOKEN[2:]), issued, b"")
        number = str(registry.chain.chain_id())
        at = ("--rpc", node.url, "--registry", registry.address, "--chain-id", number)
        held = (*at, "--epochs", "bl.epochs", "--reader-key", "reader.pem")
        run("key", "-o", "party.pem")
        bound = ("--account", "chain.pem", "--chain-id", number)
        made = run("reader", "--key", "party.pem", "-o", "reader.pem", *bound)
        Path("own.card").write_text(made["card"])
        run("share", TOKEN, "--key", "party.pem", "--card", "own.card", *held)
        for action in ("returnToIssuer", "restore"):
            sealed = ("--private", "--remark", action, "--key", "chain.pem", *held)
            run("move", TOKEN, action, *sealed)
        told = run("moves", TOKEN, *held)["history"]
    assert [link["sealed"]["text"] for link in told[1:]] == ["returnToIssuer", "restore"]
