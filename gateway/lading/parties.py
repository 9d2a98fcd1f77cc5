"""The parties that receive bills on this platform, found by their identifying codes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.lading.chain import Json, codes_of
from schemas.errors import SettingsError
from schemas.text import Text

_DEPRECATED: Final = {"ESSD": "IDT"}


class PartiesInvalid(SettingsError):
    """The file of parties cannot be used."""

    code = "SG-9070"
    title = Text(
        "The parties in {where} are not in order: {reason}", "{where} 中的参与方有误:{reason}"
    )
    hint = Text(
        'Write [[party]] with tenant, name and codes = [["GLEIF", "LEI..."]].',
        '请写 [[party]],含 tenant、name 与 codes = [["GLEIF", "LEI..."]]。',
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A party here: whose account it is, its name, its codes, and whether it may receive."""

    tenant: str
    name: str
    codes: frozenset[tuple[str, str]]
    active: bool = True

    def as_party(self, platform: str) -> Json:
        """Return the party as a transaction names it."""
        return {
            "partyName": self.name,
            "eblPlatform": platform,
            "identifyingCodes": [
                {"codeListProvider": provider, "partyCode": code}
                for provider, code in sorted(self.codes)
            ],
        }


class PartyBook:
    """The parties of one platform."""

    def __init__(self, members: Iterable[Member] = ()) -> None:
        """Know these members; raises PartiesInvalid where two have the same code."""
        self._by_code: dict[tuple[str, str], Member] = {}
        self._by_tenant: dict[str, Member] = {}
        for member in members:
            self._by_tenant.setdefault(member.tenant, member)
            for code in member.codes:
                if self._by_code.setdefault(code, member) is not member:
                    raise PartiesInvalid(where="", reason=f"{code} is there twice")

    @classmethod
    def load(cls, file: Path) -> PartyBook:
        """Return the parties in a TOML file, nobody where there is none; raises PartiesInvalid."""
        if not file.is_file():
            return cls()
        try:
            said = tomllib.loads(file.read_text("utf-8"))
            return cls(_member(each) for each in said.get("party", ()))
        except (ValueError, TypeError, KeyError) as error:
            raise PartiesInvalid(where=str(file), reason=str(error)) from error

    def find(self, party: Mapping[str, Any]) -> Member | None:
        """Return the active member that all known codes of a party agree on, else None."""
        found = {
            member.tenant: member
            for code in codes_of(dict(party))
            if (member := self._by_code.get(_current(code))) is not None
        }
        if len(found) != 1:
            return None
        (member,) = found.values()
        return member if member.active else None

    def of_tenant(self, tenant: str) -> Member | None:
        """Return the member that an account stands for, or None."""
        return self._by_tenant.get(tenant)


def _current(code: tuple[str, str]) -> tuple[str, str]:
    provider, value = code
    return _DEPRECATED.get(provider, provider), value


def _member(said: Mapping[str, Any]) -> Member:
    return Member(
        tenant=str(said["tenant"]),
        name=str(said["name"]),
        codes=frozenset(_current((str(provider), str(code))) for provider, code in said["codes"]),
        active=bool(said.get("active", True)),
    )
