"""`silkgate title reader|share`: reading keys, and who may read private remarks and names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from gateway.cli.titleact import party_key, secret_option, signer_option
from gateway.cli.titleplace import Place, place_options
from gateway.cli.titlereading import Reading, called, reader_options
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from ledger.title.epochs import Epochs
    from ledger.title.readers import Card, ReadingKey

_LONGEST_NAME: Final = 200
_READERS: Final = Text("read by", "可读方")


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
@signer_option
@secret_option
@reader_options
@options.as_json
def reader_command(
    *, out: Path | None, key_file: Path, secret: str, reader: Reading, as_json: bool
) -> None:
    """Make a reading key of the party of --key, or take that of --reader-key; print its card.

    The card goes to the other parties: they let the party read by it.
    """
    from schemas.clock import utc_now

    party = party_key(key_file, secret)
    if (out is None) is not bool(reader.ref):
        raise click.UsageError("give either -o, for a new reading key, or --reader-key")
    key = reader.key if out is None else _made(out, reader.passphrase)
    card = key.card(party, utc_now())
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
@signer_option
@secret_option
@reader_options
@place_options
@options.as_json
def share(
    title: str,
    *,
    cards: tuple[str, ...],
    leavers: tuple[str, ...],
    named: tuple[str, ...],
    anew: bool,
    epoch: int | None,
    key_file: Path,
    secret: str,
    reader: Reading,
    place: Place,
    as_json: bool,
) -> None:
    """Share the key of private remarks on TITLE and the names of its parties.

    The first time, and when somebody leaves, a new key is made; otherwise those of --with are
    given the one there is. Issuer, title holder and possessor may share it.
    """
    from ledger.title.sharing import Sharer, Wish
    from schemas.clock import utc_now

    sharer = Sharer(party_key(key_file, secret), reader.key)
    wish = Wish(
        newcomers=[_card(each) for each in cards],
        leavers=leavers,
        names=dict(_name(each) for each in named),
        anew=anew,
        epoch=epoch,
    )
    with place.opened() as register:
        with register.looking() as looking:
            before = looking.shared(title)
        if before.count and not (cards or leavers or named or anew):
            raise NothingToShare(where=title)
        register.share(sharer.shared(before, wish, utc_now()))
        with register.looking() as looking:
            after = looking.shared(title)
    _tell(after, reader.key, begun=after.count > before.count, as_json=as_json)
    sys.exit(0)


def _made(out: Path, passphrase: bytes | None) -> ReadingKey:
    from ledger.title.readers import ReadingKey

    made = ReadingKey.generate()
    made.save(out, passphrase)
    return made


def _tell(epochs: Epochs, reader: ReadingKey, *, begun: bool, as_json: bool) -> None:
    """Print the epoch that was shared last, its readers and the names."""
    names, newest = epochs.opened(reader).names, epochs.shared[-1].epoch
    readers = sorted(epochs.cards(newest))
    if as_json:
        found = {"epoch": newest, "begun": begun, "readers": readers, "names": names}
        output.line({"title": epochs.title, **found})
        return
    told = ", ".join(called(each, names) for each in readers)
    click.echo(f"{epochs.title} {newest} {say(_READERS)}: {told}")


def _card(name: str) -> Card:
    from ledger.title.readers import read_card

    return read_card(content(name).decode("ascii", "replace").strip())


def _name(given: str) -> tuple[str, str]:
    party, equals, name = given.partition("=")
    if not (party and equals and name and len(name.encode()) <= _LONGEST_NAME):
        raise NotAName(where=given)
    return party, name
