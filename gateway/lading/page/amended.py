"""An amended bill beside what it was: everything that changed is marked (MLETR, article 16)."""

from __future__ import annotations

from dataclasses import replace

from gateway.lading.page.sheet import Box, Goods, Sheet, both, word
from schemas.text import Text


def marked(sheet: Sheet, before: Sheet) -> Sheet:
    """Return the sheet with each box and row of goods marked that `before` has not alike."""
    return replace(
        sheet,
        left=_boxes(sheet.left, before.left),
        right=_boxes(sheet.right, before.right),
        voyage=_boxes(sheet.voyage, before.voyage),
        goods=tuple(each if each in before.goods else _row(each) for each in sheet.goods),
        particulars=_boxes(sheet.particulars, before.particulars),
    )


def _boxes(boxes: tuple[Box, ...], before: tuple[Box, ...]) -> tuple[Box, ...]:
    return tuple(each if each in before else _box(each) for each in boxes)


def _box(box: Box) -> Box:
    said = word("amended")
    caption = Text(f"{box.caption.en} · {said.en}", f"{box.caption.zh} · {said.zh}")
    return replace(box, caption=caption, name=f"{box.name} amended".strip())


def _row(row: Goods) -> Goods:
    return replace(row, description=(*row.description, f"[{both('amended')}]"))
