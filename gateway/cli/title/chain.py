"""`silkgate title status|deploy`: titles on a chain, TradeTrust's and our own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.title.home import tell

if TYPE_CHECKING:
    from ledger.anchors.account import Account

_LIVE: Final = "live"
_NOT_LIVE: Final = 3
rpc_option = click.option("--rpc", required=True, help="JSON-RPC address of a node.")
chain_option = click.option("--chain-id", type=int, required=True, help="The chain that is meant.")


@click.command("status")
@click.argument("token")
@rpc_option
@click.option("--registry", required=True, help="Address of the token registry, or our contract.")
@chain_option
@click.option("--ours", is_flag=True, help="The address is a contract of `title deploy`.")
@options.as_json
def status(
    token: str, *, rpc: str, registry: str, chain_id: int, ours: bool, as_json: bool
) -> None:
    """Ask a TradeTrust registry for a title by its token id (hex); exit 3 unless it is live."""
    from ledger.title.evm import slot_status, title_status

    try:
        token_id = bytes.fromhex(token.removeprefix("0x"))
    except ValueError:
        token_id = b""
    ask = slot_status if ours else title_status
    found = ask(rpc, registry, token_id, chain_id)
    result = {
        "token": token,
        "title": found.status.value,
        "reason": found.reason,
        "version": found.version,
        "registry": registry,
        "escrow": found.escrow,
        "beneficiary": found.beneficiary,
        "holder": found.holder,
        "nominee": found.nominee,
        "paused": found.paused,
    }
    output.line(result) if as_json else tell(result)
    sys.exit(0 if found.status.value == _LIVE else _NOT_LIVE)


@click.command("deploy")
@rpc_option
@chain_option
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path),
    help="Chain account (secp256k1, PKCS#8 PEM); it will have all roles.",
)
@click.option("--secret", default="", help="What opens the key: env:NAME or file:PATH.")
@options.as_json
def deploy(*, rpc: str, chain_id: int, key_file: Path, secret: str, as_json: bool) -> None:
    """Put our contract on a chain; its address is printed."""
    from ledger.title.evm import deploy_register

    account = chain_account(key_file, secret)
    address = deploy_register(rpc, account, chain_id)
    found = {"contract": address, "owner": account.address, "chain_id": chain_id}
    output.line(found) if as_json else click.echo(address)
    sys.exit(0)


def chain_account(file: Path, secret: str) -> Account:
    """Return the chain account in a file, opened by a secret, if it has one; raises BadChainKey."""
    from certs.keys import read_secret
    from ledger.anchors.account import Account

    return Account.load(file, read_secret(secret) if secret else None)
