"""Whom `silkgate` trusts: a folder given on the command line, else what the gateway trusts."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gateway.cli import output
from gateway.cli.files import present
from schemas.text import Text

if TYPE_CHECKING:
    from certs.jose.keybook import KeyBook
    from gateway.wiring.audit.trusting import Trusted

_NOBODY: Final = Text(
    "No anchor is trusted (--trust, --home): no signer can be confirmed.",
    "没有受信任的锚(--trust、--home):无法确认任何签署方。",
)
_UNREADABLE: Final = Text(
    "{name} cannot be read as certificate or revocation list; it is left out.",
    "无法将 {name} 读作证书或吊销列表,已忽略。",
)


def whole(path: Path | None) -> Path | None:
    """Return a path as what is kept by it goes: a relative one is another in another folder."""
    return None if path is None else path.absolute()


@cache
def keybook(folder: Path | None) -> KeyBook:
    """Return the public keys in a folder, none without one."""
    from certs.jose.keybook import KeyBook

    return KeyBook() if folder is None else KeyBook.from_folder(folder)


@cache
def trusted_by(folder: Path | None, home: Path) -> Trusted:
    """Return what the trust folder says, else what the gateway trusts, else nobody."""
    from gateway.wiring.audit.trusting import Trusted

    if folder is not None:
        return Trusted.from_folder(present(folder))
    from gateway.settings import FILE_NAME, load

    if (home / FILE_NAME).is_file():
        return Trusted.of_home(load(home))
    return Trusted()


def demanding(trusted: Trusted, known: tuple[bytes, ...], *, strict: bool) -> Trusted:
    """Return what is trusted with the certificates given as known.

    With `strict` a word on every revocation is demanded.
    """
    from certs.x509.certificate import load_all

    if not known and not strict:
        return trusted
    given = [each for encoded in known for each in load_all(encoded)]
    return replace(trusted, store=replace(trusted.store.with_known(given), strict=strict))


def tell(trusted: Trusted, others: Path | None) -> None:
    """Say on stderr what is not trusted although the caller may think so."""
    for name in trusted.store.unreadable:
        output.note(_UNREADABLE.format(name=name))
    for name, refused in trusted.domains.refused:
        output.note(Text(f"{name}: {refused.message.en}", f"{name}:{refused.message.zh}"))
    if not trusted.store.anchors and not trusted.keys and not others:
        output.note(_NOBODY)
