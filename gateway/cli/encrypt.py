"""`silkgate encrypt` and `decrypt`: for confidentiality on the way; sign first, then encrypt."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.keyref import load_key

_FORMS = ("cms", "cms-cbc", "jwe", "gbt35275")


@click.command("encrypt")
@click.argument("file")
@click.option(
    "--to",
    "recipients",
    multiple=True,
    required=True,
    metavar="CERT",
    help="Certificate of a recipient (PEM or DER); may be given repeatedly.",
)
@click.option(
    "--form",
    type=click.Choice(_FORMS),
    help="By default gbt35275 (SM4) to SM2 keys, else cms, which is authenticated (AES-GCM);"
    " cms-cbc is for readers that lack that, jwe is JSON.",
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.as_json
def encrypt(
    file: str, *, recipients: tuple[str, ...], form: str | None, out: Path, as_json: bool
) -> None:
    """Encrypt FILE so that each recipient can open it, and write it to OUT."""
    from certs.encryption import Form, form_for
    from certs.encryption import encrypt as seal_up
    from certs.x509.certificate import load_all

    named = [load_all(content(each))[0] for each in recipients]
    chosen = Form(form) if form else form_for(named)
    out.write_bytes(seal_up(content(file), named, chosen))
    names = [each.name for each in named]
    if as_json:
        output.line({"file": file, "form": chosen.value, "recipients": names, "out": str(out)})
    else:
        click.echo(f"{out}: {chosen.value}, {', '.join(names)}")


@click.command("decrypt")
@click.argument("file")
@options.signing_key
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def decrypt(file: str, *, ref: str, secret: str, out: Path, home: Path, as_json: bool) -> None:
    """Decrypt FILE with a key it was encrypted to, and write what was inside to OUT."""
    from certs.encryption import decrypt as open_up

    opened = open_up(content(file), load_key(ref, secret, home))
    out.write_bytes(opened)
    if as_json:
        output.line({"file": file, "bytes": len(opened), "out": str(out)})
    else:
        click.echo(f"{out}: {len(opened)} B")
