"""What a domain asks of a signature: algorithms with end dates, profile, revocation, stamps."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

from certs.algorithms import Family, PublicKey
from certs.errors import BadTrustList
from certs.recognition.levels import Level
from schemas.text import Text

_REVOCATION: Final = ("required", "checked")
_TIMESTAMP: Final = ("required", "optional")
_FIELDS: Final = frozenset(
    {
        *("title", "source", "algorithms", "identifiers", "revocation", "timestamp", "levels"),
        "statements",
    }
)


@dataclass(frozen=True, slots=True)
class Algorithm:
    """An algorithm that counts in a domain, up to and including the day `until`."""

    family: str
    digest: str
    bits: int = 0
    until: date | None = None

    def fits(self, name: str, key: PublicKey | None, moment: datetime) -> bool:
        """Tell whether a signature with `name` (family and digest) and `key` counts then."""
        if name != f"{self.family} {self.digest}":
            return False
        if self.until is not None and moment.date() > self.until:
            return False
        return not isinstance(key, rsa.RSAPublicKey) or key.key_size >= self.bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A domain's rules.

    `revocation` is "required" (no level without a fresh answer for every certificate) or
    "checked" (what is known counts); `timestamp` is "required" or "optional". With `statements`
    the level follows from the QCStatements in certificates too (EN 319 412-5).
    """

    title: Text
    algorithms: tuple[Algorithm, ...]
    identifiers: tuple[str, ...]
    revocation: str
    timestamp: str
    levels: Mapping[str, Level]
    statements: bool = False
    source: str = ""

    def level(self, national: str) -> Level:
        """Return the level that a national word stands for; unknown words stand for none."""
        return self.levels.get(national, Level.NONE)


@cache
def built_in() -> Mapping[str, Rules]:
    """Return the rules of the domains known from the start, by id."""
    text = (Path(__file__).parent / "domains.toml").read_text("utf-8")
    return {name: read(name, found) for name, found in tomllib.loads(text).items()}


def read(name: str, given: Mapping[str, object]) -> Rules:
    """Return the rules in a table of TOML or JSON; raises BadTrustList, naming the domain."""
    try:
        return _rules(given)
    except (KeyError, TypeError, ValueError) as error:
        raise BadTrustList(where=name, reason=f"its rules: {error}") from error


def _rules(given: Mapping[str, object]) -> Rules:
    if unknown := set(given) - _FIELDS:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    title, levels = _table(given["title"]), _table(given["levels"])
    return Rules(
        title=Text(str(title["en"]), str(title["zh"])),
        source=str(given.get("source", "")),
        algorithms=tuple(_algorithm(_table(each)) for each in _list(given["algorithms"])),
        identifiers=tuple(map(str, _list(given["identifiers"]))),
        revocation=_one_of(given["revocation"], _REVOCATION),
        timestamp=_one_of(given["timestamp"], _TIMESTAMP),
        levels={word: Level(str(level)) for word, level in levels.items()},
        statements=bool(given.get("statements", False)),
    )


def _algorithm(table: Mapping[str, object]) -> Algorithm:
    until = table.get("until")
    return Algorithm(
        Family(table["family"]).value,
        str(table["digest"]),
        int(str(table.get("bits", 0))),
        date.fromisoformat(str(until)) if until else None,
    )


def _table(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError("a table is expected")
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("a list is expected")
    return value


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"{value!r} is none of {known}")
    return str(value)
