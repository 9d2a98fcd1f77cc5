"""Putting the anchor contract on a chain (`silkgate anchor deploy`)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.settings import Settings
from gateway.settings.anchor import IN_PROCESS
from gateway.wiring.log.chainaccount import chain_account
from ledger.anchors import evm
from ledger.anchors.errors import WrongChain
from schemas.errors import SettingsError
from schemas.text import Text


class NoChainNamed(SettingsError):
    """There is no node to deploy through."""

    code = "SG-9063"
    title = Text("No JSON-RPC address of a node is given.", "未指定节点的 JSON-RPC 地址。")
    hint = Text(
        "Give --rpc, or set `anchor.rpc_url`; the in-process chain deploys by itself.",
        "请使用 --rpc,或设置 `anchor.rpc_url`;进程内链会自动部署。",
    )


@dataclass(frozen=True, slots=True)
class Deployed:
    """A contract on a chain, and the account that owns it."""

    rpc_url: str
    chain_id: int
    contract: str
    owner: str
    key: str

    def as_dict(self) -> dict[str, object]:
        """Return the row that `--json` prints."""
        return {
            "rpc_url": self.rpc_url,
            "chain_id": self.chain_id,
            "contract": self.contract,
            "owner": self.owner,
            "key": self.key,
        }

    def settings(self) -> str:
        """Return the part of `silkgate.toml` that anchors there."""
        lines = (
            "[anchor]",
            'kind = "evm"',
            f"rpc_url = {json.dumps(self.rpc_url)}",
            f"chain_id = {self.chain_id}",
            f'contract = "{self.contract}"',
            f"key = {json.dumps(self.key)}",
        )
        return "\n".join(lines)


def deploy(
    settings: Settings, rpc: str | None, chain_id: int | None, patience: float, key: str = ""
) -> Deployed:
    """Deploy with the chain account `key`, by default the gateway's, which will own the contract.

    Raises NoChainNamed, WrongChain, AnchorUnavailable, SendRefused, NotAContract.
    """
    url = rpc or settings.anchor.rpc_url
    if url == IN_PROCESS:
        raise NoChainNamed(where="anchor.rpc_url")
    account = chain_account(settings, key)
    chain = evm.connect(url)
    found, expected = chain.chain_id(), chain_id or settings.anchor.chain_id
    if expected is not None and found != expected:
        raise WrongChain(found=found, expected=expected)
    contract = evm.deploy(chain, account, patience)
    return Deployed(url, found, contract, account.address, key or settings.anchor.key)
