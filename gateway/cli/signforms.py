"""The forms of signature that `silkgate sign` writes, each from one piece of work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from schemas.errors import InputError
from schemas.text import Text

if TYPE_CHECKING:
    from certs.authority.tsa import TimeStamper
    from certs.keys import SigningKey
    from certs.levels import Level
    from certs.validation.sources import Gatherer


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


class OneFile(InputError):
    """A form of signature that is over one file, and several are given."""

    code = "SG-1145"
    title = Text("The form {form} signs one file at a time.", "{form} 格式一次只能签署一个文件。")
    hint = Text(
        "Several files go into a container (--form asic), or are signed beside it: --detached with"
        " xades or jades.",
        "多个文件可放入容器(--form asic),或以分离方式签署:xades 或 jades 加 --detached。",
    )
    exit_code = 2


class NotBeside(InputError):
    """A form of signature that does not join another one in a file."""

    code = "SG-1146"
    title = Text("The form {form} takes no --beside.", "{form} 格式不支持 --beside。")
    hint = Text(
        "jades and cades join a signature file; xades, pades and asic sign what is signed already.",
        "jades 与 cades 可加入已有签名文件;xades、pades 与 asic 直接对已签名文件再次签署。",
    )
    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a signature stands to what it is over, in the words of the command line."""

    layout: str
    references: str
    container: str
    signature: str
    place: tuple[int, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is signed with which key, to which level, and how."""

    files: Mapping[str, bytes]
    key: SigningKey
    level: Level
    stamper: TimeStamper | None
    gatherer: Gatherer | None
    shape: Shape
    beside: bytes | None
    seal: bytes | None

    @property
    def detached(self) -> bool:
        """Whether the files are to be left out of the signature."""
        return self.shape.layout == "detached"

    def only(self, form: str) -> tuple[str, bytes]:
        """Return the one file with its name; raises OneFile."""
        if len(self.files) > 1:
            raise OneFile(form=form)
        return next(iter(self.files.items()))


def sign(form: str, work: Work) -> bytes:
    """Return the signature in a form.

    Raises OneFile, NotBeside, LevelNotInForm and NoSeal, and UsageError for a seal that the form
    does not take.
    """
    if (work.seal or work.shape.place) and form not in _SEALED:
        raise click.UsageError(f"--seal and --place are for {' and '.join(_SEALED)}")
    if work.beside is not None and form not in _JOINING:
        raise NotBeside(form=form)
    return _FORMS[form](work)


def _xades(work: Work) -> bytes:
    from certs import xades

    if work.detached:
        return xades.sign_files(
            work.files,
            work.key,
            stamper=work.stamper,
            gatherer=work.gatherer,
            level=work.level,
        )
    _, data = work.only("xades")
    return xades.sign(
        data,
        work.key,
        stamper=work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        layout=xades.Layout(work.shape.layout),
    )


def _jades(work: Work) -> bytes:
    from certs import jws
    from certs.jws.detached import Mechanism

    if work.detached:
        by_hash = work.shape.references == "uri-hash"
        return jws.sign_files(
            work.files,
            work.key,
            mechanism=Mechanism.BY_URI_HASH if by_hash else Mechanism.BY_URI,
            stamper=work.stamper,
            gatherer=work.gatherer,
            level=work.level,
            beside=work.beside,
        )
    _, data = work.only("jades")
    return jws.sign(
        data,
        work.key,
        stamper=work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        content_type="json" if data.lstrip().startswith((b"{", b"[")) else "",
        beside=work.beside,
    )


def _cades(work: Work) -> bytes:
    from certs import cades

    _, data = work.only("cades")
    return cades.sign(
        data,
        work.key,
        stamper=work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        beside=work.beside,
    )


def _asic(work: Work) -> bytes:
    from certs import asic

    return asic.pack(
        work.files,
        work.key,
        work.stamper,
        gatherer=work.gatherer,
        level=work.level,
        container=asic.Container(work.shape.container),
        kind=asic.Kind(work.shape.signature),
    )


def _pades(work: Work) -> bytes:
    from certs import pades

    _, data = work.only("pades")
    return pades.sign(
        data, work.key, stamper=work.stamper, gatherer=work.gatherer, level=work.level
    )


def _gbt35275(work: Work) -> bytes:
    from certs import gbt35275

    _, data = _stamped_at_most(work, "gbt35275")
    return gbt35275.sign(data, work.key, stamper=work.stamper)


def _gbt38540(work: Work) -> bytes:
    from certs import seal

    name, data = _stamped_at_most(work, "gbt38540")
    if work.seal is None:
        raise NoSeal(where=name)
    return seal.affix(work.seal, data, work.key, stamper=work.stamper)


def _ofd(work: Work) -> bytes:
    from certs import ofd

    _, data = _stamped_at_most(work, "ofd")
    place = ofd.Place(*work.shape.place) if work.shape.place else None
    return ofd.sign(data, work.key, seal=work.seal, place=place, stamper=work.stamper)


def _stamped_at_most(work: Work, form: str) -> tuple[str, bytes]:
    """Return the one file of a Chinese form; raises LevelNotInForm for a level it has not."""
    from certs.levels import Level

    if work.level > Level.T:
        raise LevelNotInForm(where=work.level.name.lower(), form=form)
    return work.only(form)


_FORMS: Final[Mapping[str, Callable[[Work], bytes]]] = {
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
_JOINING: Final = frozenset({"jades", "cades"})
NAMES: Final = tuple(_FORMS)
