"""Which rule packs there are, from when each edition is meant, and which a document chooses."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from schemas.rules.invoice.xsd import xsd_sets, xsd_syntax
from schemas.rules.runner import UnknownRuleSet

_EDITION: Final = re.compile(r"-(?:\d[\d.]*|d\d\d[ab])$")
_EUROPEAN: Final = "urn:cen.eu:en16931"
_FOLDER: Final = files("schemas.rules.invoice") / "packs"


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a rule pack, as `packs/sources.toml` describes it.

    `syntax` is `ubl` or `cii`; `begins` is the first issue date that it is meant for; `checks`
    are the modules that it needs; `like` is the pack that it differs from in some rows, if any,
    and `without` the patterns of that one which it has not.
    """

    id: str
    syntax: str
    begins: date
    checks: tuple[str, ...]
    like: str = ""
    without: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """Return the id without its edition."""
        return _EDITION.sub("", self.id)


@dataclass(frozen=True, slots=True)
class Profile:
    """The packs of the documents whose CustomizationID (BT-24) begins so, by syntax.

    `process` is instead the ProfileID (BT-23) of those whose CustomizationID no one knows, and
    `currency` one of theirs (BT-5, BT-6); "" is any.
    """

    begins: str
    process: str
    currency: str
    packs: Mapping[str, tuple[str, ...]]


@cache
def packs() -> Mapping[str, Edition]:
    """Return the rule packs by id."""
    raw = _table("sources")
    return {
        pack_id: _edition(pack_id, {**raw.get(entry.get("like", ""), {}), **entry})
        for pack_id, entry in sorted(raw.items())
    }


@cache
def editions() -> Mapping[str, Edition]:
    """Return the rule packs and the XML schemas by id."""
    schemas = {each: Edition(each, xsd_syntax(each), date.min, ()) for each in xsd_sets()}
    return {**packs(), **schemas}


@cache
def profiles() -> tuple[Profile, ...]:
    """Return the profiles, the longest beginning first."""
    found = [
        Profile(
            entry.get("begins", ""),
            entry.get("process", ""),
            entry.get("currency", ""),
            {key: tuple(ids) for key, ids in entry.items() if isinstance(ids, list)},
        )
        for entry in _table("profiles")["profiles"]
    ]
    return tuple(sorted(found, key=lambda each: (-len(each.begins), -len(each.currency))))


@lru_cache(maxsize=1024)
def edition(pack_id: str, on: date | None = None) -> str:
    """Return the id of a pack; one without edition means that of a date, or the newest.

    Raises UnknownRuleSet.
    """
    known = editions()
    if pack_id in known:
        return pack_id
    family = [each for each in known.values() if each.family == pack_id]
    if not family:
        raise UnknownRuleSet(value=pack_id, known=", ".join(known))
    family.sort(key=lambda each: (each.begins, _number(each.id)))
    begun = [each for each in family if on is None or each.begins <= on]
    return (begun or family[:1])[-1].id


def is_pack(pack_id: str) -> bool:
    """Tell whether an id, with or without edition, names an official rule pack."""
    return any(pack_id in (each.id, each.family) for each in editions().values())


@cache
def syntax(pack_id: str) -> str:
    """Return the syntax (`ubl`, `cii`) of a pack, with or without edition."""
    return editions()[edition(pack_id)].syntax


def chosen(
    customization: str,
    default: Iterable[str],
    on: date | None,
    process: str = "",
    currencies: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the packs of a document by its CustomizationID and issue date.

    Where no one knows its CustomizationID, by its ProfileID and currencies.

    `default` are the packs of a document without a known profile, in its syntax.
    """
    strange = not customization.startswith(_EUROPEAN)
    wanted = tuple(default)
    of = {syntax(each) for each in wanted}
    for profile in profiles():
        named = profile.begins and customization.startswith(profile.begins)
        alike = profile.process == process and profile.currency in ("", *currencies)
        known = named or (strange and profile.process and alike)
        if known and not of.isdisjoint(profile.packs):
            wanted = tuple(each for key in of for each in profile.packs.get(key, ()))
            break
    return tuple(edition(each, on) for each in wanted)


def _edition(pack_id: str, entry: Mapping[str, Any]) -> Edition:
    """Return an edition; what it does not say of itself is that of the pack that it is like."""
    like, without = entry.get("like", ""), tuple(entry.get("without", ()))
    checks = tuple(entry["checks"])
    return Edition(pack_id, entry["syntax"], entry["from"], checks, like, without)


def _number(pack_id: str) -> tuple[list[int], str]:
    """Return what orders editions of one day: their numbers, then their letters (d16b, d22b)."""
    number = pack_id.rpartition("-")[2]
    return [int(part) for part in re.findall(r"\d+", number)], number


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
