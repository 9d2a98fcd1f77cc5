"""`silkgate title reader|share`: reading keys, and who may read private remarks and names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from gateway.cli.title.act import party_key, secret_option, signer_option
from gateway.cli.title.chain import chain_account
from gateway.cli.title.move import OnChain, address, chain_options, token_id
from gateway.cli.title.place import Place, place_options
from gateway.cli.title.reading import READ_BY, Reading, called, keeping, reader_options
from gateway.cli.usage import Misused
from ledger.title.fields import NAME
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.epochs import Epochs
    from ledger.title.readers import Card, ReadingKey
    from ledger.title.sharing import Sharer, Wish

_ADDRESS: Final = "0x"
_LONGEST_NAME: Final = 200
_OLDER_AND_NEW: Final = Text(
    "--epoch is for --with alone, which begins no new epoch", "--epoch 仅用于 --with,不另起新期"
)


class NothingToShare(InputError):
    """No reader comes or goes, and nobody is named."""

    code = "SG-1168"
    title = Text("There is nothing to share of {where}.", "{where} 没有可共享的内容。")
    hint = Text(
        "Say who is to read (--with), who no more (--without), or what a party is called (--name).",
        "请指定新增可读方(--with)、移除的可读方(--without)或当事方名称(--name)。",
    )
    exit_code = 2


class NotAName(InputError):
    """A party's name is not given as one."""

    code = "SG-1169"
    title = Text("{where} names no party.", "{where} 未指明当事方名称。")
    hint = Text("Write PARTY=NAME, at most 200 bytes.", "请写作 PARTY=名称,至多 200 字节。")
    exit_code = 2


@click.command("reader")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Make a new reading key here.")
@click.option(
    "--account",
    "account_file",
    type=click.Path(path_type=Path),
    help="The party's chain account: the card says that it acts for the party.",
)
@click.option("--account-secret", default="", help="What opens it: env:NAME or file:PATH.")
@click.option("--chain-id", type=click.IntRange(1), help="The chain of the account.")
@signer_option
@secret_option
@reader_options
@options.as_json
def reader_command(
    *,
    out: Path | None,
    account_file: Path | None,
    account_secret: str,
    chain_id: int | None,
    key_file: Path,
    secret: str,
    reader: Reading,
    as_json: bool,
) -> None:
    """Make a reading key of the party of --key, or take that of --reader-key; print its card.

    The card goes to the other parties: they let the party read by it.
    """
    from schemas.clock import utc_now

    party = party_key(key_file, secret)
    if (out is None) is not bool(reader.ref):
        raise Misused(
            Text(
                "give either -o, for a new reading key, or --reader-key",
                "请给出 -o(新阅读密钥)或 --reader-key,二者择一",
            )
        )
    if (account_file is None) is not (chain_id is None):
        raise Misused(
            Text("--account and --chain-id go together", "--account 与 --chain-id 须同时给出")
        )
    account = None if account_file is None else chain_account(account_file, account_secret)
    key = reader.key if out is None else _made(out, reader.passphrase)
    card = key.card(party, utc_now(), account, chain_id or 0)
    output.line({"party": party.party, "card": card}) if as_json else click.echo(card)
    sys.exit(0)


@click.command("share")
@click.argument("title")
@click.option("--with", "cards", multiple=True, metavar="CARD", help="Card of one who is to read.")
@click.option(
    "--without", "leavers", multiple=True, metavar="PARTY", help="One who reads nothing later."
)
@click.option("--name", "named", multiple=True, metavar="PARTY=NAME", help="What one is called.")
@click.option("--new", "anew", is_flag=True, help="Begin a new epoch with the same readers.")
@click.option(
    "--epoch",
    type=click.IntRange(0),
    help="Let those of --with read this epoch, else the newest.",
)
@click.option("--card", "own", default="", help="Your card, where it names an account on a chain.")
@signer_option
@secret_option
@reader_options
@place_options
@chain_options(required=False)
@options.as_json
def share(
    title: str,
    *,
    own: str,
    cards: tuple[str, ...],
    leavers: tuple[str, ...],
    named: tuple[str, ...],
    anew: bool,
    epoch: int | None,
    key_file: Path,
    secret: str,
    reader: Reading,
    place: Place,
    chain: OnChain | None,
    as_json: bool,
) -> None:
    """Share the key of private remarks on TITLE and the names of its parties.

    The first time, and when somebody leaves, a new key is made; otherwise those of --with are
    given the one there is. Issuer, title holder and possessor may share it. On a chain (--rpc) the
    keys go into the file of --epochs, which is for the other parties.
    """
    from ledger.title.sharing import Sharer

    sharer = Sharer(party_key(key_file, secret), reader.key, _card(own) if own else None)
    wish = _wish(cards, leavers, named, anew=anew, epoch=epoch)
    if chain is None:
        before, now = _on_register(place, title, sharer, wish)
    else:
        before, now = _on_chain(chain, title, sharer, wish)
    _tell(title, now, reader.key, begun=now.count > before.count, as_json=as_json)
    sys.exit(0)


def _wish(
    cards: Sequence[str],
    leavers: Sequence[str],
    named: Sequence[str],
    *,
    anew: bool,
    epoch: int | None,
) -> Wish:
    """Return what is asked for; `--epoch` is no place for a new epoch."""
    from ledger.title.sharing import Wish

    if epoch is not None and (leavers or anew):
        raise Misused(_OLDER_AND_NEW)
    newcomers, names = [_card(each) for each in cards], dict(_name(each) for each in named)
    return Wish(newcomers=newcomers, leavers=leavers, names=names, anew=anew, epoch=epoch)


def _on_register(place: Place, title: str, sharer: Sharer, wish: Wish) -> tuple[Epochs, Epochs]:
    """Share at a register; return the epochs before and after."""
    with place.opened() as register:
        with register.looking() as looking:
            before, after = looking.shared(title), looking.standing(title).n
        register.share(_signed(title, before, sharer, wish, after))
        with register.looking() as looking:
            return before, looking.shared(title)


def _on_chain(chain: OnChain, title: str, sharer: Sharer, wish: Wish) -> tuple[Epochs, Epochs]:
    """Share in the file of a title on a chain; return the epochs before and after."""
    with keeping(chain.file) as keep:
        private = chain.read(chain.titles(), token_id(title), begun=False)
        before = private.epochs()
        file = private.shared(_signed(title, before, sharer, wish, private.last))
        keep(file)
    return before, replace(private, file=file).epochs()


def _signed(title: str, before: Epochs, sharer: Sharer, wish: Wish, after: int) -> str:
    from schemas.clock import utc_now

    if before.count and wish.empty:
        raise NothingToShare(where=title)
    return sharer.shared(before, wish, utc_now(), after=after)


def _made(out: Path, passphrase: bytes | None) -> ReadingKey:
    from ledger.title.readers import ReadingKey

    made = ReadingKey.generate()
    made.save(out, passphrase)
    return made


def _tell(title: str, epochs: Epochs, reader: ReadingKey, *, begun: bool, as_json: bool) -> None:
    """Print the epoch that was shared last, its readers and the names."""
    names, newest = epochs.opened(reader).names, epochs.shared[-1].epoch
    readers = sorted(epochs.cards(newest))
    if as_json:
        found = {"epoch": newest, "begun": begun, "readers": readers, "names": names}
        output.line({"title": title, **found})
        return
    told = ", ".join(called(each, names) for each in readers)
    click.echo(f"{title} {newest} {say(READ_BY.format(parties=told))}")


def _card(name: str) -> Card:
    from ledger.title.readers import read_card

    return read_card(content(name).decode("ascii", "replace").strip())


def _name(given: str) -> tuple[str, str]:
    party, equals, name = given.partition("=")
    fits = name.isprintable() and 0 < len(name.encode()) <= _LONGEST_NAME
    if not (equals and fits and NAME.fullmatch(party)):
        raise NotAName(where=given)
    return address(party) if party.startswith(_ADDRESS) else party, name
