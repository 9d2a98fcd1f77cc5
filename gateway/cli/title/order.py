"""`silkgate title sign|grant`: a party orders moves of its own; the office gives roles."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.title.chain import chain_account, chain_option, rpc_option
from schemas.errors import InputError
from schemas.jsondepth import loads
from schemas.text import Text

_ROLES: Final = ("issue", "restore", "accept", "pause", "govern")
_key = click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path), help="The private key."
)
_secret = click.option("--secret", default="", help="What opens the key: env:NAME or file:PATH.")


class NothingToSign(InputError):
    """A file does not say what is to be signed."""

    code = "SG-1149"
    title = Text("{where} says nothing to sign.", "{where} 中没有待签署内容。")
    hint = Text(
        "Give it as `silkgate lading prepare` printed it.",
        "请提供 `silkgate lading prepare` 打印的内容。",
    )
    exit_code = 2


@click.command("sign")
@click.argument("file")
@_key
@_secret
@options.as_json
def sign(file: str, *, key_file: Path, secret: str, as_json: bool) -> None:
    """Sign what FILE asks of a party: orders on a chain, or a mandate; print what to hand in."""
    try:
        asked = loads(content(file))
        wanted, at = asked["sign"], asked["actionDateTime"]
        orders = (
            _orders(wanted, key_file, secret)
            if "digests" in wanted
            else [_mandate(wanted["mandate"], key_file, secret, since=at)]
        )
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise NothingToSign(where=file) from error
    signed = {"actionDateTime": at, "orders": orders}
    output.line(signed) if as_json else click.echo(json.dumps(signed, indent=1))
    sys.exit(0)


@click.command("grant")
@click.argument("party")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES), help="None: no role.")
@rpc_option
@chain_option
@click.option("--contract", required=True, help="Address of a contract of `title deploy`.")
@_key
@_secret
@options.as_json
def grant(
    party: str,
    roles: tuple[str, ...],
    rpc: str,
    chain_id: int,
    contract: str,
    key_file: Path,
    secret: str,
    *,
    as_json: bool,
) -> None:
    """Set what PARTY (an address) may do in our contract, as who governs it."""
    from ledger.title.evm import give_roles

    account = chain_account(key_file, secret)
    number = sum(1 << _ROLES.index(each) for each in set(roles))
    give_roles(rpc, chain_id, contract, account, (party, number))
    found = {"contract": contract, "party": party, "roles": sorted(set(roles))}
    output.line(found) if as_json else click.echo(f"{party}: {' '.join(sorted(set(roles))) or '-'}")
    sys.exit(0)


def _orders(wanted: dict[str, Any], key_file: Path, secret: str) -> list[str]:
    """Return an order for each digest: the last second it counts, r, s and parity, in hex."""
    account = chain_account(key_file, secret)
    orders = []
    for digest in wanted["digests"]:
        r, s, parity = account.sign_digest(bytes.fromhex(digest))
        orders.append(f"{wanted['until']}.{r:064x}{s:064x}{parity:02x}")
    return orders


def _mandate(wanted: dict[str, Any], key_file: Path, secret: str, *, since: str) -> str:
    from datetime import datetime

    from gateway.cli.title.act import party_key
    from ledger.title.mandate import Mandate

    return Mandate(
        agent=wanted["agent"],
        register=wanted["register"],
        titles=wanted["titles"],
        actions=wanted["actions"],
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(wanted["until"]),
    ).sealed(party_key(key_file, secret))
