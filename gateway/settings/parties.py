"""Who a gateway works with: partners on the other side, known by their cards, and authorities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from gateway.settings.part import Part

PARTNERS: Final = "partners"
CARD_NAME: Final = "card.json"
ANCHOR_NAME: Final = "root.pem"
# No name that a trust folder takes for an anchor.
ENCRYPTION_NAME: Final = "encryption.cert"
PARTY_ID: Final = r"^[A-Za-z0-9]([A-Za-z0-9._:-]{0,62}[A-Za-z0-9])?$"
"""Ids name folders, logs and keys of logs: no separators, no spaces, no `+`."""


class Card(Part):
    """What two gateways exchange once, out of band, to know each other.

    `root` is the PEM of the anchor of its seals, time-stamps and TLS; the keys are verifier keys
    of its log and of its cosignatures (C2SP signed-note). `formats` are those it wants documents
    in, the better first; of a kind of document that none is for, it takes what comes.
    """

    id: Annotated[str, Field(pattern=PARTY_ID)]
    name: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    url: str
    root: str
    log_key: str
    witness_key: str
    formats: tuple[str, ...] = ()


class Partner(Part):
    """The gateway on the other side: its card, and the folder where its anchor lies."""

    card: Card
    folder: Path

    @property
    def id(self) -> str:
        """Its party id."""
        return self.card.id

    @property
    def anchor(self) -> Path:
        """The PEM file of its root."""
        return self.folder / ANCHOR_NAME

    @property
    def encryption(self) -> Path:
        """The certificate (PEM) that containers are encrypted to, when there is such a file."""
        return self.folder / ENCRYPTION_NAME


class Authority(Part):
    """A customs authority or single window that this gateway declares to."""

    id: str
    url: str
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    format: str
    tls_ca: Path | None = None
    sandbox: bool = False
