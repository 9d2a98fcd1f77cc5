"""The settings of signing and trust: the built-in authority, its clock, lists, tenants' seals."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from gateway.settings.part import Part

ADDRESS: Final = r"https?://[!-~]*[!-.0-~]"
"""A base address: no slash at its end."""


class PkiSettings(Part):
    """The services of the built-in authority to others.

    `port` serves them, and nothing else, in plain HTTP: what they give is signed, and readers of
    certificates ask in plain HTTP (RFC 5280, 4.2.1.13). `url` is how others reach that port.
    """

    port: Annotated[int, Field(ge=0, le=65535)] = 0
    url: Annotated[str, Field(pattern=rf"^({ADDRESS})?$")] = ""


class TsaSettings(Part):
    """The time-stamp authority. `clock` says what is asked of the host's clock before it issues.

    `synchronised`: the kernel must say that it follows a time server; `watched`: it must not jump.
    """

    clock: Literal["", "synchronised", "watched"] = ""


class TrustListSettings(Part):
    """Where lists of trust domains are got from by `silkgate trust fetch`; from nowhere by default.

    `lists` are their addresses; a list of lists leads to others, of which `hosts` may be asked, and
    `territories` are wanted (all when none is named).
    """

    lists: tuple[Annotated[str, Field(pattern=r"^https?://[!-~]+$")], ...] = ()
    hosts: tuple[str, ...] = ()
    territories: tuple[Annotated[str, Field(pattern="^[A-Z]{2}$")], ...] = ()


class TenantSettings(Part):
    """A tenant that seals with a key of its own, by its name in the key store."""

    id: Annotated[str, Field(min_length=1)]
    seal: Annotated[str, Field(min_length=1)]
