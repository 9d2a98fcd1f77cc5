"""Amounts as the rules of Oman read them: what is no decimal counts as missing."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.lexical import is_decimal
from schemas.rules.invoice.registry import Verdict
from schemas.rules.invoice.tree import Node, Undecidable
from schemas.rules.invoice.values import ZERO, decimal, whole

CENT: Final = Decimal("0.01")
THOUSAND: Final = Decimal(1000)


def judged(stated: Decimal, expected: Decimal, slack: Decimal, *, exact: bool) -> Verdict:
    """Return a verdict within a slack; `exact`: what is within it must be the same as well."""
    within = abs(stated - expected) <= slack
    fits = stated == expected or not within if exact else within
    return fits or (str(stated), str(expected))


def near(stated: Decimal, expected: Decimal, slack: Decimal) -> Verdict:
    """Return a verdict on two amounts that may differ by a slack."""
    return abs(stated - expected) <= slack or (str(stated), str(expected))


def castable(node: Node, path: str) -> Decimal | None:
    """Return the decimal of the one node at a path, None if it is none."""
    found = node.all(path)
    return decimal(found[0].text) if len(found) == 1 and is_decimal(found[0].text) else None


def decimal_or(nodes: list[Node], default: Decimal) -> Decimal:
    """Return the decimal of the one node, the default if it is none."""
    return decimal(nodes[0].text) if len(nodes) == 1 and is_decimal(nodes[0].text) else default


def only(nodes: list[Node]) -> Decimal | None:
    """Return the decimal of the one node, None if there is none; raises Undecidable for more."""
    if len(nodes) > 1:
        raise Undecidable(nodes[0].text)
    return decimal(nodes[0].text) if nodes else None


def added(nodes: Iterable[Node]) -> Decimal:
    """Return the sum of the decimals of nodes."""
    return sum((decimal(each.text) for each in nodes), ZERO)


def thousandth(value: Decimal) -> Decimal:
    """Return a value to the thousandth."""
    return whole(value * THOUSAND) / THOUSAND
