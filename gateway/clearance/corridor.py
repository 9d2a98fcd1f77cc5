"""Corridor profiles: what may cross between two countries, and what the importer must add."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from gateway.clearance.machine import Trigger
from gateway.clearance.view import pattern
from schemas import codes
from schemas.errors import ExchangeError, SettingsError, SilkgateError
from schemas.text import Text

_FOLDER: Final = Path(__file__).with_name("corridors")


class NoCorridor(ExchangeError):
    """There is no corridor profile of this id, or none between the two countries."""

    code = "SG-5310"
    title = Text("There is no corridor {value}.", "没有通道 {value}。")
    hint = Text(
        "Use one of: {known}. A new corridor is a TOML file; see docs/corridors.md.",
        "可用通道:{known}。新通道为一个 TOML 文件,请参阅 docs/corridors.md。",
    )
    status = 422


class CorridorInvalid(SettingsError):
    """A corridor profile cannot be read, or lacks a part."""

    code = "SG-9302"
    title = Text(
        "The corridor profile {where} is not in order: {reason}",
        "通道配置 {where} 有误:{reason}",
    )
    hint = Text(
        "Compare it with a profile in gateway/clearance/corridors; see docs/corridors.md.",
        "请对照 gateway/clearance/corridors 中的配置,并参阅 docs/corridors.md。",
    )


@dataclass(frozen=True, slots=True)
class SideProfile:
    """One side of a corridor: country (ISO alpha-2), message format, code list of its receipts."""

    country: str
    format: str
    receipts: str


@dataclass(frozen=True, slots=True)
class Code:
    """One code the importer may choose, with its name."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProfile:
    """One value the importer must add.

    `term` is a canonical id; `[n]` asks once for every kind of goods, `[*]` once for all lines.
    `type` is `text`, `code` or `national-code` (the common digits with the national ones).
    """

    term: str
    label: Text
    why: Text
    type: str
    pattern: str = ""
    codes: tuple[Code, ...] = ()
    attrs: Mapping[str, str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Classification:
    """How commodity codes cross: common digits, national digits, and how the target splits them."""

    digits: int
    national: int
    parts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """One corridor profile. Allow-lists are sets of id shapes; `.*` stands for a whole group."""

    id: str
    edition: str
    title: Text
    export: SideProfile
    import_: SideProfile
    trigger: Trigger
    purpose: Text
    legal_basis: Text
    allow: frozenset[str]
    companions: Mapping[str, frozenset[str]]
    classification: Classification
    defaults: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    fields: tuple[FieldProfile, ...]
    change_codes: Mapping[str, str]
    two_side: frozenset[str]
    two_side_digits: int

    def crosses(self, term_id: str, companion: str = "") -> bool:
        """Tell whether a term may leave: in the declaration, or in a companion document."""
        return listed(term_id, self.allowed(companion))

    def allowed(self, companion: str = "") -> frozenset[str]:
        """Return what may leave, for `listed`: in the declaration, or in a companion document."""
        return self.companions[companion] if companion else self.allow

    def both_see(self, term_id: str) -> bool:
        """Tell whether both customs must see this term alike."""
        return listed(term_id, self.two_side)


def corridor(corridor_id: str) -> Corridor:
    """Return a corridor profile; raises NoCorridor."""
    found = corridors().get(corridor_id)
    if found is None:
        raise NoCorridor(value=corridor_id, known=", ".join(corridors()))
    return found


def between(exporting: str, importing: str) -> Corridor:
    """Return the corridor from one country to another (ISO alpha-2); raises NoCorridor."""
    for found in corridors().values():
        if (found.export.country, found.import_.country) == (exporting, importing):
            return found
    raise NoCorridor(value=f"{exporting}-{importing}", known=", ".join(corridors()))


@cache
def corridors() -> dict[str, Corridor]:
    """Return all corridor profiles by id. The dict is shared: do not change it."""
    return _in(_FOLDER)


def add(folder: Path) -> None:
    """Use the operator's own profiles in `folder` as well; one of the same id replaces ours.

    Raises CorridorInvalid for a folder that is not there or a profile that is not in order.
    """
    if not folder.is_dir():
        raise CorridorInvalid(where=str(folder), reason="there is no such folder")
    corridors().update(_in(folder))


def _in(folder: Path) -> dict[str, Corridor]:
    """Return the profiles in a folder by id; raises CorridorInvalid."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            profile = load(tomllib.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError, AttributeError, OSError, SilkgateError) as error:
            raise CorridorInvalid(where=str(path), reason=_reason(error)) from error
        found[profile.id] = profile
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, SilkgateError):
        return error.message.en
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)


def load(data: Mapping[str, Any]) -> Corridor:
    """Return the profile of a parsed TOML document (see the files in `corridors/`)."""
    release, consent, two_side = data["release"], data["consent"], data["two_side"]
    return Corridor(
        id=data["id"],
        edition=data["edition"],
        title=Text(**data["title"]),
        export=_side(data["export"]),
        import_=_side(data["import"]),
        trigger=Trigger(
            data["export"]["receipts"],
            frozenset(release["codes"]),
            frozenset(release["guarantee_codes"]),
            release["on_guarantee"],
        ),
        purpose=Text(**consent["purpose"]),
        legal_basis=Text(**consent["legal_basis"]),
        allow=frozenset(data["cross"]["allow"]),
        companions={
            name: frozenset(data["companion"][name]["allow"])
            for name in data["import"]["companions"]
        },
        classification=_classification(data["classification"]),
        defaults=_texts(data["defaults"]),
        codes={term: _texts(mapping) for term, mapping in data["codes"].items()},
        fields=tuple(_field(field) for field in data["field"]),
        change_codes=_texts(data["change"]),
        two_side=frozenset(two_side["terms"]),
        two_side_digits=_whole(two_side["digits"]),
    )


def _texts(data: Mapping[str, Any]) -> Mapping[str, str]:
    for name, value in data.items():
        if not isinstance(value, str):
            message = f"{name} is not a text"
            raise TypeError(message)
    return data


def _whole(value: object) -> int:
    if not isinstance(value, int):
        message = f"{value!r} is not a whole number"
        raise TypeError(message)
    return value


def _side(data: Mapping[str, Any]) -> SideProfile:
    codes.table(data["receipts"])  # a list that is not there shows at the start, not at a receipt
    return SideProfile(data["country"], data["format"], data["receipts"])


def _classification(data: Mapping[str, Any]) -> Classification:
    parts = tuple((part["length"], part["type"]) for part in data["parts"])
    return Classification(_whole(data["digits"]), _whole(data["national"]), parts)


def _field(data: Mapping[str, Any]) -> FieldProfile:
    return FieldProfile(
        term=data["term"],
        label=Text(**data["label"]),
        why=Text(**data["why"]),
        type=data["type"],
        pattern=data.get("pattern", ""),
        codes=_codes(data.get("codes", ())),
        attrs=data.get("attrs", {}),
        required=data.get("required", True),
    )


def _codes(data: Sequence[Mapping[str, str]]) -> tuple[Code, ...]:
    return tuple(Code(row["code"], Text(row["en"], row["zh"])) for row in data)


@lru_cache(maxsize=65536)
def listed(term_id: str, allowed: frozenset[str]) -> bool:
    """Tell whether the shape of a term, or a group it is in, is in an allow-list."""
    shape = pattern(term_id).shape
    if shape in allowed:
        return True
    parts = shape.split(".")
    return any(".".join(parts[:n]) + ".*" in allowed for n in range(1, len(parts)))
