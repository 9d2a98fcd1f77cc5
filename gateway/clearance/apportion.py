"""A weight known only as a whole, shared out over the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Final

from gateway.clearance.compare import number
from schemas.document import Term, plain
from schemas.loss import LossClass
from schemas.text import Text

ITEM: Final = "GoodsShipment.GovernmentAgencyGoodsItem"
_GRAM: Final = Decimal("0.001")
_APPORTIONED: Final = Text(
    "declaration: total gross weight apportioned by net weight", "报关单:按净重分摊总毛重"
)


def gross_weights(terms: Mapping[str, Term], lines: Sequence[str]) -> list[Term]:
    """Return a gross weight for each line, shared by net weight, when no line has its own.

    `terms` are the declaration's by plain id. Kilograms with three decimals that add up to the
    total exactly; none when the total or a line's net weight is unknown.
    """
    total = terms.get("TotalGrossMassMeasure")
    nets = [_number(terms.get(plain(_line(n, "NetNetWeightMeasure")))) for n in lines]
    known_gross = [n for n in lines if plain(_line(n, "GrossMassMeasure")) in terms]
    whole = _number(total)
    if total is None or whole is None or known_gross:
        return []
    known = [net for net in nets if net]
    if len(known) != len(lines) or not known:
        return []
    return [
        Term(
            _line(n, "GrossMassMeasure"),
            str(share),
            {"unit": "KGM"},
            path=total.path,
            line=total.line,
            source=total.source,
            cls=LossClass.DERIVE,
            reason=_APPORTIONED.line,
        )
        for n, share in zip(lines, shares(whole, known), strict=True)
    ]


def shares(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Share `total` by `weights` to the gram; the last takes what rounding leaves."""
    whole = sum(weights)
    found = [(total * w / whole).quantize(_GRAM, ROUND_DOWN) for w in weights[:-1]]
    return [*found, total - sum(found)]


def _line(n: str, measure: str) -> str:
    return f"{ITEM}[{n}].Commodity.GoodsMeasure.{measure}"


def _number(term: Term | None) -> Decimal | None:
    return None if term is None else number(term)
