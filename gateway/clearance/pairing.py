"""Which line and container of another document is which of the declaration's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.clearance import match
from gateway.clearance.apportion import ITEM
from gateway.clearance.compare import folded, number
from gateway.clearance.joinrules import NAMES, RULESET, Source
from gateway.clearance.view import View, pattern
from schemas.finding import Finding, Flag
from schemas.text import Text

EQUIPMENT: Final = "GoodsShipment.Consignment.TransportEquipment"


@dataclass(frozen=True, slots=True)
class Pairs:
    """The declaration's numbers by the other document's, and findings for what is left over."""

    lines: Mapping[str, str]
    containers: Mapping[str, str]
    strays: list[Finding]


def own_lines(own: View) -> list[match.Line]:
    """Return what identifies the goods lines of a declaration."""
    return _read_lines(own, _ITEMS)


def paired(own: View, mine: Sequence[match.Line], other: View, source: Source) -> Pairs:
    """Pair the goods lines and containers of another document with the declaration's.

    `mine` are the declaration's `own_lines`, the same for all of a shipment's documents.
    """
    strays: list[Finding] = []
    return Pairs(_lines(mine, other, source, strays), _boxes(own, other, source, strays), strays)


def _lines(
    mine: Sequence[match.Line], view: View, source: Source, findings: list[Finding]
) -> dict[str, str]:
    """Return the declaration's line number by the other document's, and report lines left over."""
    shape = _LINE_SHAPES.get(source)
    others = _read_lines(view, shape) if shape else []
    if not others:
        return {}
    found = match.lines(mine, others)
    met = set(found.values())
    findings += [
        _stray(source, "line", line.number, line.description or line.hs)
        for line in others
        if line.number not in met
    ]
    return {theirs: ours for ours, theirs in found.items()}


def _boxes(own: View, view: View, source: Source, findings: list[Finding]) -> dict[str, str]:
    """Return the declaration's container index by the other's, and report containers left over."""
    shape = _BOX_SHAPES.get(source)
    if shape is None:
        return {}
    mine = {c: term.value for c, term in own.by(pattern(f"{EQUIPMENT}[c].ID")).items()}
    others = {c: term.value for c, term in view.by(pattern(shape)).items()}
    found = match.containers(mine, others)
    for index, number_ in others.items():
        if index not in found:
            findings.append(_stray(source, "container", index, number_))
    return found


@dataclass(frozen=True, slots=True)
class _LineShape:
    """Where a document keeps what identifies its goods lines."""

    hs: str
    description: str
    amount: str


_ITEMS: Final = _LineShape(
    f"{ITEM}[n].Commodity.Classification[1].ID",
    f"{ITEM}[n].Commodity.Description",
    f"{ITEM}[n].Commodity.InvoiceLine.ItemChargeAmount",
)
_LINE_SHAPES: Final[Mapping[Source, _LineShape]] = {
    Source.PACKING_LIST: _ITEMS,
    Source.INVOICE: _LineShape("BT-158[n]", "BT-153[n]", "BT-131[n]"),
    Source.LADING: _LineShape(
        "TD.consignmentItems[n].HSCodes[1]", "TD.consignmentItems[n].descriptionOfGoods[1]", ""
    ),
}
_BOX_SHAPES: Final[Mapping[Source, str]] = {
    Source.LADING: "TD.utilizedTransportEquipments[c].equipment.equipmentReference",
    Source.PACKING_LIST: f"{EQUIPMENT}[c].ID",
}


def _read_lines(view: View, shape: _LineShape) -> list[match.Line]:
    goods, codes = view.by(pattern(shape.description)), view.by(pattern(shape.hs))
    amounts = view.by(pattern(shape.amount)) if shape.amount else {}
    found = []
    for n in dict.fromkeys([*goods, *codes]):
        description = goods[n].value if n in goods else ""
        code = codes[n].value if n in codes else ""
        amount = number(amounts[n]) if n in amounts else None
        found.append(match.Line(n, code, description, folded(description), amount))
    return found


def _stray(source: Source, what: str, index: str, value: str) -> Finding:
    name = NAMES[source]
    zh = "商品行" if what == "line" else "集装箱"
    return Finding(
        rule=f"match-{what}",
        ruleset=RULESET,
        flag=Flag.WARNING,
        term=f"{source.value}.{what}[{index}]",
        found=value,
        message=Text(
            f"The declaration has no {what} like number {index} of the {name.en}: {value}.",
            f"报关单中没有与{name.zh}第 {index} 项对应的{zh}:{value}。",
        ),
        hint=Text("Compare the documents of the shipment.", "请核对本票货物的各份文件。"),
    )
