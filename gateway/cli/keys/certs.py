"""The commands of `silkgate keys` about keys and certificates: issue, renew, revoke, roll over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway import setup
from gateway.cli import options, output
from gateway.cli.files import content
from gateway.settings import load

if TYPE_CHECKING:
    from certs.x509.certificate import Certificate

_PROFILES: Final = (
    *("root", "gateway", "seal", "document", "encryption"),
    *("tsa", "accesspoint", "ocsp"),
)
_KINDS: Final = ("p256", "p384", "rsa", "sm2")
_ON_TOKEN: Final = ("p256", "p384", "rsa")
_REASONS: Final = (
    *("unspecified", "key-compromise", "ca-compromise", "affiliation-changed"),
    *("superseded", "cessation-of-operation"),
)


@click.command("list")
@options.home
@options.as_json
def list_keys(home: Path, *, as_json: bool) -> None:
    """List the keys with subject, issuer and expiry."""
    store = setup.key_store(load(home))
    for name in store.names():
        certificate = store.load(name).certificate
        row = {
            "name": name,
            "subject": certificate.x509.subject.rfc4514_string(),
            "issuer": certificate.x509.issuer.rfc4514_string(),
            "not_after": certificate.not_after.isoformat(),
            "sha256": certificate.sha256.hex(),
        }
        output.line(row) if as_json else click.echo("  ".join(row.values()))


@click.command("renew")
@options.home
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--due", type=click.IntRange(min=0), help="All that end within so many days.")
@options.as_json
def renew(home: Path, *, names: tuple[str, ...], due: int | None, as_json: bool) -> None:
    """Certify keys anew with the gateway's own root; the old files stay beside the new ones."""
    from gateway.wiring import renewing
    from schemas.clock import utc_now

    if bool(names) == (due is not None):
        raise click.UsageError("name keys, or say --due DAYS")
    settings, now = load(home), utc_now()
    keys = setup.key_store(settings)
    if due is not None:
        names = tuple(renewing.due(settings, keys, now + timedelta(days=due)))
    for name in names:
        _told(name, renewing.renew(settings, keys, name, now).certificate, as_json=as_json)


@click.command("issue")
@options.home
@click.argument("name")
@click.option("--profile", type=click.Choice(_PROFILES), required=True, help="What it is for.")
@click.option(
    "--crypto", type=click.Choice(_KINDS), default="p256", show_default=True, help="Kind of key."
)
@click.option("--issuer", default="root", show_default=True, help="The key that certifies it.")
@click.option("--uri", default="", help="Where the key is kept: pkcs11:... or csc+https://...")
@click.option("--identifier", default="", help="Organisation identifier, such as NTRCN-...")
@click.option("--organisation", default="", help="Whom it names, if not the issuer's own.")
@options.as_json
def issue(
    home: Path,
    *,
    name: str,
    profile: str,
    crypto: str,
    issuer: str,
    uri: str,
    identifier: str,
    organisation: str,
    as_json: bool,
) -> None:
    """Certify a new key NAME, made here or kept in a token; profile root makes another root."""
    from gateway.wiring import certifying
    from schemas.clock import utc_now

    settings = load(home)
    made = certifying.issue(
        settings,
        setup.key_store(settings),
        name,
        profile,
        kind=crypto,
        issuer=issuer,
        uri=uri,
        identifier=identifier,
        organisation=organisation,
        now=utc_now(),
    )
    _told(name, made.certificate, as_json=as_json)


@click.command("attach")
@options.home
@click.argument("name")
@click.option("--uri", required=True, help="Where the key is kept: pkcs11:... or csc+https://...")
@click.option(
    "--chain",
    "chain_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Its certificate and those above it (PEM), leaf first.",
)
@options.as_json
def attach(home: Path, *, name: str, uri: str, chain_file: Path, as_json: bool) -> None:
    """Name a key that is kept elsewhere and was certified elsewhere."""
    from certs.x509.certificate import load_all

    chain = load_all(content(str(chain_file)))
    made = setup.key_store(load(home)).attach(name, uri, chain)
    _told(name, made.certificate, as_json=as_json)


@click.command("make-on-token")
@click.argument("uri")
@click.option(
    "--crypto", type=click.Choice(_ON_TOKEN), default="p256", show_default=True, help="Kind of key."
)
@options.as_json
def make_on_token(*, uri: str, crypto: str, as_json: bool) -> None:
    """Make a key pair on the PKCS#11 token that URI names; it never leaves the token."""
    from certs.custody.token import TokenKey, TokenUri

    TokenKey.generate(TokenUri.parse(uri), crypto)
    output.line({"uri": uri, "crypto": crypto}) if as_json else click.echo(uri)


@click.command("revoke")
@options.home
@click.argument("name")
@click.option(
    "--reason",
    type=click.Choice(_REASONS),
    default="unspecified",
    show_default=True,
    help="As the revocation list says it (RFC 5280).",
)
@options.as_json
def revoke(home: Path, *, name: str, reason: str, as_json: bool) -> None:
    """Revoke the certificate of the key NAME: OCSP and the revocation list say so from now on."""
    from gateway.wiring import certifying
    from schemas.clock import utc_now

    row = certifying.revoke(setup.key_store(load(home)), name, reason, utc_now())
    output.line(row) if as_json else click.echo("  ".join(map(str, row.values())))


@click.command("roll-over")
@options.home
@options.as_json
def roll_over(home: Path, *, as_json: bool) -> None:
    """Put a new root in place of the old one, linked to it, and certify the other keys anew."""
    from gateway.wiring import certifying
    from schemas.clock import utc_now

    settings = load(home)
    done = certifying.roll_over(settings, setup.key_store(settings), utc_now())
    output.line({"certified": done}) if as_json else click.echo("  ".join(done))


def _told(name: str, certificate: Certificate, *, as_json: bool) -> None:
    until = certificate.not_after.isoformat()
    shown = {"name": name, "not_after": until, "sha256": certificate.sha256.hex()}
    output.line(shown) if as_json else click.echo(f"{name}  {until}")


COMMANDS: Final = (list_keys, renew, issue, attach, make_on_token, revoke, roll_over)
