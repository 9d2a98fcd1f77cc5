"""`silkgate trust`: signed lists of trust domains, what is held of them, and mandates."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import options, output
from gateway.cli.files import content, present
from gateway.cli.help import Group
from gateway.cli.keyref import load_key
from gateway.cli.lazy import say
from schemas.clock import iso, utc_now
from schemas.text import Text

if TYPE_CHECKING:
    from certs.recognition import Outcome
    from certs.recognition.lists import TrustList
    from gateway.settings.certs import TrustListSettings

_folder = click.option(
    "--trust",
    type=click.Path(path_type=Path, file_okay=False),
    help="Trust folder, else that of the gateway in --home.",
)


@click.group("trust", cls=Group)
def group() -> None:
    """Signed lists of trust domains, and mandates."""


@group.command("sign")
@click.argument("draft", type=click.Path(path_type=Path, dir_okay=False))
@options.signing_key
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def sign(draft: Path, *, ref: str, secret: str, out: Path, home: Path, as_json: bool) -> None:
    """Make a list out of DRAFT (TOML, certificates beside it), signed by its operator."""
    from certs.recognition import draft as drafts
    from certs.recognition import lists

    now = utc_now()
    key = load_key(ref, secret, home)
    signed = lists.sign(drafts.compose(present(draft), now), key, now=now)
    out.write_bytes(signed)
    found = lists.read(signed, (key.certificate,), name=out.name)
    _tell(found, as_json=as_json, out=str(out))


@group.command("here")
@click.argument("domain")
@click.option(
    "--signer",
    "signers",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Certificate of one who may sign lists; may be given repeatedly.",
)
@_folder
@options.home
@options.as_json
def here(
    domain: str, *, signers: tuple[Path, ...], trust: Path | None, home: Path, as_json: bool
) -> None:
    """Say in which DOMAIN levels are accorded, and pin the signers of lists."""
    from certs.recognition.folder import FOLDER
    from certs.x509.certificate import load_all

    folder = _trust_folder(trust, home) / FOLDER
    (folder / "signers").mkdir(parents=True, exist_ok=True)
    for each in signers:
        load_all(content(str(each)))
        shutil.copyfile(each, folder / "signers" / each.name)
    (folder / "settings.toml").write_text(f"domain = {json.dumps(domain)}\n", "utf-8")
    shown = {"folder": str(folder), "domain": domain}
    output.line(shown) if as_json else click.echo(f"{folder}: {domain}")


@group.command("import")
@click.argument("files", nargs=-1, required=True, metavar="LIST...")
@_folder
@options.home
@options.as_json
def import_(files: tuple[str, ...], *, trust: Path | None, home: Path, as_json: bool) -> None:
    """Check each LIST (ours, or of ETSI TS 119 612) and keep it; an older one is refused."""
    from certs.recognition import admit

    for name in files:
        found = admit(content(name), Path(name).stem, _trust_folder(trust, home))
        _tell(found, as_json=as_json, out=name)


@group.command("fetch")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@click.option("--allow", "hosts", multiple=True, help="Host that lists may be got from; repeated.")
@click.option("--territory", "territories", multiple=True, help="Wanted of a list of lists.")
@click.option("--again", is_flag=True, help="Ask also for what was asked for in the last 6 hours.")
@_folder
@options.home
@options.as_json
def fetch(
    urls: tuple[str, ...],
    *,
    hosts: tuple[str, ...],
    territories: tuple[str, ...],
    again: bool,
    trust: Path | None,
    home: Path,
    as_json: bool,
) -> None:
    """Get the lists at each URL, else those of the settings, and what a list of lists points at.

    The hosts of the URLs and those allowed are asked, and no other. Exit 1 when one was not got.
    """
    from certs.recognition import follow
    from gateway.wiring.trustlists import KEPT, Copies, hosts_of

    said = _list_settings(home)
    starts = urls or said.lists
    if not starts:
        raise click.UsageError("name a URL, or `lists` in [trust_lists] of the settings")
    folder = _trust_folder(trust, home)
    allowed = {*said.hosts, *hosts, *hosts_of(starts)}
    copies = Copies(folder, allowed, kept=timedelta(0) if again else KEPT)
    wanted = territories or said.territories
    failed = False
    for url in starts:
        for outcome in follow(folder, url, copies, territories=wanted):
            failed |= outcome.error is not None
            _tell_outcome(outcome, fetched=outcome.url in copies.fetched, as_json=as_json)
    sys.exit(1 if failed else 0)


def _list_settings(home: Path) -> TrustListSettings:
    """Return what the settings say of lists; an auditor without a gateway has none."""
    from gateway.settings import FILE_NAME, load
    from gateway.settings.certs import TrustListSettings

    return load(home).trust_lists if (home / FILE_NAME).is_file() else TrustListSettings()


def _tell_outcome(outcome: Outcome, *, fetched: bool, as_json: bool) -> None:
    now = utc_now()
    found, error = outcome.list, outcome.error
    if as_json:
        row = {
            "url": outcome.url,
            "territory": outcome.territory,
            "fetched": fetched,
            "list": found.reference(now) if found else None,
            **({"error": error.as_dict()} if error else {}),
        }
        output.line(row)
    elif error is not None:
        click.echo(f"{outcome.territory} {outcome.url}: {say(error.message)}".lstrip(), err=True)
    elif found is not None:
        stale = say(Text(" (stale)", "(已过期)")) if found.stale(now) else ""
        click.echo(f"{found.id} {found.sequence}{stale}: {found.signer}, {outcome.url}")


@group.command("show")
@_folder
@options.home
@options.as_json
def show(*, trust: Path | None, home: Path, as_json: bool) -> None:
    """Show the lists that are held, and those that are refused."""
    from certs.recognition import Domains

    domains = Domains.load(_trust_folder(trust, home))
    for found in domains.lists:
        _tell(found, as_json=as_json, out="")
    for name, refused in domains.refused:
        if as_json:
            output.line({"file": name, "error": refused.as_dict()})
        else:
            click.echo(f"{name}: {say(refused.message)}", err=True)


@group.command("mandate")
@options.signing_key
@click.option(
    "--agent",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Certificate of the person who may act.",
)
@click.option("--scope", "scope", multiple=True, required=True, help="Type of document, or *.")
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(1, 3650), help="Valid so long."
)
@click.option(
    "--form",
    type=click.Choice(["jws", "vc"]),
    default="jws",
    show_default=True,
    help="vc is a W3C Verifiable Credential 2.0 (vc+jwt).",
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def mandate(
    *,
    ref: str,
    secret: str,
    agent: Path,
    scope: tuple[str, ...],
    days: int,
    form: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Let the holder of a certificate act for the organisation whose seal signs this."""
    from certs.errors import MandateRefused
    from certs.recognition import mandate as mandates
    from certs.recognition.identifiers import identifier_of
    from certs.x509.certificate import load_all

    key = load_key(ref, secret, home)
    identifier = identifier_of(key.certificate)
    if identifier is None:
        raise MandateRefused(reason="the seal names no organisation by an identifier")
    now = utc_now().replace(microsecond=0)
    given = mandates.Mandate(
        principal=mandates.organisation_of(key.certificate),
        identifier=identifier,
        agent=load_all(content(str(agent)))[0].sha256.hex(),
        scope=frozenset(scope),
        valid_from=now,
        valid_until=now + timedelta(days=days),
    )
    out.write_bytes(mandates.issue(given, key, as_credential=form == "vc", now=now))
    until = iso(given.valid_until)
    if as_json:
        output.line({"out": str(out), "until": until})
    else:
        click.echo(say(Text(f"{out}: until {until}", f"{out}:有效期至 {until}")))


def _trust_folder(trust: Path | None, home: Path) -> Path:
    if trust is not None:
        return trust
    from gateway.settings import load

    settings = load(home)
    return settings.path(settings.trust)


def _tell(found: TrustList, *, as_json: bool, out: str) -> None:
    now = utc_now()
    row: Mapping[str, object] = {
        "file": out,
        "domain": found.domain,
        **found.reference(now),
        "services": [
            {
                "name": each.name,
                "kind": each.kind.value,
                "certificate": each.certificate.sha256.hex(),
                "status": [
                    {"granted": one.granted, "level": one.level, "from": iso(one.since)}
                    for one in each.history
                ],
            }
            for each in found.services
        ],
        "recognises": [each.as_dict() for each in found.records],
    }
    if as_json:
        output.line(row)
        return
    stale = say(Text(" (stale)", "(已过期)")) if found.stale(now) else ""
    click.echo(f"{found.id} {found.sequence}{stale}: {found.signer}, {row['next_update']}")
    for service in found.services:
        click.echo(f"  {service.kind} {service.name}")
    for record in found.records:
        levels = ", ".join(f"{home} -> {accorded}" for home, accorded in record.levels.items())
        click.echo(f"  {record.source} {record.service}: {levels} ({say(record.basis)})")
