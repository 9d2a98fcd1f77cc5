"""`silkgate lading`: bills of lading drafted, viewed, and sealed as evidence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.help import Group
from gateway.cli.lading import desk as ladingdesk
from gateway.cli.lading import instruct as ladinginstruct
from gateway.cli.lading import papers as ladingpapers
from gateway.cli.lading import present as ladingpresent
from gateway.cli.lading import record as ladingrecord
from gateway.cli.lading import release as ladingrelease
from gateway.cli.lading import title as ladingtitle
from gateway.cli.lading.record import out_option, record, secret_option, told
from gateway.cli.lazy import speaks_chinese


@click.group("lading", cls=Group)
def group() -> None:
    """Bills of lading as electronic records of title."""


@group.command("draft")
@click.argument("file")
@click.option("--with", "related", multiple=True, help="Another document of the shipment.")
@click.option(
    "--booking",
    default="",
    metavar="FILE",
    help="Booking or shipping instructions: JSON with DCSA property names.",
)
@click.option("--to-order", is_flag=True, help="Negotiable; in blank without --endorsee.")
@click.option("--endorsee", default="", help="To whose order.")
@click.option("--waybill", is_flag=True, help="A sea waybill, no title.")
@click.option("--set", "values", multiple=True, metavar="FIELD=VALUE", help="One field (JSON).")
@out_option
@options.as_json
def draft_command(
    file: str,
    *,
    related: tuple[str, ...],
    booking: str,
    to_order: bool,
    endorsee: str,
    waybill: bool,
    values: tuple[str, ...],
    out: Path,
    as_json: bool,
) -> None:
    """Draft a bill of lading from FILE, a document of the shipment, joined with others.

    Prints what must still be mended or added before it can be issued.
    """
    import adapters
    from gateway.lading.carrier.drafting import Order, draft

    made = draft(
        [adapters.read(content(name)).document for name in (file, *related)],
        record(booking, "a JSON object", "") if booking else {},
        Order(to_order=to_order or bool(endorsee), endorsee=endorsee, waybill=waybill),
        _fields(values),
    )
    out.write_bytes(made.data)
    findings = [found.as_dict() for found in made.findings]
    if as_json:
        output.line({"file": file, "out": str(out), "findings": findings})
        return
    for found in findings:
        click.echo(f"[{found['flag']}] {found['path']}: {output.say_dict(found['message'])}")


@group.command("view")
@click.argument("file")
@click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of the captions.")
@click.option(
    "-o",
    "--out",
    default="",
    metavar="FILE",
    help="A .pdf is written as PDF; HTML otherwise, by default on standard output.",
)
@click.option(
    "--identity", default="", metavar="FILE", help="Recorded answers, to check a credential by."
)
@click.option("--before", default="", metavar="FILE", help="As it was: changes are marked.")
@options.as_json
def view(
    file: str, *, lang: str | None, out: str, identity: str, before: str, as_json: bool
) -> None:
    """Show FILE, a transport document or a record of title, as a bill of lading on a page."""
    from certs.records import NotAsked, Recorded
    from gateway.lading.page.showing import shown
    from ledger.anchors.secp256k1 import recover

    known = Recorded.parse(content(identity), identity) if identity else NotAsked()
    sheet = shown(content(file), known, recover)
    if before:
        from gateway.lading.page.amended import marked

        sheet = marked(sheet, shown(content(before), known, recover))
    language = lang or ("zh" if speaks_chinese() else "en")
    if out.lower().endswith(".pdf"):
        from gateway.lading.page.paper import bill_pdf

        data = bill_pdf(sheet, language)
    else:
        from gateway.console.bill import bill_page

        data = bill_page(sheet, language).encode()
    if out:
        Path(out).write_bytes(data)
    elif not as_json:
        sys.stdout.buffer.write(data)
    if as_json:
        output.line({"file": file, "out": out or None, "lang": language})


@group.command("evidence")
@click.argument("history")
@click.option("--document", "documents", multiple=True, required=True, help="Each version of it.")
@click.option("--with", "beside", multiple=True, help="What belongs to it: envelopes, a page.")
@click.option(
    "--key",
    "ref",
    required=True,
    metavar="REF",
    help="The seal: a name in the gateway's key store, or file:KEY.pem,CERT.pem.",
)
@secret_option
@out_option
@options.home
@options.as_json
def evidence(
    history: str,
    *,
    documents: tuple[str, ...],
    beside: tuple[str, ...],
    ref: str,
    secret: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Seal HISTORY, as `title export` wrote it, with all documents: one file, verified offline."""
    from gateway.cli.keyref import load_key
    from gateway.wiring import lasting
    from gateway.wiring.records import titlelife

    packed = titlelife.pack(
        content(history),
        {Path(name).name: content(name) for name in documents},
        {Path(name).name: content(name) for name in beside},
        load_key(ref, secret, home),
        lasting.stamper(home),
    )
    out.write_bytes(packed)
    told({"file": history, "out": str(out)}, as_json=as_json)


def _fields(values: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields of `--set`; the value is JSON where it is some, else text."""
    found: dict[str, Any] = {}
    for each in values:
        path, equals, text = each.partition("=")
        if not path or not equals:
            raise click.BadParameter(each, param_hint="--set")
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        *steps, last = path.split(".")
        place = found
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = value
    return found


for each in (
    ladingrecord,
    ladingdesk,
    ladinginstruct,
    ladingpapers,
    ladingrelease,
    ladingpresent,
    ladingtitle,
):
    each.add(group)
