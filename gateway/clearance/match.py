"""Which line of one document is which line of another, and which container is which."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from gateway.clearance.compare import folded

HS_DIGITS: Final = 6


class Line(NamedTuple):
    """What identifies a goods line: its number, HS code (six digits), description and amount.

    `name` is the description folded for comparison.
    """

    number: str
    hs: str
    description: str
    name: str
    amount: Decimal | None


def lines(mine: Sequence[Line], others: Sequence[Line]) -> dict[str, str]:
    """Return for the index of each of my lines that of the same goods in the other document.

    First by HS code and description, then by HS code and amount, then by description, then by
    HS code in the order of the lines. A line is used once; lines without counterpart are left out.
    """
    found: dict[str, str] = {}
    left, right = list(mine), list(others)
    for key in _KEYS:
        for pair in _pairs(left, right, key):
            found[pair[0].number] = pair[1].number
        taken = set(found.values())
        left = [line for line in left if line.number not in found]
        right = [line for line in right if line.number not in taken]
    return found


def containers(mine: Mapping[str, str], others: Mapping[str, str]) -> dict[str, str]:
    """Return the index of my container by the other's, given both as index -> number."""
    by_number = {folded(number): index for index, number in mine.items()}
    return {
        index: by_number[folded(number)]
        for index, number in others.items()
        if folded(number) in by_number
    }


def _hs(line: Line) -> str:
    return line.hs[:HS_DIGITS]


def _by_all(line: Line) -> Hashable | None:
    return (_hs(line), line.name) if line.hs and line.description else None


def _by_amount(line: Line) -> Hashable | None:
    return (_hs(line), line.amount) if line.hs and line.amount is not None else None


def _by_description(line: Line) -> Hashable | None:
    return line.name or None


def _by_code(line: Line) -> Hashable | None:
    return _hs(line) or None


_Key = Callable[[Line], Hashable | None]
_KEYS: Final[tuple[_Key, ...]] = (_by_all, _by_amount, _by_description, _by_code)


def _pairs(left: Sequence[Line], right: Sequence[Line], key: _Key) -> list[tuple[Line, Line]]:
    """Pair lines of equal key in order, where both documents have equally many of them."""
    ours, theirs = _grouped(left, key), _grouped(right, key)
    return [
        pair
        for value, group in ours.items()
        if len(theirs.get(value, ())) == len(group)
        for pair in zip(group, theirs[value], strict=True)
    ]


def _grouped(found: Sequence[Line], key: _Key) -> dict[Hashable, list[Line]]:
    groups: dict[Hashable, list[Line]] = {}
    for line in found:
        value = key(line)
        if value is not None:
            groups.setdefault(value, []).append(line)
    return groups
