"""`silkgate lading` at a platform or carrier: look, move, surrender, issue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.lazy import say
from gateway.cli.opened import gateway_in
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.lading.service import LadingService

Json = dict[str, Any]
_SURRENDERS: Final = {"delivery": "SREQ", "amendment": "AREQ"}
_ISSUANCE_ANSWERS: Final = ("ISSU", "BREQ", "REFU")
_SURRENDER_ANSWERS: Final = ("SURR", "SREJ")
_AMENDMENT_ANSWERS: Final = ("AMENDMENT_CONFIRMED", "AMENDMENT_DECLINED")
_ANSWERS: Final = (
    *_ISSUANCE_ANSWERS,
    *_SURRENDER_ANSWERS,
    *_AMENDMENT_ANSWERS,
    "PENDING_UPDATE",
    "UPDATE_CONFIRMED",
    "UPDATE_DECLINED",
    "DECLINED",
)

_TITLE: Final = Text("Title on the register", "登记处的凭证")
_ELSEWHERE: Final = Text(
    "The register does not have it where this bill says.", "登记处的状态与该提单不一致。"
)

tenant_option = click.option(
    "--tenant", default="", help="Whose bill it is; the gateway's own if left out."
)
order_option = click.option(
    "--order", default="", metavar="FILE", help="What `silkgate title sign` printed for it."
)
comments_option = click.option("--comments", default="", help="The other side is told.")


class NotAnObject(InputError):
    """A file is not the JSON object that was expected."""

    code = "SG-1143"
    title = Text("{where} is not a JSON object.", "{where} 不是 JSON 对象。")
    hint = Text("Give it as DCSA has it.", "请按 DCSA 的格式提供。")
    exit_code = 2


@contextmanager
def desk(home: Path, tenant: str = "") -> Iterator[tuple[LadingService, str]]:
    """Give the bills of the gateway in `home`, and the account that is meant."""
    with gateway_in(home) as gateway:
        yield gateway.ladings, tenant or gateway.settings.id


def add(group: click.Group) -> None:
    """Add the commands to the group of bills of lading."""
    for command in (_list, _show, _act, _call_off, _surrender, _ask, _decide, _work, _jwk):
        group.add_command(command)


def common(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that all of these have."""
    return options.home(options.as_json(command))


@click.command("list")
@tenant_option
@common
def _list(*, tenant: str, home: Path, as_json: bool) -> None:
    """List the bills of an account, of all without --tenant."""
    with desk(home) as (service, _):
        rows = service.listed(tenant or None)
    for row in rows:
        if as_json:
            output.line(row)
        else:
            where = f"{row['possessor']} ({row['platform']})"
            click.echo(f"{row['reference']:20} {row['state']:12} {row['kind']:12} {where}")


@click.command("show")
@click.argument("reference")
@tenant_option
@common
def _show(reference: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Show one bill: who controls it, and every step of its chain."""
    with desk(home) as (service, _):
        found = service.shown(reference, tenant or None)
    if as_json:
        output.line(found)
        return
    click.echo(f"{found['reference']} {found['state']} {found['kind']} {found['checksum']}")
    click.echo(f"  {found['status']}: {found['possessor']} ({found['platform']})")
    for step in found["chain"]:
        to = step.get("recipient", {}).get("partyName", "")
        actor = step["actor"]["partyName"]
        moved = step.get("moved")
        on = f" [{moved['action']} {moved['reference']}]" if moved else ""
        click.echo(f"  {step['actionDateTime']} {step['actionCode']:24} {actor} {to}{on}")
    if "title" in found:
        _tell_title(found["title"])


@click.command("act")
@click.argument("reference")
@click.argument("action")
@click.option("--to", "recipient", default="", metavar="PARTY.json", help="Whom it is to.")
@click.option("--attach", multiple=True, metavar="FILE", help="Document to send along.")
@order_option
@tenant_option
@common
def _act(
    reference: str,
    action: str,
    recipient: str,
    attach: tuple[str, ...],
    order: str,
    *,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Make a transaction (TRANSFER, ENDORSE_TO_ORDER, BLANK_ENDORSE, SIGN ...) by the holder."""
    from gateway.lading.transfer.sending import Attachment

    made: Json = {
        "actionCode": action,
        **({"recipient": an_object(recipient)} if recipient else {}),
    }
    documents = [Attachment(Path(name).name, content(name)) for name in attach]
    with desk(home, tenant) as (service, account):
        orders, at = _ordered(order)
        made.update({"actionDateTime": at} if at else {})
        transfer = service.act(account, reference, made, documents, orders)
        sent = service.carriage.carry(transfer) if transfer else None
        worked(service)
    said = {
        "reference": reference,
        "transfer": transfer,
        "answer": sent.code if sent else "",
        "reason": sent.reason if sent else "",
    }
    tell(said, as_json=as_json)


@click.command("call-off")
@click.argument("reference")
@tenant_option
@common
def _call_off(reference: str, *, tenant: str, home: Path, as_json: bool) -> None:
    """Take back a transfer that nobody has answered, where it cannot have been accepted."""
    with desk(home, tenant) as (service, account):
        transfer = service.calling_off.call_off(account, reference)
    tell({"reference": reference, "transfer": transfer, "state": "held"}, as_json=as_json)


@click.command("surrender")
@click.argument("reference")
@click.option(
    "--for",
    "what",
    type=click.Choice(list(_SURRENDERS)),
    default="delivery",
    show_default=True,
    help="What is asked of the carrier.",
)
@click.option("--reason", default="", help="SWTP (to paper), COD (destination), SWI (switch).")
@comments_option
@order_option
@tenant_option
@common
def _surrender(
    reference: str,
    what: str,
    reason: str,
    comments: str,
    order: str,
    *,
    tenant: str,
    home: Path,
    as_json: bool,
) -> None:
    """Surrender a bill to its carrier."""
    code = _SURRENDERS[what]
    with desk(home, tenant) as (service, account):
        orders, at = _ordered(order)
        asked = service.surrender(
            account, reference, code, reason=reason, comments=comments, orders=orders, at=at
        )
        worked(service)
    tell({"reference": asked}, as_json=as_json)


@click.command("ask")
@click.argument("document")
@click.option("--to", "issue_to", required=True, metavar="PARTY.json", help="DCSA issueTo.")
@click.option("--picture", default="", metavar="PDF", help="The carrier's picture of the bill.")
@click.option("--amended", is_flag=True, help="For one that was surrendered for amendment.")
@common
def _ask(
    document: str, *, issue_to: str, picture: str, amended: bool, home: Path, as_json: bool
) -> None:
    """Ask a platform to issue DOCUMENT, as a carrier."""
    shown = (Path(picture).name, content(picture)) if picture else None
    with desk(home) as (service, _):
        ask = service.carrier_issuing.reissue if amended else service.carrier_issuing.ask
        reference = ask(an_object(document), an_object(issue_to), shown)
        worked(service)
    tell({"reference": reference}, as_json=as_json)


@click.command("decide")
@click.argument("reference")
@click.argument("code", type=click.Choice(_ANSWERS))
@comments_option
@common
def _decide(reference: str, code: str, *, comments: str, home: Path, as_json: bool) -> None:
    """Answer an issuance request, a surrender, shipping instructions or a request to amend.

    REFERENCE is the request's; of a surrender also the bill's.
    """
    with desk(home) as (service, _):
        if code in _SURRENDER_ANSWERS:
            service.surrendered.decide(reference, code, comments)
        elif code in _ISSUANCE_ANSWERS:
            service.issuing.decide(reference, code, comments)
        elif code in _AMENDMENT_ANSWERS:
            service.carried.decide(reference, code, comments)
        else:
            service.instructions.decide(reference, code, comments)
        worked(service)
    tell({"reference": reference, "answer": code}, as_json=as_json)


@click.command("work")
@common
def _work(*, home: Path, as_json: bool) -> None:
    """Do what is planned with other parties; `silkgate serve` does so by itself."""
    with desk(home) as (service, _):
        done = worked(service)
    tell({"done": done}, as_json=as_json)


@click.command("jwk")
@common
def _jwk(*, home: Path, as_json: bool) -> None:
    """Print the public key that others need to know us by; theirs need not be here yet."""
    from gateway.settings import load
    from gateway.setup import key_store
    from gateway.wiring.lading import signer

    del as_json
    settings = load(home)
    output.line(signer(settings, key_store(settings)).published())


def _ordered(name: str) -> tuple[tuple[str, ...], str | None]:
    """Return a party's own orders and the time they were signed for, none without a file."""
    if not name:
        return (), None
    said = an_object(name)
    return tuple(map(str, said.get("orders", ()))), str(said.get("actionDateTime", ""))


def _tell_title(title: Json) -> None:
    """Print what the register has of the title."""
    click.echo(f"{say(_TITLE)}: {title['place']}")
    if title["state"] is None:
        click.echo(f"  {output.say_dict(title['unknown']) if 'unknown' in title else '-'}")
        return
    where, held = title["state"]["location"], f"{title['beneficiary']}/{title['holder']}"
    click.echo(f"  {title['kind']} {where} {held}")
    if title["agrees"] is False:
        click.echo(f"  {say(_ELSEWHERE)}")


def worked(service: LadingService) -> int:
    """Do what is due now; what fails stays planned."""
    done = 0
    while taken := service.runner.step():
        done += taken
    return done


def an_object(name: str) -> Json:
    """Return the JSON object in a file; raises NotAnObject."""
    try:
        value = json.loads(content(name))
    except ValueError as error:
        raise NotAnObject(where=name) from error
    if not isinstance(value, dict):
        raise NotAnObject(where=name)
    return value


def tell(said: Mapping[str, object], *, as_json: bool) -> None:
    """Print what was done, as one object or line by line."""
    if as_json:
        output.line(said)
        return
    for name, value in said.items():
        click.echo(f"{name}: {value}")
