"""Values that carry an attribute: an amount its currency, a quantity its unit, an id its scheme."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money; `currency` is ISO 4217, "" when the source states none."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A measured quantity; `unit` is UN Recommendation 20, "" when the source states none."""

    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier, the scheme that gives it meaning, and the version of that."""

    value: str
    scheme: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a document carries: its octets, media type and name."""

    content: bytes
    media_type: str = ""
    filename: str = ""
