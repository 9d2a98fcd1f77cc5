"""Mandates: a party lets another (its gateway, say) act on named titles, for a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ledger.title import token
from ledger.title.errors import EntryRefused
from ledger.title.fields import moment
from ledger.title.party import PartySigner
from schemas.clock import iso

TYP: Final = "silkgate-title-mandate"
_NAMES: Final = frozenset({"actions", "agent", "from", "register", "titles", "until"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """Who may do what, on which titles of which register, from when until when."""

    agent: str
    register: str
    titles: Collection[str]
    actions: Collection[str]
    since: datetime
    until: datetime

    def sealed(self, party: PartySigner) -> str:
        """Return the mandate signed by the party that gives it."""
        said = {
            "actions": sorted(self.actions),
            "agent": self.agent,
            "from": iso(self.since),
            "register": self.register,
            "titles": sorted(self.titles),
            "until": iso(self.until),
        }
        return token.sealed(said, TYP, party)


@dataclass(frozen=True, slots=True)
class Use:
    """What an agent does with a mandate."""

    register: str
    title: str
    action: str
    at: datetime


def check(signed: str, party: str, agent: str, use: Use) -> None:
    """Raise EntryRefused unless `party` mandated `agent` for this use."""
    opened = token.opened(signed, TYP)
    said = opened.payload
    if said.keys() != _NAMES:
        raise EntryRefused(reason="the mandate lacks fields, or has unknown ones")
    if opened.signer != party or said["agent"] != agent:
        raise EntryRefused(reason="the mandate is by or for another party")
    if said["register"] != use.register or not _lists(said["titles"], use.title):
        raise EntryRefused(reason="the mandate is for other titles")
    if not _lists(said["actions"], use.action):
        raise EntryRefused(reason="the mandate does not allow this action")
    if not moment(said, "from") <= use.at <= moment(said, "until"):
        raise EntryRefused(reason="the mandate is not in force at that time")


def _lists(found: object, wanted: str) -> bool:
    return isinstance(found, list) and wanted in found
