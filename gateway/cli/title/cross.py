"""`silkgate title cross`: a title goes from the log to a contract of ours, or back."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.title.chain import chain_account, chain_option, rpc_option
from gateway.cli.title.home import home, readable_in, tell


@click.command("cross")
@click.argument("title")
@click.option(
    "--to",
    "side",
    type=click.Choice(["chain", "log"]),
    required=True,
    help="Where it goes; it was returned to its issuer for that.",
)
@click.option("--party", default="", help="To the log: who is to have it, as its holder said.")
@click.option("--shipper", help="Account there of the shipper, for a straight bill.")
@click.option("--consignee", help="Account there of the consignee, for a straight bill.")
@rpc_option
@chain_option
@click.option("--contract", required=True, help="Address of a contract of `title deploy`.")
@click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path), help="The issuer's key."
)
@click.option(
    "--account",
    "account_file",
    required=True,
    type=click.Path(path_type=Path),
    help="The issuer's chain account.",
)
@click.option("--secret", default="", help="What opens both: env:NAME or file:PATH.")
@home
@options.as_json
def cross(
    title: str,
    side: str,
    party: str,
    shipper: str | None,
    consignee: str | None,
    rpc: str,
    chain_id: int,
    contract: str,
    key_file: Path,
    account_file: Path,
    secret: str,
    *,
    home: Path,
    as_json: bool,
) -> None:
    """End TITLE where it is and issue it on the other side; repeated, it goes on."""
    from gateway.cli.title.act import party_key
    from gateway.cli.title.move import token_id
    from ledger.title.evm import slots_at
    from ledger.title.medium import Named, Office

    named = Named(shipper, consignee)
    with readable_in(home) as book:
        office = Office(
            book,
            slots_at(rpc, contract, chain_id),
            party_key(key_file, secret),
            chain_account(account_file, secret),
        )
        if side == "chain":
            made = office.to_chain(title, named)
        else:
            made = office.to_log(token_id(title), party, named)
    found = asdict(made)
    output.line(found) if as_json else tell(found)
    sys.exit(0)
