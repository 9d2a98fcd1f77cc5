"""`silkgate sign`: sign a document with a key of the gateway or of two PEM files, and stamp it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import options, output, signforms
from gateway.cli.files import content
from gateway.cli.keyref import load_key
from gateway.cli.lazy import say
from gateway.cli.signforms import Shape, Work
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.authority.tsa import TimeStamper
    from certs.levels import Level
    from certs.validation.sources import Gatherer


class NoAuthority(InputError):
    """A time-stamp is asked for, and there is no gateway whose authority could give it."""

    code = "SG-1127"
    title = Text("There is no time-stamp authority in {where}.", "{where} 中没有时间戳服务。")
    hint = Text(
        "Name a gateway with --home, or sign without time-stamp: --level b.",
        "请用 --home 指定网关,或不加时间戳:--level b。",
    )
    exit_code = 2


class TwoOfAName(InputError):
    """Two files that are signed together have one name."""

    code = "SG-1148"
    title = Text("Two of the files are named {where}.", "有两个文件同名:{where}。")
    hint = Text("Rename one: files are signed by their names.", "请重命名其一:文件按名称签署。")
    exit_code = 2


@click.command("sign")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.signing_key
@click.option(
    "--form",
    type=click.Choice(signforms.NAMES),
    help="By default xades for XML, jades for JSON, ofd for OFD, asic for the rest and for several"
    " files; cades is detached, pades for PDF takes the extra `pdf`; gbt35275 and gbt38540 (a seal)"
    " are detached and take an SM2 key, as ofd does.",
)
@click.option(
    "--level",
    type=click.Choice(["b", "t", "lt", "lta"]),
    help="By default t where the gateway has a time-stamp authority, else b.",
)
@click.option(
    "--layout",
    type=click.Choice(["enveloped", "enveloping", "detached"]),
    default="enveloped",
    show_default=True,
    help="Where an XML signature stands: in the document, around it, beside it.",
)
@click.option(
    "--detached",
    is_flag=True,
    help="Sign the files by name and leave them out: xades (as --layout detached) and jades.",
)
@click.option(
    "--references",
    type=click.Choice(["uri-hash", "uri"]),
    default="uri-hash",
    show_default=True,
    help="How a detached jades names its files: with a digest of each, or as one payload.",
)
@click.option(
    "--container",
    type=click.Choice(["asic-e", "asic-s"]),
    default="asic-e",
    show_default=True,
    help="Container of --form asic: for any files, or for exactly one.",
)
@click.option(
    "--signature",
    type=click.Choice(["cades", "xades"]),
    default="cades",
    show_default=True,
    help="Kind of signature in the container of --form asic.",
)
@click.option(
    "--beside",
    metavar="SIGNATURE",
    help="A signature over the same (jades, cades) that the new one joins.",
)
@click.option("--seal", "seal_file", help="The seal to affix (`silkgate seal make`).")
@click.option(
    "--place",
    type=(click.IntRange(min=1), float, float),
    metavar="PAGE X Y",
    help="Where an OFD file shows the seal: page, millimetres from its left and its top.",
)
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Output file.")
@options.home
@options.as_json
def command(
    files: tuple[str, ...],
    *,
    ref: str,
    secret: str,
    form: str | None,
    level: str | None,
    beside: str | None,
    seal_file: str | None,
    out: Path,
    home: Path,
    as_json: bool,
    detached: bool,
    **shape: Any,  # noqa: ANN401 - the options that Shape names
) -> None:
    """Sign FILE, time-stamp the signature, and write the result to OUT.

    Several files are signed together: in a container, or by name with --detached.
    """
    data = _contents(files)
    reached, stamper = _reached(level, home)
    if detached:
        shape["layout"] = "detached"
    work = Work(
        files=data,
        key=load_key(ref, secret, home),
        level=_level(reached),
        stamper=stamper,
        gatherer=_gatherer(reached, home),
        shape=Shape(**shape),
        beside=content(beside) if beside else None,
        seal=content(seal_file) if seal_file else None,
    )
    chosen = form or _fitting(data, detached=detached)
    out.write_bytes(signforms.sign(chosen, work))
    result = {
        "file": files[0],
        "form": chosen,
        "level": reached,
        "signer": work.key.certificate.name,
        "out": str(out),
    }
    output.line(result) if as_json else _show(result)


def _reached(level: str | None, home: Path) -> tuple[str, TimeStamper | None]:
    """Return the level asked for, else what the gateway can give, and who stamps."""
    stamper = None if level == "b" else _stamper(home, wanted=level is not None)
    return level or ("t" if stamper else "b"), stamper


def _contents(files: Sequence[str]) -> dict[str, bytes]:
    """Return the files by the names they are signed under; raises TwoOfAName."""
    found: dict[str, bytes] = {}
    for file in files:
        name = Path(file).name
        if name in found:
            raise TwoOfAName(where=name)
        found[name] = content(file)
    return found


def _fitting(files: Mapping[str, bytes], *, detached: bool) -> str:
    """Return the form that fits: that of the one file, for several a container."""
    if len(files) > 1:
        return "jades" if detached else "asic"
    (data,) = files.values()
    if data.startswith(b"PK"):
        from certs import ofd

        return "ofd" if ofd.is_ofd(data) else "asic"
    start = data.lstrip()[:4].removeprefix(b"\xef\xbb\xbf")
    if start.startswith(b"<"):
        return "xades"
    return "jades" if detached or start.startswith((b"{", b"[")) else "asic"


def _stamper(home: Path, *, wanted: bool) -> TimeStamper | None:
    """Return the time-stamp authority of the gateway in `home`; None without a gateway."""
    from gateway.wiring import lasting

    found = lasting.stamper(home)
    if found is None and wanted:
        raise NoAuthority(where=str(home))
    return found


def _level(name: str) -> Level:
    from certs.levels import Level

    return Level.named(name)


def _gatherer(level: str, home: Path) -> Gatherer | None:
    """Return what gathers validation data, for the levels that take it."""
    from gateway.wiring import lasting

    return lasting.gatherer(home) if level in {"lt", "lta"} else None


def _show(result: Mapping[str, str]) -> None:
    signed = say(Text("signed by", "签署方"))
    form = f"{result['form']}-{result['level']}"
    click.echo(f"{result['out']}: {form}, {signed} {result['signer']}")
