"""Measurements: every figure in the docs comes from `make bench`."""

from __future__ import annotations

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured figure with its unit and the target it is held against."""

    name: str
    value: float
    unit: str
    target: str = ""
