"""How parties, places, packages and quantities are written on a sheet, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas import codes
from schemas.model.lading import CargoItem, DangerousGoods, Equipment, Party, Place
from schemas.model.values import Quantity

Lines = tuple[str, ...]


def party(party_: Party | None) -> Lines:
    """Return a party's lines; a displayed address stands for the structured one (DCSA)."""
    if party_ is None:
        return ()
    lines: list[str] = [party_.name or ""]
    if party_.displayed_address:
        lines += party_.displayed_address
    elif party_.address_lines:
        lines += party_.address_lines
    elif party_.address is not None:
        at = party_.address
        lines += [
            " ".join(part for part in (at.street_number, at.street, at.floor) if part),
            " ".join(part for part in (at.postcode, at.city, at.region) if part),
            country(at.country),
        ]
    lines += [f"{each.type} {each.value}" for each in party_.tax if each.value]
    return tuple(line for line in lines if line)


def place(place_: Place | None) -> Lines:
    """Return a place by its name and code."""
    if place_ is None:
        return ()
    names = codes.table("unlocode")
    code = place_.code or ""
    known = names.name(code, "en") if code and names.has(code) else ""
    name = place_.name or place_.city or known
    parts = (name, f"({code})" if code and name else code)
    land = country(place_.country) if not code else ""
    return tuple(line for line in (" ".join(part for part in parts if part), land) if line)


def country(code: str | None) -> str:
    """Return the name of a country, or the code of one that has none."""
    listed = codes.table("iso3166-alpha2")
    name = listed.name(code, "en") if code and listed.has(code) else code or ""
    return name.removesuffix(" (the)")


def measured(value: Quantity | None) -> str:
    """Return a quantity with the sign of its unit."""
    return f"{number(value.value)} {_UNITS.get(value.unit, value.unit)}" if value else ""


_UNITS: Final = {"KGM": "kg", "LBR": "lb", "MTQ": "m³", "FTQ": "ft³"}


def number(value: Decimal | None) -> str:
    """Return a number with its thousands apart and no idle zeros."""
    if value is None:
        return ""
    plain = f"{value:,f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def one(value: object) -> Lines:
    """Return a value as the only line, or none."""
    return (str(value),) if value else ()


def packages(cargo: CargoItem) -> str:
    """Return how many packages there are, and of what kind (UN Rec. 21)."""
    kinds = codes.table("rec21")
    code = cargo.package_code or ""
    kind = cargo.package_description or (kinds.name(code, "en") if kinds.has(code) else code)
    return " ".join(part for part in (number(cargo.packages), kind) if part) or "-"


def dangerous(goods: DangerousGoods) -> str:
    """Return dangerous goods as the IMDG Code wants them described: number, name, class, group."""
    parts = (
        f"UN {goods.un_number}" if goods.un_number else None,
        goods.shipping_name,
        f"IMO {goods.imo_class}" if goods.imo_class else None,
        f"PG {_GROUPS.get(goods.packing_group, goods.packing_group)}"
        if goods.packing_group
        else None,
        f"EmS {goods.ems}" if goods.ems else None,
    )
    return " ".join(part for part in parts if part)


_GROUPS: Final = {"1": "I", "2": "II", "3": "III"}


def temperature(box: Equipment) -> str:
    """Return the temperature that a container is set at, with the sign of its unit."""
    return f"{number(box.temperature)} {_DEGREES.get(box.temperature_unit or '', '')}".rstrip()


_DEGREES: Final = {"CEL": "°C", "FAH": "°F"}
