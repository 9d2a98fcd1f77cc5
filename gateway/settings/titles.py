"""Titles: who may issue and read them, and who may be asked about records of title."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from gateway.settings.part import Part

_PARTY: Final = r"^[A-Za-z0-9_-]{43}$"
_HTTPS: Final = r"^https://[^/?#@\s]+(/[^?#\s]*)?$"
_HOST: Final = r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$"
_NODE: Final = r"^https?://[^/?#@\s]+(/[^#\s]*)?$"


class IdentitySettings(Part):
    """Who may be asked about a record of title and its issuer; nobody by default.

    `resolvers` are addresses for DNS over HTTPS, asked in this order; `hosts` those whose did:web
    documents and status lists may be fetched (`host`, or `host:port`); `rpc` nodes of chains that
    keep titles, document stores and DIDs. `tls_ca` is trusted instead of the system's authorities;
    `private` allows hosts at addresses that are not public; `contexts` is a folder of JSON-LD
    contexts beside those built in.
    """

    resolvers: tuple[Annotated[str, Field(pattern=_HTTPS)], ...] = ()
    hosts: tuple[Annotated[str, Field(pattern=_HOST)], ...] = ()
    rpc: tuple[Annotated[str, Field(pattern=_NODE)], ...] = ()
    tls_ca: Path | None = None
    private: bool = False
    seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    contexts: Path | None = None


class TitleSettings(Part):
    """The register of titles, where a party is the thumbprint of its key.

    `issuers` may issue, nobody by default. `parties` are those that an account stands for: its API
    keys read the titles that name one of them. `readers` are files with reading keys
    that are kept here for accounts, under the gateway's secret: what is sealed for a party of an
    account is opened for that account alone.
    """

    issuers: tuple[Annotated[str, Field(pattern=_PARTY)], ...] = ()
    parties: dict[str, tuple[Annotated[str, Field(pattern=_PARTY)], ...]] = Field(
        default_factory=dict
    )
    readers: dict[str, Path] = Field(default_factory=dict)
