"""`silkgate sign`: sign a document with a key of the gateway or of two PEM files, and stamp it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway.cli import options, output
from gateway.cli.files import content
from gateway.cli.keyref import load_key
from gateway.cli.lazy import say
from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.keys import SigningKey
    from certs.levels import Level
    from certs.tsa import TimeStamper
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


class LevelNotInForm(InputError):
    """A form of signature that has no such level."""

    code = "SG-1125"
    title = Text("The form {form} has no level {where}.", "{form} 格式没有 {where} 级。")
    hint = Text(
        "Use level b or t, or put the signed file into a container: --form asic.",
        "请使用 b 或 t 级,或将已签名文件放入容器:--form asic。",
    )
    exit_code = 2


class NoSeal(InputError):
    """A seal is to be affixed, and none is given."""

    code = "SG-1147"
    title = Text("No seal is given for {where}.", "未提供用于 {where} 的印章。")
    hint = Text(
        "Name it with --seal; `silkgate seal make` makes one.",
        "请用 --seal 指定;`silkgate seal make` 可制作印章。",
    )
    exit_code = 2


@dataclass(frozen=True, slots=True)
class _Work:
    name: str
    data: bytes
    key: SigningKey
    level: Level
    layout: str
    stamper: TimeStamper | None
    gatherer: Gatherer | None
    seal: bytes | None
    place: tuple[int, float, float] | None


def _xades(work: _Work) -> bytes:
    from certs import xades

    return xades.sign(
        work.data,
        work.key,
        stamper=work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        layout=xades.Layout(work.layout),
        name=work.name,
    )


def _jades(work: _Work) -> bytes:
    from certs import jws

    kind = "json" if work.data.lstrip().startswith((b"{", b"[")) else ""
    return jws.sign(
        work.data,
        work.key,
        stamper=work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        content_type=kind,
    )


def _cades(work: _Work) -> bytes:
    from certs import cades

    return cades.sign(
        work.data, work.key, stamper=work.stamper, gatherer=work.gatherer, level=work.level
    )


def _asic(work: _Work) -> bytes:
    from certs import asic

    return asic.pack(
        {work.name: work.data},
        work.key,
        work.stamper,
        gatherer=work.gatherer,
        level=work.level,
    )


def _pades(work: _Work) -> bytes:
    from certs import pades

    return pades.sign(
        work.data, work.key, stamper=work.stamper, gatherer=work.gatherer, level=work.level
    )


def _gbt35275(work: _Work) -> bytes:
    from certs import gbt35275

    _stamped_at_most(work, "gbt35275")
    return gbt35275.sign(work.data, work.key, stamper=work.stamper)


def _gbt38540(work: _Work) -> bytes:
    from certs import seal

    _stamped_at_most(work, "gbt38540")
    if work.seal is None:
        raise NoSeal(where=work.name)
    return seal.affix(work.seal, work.data, work.key, stamper=work.stamper)


def _ofd(work: _Work) -> bytes:
    from certs import ofd

    _stamped_at_most(work, "ofd")
    place = ofd.Place(*work.place) if work.place else None
    return ofd.sign(work.data, work.key, seal=work.seal, place=place, stamper=work.stamper)


def _stamped_at_most(work: _Work, form: str) -> None:
    """Raise LevelNotInForm for a level that Chinese forms do not have."""
    from certs.levels import Level

    if work.level > Level.T:
        raise LevelNotInForm(where=work.level.name.lower(), form=form)


_FORMS: Final[Mapping[str, Callable[[_Work], bytes]]] = {
    "xades": _xades,
    "jades": _jades,
    "cades": _cades,
    "asic": _asic,
    "pades": _pades,
    "gbt35275": _gbt35275,
    "gbt38540": _gbt38540,
    "ofd": _ofd,
}


_SEALED: Final = ("gbt38540", "ofd")


@click.command("sign")
@click.argument("file")
@options.signing_key
@click.option(
    "--form",
    type=click.Choice([*_FORMS]),
    help="By default xades for XML, jades for JSON, ofd for OFD, asic for the rest; cades is"
    " detached, pades for PDF takes the extra `pdf`; gbt35275 and gbt38540 (a seal) are detached"
    " and take an SM2 key, as ofd does.",
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
    file: str,
    *,
    ref: str,
    secret: str,
    form: str | None,
    level: str | None,
    layout: str,
    seal_file: str | None,
    place: tuple[int, float, float] | None,
    out: Path,
    home: Path,
    as_json: bool,
) -> None:
    """Sign FILE, time-stamp the signature, and write the result to OUT."""
    data = content(file)
    key = load_key(ref, secret, home)
    stamper = None if level == "b" else _stamper(home, wanted=level is not None)
    reached = level or ("t" if stamper else "b")
    chosen = form or _fitting(data)
    if (seal_file or place) and chosen not in _SEALED:
        raise click.UsageError(f"--seal and --place are for {' and '.join(_SEALED)}")
    seal = content(seal_file) if seal_file else None
    lasting = _lasting(reached, layout, stamper, home)
    work = _Work(Path(file).name, data, key, *lasting, seal, place)
    signed = _FORMS[chosen](work)
    out.write_bytes(signed)
    result = {
        "file": file,
        "form": chosen,
        "level": reached,
        "signer": key.certificate.name,
        "out": str(out),
    }
    output.line(result) if as_json else _show(result)


def _fitting(data: bytes) -> str:
    if data.startswith(b"PK"):
        from certs import ofd

        return "ofd" if ofd.is_ofd(data) else "asic"
    start = data.lstrip()[:4].removeprefix(b"\xef\xbb\xbf")
    if start.startswith(b"<"):
        return "xades"
    return "jades" if start.startswith((b"{", b"[")) else "asic"


def _stamper(home: Path, *, wanted: bool) -> TimeStamper | None:
    """Return the time-stamp authority of the gateway in `home`; None without a gateway."""
    from gateway.wiring import lasting

    found = lasting.stamper(home)
    if found is None and wanted:
        raise NoAuthority(where=str(home))
    return found


def _lasting(
    level: str, layout: str, stamper: TimeStamper | None, home: Path
) -> tuple[Level, str, TimeStamper | None, Gatherer | None]:
    """Return the level with what it takes."""
    from certs.levels import Level
    from gateway.wiring import lasting

    reached = Level.named(level)
    return reached, layout, stamper, lasting.gatherer(home) if reached >= Level.LT else None


def _show(result: Mapping[str, str]) -> None:
    signed = say(Text("signed by", "签署方"))
    form = f"{result['form']}-{result['level']}"
    click.echo(f"{result['out']}: {form}, {signed} {result['signer']}")
