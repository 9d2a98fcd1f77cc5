"""`silkgate title move|moves`: a party's own move of a title on a chain, and all there were."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import options, output
from gateway.cli.lading.record import NotAnAddress
from gateway.cli.title.act import NOBODY, private_option, remark_option, worded
from gateway.cli.title.chain import chain_account
from gateway.cli.title.home import shown, tell
from gateway.cli.title.reading import (
    NotEpochs,
    Reading,
    epochs_in,
    epochs_option,
    keeping,
    reader_options,
    show_link,
    tell_readers,
)
from gateway.cli.usage import Misused
from ledger.title.machine import ACTIONS, BY_ROLE
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.chainprivate import ChainPrivate
    from ledger.title.chaintitles import ChainTitles
    from ledger.title.machine import Move
    from ledger.title.state import State

_TOKEN: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_OURS: Final = frozenset({"changeKind", "amend", "switchToPaper"})
"""Moves that our contract alone has; their argument is no party."""
_NAMING: Final = _OURS - {"changeKind"}
"""Moves whose argument stands in the contract where others have their remark."""

_NO_ROOM: Final = Text(
    "amend and switchToPaper have no room for a remark in our contract",
    "本合约中 amend 与 switchToPaper 不能附备注",
)


class NotAToken(InputError):
    """A title on a chain is not named by its id."""

    code = "SG-1170"
    title = Text("{where} is not the id of a title on a chain.", "{where} 不是链上凭证编号。")
    hint = Text("Write 0x and 64 hexadecimal digits.", "请写作 0x 加 64 位十六进制数字。")
    exit_code = 2


@dataclass(frozen=True, slots=True)
class OnChain:
    """A contract on a chain, and the file with the keys of private remarks that parties hold."""

    rpc: str
    registry: str
    chain_id: int
    ours: bool = False
    keys: Path | None = None

    def titles(self) -> ChainTitles:
        """Return the titles of the contract; raises NotAnAddress, WrongChain."""
        from ledger.title.evm import titles_at

        return titles_at(self.rpc, address(self.registry), self.chain_id, ours=self.ours)

    def read(self, titles: ChainTitles, token: bytes, *, begun: bool = True) -> ChainPrivate:
        """Return a title with all that was done to it; the file is there once it is `begun`.

        Raises NoSuchTitle, BadAnswer, NoSuchFile, NotEpochs.
        """
        from ledger.title.chainprivate import ChainPrivate

        there = self.keys if begun or (self.keys is not None and self.keys.exists()) else None
        links, file = titles.history(token), epochs_in(there)
        return ChainPrivate(self.chain_id, address(self.registry), token, links, file)

    @property
    def file(self) -> Path:
        """The file of the parties; raises NotEpochs where none is named."""
        if self.keys is None:
            raise NotEpochs(where="--epochs")
        return self.keys

    def note(self, remark: bytes) -> None:
        """Add a sealed remark to the file, whatever others added meanwhile."""
        with keeping(self.file) as keep:
            file = epochs_in(self.file)
            keep(replace(file, remarks=(*file.remarks, remark)))


def chain_options(*, required: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options of a contract, as one argument `chain`; None without --rpc."""
    given = (
        click.option("--rpc", default="", required=required, help="JSON-RPC address of a node."),
        click.option(
            "--registry",
            default="",
            required=required,
            help="Address of the token registry, or our contract.",
        ),
        click.option("--chain-id", type=int, default=0, required=required, help="The chain."),
        click.option("--ours", is_flag=True, help="The address is a contract of `title deploy`."),
        epochs_option,
    )

    def wrapped(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def gathered(
            *,
            rpc: str,
            registry: str,
            chain_id: int,
            ours: bool,
            keys: Path | None,
            **others: Any,  # noqa: ANN401 - the options of the command itself
        ) -> Any:  # noqa: ANN401
            chain = OnChain(rpc, registry, chain_id, ours, keys) if rpc else None
            return command(chain=chain, **others)

        for option in reversed(given):
            gathered = option(gathered)
        return gathered

    return wrapped


@click.command("move")
@click.argument("token")
@click.argument("action", type=click.Choice(ACTIONS[1:]))
@click.argument("args", nargs=-1)
@remark_option
@private_option
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path),
    help="The party's chain account (secp256k1, PKCS#8 PEM).",
)
@click.option("--secret", default="", help="What opens the key: env:NAME or file:PATH.")
@chain_options(required=True)
@reader_options
@options.as_json
def move(
    token: str,
    action: str,
    args: tuple[str, ...],
    *,
    remark: str,
    private: bool,
    key_file: Path,
    secret: str,
    chain: OnChain,
    reader: Reading,
    as_json: bool,
) -> None:
    """Do ACTION on a title on a chain, as the account of --key; `-` as an argument is nobody.

    TradeTrust's escrow keeps the remark as it is. Our contract keeps its digest: a private remark
    then goes into the file of --epochs besides.
    """
    from ledger.title.machine import Move

    worded(remark, private=private)
    if remark and chain.ours and action in _NAMING:
        raise Misused(_NO_ROOM)
    account = chain_account(key_file, secret)
    titles, id_ = chain.titles(), token_id(token)
    before = chain.read(titles, id_)
    wanted = Move(action, account.address, tuple(_argument(action, each) for each in args))
    _allowed(before.links[-1].state, wanted, ours=chain.ours)
    words = remark.encode()
    if private:
        words = before.sealed(reader.key, account.address, remark, _actor(chain, titles, action))
        tell_readers(before.epochs(), reader.key)
        if chain.ours:
            chain.note(words)
    receipt = titles.perform(account, id_, wanted, words)
    after = titles.state(id_)
    found = {"token": token, "action": action, "transaction": f"0x{receipt.tx_hash.hex()}"}
    told = {**found, "gas": receipt.gas_used, **shown(after)}
    output.line(told) if as_json else tell(told)
    sys.exit(0)


@click.command("moves")
@click.argument("token")
@chain_options(required=True)
@reader_options
@options.as_json
def moves(token: str, *, chain: OnChain, reader: Reading, as_json: bool) -> None:
    """Tell every move of a title on a chain, and what is private to whoever may read it."""
    found = chain.read(chain.titles(), token_id(token))
    opened = found.epochs().opened(reader.given)
    links = [opened.link(link.as_dict()) for link in found.history()]
    state = shown(found.links[-1].state)
    if as_json:
        output.line({"token": token, **state, "history": links, **opened.as_dict()})
        sys.exit(0)
    for number, link in enumerate(links):
        show_link(number, link, opened.names)
    tell(state)
    sys.exit(0)


def token_id(text: str) -> bytes:
    """Return the id of a title on a chain, 32 bytes; raises NotAToken."""
    if not _TOKEN.fullmatch(text):
        raise NotAToken(where=text)
    return bytes.fromhex(text.removeprefix("0x"))


def address(text: str) -> str:
    """Return an address with the capitals of its checksum (EIP-55); raises NotAnAddress."""
    from ledger.anchors.secp256k1 import checksummed

    if not _ADDRESS.fullmatch(text):
        raise NotAnAddress(where=text)
    return checksummed(bytes.fromhex(text[2:]))


def _argument(action: str, given: str) -> str | None:
    """Return an argument as the contract takes it: of a paper's serial it has the digest."""
    if action == "switchToPaper":
        return sha256(given.encode()).hexdigest()
    if action in _OURS:
        return given
    return None if given == NOBODY else address(given)


def _actor(chain: OnChain, titles: ChainTitles, action: str) -> str:
    """Return who acts by the history, where that is not the account: a registry for its roles."""
    return titles.office if action in BY_ROLE and not chain.ours else ""


def _allowed(state: State, wanted: Move, *, ours: bool) -> None:
    """Ask the machine first: what it refuses costs no gas; raises MoveRefused."""
    from ledger.title.errors import Guard, MoveRefused
    from ledger.title.machine import step

    if wanted.action in _OURS and not ours:
        raise MoveRefused(Guard.UNKNOWN_ACTION, action=wanted.action)
    if wanted.action == "amend" and not all(_DIGEST.fullmatch(each or "") for each in wanted.args):
        raise MoveRefused(Guard.ARGUMENTS, action=wanted.action)
    office = state.terms.roles.minter
    step(state, replace(wanted, actor=office) if wanted.action in BY_ROLE else wanted)
