"""`silkgate title key|issue|act`: what a party does with its own key."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content, present
from gateway.cli.title.home import leaf_of, shown
from gateway.cli.title.place import Place, place_options
from gateway.cli.title.reading import Reading, reader_options, sealed
from gateway.cli.usage import Misused
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.cli.title.place import Usable
    from ledger.title.entry import Entry, Statement
    from ledger.title.party import PartyKey
    from ledger.title.sequence import Standing

NOBODY: Final = "-"
signer_option = click.option(
    "--key", "key_file", required=True, type=click.Path(path_type=Path), help="The party's key."
)
secret_option = click.option(
    "--secret", default="", help="What opens the key: env:NAME or file:PATH; else it is open."
)
remark_option = click.option("--remark", default="", help="A remark of at most 120 bytes.")
private_option = click.option(
    "--private", is_flag=True, help="Seal the remark for the readers of `title share`."
)
_UNNAMED: Final = Text(
    "--register names the register of the gateway", "请用 --register 指明网关的登记处"
)
_place = click.option("--place", "location", default="", help="Where, as UN/LOCODE.")


class NotAPartyKey(InputError):
    """A file has no private key that signs titles."""

    code = "SG-1126"
    title = Text("{where} is not a party's key.", "{where} 不是参与方密钥。")
    hint = Text(
        "Make one with `silkgate title key -o FILE`: Ed25519 or P-256, PKCS#8 PEM.",
        "请使用 `silkgate title key -o FILE` 生成:Ed25519 或 P-256,PKCS#8 PEM。",
    )
    exit_code = 2


@click.command("key")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Make a new key here.")
@click.option("--of", "known", type=click.Path(path_type=Path), help="Tell the party of this key.")
@click.option("--jwk", type=click.Path(path_type=Path), help="Write its public key, for --keys.")
@secret_option
@options.as_json
def key(
    *, out: Path | None, known: Path | None, jwk: Path | None, secret: str, as_json: bool
) -> None:
    """Make a party's key, or tell the party of one: its id and its public key (JWK)."""
    from ledger.title.party import PartyKey

    if (known is None) is (out is None):
        raise Misused(
            Text(
                "Give -o FILE to make a key, or --of FILE to tell whose it is.",
                "请用 -o FILE 生成密钥,或用 --of FILE 查看密钥归属。",
            )
        )
    if out is not None:
        party = PartyKey.generate()
        party.save(out, _opened_by(secret))
    elif known is not None:
        party = party_key(known, secret)
    if jwk is not None:
        jwk.write_text(json.dumps(party.jwk) + "\n", encoding="utf-8")
    found = {"party": party.party, "jwk": party.jwk}
    output.line(found) if as_json else click.echo(party.party)
    sys.exit(0)


@click.command("issue")
@click.argument("title")
@click.option("--document", required=True, help="The bill; its SHA-256 is entered.")
@click.option(
    "--kind",
    type=click.Choice(["escrow", "to-order", "straight", "blank"]),
    default="to-order",
    show_default=True,
    help="To whom the bill is made out.",
)
@click.option("--beneficiary", required=True, help="Party that has the title.")
@click.option("--holder", help="Party that has possession; else the beneficiary.")
@click.option("--shipper", help="Shipper, for a straight bill.")
@click.option("--consignee", help="Consignee, for a straight bill.")
@click.option("--replaces-paper", default="", help="Serial of the paper bill that is replaced.")
@click.option("--replaces", multiple=True, help="Title that is replaced; it must have ended.")
@click.option("--statement", default="", help="Statement on the change of medium or document.")
@click.option("--evidence", help="Evidence that the paper was cancelled, e.g. a scan.")
@_place
@signer_option
@secret_option
@place_options
@options.as_json
def issue(
    title: str,
    *,
    document: str,
    kind: str,
    beneficiary: str,
    holder: str | None,
    shipper: str | None,
    consignee: str | None,
    location: str,
    key_file: Path,
    secret: str,
    place: Place,
    as_json: bool,
    **replaced: Any,  # noqa: ANN401 - as `_stated` takes it
) -> None:
    """Issue TITLE: sign the issue with the issuer's key and enter it."""
    from ledger.title.entry import Entry, Issue
    from ledger.title.machine import Move
    from ledger.title.state import Kind, Roles, Terms
    from schemas.clock import utc_now

    party = party_key(key_file, secret)
    terms = Terms(roles=Roles.of(party.party), shipper=shipper, consignee=consignee)
    with place.opened() as register:
        entry = Entry(
            register=_named(register),
            title=title,
            n=0,
            previous="",
            move=Move("issue", party.party, (beneficiary, holder or beneficiary)),
            at=utc_now(),
            place=location,
            issue=Issue(kind=Kind(kind), terms=terms, content=_digest(document)),
            statement=_stated(**replaced),
        )
        _enter(register, entry, party, None, as_json=as_json)


def _named(register: Usable) -> str:
    with register.looking() as looking:
        name = looking.name
    if not name:
        raise Misused(_UNNAMED)
    return name


def _stated(
    *, replaces_paper: str, replaces: tuple[str, ...], statement: str, evidence: str | None
) -> Statement | None:
    """Return the statement on the paper or titles that a new title replaces, if it does."""
    from ledger.title.entry import Statement

    shown = _digest(evidence) if evidence else ""
    said = Statement(text=statement, evidence=shown, paper=replaces_paper, titles=replaces)
    return None if said == Statement(text="") else said


@click.command("act")
@click.argument("title")
@click.argument("action")
@click.argument("args", nargs=-1)
@remark_option
@private_option
@_place
@click.option("--statement", default="", help="Statement, with a switch to paper.")
@signer_option
@secret_option
@reader_options
@place_options
@options.as_json
def act(
    title: str,
    action: str,
    args: tuple[str, ...],
    *,
    remark: str,
    private: bool,
    location: str,
    statement: str,
    key_file: Path,
    secret: str,
    reader: Reading,
    place: Place,
    as_json: bool,
) -> None:
    """Do ACTION on TITLE as the party of --key; `-` as an argument is nobody.

    Put `--` before the arguments if a party's id begins with a hyphen.

    nominate PARTY, transferBeneficiary PARTY, transferHolder PARTY, transferOwners PARTY PARTY,
    rejectTransferBeneficiary, rejectTransferHolder, rejectTransferOwners, returnToIssuer,
    changeKind blank|to-order, restore, burn, amend SHA256, switchToPaper SERIAL, pause, unpause.
    """
    from ledger.title.entry import Statement
    from ledger.title.machine import Move
    from schemas.clock import utc_now

    worded(remark, private=private)
    party = party_key(key_file, secret)
    said = Statement(text=statement, paper=args[0] if args else "") if statement else None
    move = Move(action, party.party, tuple(None if each == NOBODY else each for each in args))
    with place.opened() as register:
        with register.looking() as looking:
            before = looking.standing(title)
            words = remark.encode()
            if private:
                words = sealed(looking.shared(title), remark, reader, party.party)
        entry = before.then(move, utc_now(), place=location, remark=words, statement=said)
        _enter(register, entry, party, before, as_json=as_json)


def _enter(
    register: Usable,
    entry: Entry,
    party: PartyKey,
    before: Standing | None,
    *,
    as_json: bool,
) -> None:
    """Sign an entry, have it accepted, and print what the title is after it."""
    from ledger.title.sequence import follow

    signed = entry.sealed(party)
    standing, leaf = follow(before, signed), leaf_of(register.submit(signed))
    found = {
        "title": entry.title,
        "n": standing.n,
        "entry": standing.digest,
        "leaf": leaf,
        **shown(standing.state),
    }
    if as_json:
        output.line(found)
    else:
        held = f"{standing.state.beneficiary or '-'}/{standing.state.holder or '-'}"
        where = standing.state.location.value
        click.echo(f"{entry.title} {standing.n} {entry.move.action} [{held} {where}]")
    sys.exit(0)


def worded(remark: str, *, private: bool) -> None:
    """Refuse a private remark that says nothing."""
    if private and not remark:
        raise Misused(Text("--private seals what --remark says", "--private 加密 --remark 的内容"))


def _digest(file: str) -> str:
    return hashlib.sha256(content(file)).hexdigest()


def party_key(path: Path, secret: str) -> PartyKey:
    """Return the party whose key is in a file; raises NotAPartyKey."""
    from ledger.title.errors import EntryRefused
    from ledger.title.party import PartyKey

    try:
        return PartyKey.load(present(path), _opened_by(secret))
    except (OSError, ValueError, TypeError, EntryRefused) as error:
        raise NotAPartyKey(where=str(path)) from error


def _opened_by(secret: str) -> bytes | None:
    from certs.keys import read_secret

    return read_secret(secret) if secret else None
