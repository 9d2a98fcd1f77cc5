"""`silkgate attest`: the gateway's own seal on the verification of somebody else's signature."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.keyref import load_key
from gateway.cli.lazy import say
from gateway.cli.trustees import trusted_by
from schemas.text import Text


@click.command("attest")
@click.argument("file")
@options.signing_key
@click.option(
    "--trust",
    type=click.Path(path_type=Path),
    help="Trust folder, else what the gateway in --home trusts.",
)
@click.option(
    "--detached", multiple=True, metavar="DATA", help="Files that the signature is about."
)
@click.option("--document", default="", help="Type of document that recognition is asked for.")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def command(
    file: str,
    *,
    ref: str,
    secret: str,
    trust: Path | None,
    detached: tuple[str, ...],
    document: str,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Verify FILE and write a container of it, unchanged, with a sealed report to OUT.

    A file that is not verified is not attested (exit 3).
    """
    from certs.attestation import REPORT, Attested, attest
    from gateway.wiring import lasting
    from gateway.wiring.auditing import Auditor

    data = content(file)
    beside = {Path(name).name: content(name) for name in detached}
    auditor = Auditor(trusted_by(trust, home), document=document)
    verdict = auditor.verify(data, beside)
    attested = Attested(Path(file).name, data, verdict)
    key = load_key(ref, secret, home)
    out.write_bytes(attest(attested, key, lasting.stamper(home)))
    result = {
        "file": file,
        "out": str(out),
        "report": REPORT,
        "attested_by": key.certificate.name,
        "indication": verdict["indication"],
        "recognition": verdict.get("recognition"),
    }
    if as_json:
        output.line(result)
        return
    by = say(Text("attested by", "证明方"))
    click.echo(f"{out}: {by} {key.certificate.name}")
