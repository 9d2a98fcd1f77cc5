"""Two invented shipments to try a gateway with: g01 to Singapore, g06 to the United Kingdom.

Every party, number and document is made up; national digits of commodity codes are illustrative.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NAMES: Final = ("g01", "g06")
_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shipment:
    """The documents of one shipment, and what its importer answers (by field of the form)."""

    name: str
    declaration: bytes
    invoice: bytes
    lading: bytes
    answers: Mapping[str, str]


def load(name: str) -> Shipment:
    """Return a shipment by its name, one of NAMES."""
    folder = _HERE / name
    return Shipment(
        name,
        (folder / "declaration.xml").read_bytes(),
        (folder / "invoice.xml").read_bytes(),
        (folder / "lading.json").read_bytes(),
        json.loads((folder / "answers.json").read_text(encoding="utf-8")),
    )
